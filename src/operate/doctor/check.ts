// What a check of fx doctor gets, and what it finds.
import type { Identity } from '../../aws/aws.ts';
import type { Span } from '../../base/error.ts';
import type { Project } from '../../project/project.ts';
import type { Context } from '../context.ts';
import type { LiveStack } from '../live-stack.ts';
import type { Live, State } from '../state.ts';

/** `problem`: something fails, or will; `warning`: it may; `note`: worth knowing. */
export type Level = 'problem' | 'warning' | 'note';

export interface Finding {
  readonly level: Level;
  readonly message: string;
  readonly hint?: string;
  readonly at?: Span;
}

/** Another environment of the project, as far as project.yml says. */
export interface OtherEnvironment {
  readonly name: string;
  readonly account: string | undefined;
  readonly region: string;
  readonly protected: boolean;
}

export interface Patient {
  readonly project: Project;
  readonly context: Context;
  readonly identity: Identity;
  readonly state: State;
  readonly others: readonly OtherEnvironment[];
}

/** With something deployed. */
export interface LivePatient extends Patient {
  readonly live: Live;
  /** Asked for once, whichever checks want it. */
  stack(): Promise<LiveStack>;
}

/** Why a check could not look. */
export interface Skipped {
  readonly skipped: string;
}

interface CheckOf<P extends Patient> {
  /** What it looks at, in a few words. */
  readonly about: string;
  run(patient: P): Promise<readonly Finding[] | Skipped>;
}

export type Check = CheckOf<Patient> & { readonly needsLive?: undefined };
export type LiveCheck = CheckOf<LivePatient> & { readonly needsLive: true };

/** Of the identity: `aws`, or that of China or of a government. */
export const partitionOf = ({ identity }: Pick<Patient, 'identity'>): string => identity.arn.split(':')[1] ?? 'aws';

export const roleArn = (patient: Pick<Patient, 'identity'>, role: string): string =>
  `arn:${partitionOf(patient)}:iam::${patient.identity.account}:role/${role}`;

/** The line of a function's setting, or of the function. */
export function settingAt({ project }: Pick<Patient, 'project'>, name: string, key: string): Span {
  return project.origin(['functions', name, key]);
}

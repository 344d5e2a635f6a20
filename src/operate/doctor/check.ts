// What a check of fx doctor gets, and what it finds.
import type { Identity } from '../../aws/aws.ts';
import type { Span } from '../../base/error.ts';
import type { Project } from '../../project/project.ts';
import type { Context } from '../context.ts';
import type { State } from '../state.ts';

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

/** Why a check could not look. */
export interface Skipped {
  readonly skipped: string;
}

export interface Check {
  /** What it looks at, in a few words. */
  readonly about: string;
  /** Whether it needs something deployed. */
  readonly needsLive?: true;
  run(patient: Patient): Promise<readonly Finding[] | Skipped>;
}

/** The line of a function's setting, or of the function. */
export function settingAt({ project }: Pick<Patient, 'project'>, name: string, key: string): Span {
  return project.origin(['functions', name, key]);
}

// An environment of a project: its names and destination. Verbs that work on deployed releases need no more.
import type { EnvironmentNames } from '../cfn/names.ts';
import type { SeveralRegions } from './several-regions.ts';
import type { StackSettings } from './stack-settings.ts';

export interface EnvironmentFunction {
  /** As in project.yml. */
  readonly name: string;
  /** Its name in AWS. */
  readonly physicalName: string;
  /** Undefined if the function has no log. */
  readonly logGroup: string | undefined;
}

export interface Environment {
  /** For example `staging`. */
  readonly name: string;
  /** The name of the project. */
  readonly project: string;
  /** The absolute path of the folder of the project file. */
  readonly folder: string;
  readonly region: string;
  /** The regions of the environment; undefined for one. */
  readonly regions: SeveralRegions | undefined;
  /** The only account to which this environment may be deployed; undefined if project.yml names none. */
  readonly account: string | undefined;
  /** The profile of the AWS configuration; undefined if project.yml names none. */
  readonly profile: string | undefined;
  /** The role to assume; undefined if project.yml names none. */
  readonly assumeRole: string | undefined;
  readonly protected: boolean;
  /** How many good releases stay restorable. */
  readonly keep: number;
  readonly stackName: string;
  readonly stack: StackSettings;
  readonly names: EnvironmentNames;
  readonly functions: readonly EnvironmentFunction[];
  /** The logical ids under `resources`. */
  readonly resourceIds: ReadonlySet<string>;
}

/** The environment that always exists: on this machine, and the default. */
export const localEnvironment = 'local';
/** The account of the local AWS. */
export const localAccount = '000000000000';

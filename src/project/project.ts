// A project as the rest of fx sees it: one environment, merged, checked, with the origin of every value.
import type { Span } from '../base/error.ts';
import type { LocatedMap, Plain } from '../base/located.ts';
import type { EnvironmentNames } from '../cfn/names.ts';
import type { Output, Resource } from '../cfn/resource.ts';
import type { Hooks } from '../runtimes/settings.ts';
import type { LayerSettings, Packaged } from './package-schema.ts';
import type { Permission } from './permissions.ts';
import type { EventEntry } from './schema.ts';

export interface FunctionSettings extends Packaged {
  readonly name: string;
  readonly description: string | undefined;
  readonly handlerAt: Span;
  readonly architecture: 'arm64' | 'x86_64';
  /** MB. */
  readonly memory: number;
  /** Seconds. */
  readonly timeout: number;
  /** MB of /tmp. */
  readonly storage: number;
  /** Reserved concurrent executions. */
  readonly concurrency: number | undefined;
  /** Days. */
  readonly logRetention: number;
  readonly variables: ReadonlyMap<string, Plain>;
  readonly permissions: readonly Permission[];
  readonly events: readonly EventEntry[];
  readonly at: Span;
}

export interface Project {
  /** The absolute path of the folder that project.yml is in. */
  readonly folder: string;
  readonly file: string;
  readonly name: string;
  readonly environment: string;
  readonly region: string;
  /** The only account that this environment may be deployed to; undefined where project.yml names none. */
  readonly account: string | undefined;
  readonly protected: boolean;
  readonly names: EnvironmentNames;
  readonly stackName: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly functions: readonly FunctionSettings[];
  readonly layers: readonly LayerSettings[];
  readonly hooks: Hooks;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly extend: ReadonlyMap<string, Plain>;
  readonly outputs: ReadonlyMap<string, Output>;
  /** Every environment that project.yml names, and `local`. */
  readonly environments: readonly string[];
  /** Where a value of the merged project was written. */
  origin(path: readonly (string | number)[]): Span;
  /** The merged project, each value with where it came from. */
  readonly merged: LocatedMap;
}

/** The environment that always exists: on this machine, and the default. */
export const localEnvironment = 'local';

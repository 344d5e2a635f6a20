// A project as the rest of fx sees it: one environment, merged, checked, with the origin of every value.
import type { Problem, Span } from '../base/error.ts';
import type { LocatedMap, Plain } from '../base/located.ts';
import type { Output, Resource } from '../cfn/resource.ts';
import type { EventEntry } from '../events/index.ts';
import type { Hooks, PackageSettings } from '../runtimes/settings.ts';
import type { SettingValues } from '../settings/index.ts';
import type { CodeDeploy } from './code-deploy.ts';
import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import type { Part } from './include.ts';
import type { LayerSettings } from './layer-schema.ts';
import type { Permission } from './permissions.ts';
import type { Plugins } from './plugins/plugin.ts';
import type { SiteSettings } from './site.ts';
import type { StateMachineSettings } from './state-machines.ts';

export interface FunctionSettings extends SettingValues {
  readonly name: string;
  /** Its name in AWS. */
  readonly physicalName: string;
  /** The name of the group that it writes to; undefined if it has no log. */
  readonly logGroup: string | undefined;
  /** From project.yml, or the family's default; relative to the folder of its code. '' for a container image. */
  readonly handler: string;
  readonly handlerAt: Span;
  readonly runtime: string;
  readonly packaging: PackageSettings;
  readonly architecture: 'arm64' | 'x86_64';
  readonly permissions: readonly Permission[];
  readonly events: readonly EventEntry[];
  /** The values of the plugins' settings, by key. */
  readonly pluginSettings: Readonly<Record<string, unknown>>;
  readonly at: Span;
}

/** Whether CloudFront calls the function: a version of it, and not its alias. */
export const isAtEdge = ({ events }: Pick<FunctionSettings, 'events'>): boolean =>
  events.some(({ kind }) => kind === 'edge');

export interface Project {
  readonly environment: Environment;
  /** The absolute path of the folder that project.yml is in. */
  readonly folder: string;
  readonly file: string;
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly functions: readonly FunctionSettings[];
  /** The layers that this project publishes. */
  readonly layers: readonly LayerSettings[];
  readonly hooks: Hooks;
  /** How fx moves traffic to a new release; undefined for all at once. */
  readonly deployment: Deployment | undefined;
  /** Set if CodeDeploy moves the traffic. */
  readonly codeDeploy: CodeDeploy | undefined;
  /** The sections of event sources, such as `http`, by kind. */
  readonly sections: Readonly<Record<string, unknown>>;
  /** Static files. */
  readonly site: SiteSettings | undefined;
  readonly stateMachines: readonly StateMachineSettings[];
  readonly resources: ReadonlyMap<string, Resource>;
  readonly conditions: ReadonlyMap<string, Plain>;
  readonly mappings: ReadonlyMap<string, Plain>;
  readonly extend: ReadonlyMap<string, Plain>;
  readonly outputs: ReadonlyMap<string, Output>;
  readonly plugins: Plugins;
  /** Every environment that project.yml names, and `local`. */
  readonly environments: readonly string[];
  /** Warnings, such as a runtime that AWS will stop supporting. */
  readonly warnings: readonly Problem[];
  /** The position of a value of the project. */
  origin(path: readonly (string | number)[]): Span;
  /** The merged project, lookups resolved, each value with its origin. */
  readonly merged: LocatedMap;
  /** The layers before the merge: the project first, then each layer over it. */
  readonly sources: readonly Part[];
}

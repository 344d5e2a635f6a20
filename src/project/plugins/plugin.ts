// What a plugin is: a function that receives fx's tools and returns rows for fx's tables, and a change to the template.
import type { Lookups } from '../../aws/aws.ts';
import type { Problem } from '../../base/error.ts';
import type { Schema } from '../../base/schema.ts';
import type { Part } from '../../cfn/part.ts';
import type { Output, Resource, Value } from '../../cfn/resource.ts';
import { type EventSources, eventSources } from '../../events/index.ts';
import type { SourceContext, Use } from '../../events/source.ts';
import type { Setting } from '../../settings/setting.ts';
import type { LookupSource } from '../lookups/source.ts';
import type { PluginTools } from './tools.ts';

/** A new key under a function's `events`. */
export interface PluginEventSource<C = unknown> {
  /** One sentence for editors. */
  readonly about: string;
  readonly schema: Schema<C>;
  /** One line for `fx info` and `fx plan`; default: the key. */
  describe?(config: C): string;
  /** Checks that need all entries of the project, e.g. for two functions with the same one. */
  check?(uses: readonly Use<C>[], context: SourceContext): readonly Problem[];
  /** Entries that AWS accepts but that are probably a mistake. */
  warn?(uses: readonly Use<C>[], context: SourceContext): readonly Problem[];
  /** The resources of one entry, all owned by its function, and what its role may do. */
  compile(use: Use<C>, context: SourceContext): Part;
  /** The resources that all entries share. Called if there is at least one entry. */
  shared?(uses: readonly Use<C>[], context: SourceContext): Part;
}

/** What a lookup of a plugin may read. */
export interface PluginLookupContext {
  readonly environment: string;
  readonly region: string;
  /** The folder of project.yml. */
  readonly folder: string;
  /** Environment variables of the process, then of .env files. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The account of the environment; on the local environment, the local AWS. */
  aws(): Promise<Lookups>;
}

/** A new kind of lookup, such as `${vault:shop/key}`. */
export interface PluginLookup {
  /** What it begins with, such as `vault:`. */
  readonly prefix: string;
  /** One sentence for hints. */
  readonly about: string;
  /** The value of what follows the prefix; undefined if there is none: then the default applies, or the lookup is a problem. */
  find(
    name: string,
    context: PluginLookupContext,
  ): Promise<string | number | boolean | undefined> | string | number | boolean | undefined;
}

/** The template that `transform` receives. Versions, live aliases and `extend` come after it. */
export interface TransformTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, Output>>;
}

export interface TransformFunction {
  readonly name: string;
  /** Its name in AWS. */
  readonly physicalName: string;
  /** The live alias: what calls the function refers to it. */
  readonly alias: Value;
  readonly ids: { readonly function: string; readonly role: string; readonly logGroup: string };
  /** The function's values for the settings of plugins. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface TransformContext {
  readonly project: string;
  readonly environment: string;
  readonly region: string;
  /** The account of the environment, if project.yml names it. */
  readonly account: string | undefined;
  readonly functions: readonly TransformFunction[];
}

export interface Plugin {
  /** By their key under `events`. */
  // biome-ignore lint/suspicious/noExplicitAny: each row has its own type of configuration
  readonly eventSources?: Readonly<Record<string, PluginEventSource<any>>>;
  /** By their key in a function and under `defaults`. */
  // biome-ignore lint/suspicious/noExplicitAny: each row has its own type of value
  readonly settings?: Readonly<Record<string, Setting<any>>>;
  readonly lookups?: readonly PluginLookup[];
  /** The template with changes. It may add resources and outputs and change properties; nothing may be removed. Pure: fx compiles
   * twice and compares. */
  transform?(template: TransformTemplate, context: TransformContext): TransformTemplate;
}

/** What a plugin's module exports as `plugin`. */
export type PluginFactory = (fx: PluginTools) => Plugin | Promise<Plugin>;

export interface Transform {
  /** The plugin, as project.yml names it, and its position in the list. */
  readonly plugin: string;
  readonly index: number;
  transform(template: TransformTemplate, context: TransformContext): TransformTemplate;
}

// biome-ignore lint/suspicious/noExplicitAny: each row has its own type of value
export type SettingTable = Readonly<Record<string, Setting<any>>>;

/** Everything that a project's plugins add. */
export interface Plugins {
  /** As project.yml names them. */
  readonly names: readonly string[];
  /** fx's event sources and the plugins'. */
  readonly sources: EventSources;
  /** Only the plugins'. */
  readonly settings: SettingTable;
  readonly lookups: readonly LookupSource[];
  readonly transforms: readonly Transform[];
}

export const noPlugins: Plugins = { names: [], sources: eventSources, settings: {}, lookups: [], transforms: [] };

// From the file, as its schema reads it, to the Project or Environment for the rest of fx.
import type { Span } from '../base/error.ts';
import { type LocatedMap, placeOf, valueAt } from '../base/located.ts';
import { type EnvironmentNames, functionName, logGroupName, stackName } from '../cfn/names.ts';
import type { Output, Resource } from '../cfn/resource.ts';
import { type SettingValues, settingKeys, settingOf } from '../settings/index.ts';
import type { Logging } from '../settings/logging.ts';
import { warmEvent } from '../settings/warm.ts';
import { type Environment, localEnvironment } from './environment.ts';
import type { EnvironmentFile } from './environment-schema.ts';
import type { FunctionFile } from './function-schema.ts';
import { defaultKeep } from './keep.ts';
import { toLayer } from './layer-schema.ts';
import { without } from './overlay.ts';
import { toHooks, toPackaged } from './packaging.ts';
import type { Plugins } from './plugins/plugin.ts';
import type { FunctionSettings, Project } from './project.ts';
import type { ProjectFile } from './schema.ts';
import type { Sources } from './sources.ts';
import { toStackSettings } from './stack-settings.ts';
import { toStateMachine } from './state-machines.ts';

export interface Place {
  /** The name of the environment. */
  readonly environment: string;
  readonly folder: string;
  readonly region: string;
}

/** The environment of a whole file, or of the part of one with names and places. */
export function toEnvironment(
  file: EnvironmentFile | ProjectFile,
  { environment, folder, region }: Place,
): Environment {
  const names: EnvironmentNames = { project: file.name, environment, region };
  return {
    name: environment,
    project: file.name,
    folder,
    region,
    regions: environment === localEnvironment ? undefined : file.regions,
    // a pinned account does not matter for the local environment: it never reaches a real account
    account: environment === localEnvironment ? undefined : file.account,
    profile: file.profile,
    assumeRole: file.assumeRole,
    protected: file.protected ?? false,
    keep: file.keep ?? defaultKeep,
    names,
    stackName: file.stackName ?? stackName(names),
    stack: toStackSettings(file.stack, environment),
    functions: [...(file.functions ?? [])].map(([name, settings]) => ({
      name,
      physicalName: settings.functionName ?? functionName(names, name),
      logGroup: logGroupOf(settings.logging ?? {}, logGroupName(names, name)),
    })),
    resourceIds: new Set(file.resources?.keys()),
  };
}

/** `own`: the name that fx gives to a group. */
function logGroupOf(logging: Logging | false, own: string): string | undefined {
  return logging === false ? undefined : (logging.logGroup ?? logging.logGroupName ?? own);
}

export function toProject(file: ProjectFile, merged: LocatedMap, sources: Sources, place: Place): Project {
  const environment = toEnvironment(file, place);
  return {
    environment,
    folder: sources.folder,
    file: sources.file,
    name: file.name,
    tags: file.tags ?? new Map(),
    functions: [...(file.functions ?? [])].map(([name, settings]) =>
      toFunction(name, settings, { merged, sources, names: environment.names }),
    ),
    layers: [...(file.layers ?? [])].map(([name, layer]) => toLayer(name, layer, placeOf(merged, ['layers', name]))),
    hooks: toHooks(file.hooks),
    deployment: file.deployment?.kind === 'codeDeploy' ? undefined : file.deployment,
    codeDeploy: file.deployment?.kind === 'codeDeploy' ? file.deployment : undefined,
    sections: sectionsOf(file as Readonly<Record<string, unknown>>, sources.plugins),
    site: file.site,
    stateMachines: [...(file.stateMachines ?? [])].map(([name, machine]) =>
      toStateMachine(name, machine, { names: environment.names, at: placeOf(merged, ['stateMachines', name]) }),
    ),
    resources: (file.resources ?? new Map()) as ReadonlyMap<string, Resource>,
    conditions: file.conditions ?? new Map(),
    mappings: file.mappings ?? new Map(),
    extend: file.extend ?? new Map(),
    outputs: new Map([...(file.outputs ?? [])].map(([name, output]): [string, Output] => [name, toOutput(output)])),
    plugins: sources.plugins,
    environments: sources.environments,
    warnings: [],
    origin: (path) => placeOf(merged, path),
    // every function has them
    merged: without(merged, 'defaults'),
    sources: sources.layers,
  };
}

function toOutput({
  value,
  description,
  condition,
}: {
  readonly value: Output['Value'];
  readonly description: string | undefined;
  readonly condition: string | undefined;
}): Output {
  return {
    ...(description === undefined ? {} : { Description: description }),
    ...(condition === undefined ? {} : { Condition: condition }),
    Value: value,
  };
}

interface FunctionPlace {
  readonly merged: LocatedMap;
  readonly sources: Sources;
  readonly names: EnvironmentNames;
}

function toFunction(name: string, file: FunctionFile, { merged, sources, names }: FunctionPlace): FunctionSettings {
  const at = placeOf(merged, ['functions', name]);
  const ownFolder = sources.functionFolders.get(name);
  const handlerAt = valueAt(merged, ['functions', name, 'handler'])?.at ?? at;
  // one value per row of the table, with the type of the row
  const values = Object.fromEntries(
    settingKeys.map((key) => [key, file[key] ?? settingOf(key).fallback]),
  ) as unknown as SettingValues;
  return {
    ...values,
    name,
    physicalName: file.functionName ?? functionName(names, name),
    logGroup: logGroupOf(values.logging, logGroupName(names, name)),
    ...toPackaged({ name, folder: sources.folder, ownFolder, at, handlerAt }, file),
    handlerAt,
    architecture: file.architecture ?? 'arm64',
    permissions: file.permissions ?? [],
    events: [...(file.events ?? []), ...warmEvents(file.warm, valueAt(merged, ['functions', name, 'warm'])?.at ?? at)],
    pluginSettings: pluginSettings(file as Readonly<Record<string, unknown>>, sources.plugins),
    at,
  };
}

/** A schedule after the others, so that their names in the template stay. */
function warmEvents(seconds: number | undefined, at: Span): FunctionSettings['events'] {
  if (seconds === undefined) return [];
  const minutes = seconds / 60;
  const expression = `rate(${minutes} minute${minutes === 1 ? '' : 's'})`;
  return [{ kind: 'schedule', config: { expression, enabled: true, input: warmEvent }, at }];
}

function sectionsOf(file: Readonly<Record<string, unknown>>, { sources }: Plugins): Readonly<Record<string, unknown>> {
  const kinds = Object.keys(sources).filter((kind) => sources[kind]?.section !== undefined);
  return Object.fromEntries(kinds.map((kind) => [kind, file[kind]]));
}

function pluginSettings(
  file: Readonly<Record<string, unknown>>,
  { settings }: Plugins,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, row]) => {
      const value = file[key] ?? (row as { readonly fallback?: unknown }).fallback;
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

// All sources of a project for one environment: its file with its includes, and the layers over it, in order.
import { join, relative } from 'node:path';
import { FxError, type Problem } from '../base/error.ts';
import { fromPlain, type Located, type LocatedMap, type Plain, valueAt } from '../base/located.ts';
import { readAll } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { localEnvironment } from './environment.ts';
import { environmentPattern, refuseName } from './environment-name.ts';
import { type FoundProject, stemOf } from './find.ts';
import { asProject, type FunctionFolder, readFunctionFolders } from './function-folders.ts';
import { functionKeys } from './function-schema.ts';
import { joinParts, type Part, readIncluded } from './include.ts';
import { isNull, mergeLayer, mergePatch, without } from './overlay.ts';
import { loadPlugins } from './plugins/load.ts';
import { noPlugins, type Plugins } from './plugins/plugin.ts';
import { invalid, type Reading, readOptionalFile, readProjectFile } from './read-file.ts';
import { environmentsSchema, type ProjectSchema, projectSchema, projectSchemaOf } from './schema.ts';
import { withDefinitions } from './state-machine-files.ts';
import { unusedParams } from './unused-params.ts';

export interface Sources {
  readonly folder: string;
  /** As shown in messages. */
  readonly file: string;
  /** Base first, then each layer over it. */
  readonly layers: readonly Part[];
  /** All layers merged, without `environments`; lookups are as written. */
  readonly merged: LocatedMap;
  /** Unknown keys in any layer. */
  readonly unknownKeys: readonly Problem[];
  /** Names given with --param that the project does not use. */
  readonly unusedParams: readonly Problem[];
  /** Every environment that the project names, and `local`. */
  readonly environments: readonly string[];
  /** The folder of each function with a function.yml, relative to the project. */
  readonly functionFolders: ReadonlyMap<string, string>;
  readonly plugins: Plugins;
  /** With what the plugins add. */
  readonly schema: ProjectSchema;
  /** The plugins, whether they were loaded or not. */
  loadPlugins(): Promise<Plugins>;
}

export interface SourceOptions {
  /** Whether the plugins matter: their keys, events and transforms. Their lookups are loaded when one is met. */
  readonly withPlugins: boolean;
  /** Overrides the region of the file. */
  readonly region?: string | undefined;
  /** `--param name=value`. */
  readonly params?: Readonly<Record<string, string>>;
}

/** The plugins of a project, whatever is wrong with the rest of the file. */
export async function readPlugins(project: FoundProject, reading: Reading): Promise<Plugins> {
  return loadPlugins(await readProjectFile(project.file, reading), project.folder, functionKeys);
}

/** Every environment that the project names, and `local`, whatever is wrong with the rest of the file. */
export async function listEnvironments(project: FoundProject, reading: Reading): Promise<readonly string[]> {
  return allEnvironments(project, await readProjectFile(project.file, reading));
}

function allEnvironments(project: FoundProject, base: LocatedMap): readonly string[] {
  return [...new Set([localEnvironment, ...environmentNames(base), ...overlayEnvironments(project)])];
}

/** Reads all files. Throws ENVIRONMENT_UNKNOWN, or PROJECT_INVALID with every problem of the files. */
export async function readSources(project: FoundProject, reading: Reading, line: SourceOptions): Promise<Sources> {
  const { environment, shownFrom } = reading;
  const file = relative(shownFrom, project.file);
  const problems: Problem[] = [];
  const base = await readProjectFile(project.file, reading);
  const environments = allEnvironments(project, base);
  const key = chosenEnvironment(environment, environmentNames(base), environments);
  const overlayName = overlayOf(project, environment);
  const overlay =
    overlayName === undefined ? undefined : await readOptionalFile(join(project.folder, overlayName), reading);

  const included = await readIncluded(project.file, base, reading, problems);
  const folders = await readFunctionFolders(project, base, reading, problems);
  const parts = [...included, ...folders.map(({ name, base: part }) => asProject(name, part))];
  const joined = joinParts(without(base, 'environments'), parts, problems);
  const patch = valueAt(base, ['environments', key]);
  const files = [
    { label: file, value: joined },
    ...layer(`environments.${key}`, patch, problems),
    ...folders.flatMap(({ name, overlay: part }) => (part === undefined ? [] : [asProject(name, part)])),
    ...layer(relative(shownFrom, join(project.folder, overlayName ?? '')), overlay, problems),
  ];
  const layers = [...files, ...commandLineLayers(line)];
  // also keys without a value to read: those removed by a layer, and those under defaults
  const inLayers = files.slice(1).reduce((sum, { value }) => mergeLayer(sum, value), joined);
  const inFiles = line.withPlugins ? await withDefinitions(inLayers, project.folder, reading, problems) : inLayers;
  const unused = unusedParams(inFiles, Object.keys(line.params ?? {}));
  const unknownKeys: Problem[] = [];
  let loaded: Promise<Plugins> | undefined;
  if (line.withPlugins) loaded = loadPlugins(base, project.folder, functionKeys);
  const plugins = (await loaded) ?? noPlugins;
  const schema = plugins === noPlugins ? projectSchema : projectSchemaOf(plugins);
  // without plugins, their keys would look unknown
  for (const { value } of line.withPlugins ? layers : []) {
    schema.keys?.(value, {
      problem: (at, message, hint) => unknownKeys.push(hint === undefined ? { at, message } : { at, message, hint }),
    });
  }
  if (problems.length > 0) throw invalid([...problems, ...unused, ...unknownKeys], file);
  return {
    folder: project.folder,
    file,
    layers,
    merged: layers.slice(files.length).reduce((sum, { value }) => mergeLayer(sum, value), inFiles),
    unknownKeys,
    unusedParams: unused,
    environments,
    functionFolders: foldersByName(folders),
    plugins,
    schema,
    loadPlugins: () => (loaded ??= loadPlugins(base, project.folder, functionKeys)),
  };
}

function layer(label: string, value: Located | undefined, problems: Problem[]): readonly Part[] {
  if (value === undefined || isNull(value)) return [];
  if (value.kind !== 'map') {
    problems.push({ at: value.at, message: 'expected a map in the shape of the project file' });
    return [];
  }
  for (const key of ['include', 'environments', 'plugins']) {
    const entry = value.entries.get(key);
    if (entry !== undefined)
      problems.push({
        at: entry.keyAt,
        message: `"${key}" is not allowed in an environment`,
        hint: 'move it to the top level of the project file',
      });
  }
  return [{ label, value }];
}

function foldersByName(folders: readonly FunctionFolder[]): ReadonlyMap<string, string> {
  return new Map(folders.map(({ name, folder }) => [name, folder]));
}

function commandLineLayers({ region, params = {} }: SourceOptions): readonly Part[] {
  const parts: Part[] = [];
  if (Object.keys(params).length > 0) {
    const at = { file: '--param', line: 1, column: 1, length: 1 };
    const all = Object.entries(params).map(([name, value]) => paramOf(name, value));
    const empty: Located = { kind: 'map', at, entries: new Map() };
    parts.push({ label: '--param', value: all.reduce(mergePatch, empty) as LocatedMap });
  }
  if (region !== undefined) parts.push({ label: '--region', value: written('--region', { region }) });
  return parts;
}

/** `limits.perMinute=60`: dots descend into maps, as in `${params.limits.perMinute}`. */
function paramOf(name: string, value: string): Located {
  const at = { file: `--param ${name}`, line: 1, column: 1, length: 1 };
  // on the command line, everything is text
  const scalar: Located = { kind: 'scalar', at, value, lookup: `--param ${name}=${value}` };
  return ['params', ...name.split('.')].reduceRight<Located>(
    (inner, key) => ({ kind: 'map', at, entries: new Map([[key, { keyAt: at, value: inner }]]) }),
    scalar,
  );
}

/** A layer from the command line. */
export function written(flag: string, value: Plain): LocatedMap {
  return fromPlain(value, { file: flag, line: 1, column: 1, length: 1 }) as LocatedMap;
}

function environmentNames(base: LocatedMap): readonly string[] {
  const environments = valueAt(base, ['environments']);
  if (environments === undefined || isNull(environments)) return [];
  const { problems } = readAll(environmentsSchema, environments);
  if (problems.length > 0) throw invalid(problems, environments.at.file);
  return environments.kind === 'map' ? [...environments.entries.keys()] : [];
}

/** Environments that exist only as a file, such as project.qa.yml. */
function overlayEnvironments(project: FoundProject): readonly string[] {
  const pattern = new RegExp(`^${stemOf(project)}\\.(.+)\\.(ya?ml|json)$`);
  return project.beside.flatMap((name) => {
    const environment = pattern.exec(name)?.[1] ?? '';
    return environmentPattern.test(environment) ? [environment] : [];
  });
}

/** `project.prod.yml` beside the project file. Throws USAGE if there are two, since one of them would be ignored. */
function overlayOf(project: FoundProject, environment: string): string | undefined {
  const names = ['yml', 'yaml', 'json'].map((ending) => `${stemOf(project)}.${environment}.${ending}`);
  const [first, second] = names.filter((name) => project.beside.includes(name));
  if (second === undefined) return first;
  throw new FxError('USAGE', `there are two files for ${environment} in ${project.folder}: ${first} and ${second}`, {
    hint: 'remove one of the two',
  });
}

/** The key under `environments` for an environment: its name, or the first pattern that matches it. `local`, and an environment with its
 * own file, may have none. */
function chosenEnvironment(environment: string, named: readonly string[], known: readonly string[]): string {
  if (environment.includes('*') && named.includes(environment)) {
    throw new FxError('ENVIRONMENT_UNKNOWN', `"${environment}" is a name pattern, not an environment`, {
      hint: `name one that it matches, such as ${environment.replaceAll('*', '1')}`,
    });
  }
  const matches = (pattern: string) =>
    pattern.includes('*') && new RegExp(`^${pattern.split('*').join('.*')}$`).test(environment);
  const key = named.includes(environment) ? environment : named.find(matches);
  // a name that matches a pattern must still be a valid name
  if (key !== undefined && !environmentPattern.test(environment)) refuseName(environment);
  if (key !== undefined) return key;
  if (known.includes(environment)) return environment;
  const suggestion = nearest(environment, known);
  const list = `the project has ${known.join(', ')}`;
  throw new FxError('ENVIRONMENT_UNKNOWN', `there is no environment "${environment}"`, {
    hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
  });
}

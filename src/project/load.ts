// The project of one environment: read, merge, resolve lookups, check, and tell all that is wrong at once.
import type { Lookups } from '../aws/aws.ts';
import { FxError, type Problem } from '../base/error.ts';
import { type LocatedMap, mapValues, placeOf, type Scalar, valueAt } from '../base/located.ts';
import { readAll, type Schema } from '../base/schema.ts';
import { functionName, stackName } from '../cfn/names.ts';
import type { Output, Resource } from '../cfn/resource.ts';
import { type SettingValues, settingKeys, settingOf } from '../settings/index.ts';
import { checkProject, checkRegion } from './check.ts';
import { withDefaults } from './effective.ts';
import { findProject } from './find.ts';
import type { FunctionFile } from './function-schema.ts';
import { toLayer } from './layer-schema.ts';
import { resolveLookups } from './lookups/resolve.ts';
import type { LookupWorld } from './lookups/source.ts';
import { namesOnly } from './names-only.ts';
import { isNull, mergePatch, without } from './overlay.ts';
import { toHooks, toPackaged } from './packaging.ts';
import { type FunctionSettings, localAccount, localEnvironment, type Project } from './project.ts';
import { invalid } from './read-file.ts';
import { account as accountSchema, type ProjectFile, projectSchema, region as regionSchema } from './schema.ts';
import { readSources, type Sources, written } from './sources.ts';
import { withEnvFiles } from './variables.ts';

/** Where a project is deployed to, as far as it is known before anything else of it. */
export interface Destination {
  readonly folder: string;
  readonly environment: string;
  readonly region: string;
  readonly account: string | undefined;
  readonly profile: string | undefined;
  readonly assumeRole: string | undefined;
}

export interface LoadOptions {
  /** Any folder at or below the one with the project file. */
  readonly folder: string;
  /** The project file itself, where it is named. */
  readonly file?: string;
  readonly environment: string;
  /** The variables of the process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Takes the place of the region that is written. */
  readonly region?: string;
  /** `--param name=value`. */
  readonly params?: Readonly<Record<string, string>>;
  /** Variables for every function, from the command line. */
  readonly set?: Readonly<Record<string, string>>;
  /** Paths in messages are shown relative to this folder. */
  readonly shownFrom: string;
  /** The version of fx, for `fxVersion`; not looked at where it is not given. */
  readonly version?: string;
  /** Runtimes are judged by this day. */
  readonly today?: Date;
  /** Reads only what things are called and where they are: for what is deployed already, whatever else the file says by now. */
  readonly only?: 'names';
  /** Asked only where a lookup needs AWS. */
  readonly connect?: (destination: Destination) => Promise<Lookups>;
}

const defaultRegion = 'us-east-1';

/** Loads the project for one environment. Throws PROJECT_NOT_FOUND, ENVIRONMENT_UNKNOWN, or PROJECT_INVALID with every problem. */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const { environment, shownFrom } = options;
  const found = await findProject(options.folder, options.file);
  const variables = await withEnvFiles(found.folder, environment, options.variables, shownFrom);
  const sources = await readSources(found, { shownFrom, environment, variables }, options);
  const whole = withSetVariables(withDefaults(sources.merged), options.set);
  const project = options.only === 'names' ? namesOnly(whole) : whole;
  const problems: Problem[] = [];
  const world = await worldOf(whole, { sources, variables, options, problems });
  if (problems.length > 0) throw invalid([...sources.unknown, ...problems], sources.file);
  problems.push(...sources.unknown);
  // of a part of it, lookups find what the part leaves out
  const resolved = await resolveLookups(project, world, shownFrom);
  const { value: file, problems: wrong } = readAll(projectSchema, resolved.value);
  // what was not found has no value to be wrong besides
  const notFound = new Set(resolved.problems.map(({ at }) => at));
  problems.push(...resolved.problems, ...wrong.filter(({ at }) => !notFound.has(at)));
  if (file === undefined || problems.length > 0) throw invalid(problems, sources.file);
  const loaded = toProject(file, resolved.value, sources, world, options);
  const { problems: crossed, warnings } = checkProject(loaded, file, options);
  if (crossed.length > 0) throw invalid(crossed, sources.file);
  return { ...loaded, warnings };
}

interface Surroundings {
  readonly sources: Sources;
  readonly variables: LookupWorld['variables'];
  readonly options: LoadOptions;
  readonly problems: Problem[];
}

/** What lookups find, which hangs itself on some values of the file: those may have lookups, but none that ask AWS. */
async function worldOf(
  root: LocatedMap,
  { sources, variables, options, problems }: Surroundings,
): Promise<LookupWorld> {
  const { folder } = sources;
  const { environment } = options;
  const isLocal = environment === localEnvironment;
  const refuse = () =>
    Promise.reject(new FxError('PROJECT_INVALID', 'where a project is deployed to cannot be asked of AWS'));
  const base: LookupWorld = {
    environment,
    root,
    folder,
    variables,
    region: defaultRegion,
    account: undefined,
    aws: refuse,
  };
  // the schema tells these again with all else; until then nobody is asked anything there, or in place of that account
  const wrong: Problem[] = [];
  const value = async (key: string, world: LookupWorld, schema?: Schema<string>): Promise<Scalar | undefined> => {
    const entry = root.entries.get(key);
    if (entry === undefined) return undefined;
    const only: LocatedMap = { ...root, entries: new Map([[key, entry]]) };
    const resolved = await resolveLookups(only, { ...world, root }, options.shownFrom);
    problems.push(...resolved.problems);
    const read = valueAt(resolved.value, [key]);
    if (schema !== undefined && read !== undefined && !isNull(read)) wrong.push(...readAll(schema, read).problems);
    return read?.kind === 'scalar' ? read.value : undefined;
  };
  const region = String((await value('region', base, regionSchema)) ?? defaultRegion);
  const noRegion = wrong.length > 0 ? undefined : checkRegion(region, placeOf(root, ['region']))?.problem;
  if (noRegion !== undefined) wrong.push(noRegion);
  const pinned = isLocal ? localAccount : await value('account', { ...base, region }, accountSchema);
  const account = typeof pinned === 'string' ? pinned : undefined;
  const profile = await value('profile', { ...base, region, account });
  const assumeRole = isLocal ? undefined : await value('assumeRole', { ...base, region, account });
  const destination = {
    folder,
    environment,
    region,
    account,
    profile: profile === undefined ? undefined : String(profile),
    assumeRole: assumeRole === undefined ? undefined : String(assumeRole),
  };
  let connected: Promise<Lookups> | undefined;
  return {
    ...base,
    region,
    account,
    aws() {
      // nobody is asked for a file that is wrong anyway
      const known = [...sources.unknown, ...wrong];
      if (known.length > 0) return Promise.reject(invalid(known, sources.file));
      connected ??= options.connect?.(destination) ?? refuse();
      return connected;
    },
  };
}

/** `--set` and `--set-file` count more than any file. */
function withSetVariables(project: LocatedMap, set: LoadOptions['set'] = {}): LocatedMap {
  const functions = valueAt(project, ['functions']);
  if (Object.keys(set).length === 0 || functions?.kind !== 'map') return project;
  // a $ on the command line is the shell's to read, not ours
  const plain = Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, value.replaceAll('${', () => '$${')]),
  );
  const variables = written('--set', { variables: plain });
  const entry = { keyAt: functions.at, value: mapValues(functions, () => variables) };
  return mergePatch(project, { kind: 'map', at: project.at, entries: new Map([['functions', entry]]) }) as LocatedMap;
}

function toProject(
  file: ProjectFile,
  merged: LocatedMap,
  sources: Sources,
  world: LookupWorld,
  { environment }: LoadOptions,
): Project {
  const { region } = world;
  const names = { project: file.name, environment, region };
  return {
    folder: sources.folder,
    file: sources.file,
    name: file.name,
    environment,
    region,
    // the local account is nobody's: a pin is for accounts that could be mistaken
    account: environment === localEnvironment ? undefined : file.account,
    profile: file.profile,
    assumeRole: file.assumeRole,
    protected: file.protected ?? false,
    names,
    stackName: file.stackName ?? stackName(names),
    tags: file.tags ?? new Map(),
    functions: [...(file.functions ?? [])].map(([name, own]) =>
      toFunction(name, own as FunctionFile, { merged, sources, names }),
    ),
    layers: [...(file.layers ?? [])].map(([name, layer]) => toLayer(name, layer, placeOf(merged, ['layers', name]))),
    hooks: toHooks(file.hooks),
    resources: (file.resources ?? new Map()) as ReadonlyMap<string, Resource>,
    conditions: file.conditions ?? new Map(),
    mappings: file.mappings ?? new Map(),
    extend: file.extend ?? new Map(),
    outputs: new Map([...(file.outputs ?? [])].map(([name, output]): [string, Output] => [name, toOutput(output)])),
    environments: sources.environments,
    warnings: [],
    origin: (path) => placeOf(merged, path),
    // they are in every function
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

interface Making {
  readonly merged: LocatedMap;
  readonly sources: Sources;
  readonly names: Project['names'];
}

function toFunction(name: string, own: FunctionFile, { merged, sources, names }: Making): FunctionSettings {
  const at = placeOf(merged, ['functions', name]);
  const ownFolder = sources.functionFolders.get(name);
  const handlerAt = valueAt(merged, ['functions', name, 'handler'])?.at ?? at;
  const values = Object.fromEntries(
    settingKeys.map((key) => [key, own[key] ?? settingOf(key).fallback]),
  ) as unknown as SettingValues;
  return {
    ...values,
    name,
    physicalName: own.functionName ?? functionName(names, name),
    ...toPackaged({ name, folder: sources.folder, ownFolder, at, handlerAt }, own),
    handlerAt,
    architecture: own.architecture ?? 'arm64',
    permissions: own.permissions ?? [],
    events: own.events ?? [],
    at,
  };
}

// Loads a project, or only its environment: reads, merges, resolves lookups, checks, and reports all problems at once.
import type { Lookups } from '../aws/aws.ts';
import { FxError, type Problem } from '../base/error.ts';
import { type LocatedMap, mapValues, placeOf, valueAt } from '../base/located.ts';
import { readAll, type Schema } from '../base/schema.ts';
import { checkProject } from './check.ts';
import { checkDestination } from './check-destination.ts';
import { type Destination, lookupWorld } from './destination.ts';
import { withDefaults } from './effective.ts';
import type { Environment } from './environment.ts';
import { environmentPart, environmentSchema } from './environment-schema.ts';
import { findProject } from './find.ts';
import { resolveLookups } from './lookups/resolve.ts';
import { mergePatch } from './overlay.ts';
import type { Project } from './project.ts';
import { invalid } from './read-file.ts';
import { withFirstRegion } from './several-regions.ts';
import { readSources, type Sources, written } from './sources.ts';
import { checkStateMachines } from './state-machines.ts';
import { toEnvironment, toProject } from './to-project.ts';
import { withEnvFiles } from './variables.ts';
import { findSibling, type SiblingOptions } from './workspace/sibling.ts';

export interface LoadOptions {
  /** Any folder at or below the one with the project file. */
  readonly folder: string;
  /** The project file, if named. */
  readonly file?: string;
  readonly environment: string;
  /** The environment variables of the process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Overrides the region of the file. */
  readonly region?: string;
  /** `--param name=value`. */
  readonly params?: Readonly<Record<string, string>>;
  /** Variables for every function, from the command line. */
  readonly set?: Readonly<Record<string, string>>;
  /** Paths in messages are shown relative to this folder. */
  readonly shownFrom: string;
  /** The version of fx, for `fxVersion`; if undefined, `fxVersion` is not checked. */
  readonly version?: string;
  /** Called only if a lookup needs AWS. */
  readonly connect?: (destination: Destination) => Promise<Lookups>;
  /** Set if the command line is for several projects of a workspace: a project need not use every --param, and --region, if given,
   * is the region of all. */
  readonly shared?: { readonly region: string | undefined };
}

export interface ProjectOptions extends LoadOptions {
  /** Runtimes are judged by this day. */
  readonly today: Date;
}

/** Loads the project for one environment. Throws PROJECT_NOT_FOUND, ENVIRONMENT_UNKNOWN, or PROJECT_INVALID with every problem. */
export async function loadProject(options: ProjectOptions): Promise<Project> {
  const { file, sources, merged, region, warnings } = await read(options, {
    withPlugins: true,
    schema: ({ schema }) => schema,
    part: (whole) => whole,
    known: (sources) => [...sources.unknownKeys, ...unusedIn(sources, options)],
  });
  const place = { environment: options.environment, folder: sources.folder, region };
  const project = toProject(file, merged, sources, place);
  const checks = checkProject(project, file, options);
  const problems = [...checks.problems, ...(await checkStateMachines(project))];
  if (problems.length > 0) throw invalid(problems, sources.file);
  return { ...project, warnings: [...warnings, ...checks.warnings] };
}

export interface LoadedEnvironment {
  readonly environment: Environment;
  readonly warnings: readonly Problem[];
  /** The names under `outputs`. */
  readonly outputs: readonly string[];
  /** The values of --param that this project does not use. */
  readonly unusedParams: readonly Problem[];
}

/** Loads only names and destination, whatever the state of the rest of the file. Throws as `loadProject` does. */
export async function loadEnvironment(options: LoadOptions): Promise<LoadedEnvironment> {
  const { file, sources, merged, region, warnings } = await read(options, {
    withPlugins: false,
    schema: () => environmentSchema,
    part: environmentPart,
    known: (sources) => unusedIn(sources, options),
  });
  const environment = toEnvironment(file, { environment: options.environment, folder: sources.folder, region });
  const checks = checkDestination(environment, {
    range: file.fxVersion,
    version: options.version,
    origin: (path) => placeOf(merged, path),
  });
  if (checks.problems.length > 0) throw invalid(checks.problems, sources.file);
  const declared = valueAt(sources.merged, ['outputs']);
  const outputs = declared?.kind === 'map' ? [...declared.entries.keys()] : [];
  return { environment, warnings: [...warnings, ...checks.warnings], outputs, unusedParams: sources.unusedParams };
}

interface Kind<T> {
  /** Whether the plugins matter for this part. */
  readonly withPlugins: boolean;
  schema(sources: Sources): Schema<T>;
  /** The part of the merged file that is read. */
  part(whole: LocatedMap): LocatedMap;
  /** The problems that count for this part. */
  known(sources: Sources): readonly Problem[];
}

interface ReadFile<T> {
  readonly file: T;
  readonly sources: Sources;
  /** Lookups resolved. */
  readonly merged: LocatedMap;
  readonly region: string;
  readonly warnings: readonly Problem[];
}

async function read<T>(options: LoadOptions, { withPlugins, schema, part, known }: Kind<T>): Promise<ReadFile<T>> {
  const { environment, shownFrom } = options;
  const project = await findProject(options.folder, options.file);
  const { variables, warnings } = await withEnvFiles(project.folder, environment, options.variables, shownFrom);
  const sources = await readSources(project, { shownFrom, environment, variables }, { ...options, withPlugins });
  const merged = withFirstRegion(sources.merged, options.region);
  const whole = withSetVariables(withDefaults(merged), options.set);
  const unknown = known(sources);
  const { world, problems } = await lookupWorld(whole, {
    folder: sources.folder,
    file: sources.file,
    environment,
    variables,
    shownFrom,
    wrong: unknown,
    pluginLookups: async () => (await sources.loadPlugins()).lookups,
    ...(options.connect === undefined ? {} : { connect: options.connect }),
    sibling: (name, of, { region }) => findSibling(name, of, siblingOptions(options, sources.folder, region)),
  });
  if (problems.length > 0) throw invalid([...unknown, ...problems], sources.file);
  // lookups in the part may refer to values outside it
  const resolved = await resolveLookups(part(whole), world, shownFrom);
  const { value: file, problems: wrong } = readAll(schema(sources), resolved.value);
  // a failed lookup has no value, so it must not cause a second problem
  const notFound = new Set(resolved.problems.map(({ at }) => at));
  const all = [...unknown, ...resolved.problems, ...wrong.filter(({ at }) => !notFound.has(at))];
  if (all.length > 0 && all.every((problem) => resolved.awaited.has(problem))) throw awaiting(all, sources.file);
  if (file === undefined || all.length > 0) throw invalid(all, sources.file);
  return { file, sources, merged: resolved.value, region: world.region, warnings };
}

const unusedIn = (sources: Sources, { shared }: LoadOptions) => (shared === undefined ? sources.unusedParams : []);

/** Another project is loaded as its own command would do it, except that --param is for both. */
function siblingOptions(options: LoadOptions, folder: string, region: string): SiblingOptions {
  const { file: _, region: __, shared, environment: name, connect, ...rest } = options;
  const override = shared?.region;
  return {
    folder,
    region,
    shownFrom: options.shownFrom,
    override,
    load: (sibling) =>
      loadEnvironment({
        ...rest,
        folder: sibling,
        environment: name,
        shared: { region: override },
        ...(connect === undefined ? {} : { connect }),
        ...(override === undefined ? {} : { region: override }),
      }),
    async outputs(environment, place) {
      const { folder: its, account, profile, assumeRole } = environment;
      const destination = { folder: its, environment: name, region: environment.region, account, profile, assumeRole };
      return (await connect?.(destination))?.stackOutputs(environment.stackName, place);
    },
  };
}

/** All that is missing are outputs of projects that are not deployed yet. */
function awaiting(problems: readonly Problem[], file: string): FxError {
  return new FxError('NOT_DEPLOYED', `${file} needs outputs of a project that is not deployed yet`, { problems });
}

/** `--set` and `--set-file` override every file. */
function withSetVariables(project: LocatedMap, set: LoadOptions['set'] = {}): LocatedMap {
  const functions = valueAt(project, ['functions']);
  if (Object.keys(set).length === 0 || functions?.kind !== 'map') return project;
  // the shell expands $ on the command line
  const plain = Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, value.replaceAll('${', () => '$${')]),
  );
  const variables = written('--set', { variables: plain });
  const entry = { keyAt: functions.at, value: mapValues(functions, () => variables) };
  return mergePatch(project, { kind: 'map', at: project.at, entries: new Map([['functions', entry]]) }) as LocatedMap;
}

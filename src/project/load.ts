// project.yml → Project: parse, merge the environment, resolve lookups, check, and tell all that is wrong at once.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Tags } from 'yaml';
import { FxError, type Problem } from '../base/error.ts';
import { fromPlain, type Located, type LocatedMap, parseLocated, placeOf, valueAt } from '../base/located.ts';
import { readAll } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';
import { functionIds, pascalCase, stackName } from '../cfn/names.ts';
import type { Output, Resource } from '../cfn/resource.ts';
import { resolveLookups } from './lookups.ts';
import { mergePatch, without } from './overlay.ts';
import { checkLayers, toHooks, toLayer, toPackaged } from './package-schema.ts';
import { type FunctionSettings, localEnvironment, type Project } from './project.ts';
import { environmentsSchema, type FunctionFile, type ProjectFile, projectSchema } from './schema.ts';

export interface LoadOptions {
  /** Any folder at or below the one with project.yml. */
  readonly folder: string;
  readonly environment: string;
  /** The variables of the process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Takes the place of the region that is written. */
  readonly region?: string;
  /** Paths in messages are shown relative to this folder. */
  readonly shownFrom: string;
}

const fileName = 'project.yml';
const defaultRegion = 'us-east-1';

/** Loads the project for one environment. Throws PROJECT_NOT_FOUND, ENVIRONMENT_UNKNOWN, or PROJECT_INVALID with every problem. */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const folder = await findFolder(options.folder);
  const shown = relative(options.shownFrom, join(folder, fileName));
  const base = await parseFile(join(folder, fileName), shown);
  const overlay = await parseOptionalFile(join(folder, `project.${options.environment}.yml`), options.shownFrom);
  const environments = environmentNames(base);
  const known = [
    ...new Set([localEnvironment, ...environments, ...(overlay === undefined ? [] : [options.environment])]),
  ];
  if (!known.includes(options.environment)) throw unknownEnvironment(options.environment, known);

  const patch = valueAt(base, ['environments', options.environment]);
  const override = options.region === undefined ? undefined : fromPlain({ region: options.region }, base.at);
  const merged = [patch, overlay, override].reduce<LocatedMap>(
    (sum, next) => (next === undefined || isEmpty(next) ? sum : (mergePatch(sum, next) as LocatedMap)),
    without(base, 'environments') as LocatedMap,
  );
  const lookups = resolveLookups(merged, options);
  const { value: file, problems } = readAll(projectSchema, lookups.value);
  const wrong = [...lookups.problems, ...problems];
  if (file === undefined || wrong.length > 0) throw invalid(wrong, shown);

  const project = toProject(file, lookups.value, {
    folder,
    file: shown,
    environment: options.environment,
    environments: known,
  });
  const crossed = checkAcross(project);
  if (crossed.length > 0) throw invalid(crossed, shown);
  return project;
}

export function invalid(problems: readonly Problem[], file: string): FxError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new FxError('PROJECT_INVALID', `${file} has ${count}`, { problems: sorted(problems) });
}

function sorted(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) => a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column,
  );
}

async function findFolder(start: string): Promise<string> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if ((await names(folder)).includes(fileName)) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new FxError('PROJECT_NOT_FOUND', `there is no ${fileName} in ${resolve(start)} or above it`, {
    hint: 'run `fx init` to make a project here, or give its folder with -C DIR',
  });
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new FxError('PROJECT_NOT_FOUND', `there is no folder ${folder}`, {
        hint: 'check the folder given with -C',
      });
    }
    // a folder above that may not be listed holds no project of ours
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function parseFile(path: string, shown: string): Promise<LocatedMap> {
  const { value, problems } = parseLocated(await readFile(path, 'utf8'), shown, intrinsicTags as Tags);
  if (problems.length > 0) throw invalid(problems, shown);
  if (value.kind !== 'map') throw invalid([{ at: value.at, message: 'expected a map, such as "name: shop"' }], shown);
  return value;
}

async function parseOptionalFile(path: string, shownFrom: string): Promise<LocatedMap | undefined> {
  try {
    return await parseFile(path, relative(shownFrom, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A key with nothing after it, such as `prod:`. */
function isEmpty(value: Located): boolean {
  return value.kind === 'scalar' && value.value === null;
}

function environmentNames(base: LocatedMap): readonly string[] {
  const environments = valueAt(base, ['environments']);
  if (environments === undefined || isEmpty(environments)) return [];
  const { problems } = readAll(environmentsSchema, environments);
  if (problems.length > 0) throw invalid(problems, environments.at.file);
  return environments.kind === 'map' ? [...environments.entries.keys()] : [];
}

function unknownEnvironment(wanted: string, known: readonly string[]): FxError {
  const meant = nearest(wanted, known);
  const list = `project.yml has ${known.join(', ')}`;
  return new FxError('ENVIRONMENT_UNKNOWN', `there is no environment "${wanted}"`, {
    hint: meant === undefined ? list : `did you mean "${meant}"? ${list}`,
  });
}

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly environment: string;
  readonly environments: readonly string[];
}

function toProject(file: ProjectFile, merged: LocatedMap, place: Place): Project {
  const region = file.region ?? defaultRegion;
  const projectNames = { project: file.name, environment: place.environment, region };
  const origin = (path: readonly (string | number)[]) => placeOf(merged, path);
  return {
    ...place,
    name: file.name,
    region,
    // the local account is nobody's: a pin is for accounts that could be mistaken
    account: place.environment === localEnvironment ? undefined : file.account,
    protected: file.protected ?? false,
    names: projectNames,
    stackName: stackName(projectNames),
    tags: file.tags ?? new Map(),
    functions: [...(file.functions ?? [])].map(([name, settings]) =>
      toFunction(name, settings, file, merged, place.folder),
    ),
    hooks: toHooks(file.hooks),
    layers: [...(file.layers ?? [])].map(([name, layer]) => toLayer(name, layer, origin(['layers', name]))),
    resources: (file.resources ?? new Map()) as ReadonlyMap<string, Resource>,
    extend: file.extend ?? new Map(),
    outputs: new Map(
      [...(file.outputs ?? [])].map(([name, { value, description }]): [string, Output] => [
        name,
        description === undefined ? { Value: value } : { Description: description, Value: value },
      ]),
    ),
    origin,
    merged,
  };
}

function toFunction(
  name: string,
  own: FunctionFile,
  file: ProjectFile,
  merged: LocatedMap,
  folder: string,
): FunctionSettings {
  const origin = (path: readonly (string | number)[]) => placeOf(merged, path);
  const defaults = file.defaults ?? {};
  return {
    name,
    description: own.description,
    ...toPackaged({ name, folder, at: origin(['functions', name]) }, own, defaults),
    handlerAt: valueAt(merged, ['functions', name, 'handler'])?.at ?? origin(['functions', name]),
    architecture: own.architecture ?? defaults.architecture ?? 'arm64',
    memory: own.memory ?? defaults.memory ?? 512,
    timeout: own.timeout ?? defaults.timeout ?? 10,
    storage: own.storage ?? defaults.storage ?? 512,
    concurrency: own.concurrency,
    logRetention: own.logRetention ?? defaults.logRetention ?? 30,
    variables: new Map([...(defaults.variables ?? []), ...(own.variables ?? [])]),
    permissions: [...(defaults.permissions ?? []), ...(own.permissions ?? [])],
    events: own.events ?? [],
    at: origin(['functions', name]),
  };
}

/** What one value alone cannot show: two functions of one name to CloudFormation, and clashes with generated resources. */
function checkAcross(project: Project): Problem[] {
  const problems: Problem[] = [];
  problems.push(...checkLayers(project));
  const taken = new Map<string, string>();
  for (const { name, at } of project.functions) {
    const key = pascalCase(name);
    const other = taken.get(key);
    if (other !== undefined) {
      problems.push({
        at,
        message: `the functions "${other}" and "${name}" have the same name to CloudFormation (${key})`,
        hint: 'rename one of them',
      });
    }
    taken.set(key, name);
    for (const id of Object.values(functionIds(name))) {
      if (project.resources.has(id)) {
        problems.push({
          at: project.origin(['resources', id]),
          message: `"${id}" is a resource that fx makes for the function "${name}"`,
          hint: `rename it, or change what fx makes under extend: {${id}: …}`,
        });
      }
    }
  }
  return problems;
}

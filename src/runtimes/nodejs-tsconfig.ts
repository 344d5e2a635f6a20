// What tsconfig.json files say of where imports lead: each with those that it extends, and the places that `paths` has for a name.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageOfSpecifier, resolvePackage } from './nodejs-installed.ts';

interface Configuration {
  /** Absolute; one that is not there decides too. */
  readonly path: string;
  readonly extends: readonly string[];
  readonly baseUrl: string | undefined;
  readonly paths: readonly (readonly [name: string, targets: readonly string[]])[];
}

const known = new Map<string, { readonly changed: number; readonly configuration: Configuration }>();

/** The tsconfig.json of a folder and all that it extends. */
export function configurationsAt(folder: string): readonly Configuration[] {
  const found = new Map<string, Configuration>();
  const add = (path: string) => {
    if (found.has(path)) return;
    const configuration = read(path);
    found.set(path, configuration);
    for (const name of configuration.extends) for (const one of extendedPlaces(name, dirname(path))) add(one);
  };
  add(join(folder, 'tsconfig.json'));
  return [...found.values()];
}

/** Where `paths` and `baseUrl` would have a name looked for, by the nearest tsconfig.json; more than TypeScript looks at, never less. */
export function mappedPlaces(name: string, from: string): readonly string[] {
  for (let folder = from; ; folder = dirname(folder)) {
    const configurations = configurationsAt(folder);
    if (configurations.some(isThere)) return placesIn(name, configurations);
    if (dirname(folder) === folder) return [];
  }
}

function placesIn(name: string, configurations: readonly Configuration[]): readonly string[] {
  const folders = configurations.map(({ path }) => dirname(path));
  const urls = configurations.flatMap(({ path, baseUrl }) =>
    baseUrl === undefined ? [] : [resolve(dirname(path), baseUrl)],
  );
  const targets = configurations.flatMap(({ paths }) =>
    paths.flatMap(([pattern, all]) => {
      const [start = '', end] = pattern.split('*');
      if (end === undefined) return pattern === name ? all : [];
      const fits = name.startsWith(start) && name.endsWith(end) && name.length >= start.length + end.length;
      const rest = name.slice(start.length, name.length - end.length);
      return fits ? all.map((target) => target.replace('*', () => rest)) : [];
    }),
  );
  const mapped = [...folders, ...urls].flatMap((folder) => targets.map((target) => resolve(folder, target)));
  return [...mapped, ...urls.map((url) => join(url, name))];
}

const isThere = ({ path }: Configuration) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** A file beside it, or one in a package; with `.json` or without. */
function extendedPlaces(name: string, folder: string): readonly string[] {
  const isPath = /^[./]|^[A-Za-z]:/.test(name);
  const owner = packageOfSpecifier(name);
  const installed = isPath ? undefined : resolvePackage(owner, folder)?.folder;
  if (!isPath && installed === undefined) return [];
  const target = isPath ? resolve(folder, name) : join(installed ?? '', name.slice(owner.length));
  const places = target.endsWith('.json') ? [target] : [target, `${target}.json`];
  return isPath ? places : [...places, join(target, 'tsconfig.json')];
}

function read(path: string): Configuration {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return { path, extends: [], baseUrl: undefined, paths: [] };
  const before = known.get(path);
  if (before?.changed === stat.ctimeMs) return before.configuration;
  const configuration = parse(path, readFileSync(path, 'utf8'));
  known.set(path, { changed: stat.ctimeMs, configuration });
  return configuration;
}

function parse(path: string, text: string): Configuration {
  const { extends: extended, compilerOptions } = asObject(parseLoosely(text));
  const { baseUrl, paths } = asObject(compilerOptions);
  return {
    path,
    extends: strings(Array.isArray(extended) ? extended : [extended]),
    baseUrl: typeof baseUrl === 'string' ? baseUrl : undefined,
    paths: Object.entries(asObject(paths)).map(([name, targets]) => [name, strings(targets)] as const),
  };
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** JSON with comments and commas before a closing bracket, as TypeScript takes it. What is wrong in it esbuild tells. */
function parseLoosely(text: string): unknown {
  const plain = text
    .replace(/^\ufeff/, '')
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, quoted?: string) => quoted ?? '')
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? '');
  try {
    return JSON.parse(plain);
  } catch {
    return undefined;
  }
}

// tsconfig.json files: which ones an `extends` chain includes, and where `paths` resolves a name.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageOfSpecifier, resolvePackage } from './installed.ts';

interface Configuration {
  /** Absolute. Missing files are listed too, because creating one would change the build. */
  readonly path: string;
  readonly extends: readonly string[];
  readonly baseUrl: string | undefined;
  readonly paths: readonly (readonly [name: string, targets: readonly string[]])[];
  readonly emitDecoratorMetadata: boolean | undefined;
  readonly customConditions: readonly string[] | undefined;
}

/** Reads each file once, however many modules and functions of a pass depend on it. */
export class Configurations {
  readonly #read = new Map<string, Configuration>();
  readonly #at = new Map<string, readonly Configuration[]>();
  readonly #nearest = new Map<string, readonly Configuration[]>();

  /** A folder's tsconfig.json and all that it extends. */
  at(folder: string): readonly Configuration[] {
    const known = this.#at.get(folder);
    if (known !== undefined) return known;
    const chain = new Map<string, Configuration>();
    const add = (path: string) => {
      if (chain.has(path)) return;
      const configuration = this.#read.get(path) ?? read(path);
      this.#read.set(path, configuration);
      chain.set(path, configuration);
      for (const name of configuration.extends) for (const place of extendedPlaces(name, dirname(path))) add(place);
    };
    add(join(folder, 'tsconfig.json'));
    const all = [...chain.values()];
    this.#at.set(folder, all);
    return all;
  }

  /** Where `paths` and `baseUrl` of the nearest tsconfig.json may resolve a name; at least the places that TypeScript tries. */
  places(name: string, from: string): readonly string[] {
    const nearest = this.#above(from);
    const leads = nearest.some(({ paths, baseUrl }) => paths.length > 0 || baseUrl !== undefined);
    return leads ? placesIn(name, nearest) : [];
  }

  /** The conditions under which packages of a workspace export their sources. */
  customConditions(folder: string): readonly string[] {
    return this.#above(folder).find(({ customConditions }) => customConditions !== undefined)?.customConditions ?? [];
  }

  /** The tsconfig.json that applies to a folder, and the file of its chain that asks for decorator metadata, if one does. */
  decoratorMetadata(folder: string): { readonly nearest: string; readonly setBy: string } | undefined {
    const chain = this.#above(folder);
    const setBy = chain.find(({ emitDecoratorMetadata }) => emitDecoratorMetadata !== undefined);
    const [nearest] = chain;
    if (nearest === undefined || setBy?.emitDecoratorMetadata !== true) return undefined;
    return { nearest: nearest.path, setBy: setBy.path };
  }

  #above(folder: string): readonly Configuration[] {
    const known = this.#nearest.get(folder);
    if (known !== undefined) return known;
    const here = this.at(folder);
    const nearest = here.some(isThere) ? here : dirname(folder) === folder ? [] : this.#above(dirname(folder));
    this.#nearest.set(folder, nearest);
    return nearest;
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

/** A file beside it or in a package, with or without `.json`. */
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
  if (stat === undefined || !stat.isFile())
    return {
      path,
      extends: [],
      baseUrl: undefined,
      paths: [],
      emitDecoratorMetadata: undefined,
      customConditions: undefined,
    };
  return parse(path, readFileSync(path, 'utf8'));
}

function parse(path: string, text: string): Configuration {
  const { extends: extended, compilerOptions } = asObject(parseLoosely(text));
  const { baseUrl, paths, emitDecoratorMetadata, customConditions } = asObject(compilerOptions);
  return {
    path,
    extends: strings(Array.isArray(extended) ? extended : [extended]),
    baseUrl: typeof baseUrl === 'string' ? baseUrl : undefined,
    paths: Object.entries(asObject(paths)).map(([name, targets]) => [name, strings(targets)] as const),
    customConditions: Array.isArray(customConditions) ? strings(customConditions) : undefined,
    emitDecoratorMetadata: typeof emitDecoratorMetadata === 'boolean' ? emitDecoratorMetadata : undefined,
  };
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** JSON with comments and trailing commas, as TypeScript accepts it. esbuild reports errors in it. */
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

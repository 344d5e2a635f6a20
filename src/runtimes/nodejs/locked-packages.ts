// What the lock files of pnpm, Yarn and Bun say: the packages, and which version each of them gets of what it needs.
import { parse as parseYaml } from 'yaml';

export interface LockedPackage {
  /** Differs from the name in imports if it is an alias. */
  readonly name: string;
  readonly version: string;
  /** Yarn 2 and later have only checksums of their own archives. */
  readonly integrity: string | undefined;
  readonly os?: readonly string[] | undefined;
  readonly cpu?: readonly string[] | undefined;
  readonly libc?: readonly string[] | undefined;
  /** Ids of packages, by the name in imports. */
  readonly needs: Readonly<Record<string, string>>;
  readonly optional: Readonly<Record<string, string>>;
}

export interface LockedPackages {
  readonly roots: Readonly<Record<string, string>>;
  readonly packages: ReadonlyMap<string, LockedPackage>;
}

type Ranges = Readonly<Record<string, string>>;

/** `wanted` are the dependencies of package.json, for lock files that do not repeat them. */
export function readLockedPackages(lockFile: string, text: string, wanted: Ranges): LockedPackages {
  if (lockFile === 'pnpm-lock.yaml') return readPnpm(parseYaml(text) as PnpmLock);
  if (lockFile === 'bun.lock') return readBun(JSON.parse(text.replace(/,(\s*[}\]])/g, '$1')) as BunLock, wanted);
  return /^__metadata:/m.test(text)
    ? readDescriptors(yarnEntries(parseYaml(text) as YarnLock), wanted)
    : readDescriptors(yarn1Entries(text), wanted);
}

interface PnpmEntry {
  readonly resolution?: { readonly integrity?: string };
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Ranges;
  readonly optionalDependencies?: Ranges;
}
type PnpmImports = Readonly<Record<string, string | { readonly version: string }>>;
interface PnpmImporter {
  readonly dependencies?: PnpmImports;
  readonly optionalDependencies?: PnpmImports;
}
interface PnpmLock extends PnpmImporter {
  readonly importers?: Readonly<Record<string, PnpmImporter>>;
  readonly packages?: Readonly<Record<string, PnpmEntry>>;
  /** Since version 9: the needs of each package, for each set of peers. */
  readonly snapshots?: Readonly<Record<string, PnpmEntry>>;
}

function readPnpm({ importers, packages = {}, snapshots, ...old }: PnpmLock): LockedPackages {
  const plain = (key: string) => key.replace(/^\//, '');
  const facts = new Map(Object.entries(packages).map(([key, entry]) => [plain(key), entry]));
  const entries = new Map(Object.entries(snapshots ?? packages).map(([key, entry]) => [plain(key), entry]));
  // an alias has the id of another package as its version
  const idOf = (name: string, version: string) =>
    entries.has(`${name}@${version}`) ? `${name}@${version}` : plain(version);
  const ids = (all: Ranges = {}) =>
    Object.fromEntries(Object.entries(all).map(([name, version]) => [name, idOf(name, version)]));
  const read = new Map(
    [...entries].map(([id, entry]): [string, LockedPackage] => {
      const own = id.replace(/\(.*$/, '');
      const at = own.lastIndexOf('@');
      const { resolution, os, cpu, libc } = { ...facts.get(own), ...facts.get(id) };
      const integrity = resolution?.integrity;
      const needs = ids(entry.dependencies);
      const optional = ids(entry.optionalDependencies);
      return [id, { name: own.slice(0, at), version: own.slice(at + 1), integrity, os, cpu, libc, needs, optional }];
    }),
  );
  const { dependencies, optionalDependencies } = importers?.['.'] ?? old;
  const roots = Object.entries({ ...dependencies, ...optionalDependencies }).map(([name, one]): [string, string] => [
    name,
    idOf(name, typeof one === 'string' ? one : one.version),
  ]);
  return { roots: Object.fromEntries(roots), packages: read };
}

type BunEntry = readonly [id: string, registry: string, facts: BunFacts, integrity?: string];
interface BunFacts extends PnpmEntry {
  readonly os?: never;
}
interface BunLock {
  readonly packages?: Readonly<Record<string, BunEntry>>;
}

/** Keys are paths of names: the nearest one is what a package gets. */
function readBun({ packages = {} }: BunLock, wanted: Ranges): LockedPackages {
  const find = (key: string, name: string): string => {
    for (let at = key; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/'))))
      if (packages[`${at}/${name}`] !== undefined) return `${at}/${name}`;
    return name;
  };
  const ids = (key: string, all: Ranges = {}) =>
    Object.fromEntries(Object.keys(all).map((name) => [name, find(key, name)]));
  const read = Object.entries(packages).map(([key, [id, , facts, integrity]]): [string, LockedPackage] => {
    const at = id.lastIndexOf('@');
    const listed = (value: unknown) =>
      value === undefined || value === 'none' ? undefined : [value].flat().map(String);
    const { os, cpu, dependencies, optionalDependencies } = facts;
    return [
      key,
      {
        name: id.slice(0, at),
        version: id.slice(at + 1),
        integrity,
        os: listed(os),
        cpu: listed(cpu),
        needs: ids(key, dependencies),
        optional: ids(key, optionalDependencies),
      },
    ];
  });
  return { roots: ids('', wanted), packages: new Map(read) };
}

interface Described {
  /** `name@range`, as others ask for it. */
  readonly descriptors: readonly string[];
  readonly version: string;
  readonly integrity: string | undefined;
  readonly os?: readonly string[] | undefined;
  readonly cpu?: readonly string[] | undefined;
  readonly libc?: readonly string[] | undefined;
  readonly dependencies: Ranges;
  readonly optionalDependencies: Ranges;
}

/** Both kinds of yarn.lock. */
function readDescriptors(all: readonly Described[], wanted: Ranges): LockedPackages {
  const byDescriptor = new Map(all.flatMap((one) => one.descriptors.map((descriptor) => [descriptor, one] as const)));
  const idOf = (name: string, range: string) => {
    const one = byDescriptor.get(`${name}@${range}`) ?? byDescriptor.get(`${name}@npm:${range}`);
    return one?.descriptors[0] ?? `${name}@${range}`;
  };
  const ids = (ranges: Ranges) =>
    Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, idOf(name, range)]));
  const packages = all.map(({ descriptors, dependencies, optionalDependencies, ...facts }): [string, LockedPackage] => {
    const [id = ''] = descriptors;
    const name = /@npm:((?:@[^/]+\/)?[^@]+)@/.exec(id)?.[1] ?? id.slice(0, id.indexOf('@', 1));
    return [id, { ...facts, name, needs: ids(dependencies), optional: ids(optionalDependencies) }];
  });
  return { roots: ids(wanted), packages: new Map(packages) };
}

interface YarnEntry {
  readonly version: string | number;
  readonly dependencies?: Ranges;
  readonly dependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly conditions?: string;
}
type YarnLock = Readonly<Record<string, YarnEntry>>;

function yarnEntries(lock: YarnLock): readonly Described[] {
  return Object.entries(lock)
    .filter(([key]) => key !== '__metadata' && !key.includes('@workspace:'))
    .map(([key, { version, dependencies = {}, dependenciesMeta = {}, conditions = '' }]) => {
      const isOptional = (name: string) => dependenciesMeta[name]?.optional === true;
      const all = Object.entries(dependencies);
      const condition = (name: string) => {
        const value = new RegExp(`${name}=([\\w-]+)`).exec(conditions)?.[1];
        return value === undefined ? undefined : [value];
      };
      return {
        descriptors: key.split(/,\s*/),
        version: String(version),
        integrity: undefined,
        os: condition('os'),
        cpu: condition('cpu'),
        libc: condition('libc'),
        dependencies: Object.fromEntries(all.filter(([name]) => !isOptional(name))),
        optionalDependencies: Object.fromEntries(all.filter(([name]) => isOptional(name))),
      };
    });
}

/** Yarn 1: https://classic.yarnpkg.com/lang/en/docs/yarn-lock/ */
function yarn1Entries(text: string): readonly Described[] {
  const blocks = text.split(/\n(?=\S)/).filter((block) => /^[^#\s].*:\n/.test(block));
  return blocks.map((block) => {
    const [header = ''] = block.split('\n');
    const section = (name: string) => {
      const lines = new RegExp(`\\n  ${name}:\\n((?:    .*(?:\\n|$))+)`).exec(block)?.[1] ?? '';
      return Object.fromEntries(
        [...lines.matchAll(/^ {4}"?([^"\s]+)"? "?([^"\n]+)"?$/gm)].map(([, key = '', range = '']) => [key, range]),
      );
    };
    return {
      descriptors: header
        .replace(/:$/, '')
        .split(/,\s*/)
        .map((one) => one.replaceAll('"', '')),
      version: /\n {2}version "([^"]+)"/.exec(block)?.[1] ?? '',
      integrity: /\n {2}integrity (\S+)/.exec(block)?.[1],
      dependencies: section('dependencies'),
      optionalDependencies: section('optionalDependencies'),
    };
  });
}

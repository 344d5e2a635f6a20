// Reads lock files: follows what the function's project needs, with the markers of Lambda, to one version of each package.
import { relative } from 'node:path';
import { byVersion, holds, type MarkerEnvironment, normalized } from './markers.ts';
import type { Entry } from './requirement.ts';

/** What is read of a lock file. */
export interface Lock {
  readonly packages: readonly LockedPackage[];
  readonly roots: readonly Need[];
  /** Addresses of indexes other than the default. */
  readonly indexes?: readonly string[];
}

/** One package of a lock file: a name may have several, for different markers. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Of the package itself. Undefined means always. */
  readonly marker: string | undefined;
  readonly needs: readonly Need[];
  /** Needed only with an extra. */
  readonly extras: Readonly<Record<string, readonly Need[]>>;
  /** A local project or archive, absolute. */
  readonly local: string | undefined;
  /** An address instead of an index: of an archive, or of a repository (`git+…@commit`). */
  readonly url: string | undefined;
  /** `sha256:…` */
  readonly hashes: readonly string[];
}

export interface Need {
  readonly name: string;
  readonly extras: readonly string[];
  readonly marker: string | undefined;
  /** If the lock file says it: needed where a name has several versions. */
  readonly version?: string | undefined;
}

/** What must be installed, in the order of names. `roots` is what the project itself asks for. */
export function follow(
  packages: readonly LockedPackage[],
  roots: readonly Need[],
  environment: MarkerEnvironment,
): readonly LockedPackage[] {
  const found = new Map<LockedPackage, Set<string>>();
  const queue = roots.map((need) => ({ need, extras: [] as readonly string[] }));
  for (const { need, extras } of queue) {
    if (!holds(need.marker, environment, extras)) continue;
    const locked = choose(packages, need, environment);
    if (locked === undefined) continue;
    const known = found.get(locked);
    const fresh = need.extras.filter((extra) => !known?.has(extra));
    found.set(locked, new Set([...(known ?? []), ...fresh]));
    const wanted = fresh.flatMap((extra) => locked.extras[extra] ?? []);
    const next = known === undefined ? [...locked.needs, ...wanted] : wanted;
    queue.push(...next.map((inner) => ({ need: inner, extras: need.extras })));
  }
  return [...found.keys()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function choose(
  packages: readonly LockedPackage[],
  { name, version }: Need,
  environment: MarkerEnvironment,
): LockedPackage | undefined {
  const same = packages.filter((one) => one.name === normalized(name) && holds(one.marker, environment));
  const exact = version === undefined ? [] : same.filter((one) => one.version === version);
  return (exact.length > 0 ? exact : [...same]).sort((a, b) => byVersion(b.version, a.version))[0];
}

/** As a line that the installers read; local paths are relative to the folder in which they run. */
export function entryOf({ name, version, local, url, hashes }: LockedPackage, folder: string): Entry {
  const checks = [...new Set(hashes)].map((hash) => ` --hash=${hash}`).join('');
  if (local !== undefined) {
    const path = relative(folder, local).replaceAll('\\', '/');
    return { text: path.startsWith('.') ? path : `./${path}`, at: undefined, name, local };
  }
  return { text: `${url === undefined ? `${name}==${version}` : `${name} @ ${url}`}${checks}`, at: undefined, name };
}

/** Indexes other than the public one, which the installers ask by default, or what the user has set in its place. */
export function indexLines(urls: readonly string[]): readonly Entry[] {
  const others = [...new Set(urls)].filter((url) => !/^https:\/\/pypi\.[a-z]{3}\/simple\/?$/.test(url));
  return others.map((url) => ({ text: `--extra-index-url ${url}`, at: undefined, name: undefined }));
}

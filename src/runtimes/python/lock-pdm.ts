// Reads pdm.lock and Pipfile.lock, which list every package with its marker.
import { resolve } from 'node:path';
import type { TomlTable } from 'smol-toml';
import { listOf, pathOfUrl, tableOf, textOf } from './local.ts';
import type { Lock, LockedPackage, Need } from './locks.ts';
import { type MarkerEnvironment, normalized, satisfies } from './markers.ts';
import { parseRequirement } from './requirement.ts';

const needOf = (text: string): readonly Need[] => {
  const requirement = parseRequirement(text);
  return requirement === undefined
    ? []
    : [{ name: requirement.name, extras: requirement.extras, marker: requirement.marker }];
};

/** https://pdm-project.org/latest/usage/lockfile/ */
export function readPdmLock(lock: TomlTable, project: TomlTable, folder: string, environment: MarkerEnvironment): Lock {
  const tables = listOf(lock['package'])
    .map(tableOf)
    .filter((one) => satisfies(environment['python_full_version'] ?? '', textOf(one['requires_python']) ?? ''));
  // a package is there once more for each set of extras
  const packages = tables.map((one): LockedPackage => {
    const git = textOf(one['git']);
    const path = textOf(one['path']);
    const at = textOf(one['revision']) ?? textOf(one['ref']) ?? 'HEAD';
    const inner = textOf(one['subdirectory']);
    const url = git === undefined ? textOf(one['url']) : `git+${git}@${at}${inner ? `#subdirectory=${inner}` : ''}`;
    const files = listOf(one['files']).map(tableOf);
    return {
      name: normalized(textOf(one['name']) ?? ''),
      version: textOf(one['version']) ?? '',
      marker: textOf(one['marker']),
      needs: listOf(one['dependencies']).flatMap((text) => needOf(textOf(text) ?? '')),
      extras: {},
      local: path !== undefined ? resolve(folder, path) : url?.startsWith('file:') ? pathOfUrl(url, folder) : undefined,
      url: url?.startsWith('file:') ? undefined : url,
      hashes: git === undefined && path === undefined ? files.flatMap((file) => textOf(file['hash']) ?? []) : [],
    };
  });
  const groups = tables.filter((one) => listOf(one['groups']).includes('default'));
  const inherited = groups.map((one) => ({
    name: textOf(one['name']) ?? '',
    extras: [],
    marker: textOf(one['marker']),
  }));
  const written = listOf(tableOf(project['project'])['dependencies']).flatMap((text) => needOf(textOf(text) ?? ''));
  return { packages: merged(packages), roots: [...inherited, ...written] };
}

/** One for each name and version, with the needs of all its entries. */
function merged(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  const found = new Map<string, LockedPackage>();
  for (const one of packages) {
    const key = `${one.name} ${one.version}`;
    const known = found.get(key);
    found.set(key, known === undefined ? one : { ...known, needs: [...known.needs, ...one.needs] });
  }
  return [...found.values()];
}

interface PipfilePackage {
  readonly version?: string;
  readonly hashes?: readonly string[];
  readonly markers?: string;
  readonly path?: string;
  readonly file?: string;
  readonly git?: string;
  readonly ref?: string;
  readonly subdirectory?: string;
}

interface PipfileLock {
  readonly _meta?: { readonly sources?: readonly { readonly url?: string }[] };
  readonly default?: Readonly<Record<string, PipfilePackage>>;
}

/** https://pipenv.pypa.io/en/latest/pipfile.html; sources keep `${VARIABLE}`, which the installers expand. */
export function readPipfileLock(text: string, folder: string): Lock {
  const lock = JSON.parse(text) as PipfileLock;
  const packages = Object.entries(lock.default ?? {}).map(([name, one]): LockedPackage => {
    const isUrl = one.file !== undefined && /^(?!file:)[a-z]+:\/\//.test(one.file);
    const inner = one.subdirectory === undefined ? '' : `#subdirectory=${one.subdirectory}`;
    const git = one.git === undefined ? undefined : `git+${one.git.replace(/^git\+/, '')}@${one.ref ?? 'HEAD'}${inner}`;
    const place = one.path ?? (isUrl ? undefined : one.file);
    return {
      name: normalized(name),
      version: one.version?.replace(/^==/, '') ?? '',
      marker: one.markers,
      needs: [],
      extras: {},
      local:
        place === undefined ? undefined : pathOfUrl(place.startsWith('file:') ? place : resolve(folder, place), folder),
      url: git ?? (isUrl ? one.file : undefined),
      hashes: git === undefined && place === undefined ? (one.hashes ?? []) : [],
    };
  });
  const roots = packages.map(({ name, marker }) => ({ name, extras: [], marker }));
  return { packages, roots, indexes: (lock._meta?.sources ?? []).flatMap(({ url }) => url ?? []) };
}

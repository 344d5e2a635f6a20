// The packages of a lock file of pnpm, Yarn or Bun, as npm's lock file has them: laid out in node_modules, so that `npm ci` installs
// the same versions.
import { FxError } from '../../base/error.ts';
import { type LockedPackage, type LockedPackages, readLockedPackages } from './locked-packages.ts';

/** Text of a package-lock.json. `manifest` is the text of package.json. Throws BUILD_FAILED for a package that is not in it. */
export function npmLockOf(lockFile: string, text: string, manifest: string): string {
  const root = JSON.parse(manifest) as Root;
  const locked = readLockedPackages(lockFile, text, { ...root.dependencies, ...root.optionalDependencies });
  const { name, version, dependencies, optionalDependencies } = root;
  const required = requiredIn(locked, Object.keys(dependencies ?? {}));
  const entries = [...layOut(locked)].map(
    ([path, one]) => [path, entryOf(path, one, { ...locked, required })] as const,
  );
  const packages = { '': { name, version, dependencies, optionalDependencies }, ...Object.fromEntries(entries) };
  return JSON.stringify({ name, version, lockfileVersion: 3, requires: true, packages }, null, 2);
}

interface Root {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** By its path, each package: at the top unless another version is there, else inside the one that needs it. */
function layOut({ roots, packages }: LockedPackages): ReadonlyMap<string, LockedPackage> {
  const ids = new Map(Object.entries(roots).map(([name, id]) => [`node_modules/${name}`, id]));
  const placed = new Map<string, LockedPackage>();
  // iterates over a map that grows
  for (const [path, id] of ids) {
    const one = packages.get(id);
    if (one === undefined) throw new FxError('BUILD_FAILED', `the lock file has no ${id}`);
    placed.set(path, one);
    for (const [name, wanted] of Object.entries({ ...one.needs, ...one.optional })) {
      // an optional package of another platform may be missing
      if (!packages.has(wanted) && one.optional[name] !== undefined) continue;
      const visible = foldersAbove(path).find((folder) => ids.has(`${folder}node_modules/${name}`));
      if (visible !== undefined && ids.get(`${visible}node_modules/${name}`) === wanted) continue;
      ids.set(`${visible === undefined ? '' : `${path}/`}node_modules/${name}`, wanted);
    }
  }
  return placed;
}

/** Where Node.js looks from a package: in its own node_modules, and in those above. */
function foldersAbove(path: string): readonly string[] {
  const folders = [`${path}/`];
  for (let at = path.lastIndexOf('node_modules/'); at > 0; at = path.lastIndexOf('node_modules/', at - 1))
    folders.push(path.slice(0, at));
  return [...folders, ''];
}

/** What is not optional: npm leaves out optional packages of other platforms, and fails for others. */
function requiredIn({ roots, packages }: LockedPackages, names: readonly string[]): ReadonlySet<LockedPackage> {
  const required = new Set<LockedPackage>();
  const add = (id: string | undefined) => {
    const one = packages.get(id ?? '');
    if (one !== undefined) required.add(one);
  };
  for (const name of names) add(roots[name]);
  // the set grows
  for (const { needs } of required) for (const id of Object.values(needs)) add(id);
  return required;
}

interface Known extends Pick<LockedPackages, 'packages'> {
  readonly required: ReadonlySet<LockedPackage>;
}

function entryOf(path: string, one: LockedPackage, { packages, required }: Known): object {
  const versions = (needs: LockedPackage['needs']) =>
    Object.fromEntries(
      Object.entries(needs).flatMap(([name, id]) => {
        const needed = packages.get(id);
        if (needed === undefined) return [];
        const isAlias = needed.name !== name;
        return [[name, isAlias ? `npm:${needed.name}@${needed.version}` : needed.version]];
      }),
    );
  const { name, version, integrity, os, cpu, libc, needs, optional } = one;
  return {
    ...(path.endsWith(`node_modules/${name}`) ? {} : { name }),
    version,
    integrity,
    optional: required.has(one) ? undefined : true,
    os,
    cpu,
    libc,
    dependencies: versions(needs),
    optionalDependencies: versions(optional),
  };
}

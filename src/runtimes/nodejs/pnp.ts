// Yarn Plug'n'Play: finds packages through the API of .pnp.cjs, and unpacks those that are in a zip, so that the rest of fx
// reads every package from a folder. https://yarnpkg.com/advanced/pnpapi
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { unzipSync } from 'fflate';

interface Api {
  resolveToUnqualified(request: string, issuer: string, options: { considerBuiltins: boolean }): string | null;
  resolveVirtual?(path: string): string | null;
}

interface Plug {
  readonly api: Api;
  /** Where packages are unpacked. */
  readonly cache: string;
}

const plugs = new Map<string, { readonly changed: number; readonly plug: Plug }>();
/** The location that .pnp.cjs gives to an unpacked folder. */
const locations = new Map<string, string>();
const insideZip = /^(.*\.zip)[\\/](.*)$/;

/** The Plug'n'Play of a folder, if it has one. Must be called for a project before its packages are read. */
export function plugAt(start: string): Plug | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, '.pnp.cjs');
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() === true) {
      const known = plugs.get(file);
      if (known?.changed === stat.mtimeMs) return known.plug;
      const require = createRequire(file);
      delete require.cache[file];
      const plug = { api: require(file) as Api, cache: join(folder, '.fx', 'cache', 'packages') };
      plugs.set(file, { changed: stat.mtimeMs, plug });
      return plug;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** `undefined`: no Plug'n'Play here. `null`: it does not give this package to the importing module. */
export function pluggedPackage(name: string, from: string): string | null | undefined {
  const issuer = locations.get(from) ?? from;
  const plug = plugAt(nearestFolder(issuer)) ?? [...plugs.values()].find(() => insideZip.test(issuer))?.plug;
  if (plug === undefined) return undefined;
  try {
    const location = plug.api.resolveToUnqualified(name, issuer + sep, { considerBuiltins: false });
    return location === null ? null : folderAt(location, plug);
  } catch {
    // the API throws if the package is not a dependency
    return null;
  }
}

/** A path inside a zip is no folder; its zip's folder may be outside the project. */
function nearestFolder(path: string): string {
  const zip = insideZip.exec(path)?.[1];
  return zip === undefined ? path : dirname(zip);
}

/** The folder of a package whose path may lead into a zip, or be virtual; null if it is not fetched. */
export function unpackedFolder(path: string): string | undefined {
  const plug = [...plugs.values()].at(-1)?.plug;
  return plug === undefined || !insideZip.test(path) ? undefined : (folderAt(path, plug) ?? undefined);
}

function folderAt(location: string, { api, cache }: Plug): string | null {
  const real = api.resolveVirtual?.(location) ?? location;
  const plain = real.endsWith(sep) ? real.slice(0, -1) : real;
  const [, zip, inner] = insideZip.exec(plain) ?? [];
  if (zip === undefined || inner === undefined) {
    locations.set(plain, location);
    return existsSync(plain) ? plain : null;
  }
  if (!existsSync(zip)) return null;
  const target = join(cache, basename(zip, '.zip'));
  if (!existsSync(target)) unpack(zip, target);
  const folder = join(target, inner);
  locations.set(folder, location);
  return folder;
}

/** Under a temporary name first: another build may unpack the same package. */
function unpack(zip: string, target: string): void {
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    const file = resolve(unfinished, name);
    if (name.endsWith('/') || !file.startsWith(unfinished + sep)) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  try {
    renameSync(unfinished, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
}

// Installed packages: where Node would find one, and its dependencies.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Architecture } from '../settings.ts';
import { isWanted, namesPlatform, namesWanted } from './platform.ts';
import { pluggedPackage, unpackedFolder } from './pnp.ts';

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly gypfile?: boolean;
  readonly binary?: unknown;
  readonly napi?: unknown;
  readonly packageManager?: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Installed {
  /** The real path: fx packs link targets, never links. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The name in an import; generated code such as `.prisma/client` has two parts, like a scope and a name. */
export function packageOfSpecifier(specifier: string): string {
  const parts = specifier.split('/');
  return /^(?:@|\.[^./])/.test(specifier) ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

const read = new Map<string, { readonly changed: number; readonly installed: Installed }>();

export function readPackage(path: string): Installed | undefined {
  const folder = unpackedFolder(path) ?? path;
  const file = join(folder, 'package.json');
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const real = realpathSync(folder);
  const known = read.get(real);
  if (known?.changed === stat.ctimeMs) return known.installed;
  const installed = { folder: real, manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest };
  read.set(real, { changed: stat.ctimeMs, installed });
  return installed;
}

/** As Node resolves it: in each node_modules from the importing module's real folder upward, or by Plug'n'Play. */
export function resolvePackage(name: string, from: string): Installed | undefined {
  if (name === '') return undefined;
  const plugged = pluggedPackage(name, from);
  if (plugged !== undefined) return plugged === null ? undefined : readPackage(plugged);
  for (let folder = existsSync(from) ? realpathSync(from) : from; ; folder = dirname(folder)) {
    if (basename(folder) !== 'node_modules') {
      const installed = readPackage(join(folder, 'node_modules', name));
      if (installed !== undefined) return installed;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** The names of the packages in a node_modules. */
export function packagesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

/** Packages whose generated code is beside them, where no manifest names it. */
const generatedFor: Readonly<Record<string, string>> = { '@prisma/client': '.prisma/client' };

export interface Needs {
  readonly packages: readonly { readonly name: string; readonly installed: Installed }[];
  readonly missing: readonly string[];
  /** Whether the missing package is code for the function's platform. */
  readonly isPlatform: boolean;
}

/** `isUnused` tells optional peers that the project has for development only, such as typescript. */
export function needsOf(
  { folder, manifest }: Installed,
  architecture: Architecture,
  isUnused: (name: string) => boolean = () => false,
): Needs {
  const optional = manifest.optionalDependencies ?? {};
  const packages: { name: string; installed: Installed }[] = [];
  const missing: string[] = [];
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (name in optional) continue;
    const installed = resolvePackage(name, folder);
    if (installed === undefined) missing.push(name);
    else packages.push({ name, installed });
  }
  const platform: string[] = [];
  for (const name of Object.keys(optional)) {
    const installed = resolvePackage(name, folder);
    if (installed !== undefined && isWanted(name, installed.manifest, architecture)) packages.push({ name, installed });
    else if (installed === undefined && namesPlatform(name) && namesWanted(name, architecture)) platform.push(name);
  }
  // some packages name their optional peers in peerDependenciesMeta only
  for (const name of Object.keys({ ...manifest.peerDependencies, ...manifest.peerDependenciesMeta })) {
    // optional dependencies may be missing
    if (manifest.peerDependenciesMeta?.[name]?.optional === true && isUnused(name)) continue;
    const installed = resolvePackage(name, folder);
    if (installed !== undefined) packages.push({ name, installed });
  }
  const generated = resolvePackage(generatedFor[manifest.name ?? ''] ?? '', folder);
  if (generated !== undefined) packages.push({ name: generatedFor[manifest.name ?? ''] ?? '', installed: generated });
  return missing.length > 0
    ? { packages, missing, isPlatform: false }
    : { packages, missing: platform, isPlatform: platform.length > 0 };
}

/** Whether a package can do without another one. */
export const isOptionalNeed = (name: string, { peerDependenciesMeta, optionalDependencies }: Manifest): boolean =>
  peerDependenciesMeta?.[name]?.optional === true || optionalDependencies?.[name] !== undefined;

/** Whether the project has a package for development only: in devDependencies, or types. */
export function developmentOnly(projectFolder: string): (name: string) => boolean {
  const { dependencies = {}, devDependencies = {} } = readPackage(projectFolder)?.manifest ?? {};
  return (name) => name.startsWith('@types/') || (name in devDependencies && !(name in dependencies));
}

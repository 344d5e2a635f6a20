// Installed packages: where Node would find one, its dependencies, and the files that a function can use.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type FileRules, findFiles } from './files.ts';
import { isForOther, isWanted, namesPlatform, namesWanted } from './nodejs-platform.ts';
import type { Architecture } from './settings.ts';

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
}

export interface Installed {
  /** The real path: fx packs link targets, never links. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export function packageOfSpecifier(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

const read = new Map<string, { readonly changed: number; readonly installed: Installed }>();

export function readPackage(folder: string): Installed | undefined {
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

/** As Node resolves it: in each node_modules from the importing module's real folder upward. */
export function resolvePackage(name: string, from: string): Installed | undefined {
  for (let folder = existsSync(from) ? realpathSync(from) : from; ; folder = dirname(folder)) {
    if (basename(folder) !== 'node_modules') {
      const installed = readPackage(join(folder, 'node_modules', name));
      if (installed !== undefined) return installed;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

export interface Needs {
  readonly packages: readonly { readonly name: string; readonly installed: Installed }[];
  readonly missing: readonly string[];
  /** Whether the missing package is code for the function's platform. */
  readonly isPlatform: boolean;
}

export function needsOf({ folder, manifest }: Installed, architecture: Architecture): Needs {
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
  for (const name of Object.keys(manifest.peerDependencies ?? {})) {
    // optional dependencies may be missing
    const installed = resolvePackage(name, folder);
    if (installed !== undefined) packages.push({ name, installed });
  }
  return missing.length > 0
    ? { packages, missing, isPlatform: false }
    : { packages, missing: platform, isPlatform: platform.length > 0 };
}

/** Declarations, and code for other systems, are useless at run time. */
const leftOut = /\.d\.[cm]?ts(\.map)?$|\.tsbuildinfo$/;

export interface PackageFiles {
  readonly files: readonly { readonly path: string; readonly file: string }[];
  /** Native code for other platforms, left out. */
  readonly foreign: readonly string[];
}

export function packageFilesOf(folder: string, architecture: Architecture): PackageFiles {
  const all = listPackage(folder).filter(({ path }) => !leftOut.test(path));
  const foreign = all.filter(({ path }) => isForOther(path, architecture)).map(({ path }) => path);
  return { files: all.filter(({ path }) => !foreign.includes(path)), foreign };
}

/** A workspace package is the user's folder and may contain anything. */
export function ownRules(folder: string): FileRules | undefined {
  if (folder.includes('node_modules')) return undefined;
  return { include: undefined, exclude: [], outsideLinks: false, top: folder };
}

function listPackage(folder: string): readonly { readonly path: string; readonly file: string }[] {
  const rules = ownRules(folder);
  if (rules !== undefined) return findFiles(folder, rules).files;
  const files: { path: string; file: string }[] = [];
  const visit = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      const file = join(folder, inner);
      // dependencies are packed separately, and bundled dependencies are found through the package's node_modules
      if (entry.name === 'node_modules' || entry.name === '.git') continue;
      if (entry.isDirectory()) visit(inner);
      else if (statSync(file, { throwIfNoEntry: false })?.isFile()) files.push({ path: inner, file });
    }
  };
  visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

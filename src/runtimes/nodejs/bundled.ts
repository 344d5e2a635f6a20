// The packages that a pass of esbuild bundled, and their modules.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Message, Metafile } from 'esbuild';
import { type Installed, readPackage } from './installed.ts';

/** Paths as in the metafile. */
export interface ModulesOfEntry {
  /** All that are reached. */
  readonly reached: readonly string[];
  /** Those of which something is left after tree shaking. */
  readonly surviving: ReadonlySet<string>;
}

/** One run of esbuild, as one entry point sees it. */
export interface Pass extends ModulesOfEntry {
  readonly metafile: Metafile;
  readonly warnings: readonly Message[];
}

/** A package that a pass bundled. */
export interface Bundled {
  readonly name: string;
  readonly installed: Installed;
  /** Its modules, as in the metafile. */
  readonly paths: ReadonlySet<string>;
  /** The same, absolute. */
  readonly modules: readonly string[];
  /** Those of which something is left after tree shaking. */
  readonly surviving: readonly string[];
}

const packagePath = /^(.*node_modules\/((?:@[^/]+\/|\.[^/]+\/)?[^/]+))\//;

/** The folder and the name of the installed package that a path belongs to. */
export function packageAt(path: string): { readonly folder: string; readonly name: string } | undefined {
  const [, folder, name] = packagePath.exec(path) ?? [];
  return folder === undefined || name === undefined ? undefined : { folder, name };
}

/** Where a module can be read, which differs from esbuild's path if the package is in a zip. */
export function installedFile({ folder }: Installed, path: string): string {
  return join(folder, path.slice(packageAt(path)?.folder.length));
}

export function packagesOf({ reached, surviving }: Pass, folder: string): readonly Bundled[] {
  const packages = new Map<string, Bundled & { paths: Set<string>; modules: string[]; surviving: string[] }>();
  for (const path of reached) {
    const at = packageAt(path);
    if (at === undefined) continue;
    const known = packages.get(at.folder);
    const installed = known?.installed ?? readPackage(resolve(folder, at.folder));
    if (installed === undefined) continue;
    const bundled = known ?? { name: at.name, installed, paths: new Set(), modules: [], surviving: [] };
    packages.set(at.folder, bundled);
    const file = installedFile(installed, path);
    bundled.paths.add(path);
    bundled.modules.push(file);
    if (surviving.has(path)) bundled.surviving.push(file);
  }
  return [...packages.values()];
}

const texts = new Map<string, string>();

/** Read once per process: packages do not change while fx runs. */
export function textOf(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  texts.set(file, text);
  return text;
}

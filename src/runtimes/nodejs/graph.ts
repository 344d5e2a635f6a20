// The inputs of a bundle, from esbuild's metafile: the modules an entry point reaches, and files that could redirect its imports.
import { statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { slashed } from '../parts.ts';
import type { Input } from '../runtime.ts';
import type { Configurations } from './tsconfig.ts';

const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  '.pnp.cjs',
] as const;

/** Every module read for an entry point, even if tree shaking removed all of it. */
export function reachable(metafile: Metafile, entry: string): readonly string[] {
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const { path: next, external } of metafile.inputs[path]?.imports ?? []) {
      if (external !== true && next in metafile.inputs) seen.add(next);
    }
  }
  return [...seen].sort();
}

export interface Graph {
  readonly metafile: Metafile;
  readonly configurations: Configurations;
  /** The folder to which metafile paths are relative. */
  readonly project: string;
}

/** `files` are absolute. */
export function graphInputs(files: readonly string[], { metafile, configurations, project }: Graph): readonly Input[] {
  const inputs = new Map<string, Input>();
  const file = (path: string) => inputs.set(path, { kind: 'file', path });
  const folders = new Set<string>();
  for (const path of files) {
    if (path.includes('\0') || (!path.startsWith('/') && !/^[A-Za-z]:/.test(path))) continue;
    // a module in a zip of Yarn's cache: the zip's name has its hash
    const zip = /^(.*\.zip)[\\/]/.exec(path)?.[1];
    file(zip ?? path);
    if (zip !== undefined) continue;
    folders.add(dirname(path));
    if (!path.includes('node_modules')) addShadows(inputs, path);
  }
  // package.json sets the module format and tsconfig.json the paths; a new file can change both
  for (const folder of withParents(folders)) {
    file(join(folder, 'package.json'));
    if (folder.includes('node_modules')) continue;
    for (const { path } of configurations.at(folder)) file(path);
  }
  for (const place of openPlaces(files, { metafile, configurations, project })) addPlace(inputs, place);
  for (let folder = project; ; folder = dirname(folder)) {
    for (const name of lockFiles) file(join(folder, name));
    if (dirname(folder) === folder) break;
  }
  return [...inputs.values()];
}

/** A new `orders.ts` beside `orders.js` or `orders/` would redirect an import. */
function addShadows(inputs: Map<string, Input>, path: string): void {
  const stem = basename(path, extname(path));
  addNames(inputs, dirname(path), `${stem}.`);
  if (stem === 'index') addNames(inputs, dirname(dirname(path)), `${basename(dirname(path))}.`);
}

function addNames(inputs: Map<string, Input>, folder: string, prefix: string): void {
  inputs.set(`${folder}/${prefix}*`, { kind: 'names', folder, prefix });
}

/** The places where a module, or a folder with one, may appear. */
function addPlace(inputs: Map<string, Input>, place: string): void {
  // `require.resolve('../package.json')` names a file that no bundle contains
  if (statSync(place, { throwIfNoEntry: false })?.isFile() === true) {
    inputs.set(place, { kind: 'file', path: place });
    return;
  }
  addNames(inputs, dirname(place), `${basename(place)}.`);
  addNames(inputs, place, 'index.');
  inputs.set(join(place, 'package.json'), { kind: 'file', path: join(place, 'package.json') });
}

/** Where an import would resolve if a file existed: imports that esbuild left out, and earlier matches of `paths`. */
function openPlaces(files: readonly string[], { metafile, configurations, project }: Graph): ReadonlySet<string> {
  const places = new Set<string>();
  for (const file of files) {
    if (file.includes('node_modules')) continue;
    for (const { path, original, external } of metafile.inputs[slashed(relative(project, file))]?.imports ?? []) {
      const name = original ?? path;
      if (external === true && /^\.{1,2}(\/|$)/.test(name)) places.add(withoutEnding(resolve(dirname(file), name)));
      else if (!/^[./]|^node:/.test(name))
        for (const place of configurations.places(name, dirname(file))) places.add(withoutEnding(place));
    }
  }
  return places;
}

const withoutEnding = (path: string) => path.replace(/\.[cm]?[jt]sx?$/, '');

function withParents(folders: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(folders);
  // iterates over a set that grows
  for (const folder of all) if (basename(folder) !== 'node_modules') all.add(dirname(folder));
  return all;
}

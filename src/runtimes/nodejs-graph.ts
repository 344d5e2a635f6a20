// What decided a bundle, out of esbuild's metafile: the modules that an entry point reaches, and what could have led elsewhere.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Input } from './runtime.ts';

export const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
] as const;

/** Every module that was read for an entry point, whether or not something of it is left in the output. */
export function reachable(metafile: Metafile, entry: string): readonly string[] {
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const { path: next, external } of metafile.inputs[path]?.imports ?? []) {
      if (external !== true && next in metafile.inputs) seen.add(next);
    }
  }
  return [...seen].sort();
}

/** `files` are absolute. */
export function graphInputs(files: readonly string[], project: string): readonly Input[] {
  const inputs = new Map<string, Input>();
  const file = (path: string) => inputs.set(path, { kind: 'file', path });
  const folders = new Set<string>();
  for (const path of files) {
    if (path.includes('\0') || (!path.startsWith('/') && !/^[A-Za-z]:/.test(path))) continue;
    file(path);
    folders.add(dirname(path));
    if (!path.includes('node_modules')) addShadows(inputs, path);
  }
  // a package.json says what is a module, a tsconfig.json where paths lead: also one that is not there yet
  for (const folder of withParents(folders)) {
    file(join(folder, 'package.json'));
    if (!folder.includes('node_modules')) addConfiguration(file, join(folder, 'tsconfig.json'));
  }
  for (let folder = project; ; folder = dirname(folder)) {
    for (const name of lockFiles) file(join(folder, name));
    if (dirname(folder) === folder) break;
  }
  return [...inputs.values()];
}

/** A new `orders.ts` beside `orders.js`, or beside the folder `orders/`, would take an import over. */
function addShadows(inputs: Map<string, Input>, path: string): void {
  const stem = basename(path, extname(path));
  const names = (folder: string, prefix: string) =>
    inputs.set(`${folder}/${prefix}*`, { kind: 'names', folder, prefix });
  names(dirname(path), `${stem}.`);
  if (stem === 'index') names(dirname(dirname(path)), `${basename(dirname(path))}.`);
}

function withParents(folders: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(folders);
  // a set that grows is walked to its end
  for (const folder of all) if (basename(folder) !== 'node_modules') all.add(dirname(folder));
  return all;
}

/** A tsconfig.json with those that it extends. */
function addConfiguration(file: (path: string) => void, path: string): void {
  file(path);
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  const extended = /"extends"\s*:\s*(?:"([^"]+)"|\[([^\]]*)\])/.exec(text);
  const names =
    extended?.[1] === undefined
      ? [...(extended?.[2] ?? '').matchAll(/"([^"]+)"/g)].map(([, one]) => one ?? '')
      : [extended[1]];
  for (const name of names.filter((one) => one.startsWith('.'))) {
    const target = resolve(dirname(path), name);
    addConfiguration(file, existsSync(target) || target.endsWith('.json') ? target : `${target}.json`);
  }
}

// What the builds of a project read: the folders to watch, and whether a file that changed is an input.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Artifact } from '../artifact/artifact.ts';
import type { Project } from '../project/project.ts';

const scripts = /\.([cm]?[jt]sx?|py|go|rs|java|kt|rb|cs)$/;

export interface Inputs {
  /** Absolute, with those of packages. */
  readonly folders: ReadonlySet<string>;
  /** Whether a build may read the file. */
  has(file: string): boolean;
  /** Whether the file is one of the site's. */
  isOfSite(file: string): boolean;
  /** Whether the file is source code that a build has read. The project may read any other: as an include, a `.env` or a lookup. */
  isCode(file: string): boolean;
}

export function inputsOf({ folder, layers, functions, site }: Project, artifacts: readonly Artifact[]): Inputs {
  const files = new Set<string>();
  const folders = new Set<string>();
  const names = new Map<string, { readonly prefix: string; readonly ending: string }[]>();
  const trees = new Set(layers.map(({ path }) => join(folder, path)));
  // an image may copy anything
  if (functions.some(({ image }) => image !== undefined)) trees.add(folder);
  const siteFolder = site === undefined ? undefined : join(folder, site.folder);
  if (siteFolder !== undefined) trees.add(siteFolder);
  // builds look for configuration in every folder above: what is not there is not worth a watch of /home or /tmp
  const isAbove = (other: string) => !relative(other, folder).startsWith('..') && other !== folder;
  for (const input of artifacts.flatMap(({ inputs = [] }) => inputs)) {
    if (input.kind === 'file' && isAbove(dirname(input.path)) && !existsSync(input.path)) continue;
    if (input.kind === 'names' && isAbove(input.folder)) continue;
    if (input.kind === 'file') {
      files.add(input.path);
      folders.add(dirname(input.path));
    } else if (input.kind === 'names') {
      const { folder: of, prefix, ending = '' } = input;
      names.set(of, [...(names.get(of) ?? []), { prefix, ending }]);
      folders.add(of);
    } else if (input.kind === 'tree') {
      trees.add(input.folder);
    }
  }
  for (const tree of trees) for (const below of foldersIn(tree)) folders.add(below);
  return {
    folders,
    isOfSite: (file) => siteFolder !== undefined && file.startsWith(siteFolder + sep),
    isCode: (file) => files.has(file) && scripts.test(file),
    has(file) {
      if (files.has(file) || [...trees].some((tree) => file.startsWith(tree + sep))) return true;
      const name = file.slice(dirname(file).length + 1);
      const wanted = names.get(dirname(file)) ?? [];
      return wanted.some(({ prefix, ending }) => name.startsWith(prefix) && name.endsWith(ending));
    },
  };
}

function foldersIn(folder: string): readonly string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !['node_modules', '.git', '.fx'].includes(entry.name))
      .flatMap(({ name }) => foldersIn(join(folder, name)));
    return [folder, ...below];
  } catch {
    // a folder that does not exist is one of the build's problems
    return [folder];
  }
}

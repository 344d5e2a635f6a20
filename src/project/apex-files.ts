// Apex's files beside a project.yml: fx import leaves them, so that both tools work while a project moves. fx reads JSON too, and
// Apex's has the same names.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap } from '../base/plain.ts';

/** Keys of Apex, of which a project has one and a file of fx has none at the top. */
const theirs = [
  'description',
  'role',
  'runtime',
  'memory',
  'timeout',
  'environment',
  'handler',
  'nameTemplate',
  'vpc',
  'retainedVersions',
];
/** Keys of fx that Apex has not: https://github.com/apex/apex/blob/master/docs/projects.md */
const ours = [
  'functions',
  'defaults',
  'resources',
  'environments',
  'stateMachines',
  'site',
  'layers',
  'params',
  'include',
];

/** Which of the files of a folder are Apex's: none without a project.yml, which says that the project is fx's. */
export async function apexFilesIn(folder: string, names: readonly string[]): Promise<readonly string[]> {
  if (!names.includes('project.yml')) return [];
  const candidates = names.filter((name) => /^project(\.[\w-]+)?\.json$/.test(name));
  const found = await Promise.all(candidates.map((name) => isApex(join(folder, name))));
  return candidates.filter((_, index) => found[index]);
}

async function isApex(file: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isMap(value as never)) return false;
    const has = (key: string) => Object.hasOwn(value as object, key);
    return has('name') && theirs.some(has) && !ours.some(has);
  } catch {
    // fx reports what is wrong with it
    return false;
  }
}

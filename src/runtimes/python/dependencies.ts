// Finds what lists a Python function's dependencies, and reads it: a lock file of uv, Poetry, PDM or Pipenv, or requirements.txt.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { TomlTable } from 'smol-toml';
import type { Problem } from '../../base/error.ts';
import { slashed } from '../parts.ts';
import type { FunctionSource, Tools } from '../runtime.ts';
import { localClosure, readToml, tableOf, workspaceRoot } from './local.ts';
import { readPdmLock, readPipfileLock } from './lock-pdm.ts';
import { readPoetryLock } from './lock-poetry.ts';
import { readUvLock } from './lock-uv.ts';
import { entryOf, follow, indexLines, type Lock } from './locks.ts';
import { lambdaMarkers, type MarkerEnvironment } from './markers.ts';
import type { Dependencies } from './requirement.ts';
import { readRequirements } from './requirements.ts';

type Found = Dependencies | { readonly problem: Problem };

const lists = ['uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock', 'requirements.txt'] as const;
/** What asks for dependencies without fixing their versions, by the command that writes its lock file. */
const unlocked = { 'pyproject.toml': 'uv lock, poetry lock or pdm lock', Pipfile: 'pipenv lock' } as const;

const none: Dependencies = { entries: [], isLocked: true, from: undefined, files: [], local: [] };

/** Where dependencies could be listed: each file affects the build even if missing. */
export function dependencyFiles(folder: string, project: string): readonly string[] {
  const names = [...lists, ...Object.keys(unlocked)];
  return searched(folder, project).flatMap((above) => names.map((name) => join(above, name)));
}

/** Up to the project's folder, and the root of a uv workspace, which may be above it. */
function searched(folder: string, project: string): readonly string[] {
  const up = foldersUp(folder, project);
  const nearest = up.find((above) => existsSync(join(above, 'pyproject.toml')));
  const root = nearest === undefined ? undefined : workspaceRoot(nearest);
  return root === undefined || up.includes(root) ? up : [...up, root];
}

function foldersUp(folder: string, project: string): readonly string[] {
  const way = relative(project, folder);
  return way === '' ? [project] : [folder, ...foldersUp(dirname(folder), project)];
}

/** The nearest file wins; within a folder, a lock file wins over requirements.txt. */
export function findDependencies(
  source: FunctionSource,
  folder: string,
  { folder: project }: Pick<Tools, 'folder'>,
): Found {
  const files = dependencyFiles(folder, project).filter((path) => existsSync(path));
  const file = files.find((path) => lists.some((name) => name === basename(path)));
  const asking = files.find((path) => basename(path) in unlocked && asksFor(path));
  const isCovered = file !== undefined && asking !== undefined && covers(file, asking);
  if (asking !== undefined && !isCovered && (file === undefined || dirname(file).length < dirname(asking).length)) {
    const command = unlocked[basename(asking) as keyof typeof unlocked];
    const shown = slashed(relative(project, asking));
    const at = { file: shown, line: 1, column: 1, length: 1 };
    const message = `${shown} names dependencies, but there is no lock file beside it`;
    return { problem: { at, message, hint: `run ${command} there, or write requirements.txt` } };
  }
  if (file === undefined) return none;
  if (basename(file) === 'requirements.txt') return readRequirements(file, project);
  const nearest = searched(folder, project).find((above) => existsSync(join(above, 'pyproject.toml')));
  const isMember = basename(file) === 'uv.lock' && nearest !== undefined && workspaceRoot(nearest) === dirname(file);
  return readLock(file, source, isMember ? nearest : dirname(file), project);
}

/** Whether a lock file is of the project that asks, or of its workspace. */
function covers(lock: string, asking: string): boolean {
  if (dirname(lock) === dirname(asking)) return true;
  return basename(lock) === 'uv.lock' && workspaceRoot(dirname(asking)) === dirname(lock);
}

function asksFor(file: string): boolean {
  const table = readToml(file) ?? {};
  if (basename(file) === 'Pipfile') return Object.keys(tableOf(table['packages'])).length > 0;
  const poetry = tableOf(tableOf(tableOf(table['tool'])['poetry'])['dependencies']);
  const list = tableOf(table['project'])['dependencies'];
  return (Array.isArray(list) && list.length > 0) || Object.keys(poetry).some((name) => name !== 'python');
}

function readLock(file: string, source: FunctionSource, asking: string, project: string): Found {
  const folder = dirname(file);
  const environment = lambdaMarkers(source.runtime, source.architecture);
  const lock = parseLock(file, asking, environment);
  const shown = slashed(relative(project, file));
  if (lock === undefined) {
    const at = { file: shown, line: 1, column: 1, length: 1 };
    return {
      problem: { at, message: `${shown} is not a lock file that fx can read`, hint: 'write it again with its tool' },
    };
  }
  // the function's own project is its source code
  const packages = follow(lock.packages, lock.roots, environment).filter(({ local }) => local !== asking);
  const local = localClosure(packages.flatMap((one) => one.local ?? []));
  const missing = local.find((path) => !existsSync(path));
  if (missing !== undefined) {
    const at = { file: shown, line: 1, column: 1, length: 1 };
    return { problem: { at, message: `${shown} names ${slashed(relative(folder, missing))}, which does not exist` } };
  }
  const entries = packages.map((one) => entryOf(one, folder));
  const indexes = entries.length === 0 ? [] : indexLines(lock.indexes ?? []);
  const files = [file, join(asking, 'pyproject.toml')];
  return { entries: [...indexes, ...entries], isLocked: true, from: file, files, local };
}

function parseLock(file: string, asking: string, environment: MarkerEnvironment): Lock | undefined {
  const folder = dirname(file);
  if (basename(file) === 'Pipfile.lock') {
    try {
      return readPipfileLock(readFileSync(file, 'utf8'), folder);
    } catch {
      return undefined;
    }
  }
  const lock = readToml(file);
  // uv refuses a higher version too; it raises `revision` for what older readers can ignore
  if (lock === undefined || (basename(file) === 'uv.lock' && lock['version'] !== 1)) return undefined;
  const project: TomlTable = readToml(join(folder, 'pyproject.toml')) ?? {};
  if (basename(file) === 'uv.lock') return readUvLock(lock, folder, asking);
  return basename(file) === 'poetry.lock'
    ? readPoetryLock(lock, project, folder, environment)
    : readPdmLock(lock, project, folder, environment);
}

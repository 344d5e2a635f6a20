// Local Python projects: which of them a project needs, through the tables of uv, Poetry and PDM, and what affects their wheels.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type TomlTable, type TomlValue } from 'smol-toml';
import { sourceTree } from '../parts.ts';
import type { Input } from '../runtime.ts';
import { normalized } from './markers.ts';
import { parseRequirement } from './requirement.ts';

/** Without what tools leave behind. */
export function localInput(path: string): Input {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return { kind: 'file', path };
  const leftBehind = ['__pycache__/', '/build/', '/dist/', '*.egg-info/', '.venv/', 'venv/', 'node_modules/'];
  return sourceTree(path, [...leftBehind, '.pytest_cache/', '.mypy_cache/', '.ruff_cache/', '.tox/', '.nox/']);
}

export const tableOf = (value: TomlValue | undefined): TomlTable =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date) ? value : {};
export const listOf = (value: TomlValue | undefined): readonly TomlValue[] => (Array.isArray(value) ? value : []);
export const textOf = (value: TomlValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Undefined if the file is missing or is not TOML: the tools report the latter. */
export function readToml(file: string): TomlTable | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The local projects that these need, each once, also indirectly, with themselves. */
export function localClosure(paths: readonly string[]): readonly string[] {
  const found = [...new Set(paths)];
  // iterates over a list that grows
  for (const path of found) {
    for (const needed of neededBy(path)) if (!found.includes(needed)) found.push(needed);
  }
  return found;
}

function neededBy(folder: string): readonly string[] {
  const project = readToml(join(folder, 'pyproject.toml'));
  if (project === undefined) return [];
  const tool = tableOf(project['tool']);
  const sources = tableOf(tableOf(tool['uv'])['sources']);
  const lists = listOf(tableOf(project['project'])['dependencies']).flatMap((value) => {
    const requirement = parseRequirement(textOf(value) ?? '');
    if (requirement === undefined) return [];
    if (requirement.url?.startsWith('file:')) return [pathOfUrl(requirement.url, folder)];
    const source = Object.entries(sources).find(([name]) => normalized(name) === requirement.name)?.[1];
    // a list has one source per marker
    return (Array.isArray(source) ? source : [source]).map((one) => placeOf(tableOf(one), requirement.name, folder));
  });
  const poetry = Object.values(tableOf(tableOf(tool['poetry'])['dependencies'])).flatMap((value) =>
    (Array.isArray(value) ? value : [value]).map((one) => placeOf(tableOf(one), '', folder)),
  );
  return [...lists, ...poetry].filter((path) => path !== undefined && existsSync(path)) as string[];
}

function placeOf(source: TomlTable, name: string, folder: string): string | undefined {
  const path = textOf(source['path']);
  if (path !== undefined) return resolve(folder, path);
  return source['workspace'] === true ? workspaceMembers(folder)?.get(name) : undefined;
}

/** `file:///a/b`, and the variable that PDM and Hatch write for the project's folder. */
export function pathOfUrl(url: string, folder: string): string {
  const full = url.replace(/\$\{PROJECT_ROOT\}|\{root:uri\}/, folder).split('#')[0] ?? '';
  return resolve(folder, /^file:\/\/\//.test(full) ? fileURLToPath(full) : full.replace(/^file:(\/\/)?/, ''));
}

/** The nearest folder upward whose pyproject.toml has a workspace that includes this one. */
export function workspaceRoot(folder: string): string | undefined {
  for (let above = folder; ; above = dirname(above)) {
    if (membersIn(above)?.some((member) => member === folder)) return above;
    if (dirname(above) === above) return undefined;
  }
}

function workspaceMembers(folder: string): ReadonlyMap<string, string> | undefined {
  const root = workspaceRoot(folder);
  if (root === undefined) return undefined;
  return new Map((membersIn(root) ?? []).map((member) => [projectName(member) ?? '', member]));
}

function membersIn(root: string): readonly string[] | undefined {
  const uv = tableOf(tableOf(readToml(join(root, 'pyproject.toml'))?.['tool'])['uv']);
  if (uv['workspace'] === undefined) return undefined;
  const patterns = listOf(tableOf(uv['workspace'])['members']).flatMap((value) => textOf(value) ?? []);
  const folders = patterns.flatMap((pattern) => matching([root], pattern.split('/')));
  return [root, ...folders.filter((path) => existsSync(join(path, 'pyproject.toml')))];
}

/** The folders at a pattern such as `packages/*`, below any of these. */
function matching(folders: readonly string[], [part, ...rest]: readonly string[]): readonly string[] {
  if (part === undefined) return folders;
  if (!/[*?]/.test(part)) return matching(folders.map((folder) => resolve(folder, part)).filter(existsSync), rest);
  const pattern = new RegExp(
    `^${part
      .replace(/[.+^$()[\]{}|\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
  const inner = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && pattern.test(entry.name))
      .map((entry) => join(folder, entry.name)),
  );
  return matching(inner, rest);
}

/** Normalized; undefined if only a build tells it, as a setup.py that computes it. */
export function projectName(folder: string): string | undefined {
  const file = readToml(join(folder, 'pyproject.toml'));
  const poetry = tableOf(tableOf(file?.['tool'])['poetry']);
  const name = textOf(tableOf(file?.['project'])['name']) ?? textOf(poetry['name']) ?? setupName(folder);
  return name === undefined ? undefined : normalized(name);
}

/** Whether a folder can be built, unlike a folder of wheels. */
export const isProject = (path: string): boolean =>
  ['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => existsSync(join(path, name)));

/** Whether a tool knows the name without building it. */
export function hasStaticName(folder: string): boolean {
  return textOf(tableOf(readToml(join(folder, 'pyproject.toml'))?.['project'])['name']) !== undefined;
}

function setupName(folder: string): string | undefined {
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
  const written = /^name\s*=\s*([\w.-]+)\s*$/m.exec(read('setup.cfg'))?.[1];
  return written ?? /\bname\s*=\s*['"]([\w.-]+)['"]/.exec(read('setup.py'))?.[1];
}

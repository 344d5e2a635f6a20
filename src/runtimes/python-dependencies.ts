// The dependencies of a Python function: from requirements.txt, or from the lock file of uv or poetry.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Problem } from '../base/error.ts';
import { slashed, sourceTree } from './parts.ts';
import type { FunctionSource, Input, Tools } from './runtime.ts';
import { findProgram, runTool, toolProblem } from './tool.ts';

export interface Dependencies {
  /** In the format of requirements.txt; undefined if there are none. */
  readonly requirements: string | undefined;
  /** The file that lists them, absolute. */
  readonly from: string | undefined;
  /** All files that affect the result. */
  readonly files: readonly string[];
  /** Local folders and archives that it names, absolute: their content affects the result. */
  readonly local: readonly string[];
}

const names = ['uv.lock', 'poetry.lock', 'requirements.txt', 'pyproject.toml'] as const;

/** Where dependencies could be listed: each file affects the build even if missing. */
export function dependencyFiles(folder: string, project: string): readonly string[] {
  return foldersUp(folder, project).flatMap((above) => names.map((name) => join(above, name)));
}

function foldersUp(folder: string, project: string): readonly string[] {
  const way = relative(project, folder);
  return way === '' ? [project] : [folder, ...foldersUp(dirname(folder), project)];
}

/** The nearest file wins; within a folder, a lock file wins over requirements.txt. */
export async function findDependencies(
  source: FunctionSource,
  folder: string,
  tools: Tools,
): Promise<Dependencies | { readonly problem: Problem }> {
  const file = dependencyFiles(folder, tools.folder).find((path) => existsSync(path));
  if (file === undefined) return { requirements: undefined, from: undefined, files: [], local: [] };
  if (file.endsWith('uv.lock')) return exportLock(source, file, tools, uvExport);
  if (file.endsWith('poetry.lock')) return exportLock(source, file, tools, poetryExport);
  if (file.endsWith('requirements.txt')) {
    const linked = linkedLine(file, slashed(relative(tools.folder, file)));
    return linked === undefined ? readRequirements(file) : { problem: linked };
  }
  if (!/^\s*(dependencies\s*=|\[tool\.poetry\.dependencies\])/m.test(readFileSync(file, 'utf8'))) {
    return { requirements: undefined, from: file, files: [file], local: [] };
  }
  const shown = slashed(relative(tools.folder, file));
  const message = `${shown} names dependencies, but there is no lock file beside it`;
  return { problem: { at: source.at, message, hint: 'run uv lock or poetry lock, or write requirements.txt' } };
}

/** An editable install is a link to a folder on this machine. */
function linkedLine(file: string, shown: string): Problem | undefined {
  for (const [index, line] of readFileSync(file, 'utf8').split(/\r?\n/).entries()) {
    const place = /^\s*(?:-e|--editable)[ =]+(\S+)/.exec(line)?.[1];
    if (place === undefined) continue;
    const at = { file: shown, line: index + 1, column: 1, length: line.length };
    return { at, message: `${line.trim()} would be a link to this machine`, hint: `write it without -e: ${place}` };
  }
  return undefined;
}

/** With the files it includes by `-r` and `-c`. */
function readRequirements(file: string): Dependencies {
  const files = [file];
  // iterates over a list that grows
  for (const path of files) {
    if (!existsSync(path)) continue;
    for (const [, name] of readFileSync(path, 'utf8').matchAll(
      /^\s*(?:-r|-c|--requirement|--constraint)[ =]*(\S+)/gm,
    )) {
      const included = join(dirname(path), name ?? '');
      if (!files.includes(included)) files.push(included);
    }
  }
  const texts = files.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
  const isEmpty = texts.every((text) => text.split('\n').every((line) => /^\s*(#|$)/.test(line)));
  const requirements = isEmpty ? undefined : texts.join('\n');
  return { requirements, from: file, files, local: localPlaces(requirements, dirname(file)) };
}

/** `./lib`, `-e ../lib[extra]`, `lib @ file:///lib`, `wheels/x.whl`, `--find-links wheels`; relative to the installer's folder. */
function localPlaces(requirements = '', folder: string): readonly string[] {
  const paths = requirements.split(/\r?\n/).flatMap((line) => {
    const plain = line.replace(/(^|\s)#.*$/, '').trim();
    const option = /^(?:-e|--editable|-f|--find-links)[ =]+(.+)$/.exec(plain)?.[1];
    if (option === undefined && plain.startsWith('-')) return [];
    const named = (option ?? plain).replace(/^[A-Za-z0-9._-]+(?:\[[^\]]*\])?\s*@\s*/, '');
    const [place = ''] = named.replace(/^file:(\/\/)?/, '').split(/\s*[[;#]|\s+--?[a-z]/);
    if (place === '' || /^[a-z+]+:\/\//.test(place)) return [];
    const path = resolve(folder, place);
    const isPath = option !== undefined || /[\\/]|^\.|\.(whl|zip|tar\.gz)$/.test(place);
    return isPath && existsSync(path) ? [path] : [];
  });
  return [...new Set(paths)];
}

/** Without build leftovers. */
export function localInput(path: string): Input {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return { kind: 'file', path };
  return sourceTree(path, ['__pycache__/', '/build/', '/dist/', '*.egg-info/', '.venv/', 'venv/']);
}

interface Export {
  readonly program: string;
  readonly args: readonly string[];
  readonly hint: string;
}

// https://docs.astral.sh/uv/reference/cli/#uv-export
const uvExport: Export = {
  program: 'uv',
  args: [
    'export',
    '--frozen',
    '--no-dev',
    '--no-emit-project',
    '--no-editable',
    '--no-header',
    '--format',
    'requirements-txt',
    '--quiet',
  ],
  hint: 'install uv, or write the lock file out: uv export --no-dev --no-emit-project -o requirements.txt',
};
// https://python-poetry.org/docs/cli/#export, a plugin since poetry 2
const poetryExport: Export = {
  program: 'poetry',
  args: ['export', '--only', 'main', '--format', 'requirements.txt', '--no-interaction'],
  hint: 'install poetry with poetry-plugin-export, or write the lock file out: poetry export -o requirements.txt',
};

async function exportLock(
  source: FunctionSource,
  file: string,
  { folder, signal, progress }: Tools,
  { program, args, hint }: Export,
): Promise<Dependencies | { readonly problem: Problem }> {
  const shown = slashed(relative(folder, file));
  const path = findProgram(program);
  if (path === undefined) {
    return {
      problem: { at: source.at, message: `${shown} can only be read by ${program}, which is not installed`, hint },
    };
  }
  progress(source.name, `${program} export`);
  const result = await runTool({ program: path, args, folder: dirname(file), signal });
  if (result.exitCode !== 0) return { problem: toolProblem(`${program} export of ${shown}`, result, source.at) };
  const requirements = result.stdout.trim() === '' ? undefined : result.stdout;
  const files = [file, join(dirname(file), 'pyproject.toml')];
  return { requirements, from: file, files, local: localPlaces(requirements, dirname(file)) };
}

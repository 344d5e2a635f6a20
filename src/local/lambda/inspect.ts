// A function under a debugger: its options, the copy of its code whose source maps lead to the project, and what the debugger does.
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProcess } from '../../base/process.ts';
import type { Cloud } from '../cloud.ts';
import type { Inspected } from '../following.ts';
import { codeFolder } from './code.ts';
import { runtimeFamily } from './runtimes.ts';
import type { Code } from './state.ts';

export interface InspectedCode {
  /** The function. */
  readonly name: string;
  readonly runtime: string;
  readonly inspected: Inspected;
}

/**
 * The folder that an inspected function runs in. Without source maps, as in Python, a debugger is told in its configuration where that is: so it
 * is the same for ever.
 */
export function inspectFolder(cloud: Cloud, { name, runtime, inspected }: InspectedCode): string {
  if (runtimeFamily(runtime) === 'python') return join(inspected.sources, '.fx', 'inspect', name);
  return join(cloud.codeDirectory, 'lambda', 'inspect', name);
}

/** Copies unpacked code, and points its source maps to the project's own files. */
export async function placeInspected(cloud: Cloud, code: Code, of: InspectedCode): Promise<void> {
  const folder = inspectFolder(cloud, of);
  const { sources } = of.inspected;
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await cp(codeFolder(cloud, code), folder, { recursive: true, verbatimSymlinks: true });
  for (const path of await readdir(folder, { recursive: true })) {
    if (!/\.[cm]?js\.map$/.test(path) || path.includes('node_modules')) continue;
    const map = JSON.parse(await readFile(join(folder, path), 'utf8')) as { sources?: string[]; sourceRoot?: string };
    // a bundle is at the path of its handler, relative to the project
    const from = resolve(sources, dirname(path), map.sourceRoot ?? '');
    const absolute = (map.sources ?? []).map((source) => {
      const file = resolve(from, source);
      return existsSync(file) ? pathToFileURL(file).href : source;
    });
    await chmod(join(folder, path), 0o644);
    await writeFile(join(folder, path), JSON.stringify({ ...map, sourceRoot: '', sources: absolute }));
  }
}

export function nodeOptions({ port, breaks }: Inspected): readonly string[] {
  return [`--inspect${breaks ? '-brk' : ''}=127.0.0.1:${port}`];
}

export function pythonOptions({ port, breaks }: Inspected): readonly string[] {
  const wait = breaks ? ['--wait-for-client'] : [];
  // Python's frozen modules hide breakpoints from debugpy
  return ['-Xfrozen_modules=off', '-m', 'debugpy', '--listen', `127.0.0.1:${port}`, ...wait];
}

/** Why a Python function cannot run under a debugger. */
export async function missingDebugpy(python: string): Promise<string | undefined> {
  const { exitCode } = await runProcess({
    program: python,
    args: ['-c', 'import debugpy'],
    folder: '/',
    variables: { PATH: process.env['PATH'] ?? '' },
    timeoutMs: 20_000,
  });
  if (exitCode === 0) return undefined;
  return `${python} has no debugpy, which --inspect needs: run ${python} -m pip install debugpy`;
}

/** The address of the debugger in a line of Node's, which is no line of the function's. */
export function inspectorLine(line: string): { readonly url: string | undefined } | undefined {
  const url = /^Debugger listening on (ws:\S+)/.exec(line)?.[1];
  const isNodes =
    url !== undefined ||
    /^(For help, see: https:\/\/nodejs|Debugger (attached|ending)|Waiting for the debugger to)/.test(line);
  return isNodes ? { url } : undefined;
}

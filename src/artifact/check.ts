// Loads each built function once, and remembers which loaded: a process a function is most of what an unchanged build costs.
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import type { Project } from '../project/project.ts';
import type { BuiltFunction, FunctionSource, Runtime } from '../runtimes/runtime.ts';
import { keyOf, manifestOf } from './artifact.ts';

export interface Checkable {
  readonly runtime: Runtime;
  readonly source: FunctionSource;
  readonly built: BuiltFunction;
}

/** What is wrong with functions that do not load or do not export their handler. What has loaded before is not loaded again. */
export async function checkFunctions(project: Project, functions: readonly Checkable[]): Promise<readonly Problem[]> {
  const file = join(project.folder, '.fx', 'cache', `loaded-${project.environment}.json`);
  const known = await readKnown(file);
  const passed: string[] = [];
  const waiting = functions.map((one) => ({ ...one, key: keyOfLoad(one) }));
  const problems: Problem[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'fx-check-'));
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const problem = known.has(next.key) ? undefined : await load(next, join(folder, next.built.name));
      if (problem === undefined) passed.push(next.key);
      else problems.push(problem);
    }
  };
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  // only what this build is made of is remembered, so the file never grows
  if (passed.some((key) => !known.has(key))) await remember(file, passed.sort());
  return problems;
}

async function load({ runtime, source, built }: Checkable, unpacked: string): Promise<Problem | undefined> {
  for (const file of built.files) {
    const path = join(unpacked, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.bytes);
  }
  return runtime.check(source, built, unpacked);
}

/** Everything that loading hangs on: the artifact, the handler, the variables, and the Node that loads. */
function keyOfLoad({ source, built }: Checkable): string {
  const manifest = keyOf(manifestOf(built.files));
  return sha256(
    JSON.stringify([manifest, built.handler, source.runtime, source.variables, process.version, process.arch]),
  );
}

async function readKnown(file: string): Promise<ReadonlySet<string>> {
  try {
    const keys: unknown = JSON.parse(await readFile(file, 'utf8'));
    return new Set(Array.isArray(keys) ? (keys as string[]) : []);
  } catch (error) {
    // a memory that is missing or spoilt costs a check, nothing else
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return new Set();
    throw error;
  }
}

async function remember(file: string, keys: readonly string[]): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(keys));
    await rename(temporary, file);
  } catch (error) {
    // a checkout that may not be written to is built all the same
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

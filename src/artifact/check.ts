// Loads each built function once, and remembers which loaded: loading is most of what an unchanged build would cost.
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { inPool } from '../base/pool.ts';
import type { ArtifactFile, Checker, FunctionSource, Runtime } from '../runtimes/runtime.ts';
import type { Artifact } from './artifact.ts';
import { replaceFile } from './replace-file.ts';
import { unpackFiles, unpackZip } from './unpack.ts';

export interface Checkable {
  readonly runtime: Runtime;
  readonly source: FunctionSource;
  readonly artifact: Artifact;
  /** Undefined for what was built by an earlier run. */
  readonly files: readonly ArtifactFile[] | undefined;
  readonly unchecked: string | undefined;
}

/** What is wrong with functions that do not load or do not export their handler. What has loaded before is not loaded again. */
export async function checkFunctions(
  folders: { readonly project: string; readonly cache: string; readonly environment: string },
  functions: readonly Checkable[],
): Promise<readonly Problem[]> {
  const file = join(folders.cache, `loaded-${folders.environment}.json`);
  const known = readKnown(file);
  const all = functions
    .filter(({ runtime, unchecked, artifact }) => runtime.checker && unchecked === undefined && artifact.zip)
    .map((one) => ({ ...one, key: keyOfLoad(one) }));
  const waiting = all.filter(({ key }) => !known.has(key));
  const failed = new Map<string, Problem>();
  if (waiting.length > 0) {
    const folder = await mkdtemp(join(tmpdir(), 'fx-check-'));
    const checkers = new Map<Runtime, Checker>();
    try {
      await inPool(waiting, availableParallelism(), async (one, index) => {
        const checker = checkers.get(one.runtime) ?? one.runtime.checker?.(folders.project);
        if (checker === undefined) return;
        checkers.set(one.runtime, checker);
        const problem = await load(one, checker, join(folder, String(index), one.source.name));
        if (problem !== undefined) failed.set(one.key, problem);
      });
    } finally {
      for (const checker of checkers.values()) checker.end();
      await rm(folder, { recursive: true, force: true });
    }
    // only what this build is made of is remembered, so the file never grows
    const passed = all.map(({ key }) => key).filter((key) => !failed.has(key));
    replaceFile(file, JSON.stringify([...new Set(passed)].sort()));
  }
  return all.flatMap(({ key }) => failed.get(key) ?? []);
}

async function load({ source, artifact, files }: Checkable, checker: Checker, unpacked: string) {
  await mkdir(unpacked, { recursive: true });
  if (files !== undefined) await unpackFiles(files, unpacked);
  else if (artifact.zip !== undefined) await unpackZip(artifact.zip.file, unpacked);
  return checker.check(source, artifact, unpacked);
}

/** Everything that loading hangs on: the artifact, the handler, the variables, and the Node that loads. */
function keyOfLoad({ source, artifact }: Checkable): string {
  const { runtime, variables } = source;
  return sha256(JSON.stringify([artifact.key, artifact.handler, runtime, variables, process.version, process.arch]));
}

function readKnown(file: string): ReadonlySet<string> {
  try {
    const keys: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return new Set(Array.isArray(keys) ? (keys as string[]) : []);
  } catch {
    // a memory that is missing or spoilt costs a check, nothing else
    return new Set();
  }
}

// Loads each built function once and remembers which ones loaded: loading would dominate the time of an unchanged build.
import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { replaceFile } from '../base/replace-file.ts';
import { type TemporaryFolder, temporaryFolder } from '../base/temporary-folder.ts';
import { layerState, withLayerPaths } from '../runtimes/layer-content.ts';
import type { ArtifactFile, Checker, FunctionSource, Runtime } from '../runtimes/runtime.ts';
import type { Artifact } from './artifact.ts';
import { type SharedCopies, unpackFiles, unpackZip } from './unpack.ts';

export interface Checkable {
  readonly runtime: Runtime;
  readonly source: FunctionSource;
  readonly artifact: Artifact;
  /** Undefined if an earlier run built the function. */
  readonly files: readonly ArtifactFile[] | undefined;
  readonly unchecked: string | undefined;
}

interface Folders {
  readonly project: string;
  readonly cache: string;
  readonly environment: string;
}

/** Reports that a function was not loaded, and why. */
export type SayUnchecked = (functionName: string, why: string) => void;

/** Loads functions as they arrive. Skips those that loaded before. */
export class LoadCheck {
  readonly #folders: Folders;
  readonly #say: SayUnchecked;
  readonly #file: string;
  readonly #known: ReadonlySet<string>;
  readonly #passed = new Set<string>();
  readonly #checkers = new Map<Runtime, Checker>();
  #unpacked: TemporaryFolder | undefined;
  #count = 0;
  #shared: ReadonlySet<string> = new Set();
  readonly #copies: SharedCopies = new Map();

  constructor(folders: Folders, say: SayUnchecked) {
    this.#folders = folders;
    this.#say = say;
    this.#file = join(folders.cache, `loaded-${folders.environment}.json`);
    this.#known = readKnown(this.#file);
  }

  /** Files that several functions contain: copied once. */
  share(files: ReadonlySet<string>): void {
    this.#shared = files;
  }

  /** The problem of a function that does not load or does not export its handler. */
  async check(loadable: Checkable): Promise<Problem | undefined> {
    const { runtime, unchecked, artifact } = loadable;
    if (runtime.checker === undefined || unchecked !== undefined || artifact.zip === undefined) return undefined;
    const key = keyOfLoad(loadable);
    const problem = this.#known.has(key) ? undefined : await this.#load(loadable);
    if (problem === undefined) this.#passed.add(key);
    return problem;
  }

  async #load({ runtime, source, artifact, files }: Checkable): Promise<Problem | undefined> {
    const checker = this.#checkers.get(runtime) ?? runtime.checker?.(this.#folders.project);
    if (checker === undefined) return undefined;
    this.#checkers.set(runtime, checker);
    this.#unpacked ??= temporaryFolder('fx-check-');
    const folder = join(this.#unpacked.path, String(this.#count++), source.name);
    await mkdir(folder, { recursive: true });
    if (files !== undefined)
      await unpackFiles(files, folder, {
        shared: this.#shared,
        copies: this.#copies,
        folder: this.#unpacked.path,
      });
    else if (artifact.zip !== undefined) await unpackZip(artifact.zip.file, folder);
    const result = await checker.check(withLayerPaths(source), artifact.code, folder);
    await rm(folder, { recursive: true, force: true });
    if (result === undefined || !('unchecked' in result)) return result;
    this.#say(source.name, result.unchecked);
    return undefined;
  }

  async end(): Promise<void> {
    for (const checker of this.#checkers.values()) checker.end();
    await this.#unpacked?.remove();
    // remember only the functions of this build, so that the file does not grow
    const isNew = [...this.#passed].some((key) => !this.#known.has(key));
    if (isNew) replaceFile(this.#file, JSON.stringify([...this.#passed].sort()));
  }
}

/** Everything that loading depends on: the artifact, the handler, the variables, and the version of Node. */
function keyOfLoad({ source, artifact }: Checkable): string {
  const { runtime } = source;
  const { variables } = withLayerPaths(source);
  const layers = layerState(source);
  return sha256(
    JSON.stringify([
      artifact.code.key,
      artifact.code.handler,
      runtime,
      variables,
      layers,
      process.version,
      process.arch,
    ]),
  );
}

function readKnown(file: string): ReadonlySet<string> {
  try {
    const keys: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return new Set(Array.isArray(keys) ? (keys as string[]) : []);
  } catch {
    // if the file is missing or damaged, functions are only checked again
    return new Set();
  }
}

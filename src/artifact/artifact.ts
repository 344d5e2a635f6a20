// An artifact: the manifest of one function's files, the key that is the manifest's hash, and where its zip is.
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import type { Code, Recipe } from '../cfn/recipe.ts';
import { byPathOrder } from '../runtimes/files.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';
import { type Facts, factsOf, type Native } from './facts.ts';

export interface ManifestEntry {
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  readonly sha256: string;
  readonly size: number;
}
/** An entry with why it is there, for people. */
export interface PackedEntry extends ManifestEntry {
  readonly from: readonly string[];
  readonly native?: Native;
}

export interface StoredZip {
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

export interface Artifact {
  /** Of the function, or of the layer. */
  readonly name: string;
  /** What a template needs of it. Its key is the hash of the manifest: equal content has an equal key, whatever machine built it. */
  readonly code: Code;
  readonly manifest: readonly PackedEntry[];
  readonly unzippedSize: number;
  /** Whether an earlier run built it. */
  readonly cached: boolean;
  /** Undefined for an object or an image, which are not built here. */
  readonly zip: StoredZip | undefined;
}

/** Modes are set by rule, never taken from the disk: Windows has none, and a checkout may have others. */
export function modeOf(path: string, facts: Pick<Facts, 'runs'>): 0o644 | 0o755 {
  return path === 'bootstrap' || facts.runs ? 0o755 : 0o644;
}

/** Sorted by path. `read` answers the facts of a file on disk. */
export function manifestOf(
  files: readonly ArtifactFile[],
  read: (file: string) => Facts | undefined,
): readonly PackedEntry[] {
  return files
    .map(({ path, content, from }) => {
      const facts = 'bytes' in content ? factsOf(content.bytes) : read(content.file);
      if (facts === undefined) throw path.includes('\ufffd') ? unreadableName(path) : vanished(path);
      const { sha256: hash, size, native } = facts;
      const entry = { path, mode: modeOf(path, facts), sha256: hash, size, from };
      return native === undefined ? entry : { ...entry, native };
    })
    .sort(byPathOrder);
}

/** Node.js cannot open such a file by the name that it has for it. */
function unreadableName(path: string): FxError {
  const message = `a file name cannot be stored in a zip: ${JSON.stringify(path)} is not UTF-8`;
  return new FxError('BUILD_FAILED', message, { hint: 'rename it, or exclude it' });
}

export function vanished(path: string): FxError {
  return new FxError('BUILD_FAILED', `${path} changed while it was being packed`, { hint: 'build again' });
}

/** The identity of an artifact: its manifest, not the bytes of a zip, which differ between zlib builds. */
export function keyOf(manifest: readonly ManifestEntry[]): string {
  return sha256(manifest.map(({ path, mode, sha256: hash }) => `${mode.toString(8)} ${hash} ${path}\n`).join(''));
}

/** What a template is compiled from, and a release records. */
export function recipeOf(functions: readonly Artifact[], layers: readonly Artifact[]): Recipe {
  const codes = (artifacts: readonly Artifact[]) => new Map(artifacts.map(({ name, code }) => [name, code]));
  return { functions: codes(functions), layers: codes(layers) };
}

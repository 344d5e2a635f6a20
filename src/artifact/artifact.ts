// An artifact: the manifest of a function's files, its key (the hash of the manifest), and the location of its zip.
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import type { Code, Recipe } from '../cfn/recipe.ts';
import { byPathOrder } from '../runtimes/files.ts';
import type { Native } from '../runtimes/native.ts';
import type { ArtifactFile, Input } from '../runtimes/runtime.ts';
import { type Facts, factsOf } from './facts.ts';
import type { Image } from './images/image.ts';

export interface ManifestEntry {
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  readonly sha256: string;
  readonly size: number;
}
/** A manifest entry, and why the file is packed, for `fx build --why`. */
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
  /** The name of the function or layer. */
  readonly name: string;
  /** What the template needs. The key is the hash of the manifest: equal content has an equal key on every machine. */
  readonly code: Code;
  readonly manifest: readonly PackedEntry[];
  readonly unzippedSize: number;
  /** Whether the artifact comes from the cache. */
  readonly cached: boolean;
  /** Undefined for S3 objects and images. */
  readonly zip: StoredZip | undefined;
  /** What its build read; absent for layers and images. */
  readonly inputs?: readonly Input[];
  /** A container image that fx builds. */
  readonly image?: Image;
}

/** Modes follow a rule and never come from the disk: Windows has none, and checkouts differ. */
export function modeOf(path: string, facts: Pick<Facts, 'runs'>): 0o644 | 0o755 {
  return path === 'bootstrap' || facts.runs ? 0o755 : 0o644;
}

/** Sorted by path. `read` returns the facts of a file on disk. */
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

/** Node.js cannot open a file by this name. */
function unreadableName(path: string): FxError {
  const message = `a file name cannot be stored in a zip: ${JSON.stringify(path)} is not UTF-8`;
  return new FxError('BUILD_FAILED', message, { hint: 'rename it, or exclude it' });
}

export function vanished(path: string): FxError {
  return new FxError('BUILD_FAILED', `${path} changed while it was being packed`, { hint: 'build again' });
}

/** The identity of an artifact is its manifest, not its zip: zip bytes differ between zlib builds. */
export function keyOf(manifest: readonly ManifestEntry[]): string {
  return sha256(manifest.map(({ path, mode, sha256: hash }) => `${mode.toString(8)} ${hash} ${path}\n`).join(''));
}

/** What the template compiler reads and a release records. */
export function recipeOf(functions: readonly Artifact[], layers: readonly Artifact[], site?: string): Recipe {
  const codes = (artifacts: readonly Artifact[]) => new Map(artifacts.map(({ name, code }) => [name, code]));
  return { functions: codes(functions), layers: codes(layers), ...(site === undefined ? {} : { site }) };
}

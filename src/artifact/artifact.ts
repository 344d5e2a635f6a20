// An artifact: the manifest of one function's files, the key that is the manifest's hash, and where its zip is.
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
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
  readonly functionName: string;
  /** The hash of the manifest: equal content has an equal key, whatever machine built it. */
  readonly key: string;
  readonly manifest: readonly PackedEntry[];
  /** What Lambda is told. */
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly unzippedSize: number;
  /** Whether it was there already, built by an earlier run. */
  readonly cached: boolean;
  /** Undefined for what Lambda takes from elsewhere. */
  readonly zip: StoredZip | undefined;
  /** An object of S3 that Lambda takes as it is. */
  readonly object?: { readonly bucket: string; readonly key: string; readonly version: string | undefined };
  readonly image?: string;
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

/** Where an artifact is kept in the bucket of the account. */
export function objectKey(project: string, key: string): string {
  return `${project}/artifacts/${key}.zip`;
}

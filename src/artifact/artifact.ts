// An artifact: the files of one function, their manifest, and the key that is the manifest's hash.
import { sha256 } from '../base/hash.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';

export interface ManifestEntry {
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  readonly sha256: string;
  readonly size: number;
}

export interface Artifact {
  readonly functionName: string;
  /** The hash of the manifest: equal content has an equal key, whatever machine built it. */
  readonly key: string;
  readonly manifest: readonly ManifestEntry[];
  readonly files: readonly ArtifactFile[];
  /** What Lambda is told. */
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly unzippedSize: number;
}

const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const shebang = Buffer.from('#!');

/** Modes are set by rule, never taken from the disk: Windows has none, and a checkout may have others. */
export function modeOf(file: { readonly path: string; readonly bytes: Uint8Array }): 0o644 | 0o755 {
  const start = Buffer.from(file.bytes.subarray(0, 4));
  const runs = file.path === 'bootstrap' || start.equals(elf) || start.subarray(0, 2).equals(shebang);
  return runs ? 0o755 : 0o644;
}

export function manifestOf(files: readonly ArtifactFile[]): readonly ManifestEntry[] {
  return files
    .map((file) => ({ path: file.path, mode: modeOf(file), sha256: sha256(file.bytes), size: file.bytes.length }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The identity of an artifact: its manifest, not the bytes of a zip, which differ between zlib builds. */
export function keyOf(manifest: readonly ManifestEntry[]): string {
  return sha256(manifest.map(({ path, mode, sha256: hash }) => `${mode.toString(8)} ${hash} ${path}\n`).join(''));
}

/** Where an artifact is kept in the bucket of the account. */
export function objectKey(project: string, key: string): string {
  return `${project}/artifacts/${key}.zip`;
}

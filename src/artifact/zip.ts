// Writes reproducible zips: entries sorted, one date, modes by rule. The same files give the same bytes.
// fx has its own writer because identity and deploy speed depend on it. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as zlib from 'node:zlib';
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { temporaryName } from '../base/replace-file.ts';
import type { ArtifactFile, Content } from '../runtimes/runtime.ts';
import { type ManifestEntry, type StoredZip, vanished } from './artifact.ts';
import type { Compressed, CompressedFiles } from './compressed-files.ts';
import type { Deflater } from './deflate.ts';

// 4.4.1.4: beyond these limits, the zip64 extensions are needed
const mostFiles = 65_535;
const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
/** Names are UTF-8 (4.4.4, bit 11). */
const flags = 0x0800;
/** The format's calendar begins on 1980-01-01 (4.4.6). */
const date = 0x0021;
/** Made on Unix, version 2.0 (4.4.2): the upper half of the attributes is a mode. */
const madeBy = 0x0314;
const needed = 20;
const regularFile = 0o100000;
/** The writer flushes at this many bytes. */
const bufferBytes = 1 << 20;

/** Holds one file at a time in memory. Renames the finished zip into place. */
export async function writeZip(
  manifest: readonly ManifestEntry[],
  files: readonly ArtifactFile[],
  target: string,
  deflater: Deflater,
  compressed?: CompressedFiles,
): Promise<StoredZip> {
  if (manifest.length > mostFiles) {
    throw new FxError('ARTIFACT_TOO_LARGE', `${manifest.length} files exceed the ${mostFiles} that a zip can hold`);
  }
  const temporary = temporaryName(target);
  await mkdir(dirname(target), { recursive: true });
  try {
    const handle = await open(temporary, 'wx');
    let written: { readonly sha256: string; readonly size: number };
    try {
      written = await fill(new Sink(handle), manifest, files, { deflater, compressed });
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
    return { file: target, ...written };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

interface Compressing {
  readonly deflater: Deflater;
  readonly compressed: CompressedFiles | undefined;
}

async function fill(
  sink: Sink,
  manifest: readonly ManifestEntry[],
  files: readonly ArtifactFile[],
  compressing: Compressing,
) {
  const contents = new Map(files.map((file) => [file.path, file.content]));
  const directory: Buffer[] = [];
  for (const entry of manifest) {
    const content = contents.get(entry.path);
    if (content === undefined) throw vanished(entry.path);
    const { crc, size, method, bytes } = await compress(content, entry, compressing);
    const name = Buffer.from(entry.path);
    const common = describe({ crc, packed: bytes.length, size, method, nameLength: name.length });
    directory.push(centralHeader(common, entry.mode, sink.size), name);
    await sink.write(localHeader(common), name, bytes);
  }
  const start = sink.size;
  await sink.write(...directory);
  await sink.write(endRecord(manifest.length, sink.size - start, start));
  return sink.end();
}

function compress(
  content: Content,
  { path, sha256: expected }: ManifestEntry,
  { deflater, compressed }: Compressing,
): Promise<Compressed> {
  if ('bytes' in content) return deflated(content.bytes, deflater);
  const read = async () => {
    const bytes = await readFile(content.file);
    if (sha256(bytes) !== expected) throw vanished(path);
    return deflated(bytes, deflater);
  };
  return compressed === undefined ? read() : compressed.get(content.file, read);
}

async function deflated(bytes: Uint8Array, deflater: Deflater): Promise<Compressed> {
  const smaller = await deflater.deflate(bytes);
  const isSmaller = smaller.length < bytes.length;
  return { crc: crc32(bytes), size: bytes.length, method: isSmaller ? 8 : 0, bytes: isSmaller ? smaller : bytes };
}

interface Described {
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly method: number;
  readonly nameLength: number;
}

/** The common part of a file's local and central header (4.3.7, 4.3.12). */
function describe({ crc, packed, size, method, nameLength }: Described): Buffer {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(needed, 0);
  common.writeUInt16LE(flags, 2);
  common.writeUInt16LE(method, 4);
  common.writeUInt16LE(0, 6);
  common.writeUInt16LE(date, 8);
  common.writeUInt32LE(crc, 10);
  common.writeUInt32LE(packed, 14);
  common.writeUInt32LE(size, 18);
  common.writeUInt16LE(nameLength, 22);
  return common;
}

function localHeader(common: Buffer): Buffer {
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(localSignature);
  return Buffer.concat([signature, common]);
}

function centralHeader(common: Buffer, mode: number, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(centralSignature, 0);
  header.writeUInt16LE(madeBy, 4);
  common.copy(header, 6);
  header.writeUInt32LE(((regularFile | mode) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return header;
}

/** 4.3.16 */
function endRecord(count: number, directorySize: number, directoryStart: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directorySize, 12);
  end.writeUInt32LE(directoryStart, 16);
  return end;
}

/** Writes in large chunks, and hashes them. */
class Sink {
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  size = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      this.#hash.update(part);
      this.#pending.push(part);
      this.#pendingBytes += part.length;
      this.size += part.length;
    }
    if (this.#pendingBytes >= bufferBytes) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#pendingBytes > 0) await this.#handle.appendFile(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  async end(): Promise<{ readonly sha256: string; readonly size: number }> {
    await this.#flush();
    return { sha256: this.#hash.digest('hex'), size: this.size };
  }
}

let table: Uint32Array | undefined;

/** Node's crc32 since 20.15, else a table (4.4.7). */
function crc32(bytes: Uint8Array): number {
  if (typeof zlib.crc32 === 'function') return zlib.crc32(bytes);
  table ??= Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The bytes of a stored zip, checked against the hash of the built zip. */
export async function readZip(zip: StoredZip): Promise<Buffer> {
  const bytes = await readFile(zip.file);
  if (sha256(bytes) === zip.sha256) return bytes;
  await rm(zip.file, { force: true });
  throw vanished(zip.file);
}

// Reproducible zips, written to disk as they are made: sorted, one date, modes by rule, so that the same files give the same bytes.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import { sha256 } from '../base/hash.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';
import { type ManifestEntry, type StoredZip, vanished } from './artifact.ts';
import { temporaryName } from './replace-file.ts';

// Where the zip format's calendar begins; archiver writes UTC.
const entryDate = new Date(Date.UTC(1980, 0, 1));

/** One file at a time is in memory. The zip appears under its name whole or not at all. */
export async function writeZip(
  manifest: readonly ManifestEntry[],
  files: readonly ArtifactFile[],
  target: string,
): Promise<StoredZip> {
  const temporary = temporaryName(target);
  await mkdir(dirname(target), { recursive: true });
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  const archive = new ZipArchive({ zlib: { level: 6 } });
  try {
    const written = pipeline(archive, measure, createWriteStream(temporary));
    // whichever of the two fails first is told; the other then fails too, and is let go
    written.catch(() => {});
    await Promise.all([fill(archive, manifest, files), written]);
    await rename(temporary, target);
  } catch (error) {
    archive.abort();
    await rm(temporary, { force: true });
    throw error;
  }
  return { file: target, sha256: hash.digest('hex'), size };
}

async function fill(
  archive: ZipArchive,
  manifest: readonly ManifestEntry[],
  files: readonly ArtifactFile[],
): Promise<void> {
  const contents = new Map(files.map((file) => [file.path, file.content]));
  for (const { path, mode, sha256: expected } of manifest) {
    const content = contents.get(path);
    if (content === undefined) throw vanished(path);
    const bytes = 'bytes' in content ? content.bytes : await readFile(content.file);
    if ('file' in content && sha256(bytes) !== expected) throw vanished(path);
    const added = once(archive, 'entry');
    archive.append(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      name: path,
      mode,
      date: entryDate,
    });
    await added;
  }
  await archive.finalize();
}

/** The bytes of a stored zip, checked: what is uploaded is what was built. */
export async function readZip(zip: StoredZip): Promise<Buffer> {
  const bytes = await readFile(zip.file);
  if (sha256(bytes) === zip.sha256) return bytes;
  await rm(zip.file, { force: true });
  throw vanished(zip.file);
}

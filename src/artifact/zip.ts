// Reproducible zips: sorted, one date, modes by rule, so that the same files give the same bytes.
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import type { Artifact } from './artifact.ts';

// Where the zip format's calendar begins; archiver writes UTC.
const entryDate = new Date(Date.UTC(1980, 0, 1));

export async function zip(artifact: Artifact): Promise<Buffer> {
  const archive = new ZipArchive({ zlib: { level: 9 } });
  const bytes = new Map(artifact.files.map((file) => [file.path, file.bytes]));
  for (const { path, mode } of artifact.manifest) {
    archive.append(Buffer.from(bytes.get(path) ?? []), { name: path, mode, date: entryDate });
  }
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await Promise.all([archive.finalize(), pipeline(archive, sink)]);
  return Buffer.concat(chunks);
}

// Unpacks an archive that was built elsewhere; nothing in it can lead out of the folder.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, open, type ZipFile } from 'yauzl';

export interface Unzipped {
  readonly path: string;
  readonly file: string;
  /** A symbolic link: its file holds where it leads. */
  readonly isLink: boolean;
}

const fileTypeMask = 0o170000;
const symbolicLink = 0o120000;

/** Files are numbered, so that names which this disk cannot have or tell apart do no harm. Rejects where it is no zip. */
export async function unzipTo(file: string, folder: string): Promise<readonly Unzipped[]> {
  await mkdir(folder, { recursive: true });
  const zip = await new Promise<ZipFile>((done, fail) => {
    open(file, { lazyEntries: true }, (error, opened) => (error ? fail(error) : done(opened)));
  });
  const found = new Map<string, Unzipped>();
  for (;;) {
    const entry = await nextEntry(zip);
    if (entry === undefined) return [...found.values()];
    if (entry.fileName.endsWith('/')) continue;
    const target = join(folder, String(found.size));
    await mkdir(dirname(target), { recursive: true });
    const stream = await new Promise<NodeJS.ReadableStream>((done, fail) => {
      zip.openReadStream(entry, (error, opened) => (error ? fail(error) : done(opened)));
    });
    await pipeline(stream, createWriteStream(target));
    const isLink = ((entry.externalFileAttributes >>> 16) & fileTypeMask) === symbolicLink;
    // of two entries of one name Java and unzip take the first
    if (!found.has(entry.fileName)) found.set(entry.fileName, { path: entry.fileName, file: target, isLink });
  }
}

/** yauzl refuses absolute names and names that climb with `..`. */
function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((done, fail) => {
    zip.removeAllListeners();
    zip
      .once('entry', done)
      .once('end', () => done(undefined))
      .once('error', fail);
    zip.readEntry();
  });
}

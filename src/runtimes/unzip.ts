// Unpacks a prebuilt archive; no entry can lead out of the folder.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { zipEntries } from '../base/zip-entries.ts';

export interface Unzipped {
  readonly path: string;
  readonly file: string;
  /** A symbolic link: its file holds the target. */
  readonly isLink: boolean;
}

/** Numbers the files, so that names which this disk cannot hold or distinguish do no harm. Rejects if the file is not a zip. */
export async function unzipTo(file: string, folder: string): Promise<readonly Unzipped[]> {
  await mkdir(folder, { recursive: true });
  const entries = new Map<string, Unzipped>();
  for await (const { name, isFolder, isLink, content } of zipEntries(file)) {
    if (isFolder) continue;
    const target = join(folder, String(entries.size));
    await pipeline(await content(), createWriteStream(target));
    // of two entries with one name, Java and unzip take the first
    if (!entries.has(name)) entries.set(name, { path: name, file: target, isLink });
  }
  return [...entries.values()];
}

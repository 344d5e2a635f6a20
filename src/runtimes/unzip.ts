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
  /** Later entries of the same name, as files. */
  readonly repeats: readonly string[];
}

/** Numbers the files, so that names which this disk cannot hold or distinguish do no harm. Rejects if the file is not a zip. */
export async function unzipTo(file: string, folder: string): Promise<readonly Unzipped[]> {
  await mkdir(folder, { recursive: true });
  const entries = new Map<string, Unzipped & { readonly repeats: string[] }>();
  let count = 0;
  for await (const { name, isFolder, isLink, content } of zipEntries(file)) {
    if (isFolder) continue;
    const target = join(folder, String(count++));
    await pipeline(await content(), createWriteStream(target));
    const first = entries.get(name);
    // of two entries with one name, Java and unzip take the first
    if (first === undefined) entries.set(name, { path: name, file: target, isLink, repeats: [] });
    else first.repeats.push(target);
  }
  return [...entries.values()];
}

// Unpacks an archive that was built elsewhere; nothing in it can lead out of the folder.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { zipEntries } from '../base/zip-entries.ts';

export interface Unzipped {
  readonly path: string;
  readonly file: string;
  /** A symbolic link: its file holds where it leads. */
  readonly isLink: boolean;
}

/** Files are numbered, so that names which this disk cannot have or tell apart do no harm. Rejects where it is no zip. */
export async function unzipTo(file: string, folder: string): Promise<readonly Unzipped[]> {
  await mkdir(folder, { recursive: true });
  const found = new Map<string, Unzipped>();
  for await (const { name, isFolder, isLink, content } of zipEntries(file)) {
    if (isFolder) continue;
    const target = join(folder, String(found.size));
    await pipeline(await content(), createWriteStream(target));
    // of two entries of one name Java and unzip take the first
    if (!found.has(name)) found.set(name, { path: name, file: target, isLink });
  }
  return [...found.values()];
}

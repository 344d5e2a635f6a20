// Unpacks an artifact into a folder, as Lambda does: from the source files or from its zip.
import { constants, createWriteStream } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { inPool } from '../base/pool.ts';
import { zipEntries } from '../base/zip-entries.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';

const filesAtOnce = 16;

export async function unpackFiles(files: readonly ArtifactFile[], folder: string): Promise<void> {
  const folders = new Set(files.map(({ path }) => dirname(join(folder, path))));
  for (const path of folders) await mkdir(path, { recursive: true });
  await inPool(files, filesAtOnce, async ({ path, content }) => {
    const target = join(folder, path);
    if ('bytes' in content) await writeFile(target, content.bytes);
    // clone if the file system can; a hard link would change the date of the original
    else await copyFile(content.file, target, constants.COPYFILE_FICLONE);
  });
}

export async function unpackZip(file: string, folder: string): Promise<void> {
  for await (const entry of zipEntries(file)) {
    const target = join(folder, entry.name);
    await mkdir(dirname(target), { recursive: true });
    if (entry.isFolder) continue;
    await pipeline(await entry.content(), createWriteStream(target, { mode: entry.mode & 0o777 || 0o644 }));
  }
}

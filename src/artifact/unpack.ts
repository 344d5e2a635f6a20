// Puts the files of an artifact into a folder, as Lambda would: from where they are, or out of its zip.
import { constants, createWriteStream } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, open, type ZipFile } from 'yauzl';
import { inPool } from '../base/pool.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';

const filesAtOnce = 16;

export async function unpackFiles(files: readonly ArtifactFile[], folder: string): Promise<void> {
  const folders = new Set(files.map(({ path }) => dirname(join(folder, path))));
  for (const one of folders) await mkdir(one, { recursive: true });
  await inPool(files, filesAtOnce, async ({ path, content }) => {
    const target = join(folder, path);
    if ('bytes' in content) await writeFile(target, content.bytes);
    // a clone where the file system can; a hard link would change the date of the original
    else await copyFile(content.file, target, constants.COPYFILE_FICLONE);
  });
}

export async function unpackZip(file: string, folder: string): Promise<void> {
  const zip = await new Promise<ZipFile>((done, fail) => {
    open(file, { lazyEntries: true, autoClose: true }, (error, opened) => (error ? fail(error) : done(opened)));
  });
  for (;;) {
    const entry = await new Promise<Entry | undefined>((done, fail) => {
      zip.removeAllListeners();
      zip
        .once('entry', done)
        .once('end', () => done(undefined))
        .once('error', fail);
      zip.readEntry();
    });
    if (entry === undefined) return;
    const target = join(folder, entry.fileName);
    await mkdir(dirname(target), { recursive: true });
    if (entry.fileName.endsWith('/')) continue;
    const stream = await new Promise<NodeJS.ReadableStream>((done, fail) => {
      zip.openReadStream(entry, (error, opened) => (error ? fail(error) : done(opened)));
    });
    await pipeline(stream, createWriteStream(target, { mode: (entry.externalFileAttributes >>> 16) & 0o777 || 0o644 }));
  }
}

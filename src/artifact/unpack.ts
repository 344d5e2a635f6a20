// Unpacks an artifact into a folder, as Lambda does: from the source files or from its zip.
import { constants, createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { inPool } from '../base/pool.ts';
import { zipEntries } from '../base/zip-entries.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';

const filesAtOnce = 16;

/** The copies of files that several functions contain, by their originals. */
export type SharedCopies = Map<string, Promise<string>>;

export interface Sharing {
  readonly shared: ReadonlySet<string>;
  readonly copies: SharedCopies;
  /** Where the copies are. */
  readonly folder: string;
}

/** A process loads one library once, by its inode; some libraries fail the second time. */
const native = /\.(?:node|so|dylib)(?:\.[\d.]+)?$/;

export async function unpackFiles(files: readonly ArtifactFile[], folder: string, sharing: Sharing): Promise<void> {
  const folders = new Set(files.map(({ path }) => dirname(join(folder, path))));
  for (const path of folders) await mkdir(path, { recursive: true });
  await inPool(files, filesAtOnce, async ({ path, content }) => {
    const target = join(folder, path);
    if ('bytes' in content) await writeFile(target, content.bytes);
    else if (sharing.shared.has(content.file) && !native.test(path))
      await linkOrCopy(await sharedCopy(content.file, sharing), target);
    else await copyFile(content.file, target, constants.COPYFILE_FICLONE);
  });
}

/** A hard link to the original would change its dates. */
function sharedCopy(file: string, { copies, folder }: Sharing): Promise<string> {
  const known = copies.get(file);
  if (known !== undefined) return known;
  const target = join(folder, `shared-${copies.size}`);
  const copy = copyFile(file, target, constants.COPYFILE_FICLONE).then(() => target);
  copies.set(file, copy);
  return copy;
}

async function linkOrCopy(file: string, target: string): Promise<void> {
  try {
    await link(file, target);
  } catch {
    // not every file system has hard links
    await copyFile(file, target);
  }
}

export async function unpackZip(file: string, folder: string): Promise<void> {
  for await (const entry of zipEntries(file)) {
    const target = join(folder, entry.name);
    await mkdir(dirname(target), { recursive: true });
    if (entry.isFolder) continue;
    await pipeline(await entry.content(), createWriteStream(target, { mode: entry.mode & 0o777 || 0o644 }));
  }
}

// Writes the files of a new project: all of them or none, and over nothing.
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FxError } from '../base/error.ts';
import type { TemplateFiles } from './template-files.ts';

/** Throws ALREADY_EXISTS, before it writes anything, if a file is in the way, and USAGE if the folder cannot be written. */
export async function writeProject(folder: string, files: TemplateFiles): Promise<void> {
  const existing = await namesIn(folder);
  if (existing !== undefined) refuseExisting(files, new Set(existing));
  try {
    const above = await nearestFolder(existing === undefined ? dirname(folder) : folder);
    // on the same file system, so that the rename at the end is one step
    const staging = await mkdtemp(join(above, '.fx-init-'));
    try {
      await writeAll(staging, files);
      if (existing === undefined) await moveWhole(staging, folder);
      else await moveFiles(staging, folder, files);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof FxError) throw error;
    throw new FxError('USAGE', `${folder} cannot be written (${code})`, {
      hint: 'nothing was written; name another folder: fx init FOLDER',
    });
  }
}

/** Undefined if there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(folder, { recursive: true })).map((path) => path.replaceAll('\\', '/'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') throw new FxError('ALREADY_EXISTS', `${folder} is a file`, { hint: 'nothing was written' });
    throw error;
  }
}

function refuseExisting(files: TemplateFiles, existing: ReadonlySet<string>): void {
  const inTheWay = [...files.keys()].filter((file) => existing.has(file));
  if (inTheWay.length === 0) return;
  throw new FxError('ALREADY_EXISTS', `${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'exists' : 'exist'} already`, {
    hint: 'nothing was written; name another folder: fx init FOLDER',
  });
}

/** The folder itself, or the nearest one above it that exists. */
async function nearestFolder(folder: string): Promise<string> {
  for (let above = folder; ; above = dirname(above)) {
    if ((await namesOrNothing(above)) || dirname(above) === above) return above;
  }
}

async function namesOrNothing(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}

async function writeAll(folder: string, files: TemplateFiles): Promise<void> {
  for (const [path, { bytes, isExecutable }] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    if (isExecutable) await chmod(file, 0o755);
  }
}

async function moveWhole(staging: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // mkdtemp makes a folder that only its owner may read
  await chmod(staging, 0o777 & ~process.umask());
  await rename(staging, folder);
}

/** One by one, each only where nothing is; if one fails, those before it go again. */
async function moveFiles(staging: string, folder: string, files: TemplateFiles): Promise<void> {
  const moved: string[] = [];
  const folders: string[] = [];
  try {
    for (const path of files.keys()) {
      const target = join(folder, path);
      const first = await mkdir(dirname(target), { recursive: true });
      if (first !== undefined) folders.push(first);
      await copyFile(join(staging, path), target, constants.COPYFILE_EXCL);
      moved.push(target);
    }
  } catch (error) {
    await Promise.all(moved.map((file) => rm(file, { force: true })));
    await Promise.all(folders.map((made) => rm(made, { recursive: true, force: true })));
    throw error;
  }
}

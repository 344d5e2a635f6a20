// Content-addressed files: stores each object body and code archive once, under its sha256.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from './cloud.ts';

let writes = 0;

/** Blobs in one folder, which the first write creates. */
export function createBlobs(folder: string): Blobs {
  const path = (id: string) => join(folder, id);
  return {
    path,
    async write(bytes) {
      const id = createHash('sha256').update(bytes).digest('hex');
      if (await exists(path(id))) return id;
      await mkdir(folder, { recursive: true });
      const temporary = `${path(id)}.${process.pid}.${writes++}.tmp`;
      await writeFile(temporary, bytes);
      await rename(temporary, path(id));
      return id;
    },
    read: (id) => readFile(path(id)),
    delete: (id) => rm(path(id), { force: true }),
  };
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

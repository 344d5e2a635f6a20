// A temporary folder: deleted when disposed, or when the process exits.
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** This process's remaining folders. One listener serves all: Node warns of more than ten. */
const standing = new Set<string>();

function removeStanding(): void {
  for (const path of standing) rmSync(path, { recursive: true, force: true });
}

export function temporaryFolder(prefix: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  if (standing.size === 0) process.once('exit', removeStanding);
  standing.add(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      standing.delete(path);
      if (standing.size === 0) process.removeListener('exit', removeStanding);
    },
  };
}

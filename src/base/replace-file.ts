// Replaces a file atomically: writes a temporary file, then renames it. After a kill, the file is either old or new.
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const temporaryEnding = '.tmp';

export function temporaryName(file: string): string {
  return `${file}.${process.pid}-${randomUUID()}${temporaryEnding}`;
}

export function replaceFile(file: string, content: string | Uint8Array): void {
  const temporary = temporaryName(file);
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

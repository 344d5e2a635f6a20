// Where functions run: in a temporary folder outside the project, so that a lookup above their code does not find what the project
// has installed. It lives as long as the server; code is unpacked into it when a function changes or starts.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const prefix = 'fx-local-code-';
const record = (stateFolder: string) => join(stateFolder, 'code-place');

/** A new folder that only this user can read. Removes that of a server which was killed. */
export function makeCodePlace(stateFolder: string): string {
  removeCodePlace(stateFolder);
  const place = mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(record(stateFolder), place);
  return place;
}

export function removeCodePlace(stateFolder: string): void {
  const place = recorded(stateFolder);
  if (place !== undefined && basename(place).startsWith(prefix)) rmSync(place, { recursive: true, force: true });
  rmSync(record(stateFolder), { force: true });
}

function recorded(stateFolder: string): string | undefined {
  try {
    return readFileSync(record(stateFolder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The packages of Lambda's runtimes, above all code. `sdk` is an @aws-sdk folder that is installed. */
export function provideSdk(place: string, sdk: string): void {
  mkdirSync(join(place, 'node_modules'), { recursive: true });
  symlinkSync(sdk, join(place, 'node_modules', '@aws-sdk'), 'junction');
}

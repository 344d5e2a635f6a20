// The note after a command that a newer fx is out: only for those who turned it on with `fx upgrade --note on`. A file remembers that, and what npm
// said last; a process of its own asks again once a day, so that no command waits.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Io } from './io.ts';

interface Remembered {
  /** What npm said last. */
  readonly newest?: string;
  /** When it was asked last: milliseconds since 1970. */
  readonly asked: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** https://specifications.freedesktop.org/basedir-spec/latest/ */
function fileOf({ variables }: Io): string {
  const state = variables['XDG_STATE_HOME'] || join(variables['HOME'] || homedir(), '.local/state');
  const windows = variables['LOCALAPPDATA'];
  return join(process.platform === 'win32' && windows ? windows : state, 'fx/upgrade.json');
}

export const isNoteOn = (io: Io): boolean => existsSync(fileOf(io));

export function turnNoteOn(io: Io): void {
  if (!isNoteOn(io)) write(io, { asked: 0 });
}

export function turnNoteOff(io: Io): void {
  rmSync(fileOf(io), { force: true });
}

/** Remembers what npm said, if the note is on. */
export function rememberNewest(io: Io, newest: string): void {
  if (isNoteOn(io)) write(io, { newest, asked: Date.now() });
}

/** Says on standard error that a newer version is out. Only at a terminal. */
export async function showUpgradeNote(io: Io, version: string): Promise<void> {
  if (!io.stderrIsTerminal || io.variables['CI'] || !isNoteOn(io)) return;
  const { newest, asked } = read(io);
  if (newest !== undefined) {
    // takes 9 ms to load, and most have the note off
    const { lt, valid } = await import('semver');
    if (valid(newest) !== null && lt(version, newest)) io.err(`fx ${newest} is out; this is ${version}: fx upgrade\n`);
  }
  // a clock that was wrong may have written a time to come
  if (Math.abs(Date.now() - asked) < dayMs) return;
  write(io, { ...(newest === undefined ? {} : { newest }), asked: Date.now() });
  const [node, bin] = io.program;
  const asking = spawn(node, [bin, 'upgrade', '--json'], {
    cwd: io.workingFolder,
    env: io.variables as NodeJS.ProcessEnv,
    detached: true,
    windowsHide: true,
    stdio: 'ignore',
  });
  // there is nobody to tell
  asking.once('error', () => {});
  asking.unref();
}

/** A file that somebody else has written says nothing. */
function read(io: Io): Remembered {
  try {
    const { newest, asked } = JSON.parse(readFileSync(fileOf(io), 'utf8')) as Partial<Remembered>;
    return {
      ...(typeof newest === 'string' ? { newest } : {}),
      asked: typeof asked === 'number' ? asked : 0,
    };
  } catch {
    return { asked: 0 };
  }
}

/** Where nothing can be written, the note says nothing: the command has done its work. */
function write(io: Io, remembered: Remembered): void {
  const file = fileOf(io);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(remembered)}\n`);
  } catch (error) {
    if (!['EACCES', 'EROFS', 'ENOSPC', 'EPERM', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}

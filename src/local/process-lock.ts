// A lock that one running process holds: a file with its pid, created only if it does not exist.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export interface Lock {
  release(): void;
}

/** Takes the lock, even from a dead process. Undefined if another running process holds it. */
export function takeLock(file: string): Lock | undefined {
  const pidFile = `${file}.${process.pid}`;
  writeFileSync(pidFile, String(process.pid));
  try {
    for (;;) {
      try {
        // linking fails if the file exists, and never shows a half-written file
        linkSync(pidFile, file);
        return { release: () => release(file) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (lockHolder(file) !== undefined || !removeDeadLock(file)) return undefined;
    }
  } finally {
    rmSync(pidFile, { force: true });
  }
}

/** Deletes the lock file of a dead process. If its process is running after all, puts the file back and returns false. */
function removeDeadLock(file: string): boolean {
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
  } catch (error) {
    // another process has just deleted it
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  const holder = lockHolder(aside);
  if (holder !== undefined) linkSync(aside, file);
  rmSync(aside);
  return holder === undefined;
}

function release(file: string): void {
  if (lockHolder(file) === process.pid) rmSync(file, { force: true });
}

/** The running process that holds the lock. */
export function lockHolder(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const pid = Number(text);
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

/** Whether a process is running. A zombie, which its parent has not reaped yet, is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    // the state follows the name, which may contain any character: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // not Linux, or the process has just ended: trust the signal
    return true;
  }
}

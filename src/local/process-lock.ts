// A lock held by one living process: a file with its pid, created only if it does not exist.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export interface Lock {
  release(): void;
}

/** Takes the lock, over a holder that is dead too; undefined where another living process has it. */
export function takeLock(file: string): Lock | undefined {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    for (;;) {
      try {
        // a link appears with its content, and only where there is nothing yet
        linkSync(own, file);
        return { release: () => release(file) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (lockHolder(file) !== undefined || !clearDead(file)) return undefined;
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Takes a dead holder's file away; false where it turns out to be a living one's, and then it is put back. */
function clearDead(file: string): boolean {
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
  } catch (error) {
    // somebody else was faster
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

/** The living process that holds the lock. */
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

/** Whether a process runs. One that has ended and was not yet looked after by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    // the state follows the name, which may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // no Linux, or gone in this very moment: what the signal said counts
    return true;
  }
}

// The peak memory of a process.
import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A peak seldom grows, so a reading is reused for this long. */
const freshMs = 100;

/** Called after each invocation; on Linux it reads a file that stays open. */
export class PeakMemory {
  readonly #pid: number | undefined;
  readonly #status: number | undefined;
  #megabytes = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(pid: number | undefined) {
    this.#pid = pid;
    this.#status = pid === undefined || process.platform !== 'linux' ? undefined : openStatus(pid);
  }

  /** In MB; the last value once the process has ended, and 0 if the system does not report it. */
  async read(): Promise<number> {
    if (this.#status !== undefined) {
      const now = performance.now();
      if (now - this.#readAt < freshMs) return this.#megabytes;
      this.#readAt = now;
      this.#readStatus(this.#status);
    } else if (this.#pid !== undefined && process.platform === 'darwin') this.#megabytes = await currentByPs(this.#pid);
    return this.#megabytes;
  }

  close(): void {
    if (this.#status !== undefined) closeSync(this.#status);
  }

  #readStatus(descriptor: number): void {
    try {
      const size = readSync(descriptor, buffer, 0, buffer.length, 0);
      const peak = /^VmHWM:\s+(\d+) kB/m.exec(buffer.toString('latin1', 0, size))?.[1];
      if (peak !== undefined) this.#megabytes = Math.ceil(Number(peak) / 1024);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

const buffer = Buffer.alloc(4096);

function openStatus(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/status`, 'r');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

// Without /proc the current size is used instead of the peak. `ps` fails for a process that has ended.
async function currentByPs(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' }));
  return Math.ceil(Number(stdout.trim()) / 1024);
}

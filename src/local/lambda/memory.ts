// How much memory a process has used at most.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** In MB; 0 where the process has already gone or the system does not tell. */
export async function peakMemoryMb(pid: number | undefined): Promise<number> {
  if (pid === undefined || process.platform === 'win32') return 0;
  return process.platform === 'linux' ? linuxPeak(pid) : currentByPs(pid);
}

async function linuxPeak(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Math.ceil(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}

// Without /proc the present size stands in for the peak. `ps` fails for a process that has gone.
async function currentByPs(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' }));
  return Math.ceil(Number(stdout.trim()) / 1024);
}

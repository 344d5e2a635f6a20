// Runs child processes: no shell, no inherited environment, ended as a group when they take too long.
import { spawn } from 'node:child_process';

export interface ProcessSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface ProcessResult {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** What the child sent by `process.send`, in order. */
  readonly messages: readonly unknown[];
}

/** Resolves when the child has ended, with any exit code. Rejects if it cannot start. */
export function runProcess(spec: ProcessSpec): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(spec.program, [...spec.args], {
      cwd: spec.folder,
      env: { ...spec.variables },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    });
    const messages: unknown[] = [];
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, spec.timeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('message', (message) => messages.push(message));
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      // ends the child's children too
      endGroup(child.pid);
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined, timedOut, stdout, stderr, messages });
    });
  });
}

/** Ends a process and all that it started. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

// Runs the built command line as a user does: a process of its own, in a folder, with a clean environment.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export const bin = resolve(import.meta.dirname, '../../dist/bin.js');

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export function fx(folder: string, words: readonly string[], options: RunOptions = {}): Promise<Run> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [bin, ...words], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, NO_COLOR: '1', ...options.variables },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', fail);
    child.once('close', (exitCode) => done({ exitCode, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

/** The last line of --json. */
export function resultOf(run: Run): unknown {
  const last = run.stdout.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { value: unknown }).value;
}

/** Stops the local AWS of a project when the test is over. */
export function stopAfter(folder: string): void {
  onTestFinished(async () => {
    await fx(folder, ['local', 'stop']);
  });
}

export const projectFile = (folder: string): string => join(folder, 'project.yml');

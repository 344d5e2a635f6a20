// Runs the built command line as a user does: in a separate process, in a folder, with a clean environment.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, expect, onTestFinished } from 'vitest';
import { testClock } from '../../src/local/fixture.ts';
import { checkJsonOutput } from './json-output.ts';

/** Runs on from the suite's time: each command, and each local AWS in the test's process, begins at what it says then. */
export const clock = testClock();
export const bin = resolve(import.meta.dirname, '../../dist/bin.js');

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Leaves standard input open for `write` and `end`. */
  readonly isOpen?: true;
  readonly variables?: Readonly<Record<string, string>>;
  /** The bin of another copy of fx; by default, the built one. */
  readonly bin?: string;
}

/** A running command line. */
export interface Running {
  readonly ended: Promise<Run>;
  /** Resolves as soon as the output so far, of both streams, matches; rejects if the process ends first. */
  saying(pattern: RegExp): Promise<void>;
  write(input: string): void;
  end(): void;
  interrupt(): void;
  /** As kill -9 does. */
  kill(): void;
}

/** Resolves when the process has ended. Its output must be plain: a pipe is not a terminal. */
export async function fx(folder: string, words: readonly string[], options: RunOptions = {}): Promise<Run> {
  return startFx(folder, words, options).ended;
}

export function startFx(folder: string, words: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(process.execPath, [options.bin ?? bin, ...words], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      FX_LOCAL_TIME: new Date(clock.now()).toISOString(),
      ...options.variables,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // each wait listens for the end
  child.setMaxListeners(0);
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    wake();
  });
  const ended = new Promise<Run>((done, fail) => {
    child.once('error', fail);
    child.once('close', (exitCode) => {
      const controls = [...(stdout + stderr)].filter((character) => character === '\u001b' || character === '\r');
      expect(controls, 'a pipe gets no control characters').toEqual([]);
      try {
        checkJsonOutput(words, stdout);
      } catch (error) {
        return fail(error);
      }
      done({ exitCode, stdout, stderr });
    });
  });
  // a command that does not read its input may end before the write
  child.stdin.on('error', () => {});
  if (options.isOpen !== true) child.stdin.end(options.input ?? '');
  return {
    ended,
    saying: (pattern) =>
      new Promise((done, fail) => {
        const look = () => {
          if (!pattern.test(stdout + stderr)) return;
          waiting.delete(look);
          done();
        };
        waiting.add(look);
        child.once('close', () => fail(new Error(`ended without saying ${pattern}:\n${stdout}${stderr}`)));
        look();
      }),
    write: (input) => void child.stdin.write(input),
    end: () => void child.stdin.end(),
    interrupt: () => void child.kill('SIGINT'),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Every line of --json, in order. */
export function jsonLines(run: Run): readonly Record<string, unknown>[] {
  expect(run.stdout, run.stderr).toMatch(/\}\n$/);
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The last line of --json. */
export function resultOf(run: Run): unknown {
  const last = jsonLines(run).at(-1);
  expect(last, run.stderr).toMatchObject({ type: 'result' });
  return last?.['value'];
}

/** Stops a project's local AWS after the test. */
export function stopAfter(folder: string): void {
  onTestFinished(async () => {
    await fx(folder, ['local', 'stop']);
  });
}

/** The same after all tests of the file. */
export function stopAfterAll(folder: string): void {
  afterAll(async () => {
    await fx(folder, ['local', 'stop']);
  });
}

export const projectFile = (folder: string): string => join(folder, 'project.yml');

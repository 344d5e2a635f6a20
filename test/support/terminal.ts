// Runs a command line at a terminal of its own, as a person sees it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { bin, clock } from './fx.ts';

/** util-linux's `script` gives a command a terminal. */
export const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');

export interface Terminal {
  readonly ended: Promise<number | null>;
  /** Resolves as soon as what is shown from now on matches. */
  saying(pattern: RegExp): Promise<void>;
  type(keys: string): void;
  shown(): string;
}

export function atTerminal(
  folder: string,
  words: readonly string[],
  columns = 100,
  variables: Readonly<Record<string, string>> = {},
): Terminal {
  const line = `stty cols ${columns}; exec ${[process.execPath, bin, ...words].map((word) => `'${word}'`).join(' ')}`;
  const child = spawn('/usr/bin/script', ['-qefc', line, '/dev/null'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TERM: 'xterm',
      FX_LOCAL_TIME: new Date(clock.now()).toISOString(),
      ...variables,
    },
  });
  let shown = '';
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return {
    ended: once(child, 'exit').then(([code]) => code as number | null),
    async saying(pattern) {
      while (!pattern.test(shown.slice(read))) await once(child.stdout, 'data');
      read = shown.length;
    },
    type: (keys) => void child.stdin.write(keys),
    shown: () => shown,
  };
}

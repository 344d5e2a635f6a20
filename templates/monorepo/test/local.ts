// The project on the local AWS of this machine, by the command fx.
import { spawnSync } from 'node:child_process';

/** Runs fx and returns its result. */
function fx<Result>(...words: string[]): Result {
  const { status, stdout, stderr, error } = spawnSync('fx', [...words, '--json'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const last = stdout?.trim().split('\n').at(-1) ?? '';
  if (error !== undefined || status !== 0) throw new Error(`fx ${words.join(' ')}: ${error ?? `${last}${stderr}`}`);
  return JSON.parse(last).value as Result;
}

export interface Local {
  /** Deploys project.yml, and returns the outputs of the stack. */
  deploy(): Record<string, string>;
  /** Calls a function and returns its answer. */
  invoke(name: string, event: unknown): unknown;
  /** Does what calls a function by itself: sends the message, puts the object. */
  trigger(name: string, data: string, ...options: string[]): void;
  /** What a function logged. */
  logs(name: string): string;
  stop(): void;
}

/** `folder` is that of project.yml. */
export function startLocal(folder = '.'): Local {
  const isMine = !fx<{ running: boolean }>('local', 'status', '-C', folder).running;
  const here = ['--env', 'local', '-C', folder];
  return {
    deploy: () => fx<{ outputs: Record<string, string> }>('deploy', ...here).outputs,
    invoke: (name, event) => fx<{ payload: unknown }>('invoke', name, ...here, '--data', JSON.stringify(event)).payload,
    trigger: (name, data, ...options) => fx('trigger', name, ...here, '--data', data, ...options),
    logs: (name) => spawnSync('fx', ['logs', name, ...here], { encoding: 'utf8' }).stdout,
    stop() {
      if (isMine) fx('local', 'stop', '-C', folder);
    },
  };
}

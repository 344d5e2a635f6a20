// The project on the local AWS of this machine, by the command fx.
import { spawnSync } from 'node:child_process';

/** Runs fx and returns its result. */
function fx(...words) {
  const { status, stdout, stderr, error } = spawnSync('fx', [...words, '--json'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const last = stdout?.trim().split('\n').at(-1) ?? '';
  if (error !== undefined || status !== 0) throw new Error(`fx ${words.join(' ')}: ${error ?? `${last}${stderr}`}`);
  return JSON.parse(last).value;
}

export function startLocal() {
  const isMine = !fx('local', 'status').running;
  return {
    /** Deploys project.yml, and returns the outputs of the stack. */
    deploy: () => fx('deploy', '--env', 'local').outputs,
    /** Calls a function and returns its answer. */
    invoke: (name, event) => fx('invoke', name, '--env', 'local', '--data', JSON.stringify(event)).payload,
    stop: () => isMine && fx('local', 'stop'),
  };
}

// What a shell offers at the Tab key.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageFolder } from '../../src/base/packaged.ts';
import { fx, resultOf } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';
import { reasonMissing, runs } from '../support/toolchain.ts';

const project = {
  'project.yml':
    'name: shop\nenvironments: {staging: {}, prod: {protected: true}}\nfunctions: {orders: {handler: a.handler}, other: {handler: a.handler}}\n',
  'a.ts': 'export const handler = async () => 1;\n',
};
const folder = sharedFolder();
/** fx on the path of a shell. */
const bin = sharedFolder();
beforeAll(async () => {
  await writeFiles(folder, project);
  await writeFiles(bin, {
    fx: `#!/bin/sh\nexec "${process.execPath}" "${join(packageFolder(), 'dist/bin.js')}" "$@"\n`,
  });
  chmodSync(join(bin, 'fx'), 0o755);
});

async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const done = await fx(folder, ['complete', '--', ...words]);
  expect(done.exitCode, done.stderr).toBe(0);
  return done.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');
}

test('commands, members of groups, and options with what they are about', async () => {
  expect(await offered('')).toEqual(expect.arrayContaining(['deploy', 'logs', 'releases', 'completion']));
  expect(await offered('')).not.toContain('complete');
  expect(await offered('roll')).toEqual(['rollback']);
  expect(await offered('local', 's')).toEqual(['start', 'stop', 'status', 'save']);
  expect(await offered('releases', '')).toEqual(expect.arrayContaining(['show', 'diff']));
  expect(await offered('logs', '--f')).toEqual(['--follow', '--filter', '--format']);
  expect(await offered('nonsense', '')).toEqual(['']);
  const { stdout } = await fx(folder, ['complete', '--', 'logs', '--follow']);
  expect(stdout).toBe('--follow\tshow new lines until interrupted\n');
});

test('functions and environments of the project, wherever it is', async () => {
  expect(await offered('logs', '')).toEqual(['orders', 'other']);
  expect(await offered('logs', '--env', 'staging', 'or')).toEqual(['orders']);
  expect(await offered('deploy', '--env', '')).toEqual(['local', 'staging', 'prod']);
  expect(await offered('deploy', '-e', 'p')).toEqual(['prod']);
  expect(await offered('promote', 'staging', 'pr')).toEqual(['prod']);
  const { stdout } = await fx('/', ['complete', '--', 'logs', '-C', folder, '']);
  expect(stdout).toBe('orders\nother\n');
  expect((await fx('/', ['complete', '--', 'logs', ''])).stdout).toBe('');
  expect(await offered('invoke', '--file', '')).toEqual([':files']);
  expect(await offered('exec', '--', 'npm', '')).toEqual([':files']);
});

test('both have JSON', async () => {
  expect(resultOf(await fx(folder, ['complete', '--json', '--', 'roll']))).toEqual([
    { word: 'rollback', about: expect.any(String) },
  ]);
  expect(resultOf(await fx(folder, ['completion', 'bash', '--json']))).toContain('complete -F _fx fx');
});

test('an unknown shell is refused by name', async () => {
  expect(await fx(folder, ['completion', 'tcsh'])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/fx has no completion for "tcsh".*\n→ it has one for bash, zsh, fish/),
  });
});

function inShell(shell: string, script: string): string {
  const { stdout, stderr } = spawnSync(shell, ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder },
  });
  return stdout + stderr;
}

test('bash takes the script and completes', () => {
  const script = `source <(fx completion bash)
COMP_WORDS=(fx logs or); COMP_CWORD=2; _fx; echo "$\{COMPREPLY[@]}"
COMP_WORDS=(fx logs --env ''); COMP_CWORD=3; _fx; echo "$\{COMPREPLY[@]}"`;
  expect(inShell('bash', script)).toBe('orders\nlocal staging prod\n');
});

const fish = runs('fish', '--version');
const noFish = reasonMissing(fish, 'fish is not installed, to complete in it');
test.skipIf(fish === undefined)(`fish takes the script and completes${noFish}`, () => {
  expect(inShell('fish', 'fx completion fish | source; complete --do-complete "fx logs or"')).toBe('orders\n');
});

const zsh = runs('zsh', '--version');
const noZsh = reasonMissing(zsh, 'zsh is not installed, to complete in it');
test.skipIf(zsh === undefined)(`zsh takes the script and completes${noZsh}`, () => {
  const script = `autoload -Uz compinit; compinit -u -D; source <(fx completion zsh)
_describe() { print -l -- "\${(@P)2}"; }
words=(fx logs or); CURRENT=3; _fx`;
  expect(inShell('zsh', script)).toBe('orders\n');
});

// What differs on Windows and macOS, with the platform switched: CI has Linux only.
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { modeOf } from '../src/artifact/artifact.ts';
import { endGroup } from '../src/base/process.ts';
import { openUrl } from '../src/cli/open-url.ts';
import { findProgram } from '../src/runtimes/tool.ts';
import { fx, resultOf } from './support/fx.ts';
import { folderOf } from './support/project.ts';

function on(platform: NodeJS.Platform): void {
  const before = process.platform;
  Object.defineProperty(process, 'platform', { value: platform });
  onTestFinished(() => {
    Object.defineProperty(process, 'platform', { value: before });
  });
}

test('programs have endings on Windows, and no permission bits', async () => {
  const folder = await folderOf({ 'npm.cmd': '', gradle: '', 'go.exe': '' });
  expect(findProgram('npm', folder)).toBeUndefined();
  expect(findProgram('gradle', folder)).toBeUndefined();
  on('win32');
  expect(findProgram('npm', folder)).toBe(join(folder, 'npm.cmd'));
  expect(findProgram('go', folder)).toBe(join(folder, 'go.exe'));
  expect(findProgram('gradle', folder)).toBe(join(folder, 'gradle'));
});

test('a browser is opened by the program of the system', async () => {
  const said = (name: string) => `#!/bin/sh\necho "$@" > "$(dirname "$0")/${name}.txt"\n`;
  const folder = await folderOf({ open: said('open'), rundll32: said('rundll32') });
  for (const name of ['open', 'rundll32']) chmodSync(join(folder, name), 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  for (const [platform, name, words] of [
    ['darwin', 'open', 'http://x/'],
    ['win32', 'rundll32', 'url.dll,FileProtocolHandler http://x/'],
  ] as const) {
    on(platform);
    openUrl('http://x/', () => expect.unreachable());
    const file = join(folder, `${name}.txt`);
    await vi.waitFor(() => expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(`${words}\n`), 5_000);
  }
});

test('processes are ended by group, and on Windows, which has none, by themselves', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  onTestFinished(() => kill.mockRestore());
  endGroup(12);
  on('win32');
  endGroup(12);
  expect(kill.mock.calls).toEqual([
    [-12, 'SIGKILL'],
    [12, 'SIGKILL'],
  ]);
  await wait(0);
});

test('what runs in an artifact is told by its content, not by bits that Windows has not', () => {
  expect(modeOf('bootstrap', { runs: false })).toBe(0o755);
  expect(modeOf('bin/tool', { runs: true })).toBe(0o755);
  expect(modeOf('index.mjs', { runs: false })).toBe(0o644);
});

test('a project with the line ends of Windows is read, placed and changed as any other', async () => {
  const text = 'name: shop\n# the functions\nfunctions:\n  hello:\n    handler: a.handler\n';
  const folder = await folderOf({
    'project.yml': text.replaceAll('\n', '\r\n'),
    'a.ts': 'export const handler = async () => 1;\r\n',
  });
  const template = async () => resultOf(await fx(folder, ['config', '--json']));
  const same = await folderOf({ 'project.yml': text, 'a.ts': 'export const handler = async () => 1;\n' });
  expect(await template()).toEqual(resultOf(await fx(same, ['config', '--json'])));
  expect((await fx(folder, ['init', 'function', 'bye'])).exitCode).toBe(0);
  const changed = await readFile(join(folder, 'project.yml'), 'utf8');
  expect(changed).toContain('# the functions\r\n');
  expect(changed.replaceAll('\r\n', '')).not.toContain('\n');
  expect((await fx(folder, ['validate'])).exitCode).toBe(0);
});

// fx upgrade asks npm, as that is configured.
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { packageVersion } from '../../src/base/packaged.ts';
import { fx, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { atTerminal, hasTerminals } from '../support/terminal.ts';
import { reasonMissing } from '../support/toolchain.ts';

async function withNpm(script: string) {
  const folder = await folderOf({ 'bin/npm': `#!/bin/sh\n${script}\n` });
  chmodSync(join(folder, 'bin/npm'), 0o755);
  return { folder, variables: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` } };
}

test('names a newer version and the command that installs it', async () => {
  const { folder, variables } = await withNpm('test "$*" = "view fx-serverless version" && echo 9.1.0');
  const { exitCode, stdout } = await fx(folder, ['upgrade'], { variables });
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/^fx 9\.1\.0 is out; this is \S+\.\n\n {2}npm install --global fx-serverless@latest\n/),
  ]);
});

test('says so if there is none, and if npm does not answer', async () => {
  const version = packageVersion();
  const same = await withNpm(`echo ${version}`);
  const done = await fx(same.folder, ['upgrade', '--json'], { variables: same.variables });
  expect(resultOf(done)).toEqual({ version, newest: version, note: false });
  const broken = await withNpm('echo "npm error code E404" >&2; exit 1');
  expect(await fx(broken.folder, ['upgrade'], { variables: broken.variables })).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/npm does not say which version.*\n→ npm error code E404/),
  });
});

const reason = reasonMissing(hasTerminals || undefined, "there is no terminal here: util-linux's script");

describe.skipIf(reason !== '')(`the note that a newer one is out${reason}`, () => {
  const remembered = '.local/state/fx/upgrade.json';
  const note = new RegExp(`fx 9\\.1\\.0 is out; this is ${packageVersion().replaceAll('.', '\\.')}: fx upgrade`);
  const readNote = (folder: string) => JSON.parse(readFileSync(join(folder, remembered), 'utf8'));

  test('comes at a terminal only, if it was turned on, and goes when it is turned off', async () => {
    const { folder, variables } = await withNpm('echo 9.1.0');
    const own = { variables: { ...variables, HOME: folder } };
    const shown = async () => {
      const terminal = atTerminal(folder, ['completion', 'bash'], 100, own.variables);
      expect(await terminal.ended).toBe(0);
      return terminal.shown();
    };
    expect(await shown()).not.toMatch(/is out/);
    expect(existsSync(join(folder, '.local'))).toBe(false);

    expect(resultOf(await fx(folder, ['upgrade', '--note', 'on', '--json'], own))).toMatchObject({ note: true });
    expect(await shown()).toMatch(note);
    expect((await fx(folder, ['completion', 'bash'], own)).stderr).toBe('');
    const inCi = atTerminal(folder, ['completion', 'bash'], 100, { ...own.variables, CI: 'true' });
    await inCi.ended;
    expect(inCi.shown()).not.toMatch(/is out/);

    expect(resultOf(await fx(folder, ['upgrade', '--note', 'off', '--json'], own))).toMatchObject({ note: false });
    expect(await shown()).not.toMatch(/is out/);
    expect(await fx(folder, ['upgrade', '--note', 'maybe'], own)).toMatchObject({
      exitCode: 4,
      stderr: 'error --note takes on or off, not "maybe" [USAGE]\n→ fx upgrade --note on\n',
    });
  });

  test('is of what npm said within a day, which a process of its own asks', async () => {
    const { folder, variables } = await withNpm('echo 9.2.0');
    await writeFiles(folder, { [remembered]: JSON.stringify({ newest: '9.1.0', asked: 0 }) });
    const run = () => atTerminal(folder, ['completion', 'bash'], 100, variables);
    const first = run();
    expect(await first.ended).toBe(0);
    // it does not wait for the answer
    expect(first.shown()).toMatch(note);
    await vi.waitFor(() => expect(readNote(folder).newest).toBe('9.2.0'), { timeout: 20_000 });
    const second = run();
    await second.ended;
    expect(second.shown()).toMatch(/fx 9\.2\.0 is out/);

    await writeFiles(folder, { [remembered]: 'not JSON' });
    const third = run();
    expect([await third.ended, third.shown()]).toEqual([0, expect.not.stringMatching(/is out/)]);
    await vi.waitFor(() => expect(readNote(folder).newest).toBe('9.2.0'), { timeout: 20_000 });
  });
});

// fx upgrade asks npm, as that is configured.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageVersion } from '../../src/base/packaged.ts';
import { fx, resultOf } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

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
  expect(resultOf(done)).toEqual({ version, newest: version });
  const broken = await withNpm('echo "npm error code E404" >&2; exit 1');
  expect(await fx(broken.folder, ['upgrade'], { variables: broken.variables })).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/npm does not say which version.*\n→ npm error code E404/),
  });
});

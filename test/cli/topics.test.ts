// fx help TOPIC prints guides and errors.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorTable } from '../../src/base/error.ts';
import { packageFolder } from '../../src/base/packaged.ts';
import { errorHelp } from '../../src/cli/error-help.ts';
import { topicText } from '../../src/cli/topics.ts';
import { fx } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const guides = readdirSync(join(packageFolder(), 'docs/guide')).map((file) => file.replace(/\.md$/, ''));

test('lists and prints every guide', async () => {
  const folder = await folderOf({});
  const { stdout } = await fx(folder, ['help', 'topics']);
  for (const guide of guides) expect(stdout).toMatch(new RegExp(`^  ${guide} +\\S`, 'm'));
  expect((await fx(folder, ['help', 'queues'])).stdout).toMatch(/^# /);
  for (const guide of guides) expect(topicText(guide, { color: false }), guide).toMatch(/^# .+\n/);
  const testing = topicText('testing', { color: true }) ?? '';
  expect(testing).toContain('\u001b[1m# Testing a project');
  expect(testing).not.toContain('<!--');
});

test('says what causes an error, and what helps', async () => {
  const { exitCode, stdout } = await fx(await folderOf({}), ['help', 'STACK_STUCK']);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/^STACK_STUCK {2}exit code 3\n\n.*\n\nCauses: .*\n\nWhat helps: .*fx recover/),
  ]);
  expect(Object.keys(errorHelp)).toEqual(Object.keys(errorTable));
});

test('a command comes before a guide, and what is neither is an unknown command', async () => {
  const folder = await folderOf({});
  expect((await fx(folder, ['help', 'deploy'])).stdout).toMatch(/^Usage: fx deploy/);
  expect(await fx(folder, ['help', 'quues'])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('unknown command "quues"'),
  });
});

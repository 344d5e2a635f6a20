// A project may have more functions than a process allows simultaneous calls by default.
import { expect, test } from 'vitest';
import { fx, stopAfter } from './support/fx.ts';
import { folderOf, handler } from './support/project.ts';

test('calls for a dozen functions at once write no warning', async () => {
  const functions = Array.from({ length: 12 }, (_, index) => `  f${index}: {handler: a.handler}\n`);
  const folder = await folderOf({ 'project.yml': `name: many\nfunctions:\n${functions.join('')}`, 'a.ts': handler });
  stopAfter(folder);
  const run = await fx(folder, ['logs']);
  // not deployed
  expect([run.exitCode, run.stderr]).toEqual([3, expect.not.stringContaining('Warning')]);
});

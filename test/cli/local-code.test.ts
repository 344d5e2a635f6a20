// Where the code of functions runs on the local AWS.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fx, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const timeout = 60_000;

test('a function finds the SDK of its runtime, but no other package of the project', { timeout }, async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler, sdk: runtime}\n',
    'a.mjs': `import { createRequire } from 'node:module';
const load = createRequire(import.meta.url);
export const handler = async ({ name }) => {
  if (name === 'sdk') return (await import('@aws-sdk/client-s3')).version;
  try { return load(['hid', 'den'].join('')); } catch ({ code }) { return code; }
};`,
    'node_modules/hidden/package.json': '{"name": "hidden", "version": "1.0.0"}',
    'node_modules/hidden/index.js': "module.exports = 'found';",
    'node_modules/@aws-sdk/client-s3/package.json': '{"name": "@aws-sdk/client-s3", "version": "3.0.0"}',
    'node_modules/@aws-sdk/client-s3/index.js': "exports.version = '3.0.0';",
  });
  stopAfter(folder);
  const answer = async (name: string) => (await fx(folder, ['invoke', 'a', '--data', JSON.stringify({ name })])).stdout;
  const deployed = await fx(folder, ['deploy']);
  expect(deployed.exitCode, deployed.stderr).toBe(0);
  expect(await answer('hidden')).toBe('"MODULE_NOT_FOUND"\n');
  expect(await answer('sdk')).toBe('"3.0.0"\n');
  const place = readFileSync(join(folder, '.fx/local/code-place'), 'utf8');
  expect(existsSync(place)).toBe(true);
  // also by another name of the file, from another folder
  const stopped = await fx('/', ['local', 'stop', '--config', join(folder, 'project.yml')]);
  expect([stopped.exitCode, stopped.stdout]).toEqual([0, 'The local AWS is stopped.\n']);
  expect(existsSync(place)).toBe(false);
  // started again, it unpacks again
  await fx(folder, ['local', 'start']);
  expect(await answer('sdk')).toBe('"3.0.0"\n');
});

// Packages that others can do without, where the code for the function's platform is not to be had.
import { expect, test } from 'vitest';
import { answerOf, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { folderOf } from '../../../test/support/project.ts';

/** As of cbor-x and cbor-extract, whose code for the platform no registry of the tests has. */
const files = (handler: string) => ({
  'project.yml':
    'name: s\ndefaults: {architecture: x86_64, runtime: nodejs20.x}\nfunctions:\n  a: {handler: a.handler}\n',
  '.npmrc': 'registry=http://127.0.0.1:9/\nfetch-retry-mintimeout=1\n',
  'a.mjs': handler,
  'node_modules/coder/package.json': JSON.stringify({
    name: 'coder',
    version: '1.0.0',
    optionalDependencies: { quick: '*' },
  }),
  'node_modules/coder/index.js':
    "module.exports = () => { try { return require('quick'); } catch { return 'slow'; } };",
  'node_modules/quick/package.json': JSON.stringify({
    name: 'quick',
    version: '1.0.0',
    dependencies: { 'node-gyp-build': '*' },
    optionalDependencies: { '@quick/linux-x64': '1.0.0' },
  }),
  'node_modules/quick/index.js': "module.exports = require('@quick/linux-x64');",
  'node_modules/node-gyp-build/package.json': '{"name": "node-gyp-build", "version": "1.0.0"}',
  'node_modules/node-gyp-build/index.js': '',
});

test('an optional package is left out with a line that says so', async () => {
  const folder = await folderOf(files("import coder from 'coder'; export const handler = async () => coder();"));
  const { artifacts, notes } = await buildIn(folder);
  const artifact = artifacts.get('a') as never;
  expect(answerOf(artifact)).toBe('slow');
  expect(pathsOf(artifact).filter((path) => path.includes('quick'))).toEqual([]);
  expect(notes).toEqual([
    expect.stringContaining('left out: quick, which is optional and needs @quick/linux-x64, which is not installed'),
  ]);
});

test('a package that the function itself imports is not', async () => {
  const folder = await folderOf(
    files("import coder from 'coder'; import quick from 'quick'; export const handler = async () => coder() + quick;"),
  );
  expect(await problemsIn(folder)).toEqual([
    expect.stringContaining('where quick needs @quick/linux-x64, which is not installed'),
  ]);
});

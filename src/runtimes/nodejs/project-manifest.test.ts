// The project's package.json in an artifact.
import { expect, test } from 'vitest';
import { answerOf, artifactIn, pathsOf } from '../../../test/support/artifacts.ts';
import { folderOf } from '../../../test/support/project.ts';

const files = (library: string) => ({
  'project.yml':
    'name: s\ndefaults: {architecture: x86_64, runtime: nodejs20.x}\nfunctions:\n  a: {handler: src/a.handler}\n',
  'package.json': JSON.stringify({ name: 'shop', version: '1.2.3', type: 'module', scripts: { test: 'x' }, own: 1 }),
  'src/a.cjs': "exports.handler = async () => require('lib')(__dirname);",
  'node_modules/lib/package.json': '{"name": "lib", "version": "1.0.0"}',
  'node_modules/lib/index.js': library,
});

test('is there if a package looks for it upward, without what would change the format of the bundle', async () => {
  const library = `const fs = require('fs'), path = require('path');
    module.exports = (from) => { for (let at = from; ; at = path.dirname(at)) {
      const file = path.join(at, 'package.json'); if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8'));
      if (path.dirname(at) === at) throw new Error('no package.json');
    } };`;
  const artifact = await artifactIn(await folderOf(files(library)));
  expect(answerOf(artifact)).toEqual({ name: 'shop', version: '1.2.3', own: 1 });
});

test('is not there otherwise', async () => {
  const artifact = await artifactIn(await folderOf(files("module.exports = () => 'package.json';")));
  expect(pathsOf(artifact)).not.toContain('package.json');
});

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn, pathsOf } from '../../../test/support/artifacts.ts';
import { installed, one, plain, reasonIn, uses } from '../../../test/support/packages.ts';
import { folderOf } from '../../../test/support/project.ts';

describe('a package is packed as installed', () => {
  test('together with the package that it patches', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'a.cjs':
        "const trace = require('trace'); const driver = require('driver'); exports.handler = async () => [trace, driver.name];",
      ...installed('require-in-the-middle', { 'index.js': '' }),
      ...installed(
        'trace',
        { 'index.js': "require('require-in-the-middle'); module.exports = Object.keys({ driver: 1 });" },
        { dependencies: { 'require-in-the-middle': '1' } },
      ),
      ...installed('driver', { 'index.js': "exports.name = 'driver';" }),
    });
    expect(await reasonIn(folder, 'driver')).toEqual({
      answer: [['driver'], 'driver'],
      reason: 'packed as installed: trace patches it as it is loaded',
    });
  });

  test('and is set up before the package that it patches is loaded, as CommonJS would', async () => {
    const trace = {
      ...installed('require-in-the-middle', { 'index.js': '' }),
      ...installed(
        'trace',
        { 'index.js': "require('require-in-the-middle'); exports.start = () => { globalThis.started = 'driver'; };" },
        { dependencies: { 'require-in-the-middle': '1' } },
      ),
      ...installed('driver', { 'index.js': 'exports.patched = globalThis.started !== undefined;' }),
      'trace.ts': "import { start } from 'trace';\nstart();\n",
    };
    const code = "import './trace'; import { patched } from 'driver'; export const handler = async () => patched;";
    const folder = await folderOf({ 'project.yml': plain, ...trace, 'a.ts': code });
    const artifact = await artifactIn(folder);
    expect([answerOf(artifact), pathsOf(artifact)[0]]).toEqual([true, 'a.js']);
    const asModule = await folderOf({ 'project.yml': plain, ...trace, 'a.ts': `${code}\nawait 0;` });
    expect(pathsOf(await artifactIn(asModule))[0]).toBe('a.mjs');
  });

  test('together with what it shares with the bundle, so that there is one copy', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'a.mjs':
        "import own from 'own'; import { Kind } from 'kinds'; export const handler = async () => own() instanceof Kind;",
      ...installed(
        'own',
        {
          'index.js':
            "const { Kind } = require('kinds'); require('fs').readFileSync(`${__dirname}/x.dat`); module.exports = () => new Kind();",
          'x.dat': '',
        },
        { dependencies: { kinds: '1' } },
      ),
      ...installed('kinds', { 'index.js': 'exports.Kind = class Kind {};' }),
    });
    expect(await reasonIn(folder, 'kinds')).toEqual({
      answer: true,
      reason: 'packed as installed: own, which is packed, needs it too',
    });
  });

  test('in each version that is imported', async () => {
    const files = { 'index.js': "module.exports = () => require('fs').readFileSync(`${__dirname}/x.dat`, 'utf8');" };
    const folder = await folderOf({
      'project.yml': plain,
      'a.mjs': "import own from 'own'; import other from 'other'; export const handler = async () => [own(), other()];",
      ...installed('own', { ...files, 'x.dat': 'two' }, { version: '2.0.0' }),
      ...installed('other', { 'index.js': "module.exports = require('own');" }),
      'node_modules/other/node_modules/own/package.json': '{"name": "own", "version": "1.0.0"}',
      'node_modules/other/node_modules/own/index.js': files['index.js'],
      'node_modules/other/node_modules/own/x.dat': 'one',
    });
    expect(answerOf(await artifactIn(folder))).toEqual(['two', 'one']);
  });

  test('if the code finds it by its path, in any of the forms', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'a.mjs': `import { createRequire } from 'node:module'; import { readFileSync } from 'node:fs';
const require = createRequire(import.meta.url);
export const handler = async () => [readFileSync(require.resolve('lib/data/x.wasm'), 'utf8'), require('other')];`,
      ...installed('lib', { 'index.js': '', 'data/x.wasm': 'right' }),
      ...installed(
        'other',
        {
          'index.js':
            "const require2 = process.getBuiltinModule ? 1 : 0; const load = require('node:module').createRequire(__filename); module.exports = load('third');",
        },
        { dependencies: { third: '1' } },
      ),
      ...installed('third', { 'index.js': "module.exports = 'right';" }),
    });
    expect(answerOf(await artifactIn(folder))).toEqual(['right', 'right']);
  });

  test('but not a TypeScript package of the workspace that the code imports', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'package.json': '{"dependencies": {"shared": "*", "own": "1"}}',
      'a.ts':
        "import { shared } from 'shared'; import own from 'own'; export const handler = async () => [shared, own];",
      ...installed('own', {
        'index.js': "module.exports = require('fs').readFileSync(`${__dirname}/x.dat`, 'utf8');",
        'x.dat': 'x',
      }),
      'packages/shared/package.json': '{"name": "shared", "exports": "./index.ts"}',
      'packages/shared/index.ts': 'export const shared: number = 1;',
    });
    symlinkSync('../packages/shared', join(folder, 'node_modules/shared'));
    expect(answerOf(await artifactIn(folder))).toEqual([1, 'x']);
  });

  test('only in the functions that reach it', async () => {
    const folder = await folderOf({
      'project.yml': `${plain}  b: {handler: b.handler}\n`,
      'a.mjs': uses('own'),
      'b.mjs': uses('kinds'),
      ...installed(
        'own',
        {
          'index.js': "module.exports = () => require('fs').readFileSync(`${__dirname}/x.dat`, 'utf8');",
          'x.dat': 'x',
        },
        { dependencies: { kinds: '1' } },
      ),
      ...installed('kinds', { 'index.js': "module.exports = () => 'kind';" }),
    });
    const { artifacts } = await buildIn(folder);
    expect(pathsOf(artifacts.get('b') as never)).toEqual(['b.mjs', 'b.mjs.map']);
  });

  test('whole, or with the files that it opens, also if only another packed package requires it', async () => {
    const outer =
      "const fs = require('fs'), path = require('path'); fs.statSync(__dirname + '/x.dat'); module.exports = () => fs.readFileSync(path.join(require('inner')(), 'x.css'), 'utf8');";
    const folder = await folderOf({
      'project.yml': plain,
      'a.mjs': uses('outer'),
      ...installed('outer', { 'index.js': outer, 'x.dat': '' }, { dependencies: { inner: '*' } }),
      ...installed('inner', {
        'index.js': "module.exports = () => { return require('path').resolve(__dirname); };",
        'x.css': 'right',
      }),
    });
    expect(answerOf(await artifactIn(folder))).toBe('right');
  });

  test('if another package requires it by the beginning of its name', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'package.json': '{"dependencies": {"host": "*", "host-plugin-one": "*"}}',
      'a.mjs': "import host from 'host'; export const handler = async () => host('one');",
      ...installed('host', { 'index.js': 'module.exports = (name) => require(`host-plugin-${name}/main`);' }),
      ...installed('host-plugin-one', { 'main.js': "module.exports = 'right';" }),
    });
    expect(await reasonIn(folder, 'host-plugin-one')).toEqual({
      answer: 'right',
      reason: 'packed as installed: host may require it by the beginning of its name',
    });
  });

  test('by name where the code names it and another package requires it', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'package.json': '{"dependencies": {"views": "1", "engine": "1"}}',
      'a.mjs': "import views from 'views'; export const handler = async () => views('engine');",
      ...installed('views', { 'index.js': 'module.exports = (name) => require(name).render();' }),
      ...installed('engine', { 'index.js': "exports.render = () => 'right';" }),
    });
    expect(await reasonIn(folder, 'engine')).toEqual({
      answer: 'right',
      reason: 'packed as installed: a.mjs names it',
    });
  });
});

describe('a package stays in the bundle', () => {
  const bundled: Readonly<Record<string, string>> = {
    'that only compares its place': "module.exports = () => typeof __filename !== 'undefined' ? 'right' : 'wrong';",
    'whose file does not exist':
      "const path = require('path'); module.exports = () => path.join(__dirname, 'x.wasm') && 'right';",
    'that has an optional native part': "try { require('./build/x.node'); } catch {} module.exports = () => 'right';",
  };
  for (const [name, text] of Object.entries(bundled)) {
    test(name, async () => {
      const folder = await folderOf({
        'project.yml': plain,
        'a.mjs': uses('lib'),
        ...installed('lib', { 'index.js': text }),
      });
      const artifact = await artifactIn(folder);
      expect([answerOf(artifact), pathsOf(artifact)]).toEqual(['right', ['a.mjs', 'a.mjs.map']]);
    });
  }

  test('if project.yml says so, and the other way round', async () => {
    const files = {
      'a.mjs': uses('lib'),
      ...installed('lib', { 'index.js': "module.exports = () => [__dirname + '/x.dat'].length;", 'x.dat': '' }),
    };
    const bundle = await folderOf({ 'project.yml': one('bundle: {packages: {lib: bundle}}'), ...files });
    expect(pathsOf(await artifactIn(bundle))).toEqual(['a.mjs', 'a.mjs.map']);
    const pack = await folderOf({
      'project.yml': one('bundle: {packages: {lib: pack}}'),
      ...files,
      'node_modules/lib/index.js': 'module.exports = () => 1;',
    });
    expect(await reasonIn(pack, 'lib')).toEqual({ answer: 1, reason: 'packed as installed: project.yml says so' });
  });
});

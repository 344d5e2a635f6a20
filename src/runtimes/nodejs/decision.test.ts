// Which packages are bundled and which are packed as installed, with small packages of each kind.
import { symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { type Files, folderOf, writeFiles } from '../../../test/support/project.ts';

const one = (settings: string) =>
  `name: s\ndefaults: {architecture: x86_64, runtime: nodejs20.x}\nfunctions:\n  a: {handler: a.handler, ${settings}}\n`;
const plain = one('memory: 128');

/** A package under node_modules. */
const installed = (name: string, files: Files, manifest: object = {}): Files => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`node_modules/${name}/${path}`, text])),
});

const uses = (name: string) =>
  `import * as all from '${name}'; export const handler = async () => (all.default ?? all)();`;

/** Whether the only function packs the package, and why. */
const reasonIn = async (folder: string, name: string) => {
  const artifact = await artifactIn(folder);
  const entry = artifact.manifest.find(({ path }) => path === `node_modules/${name}/package.json`);
  return { answer: answerOf(artifact), reason: entry?.from.at(-1) };
};

describe('a package is packed as installed', () => {
  const cases: Readonly<Record<string, { files: Files; manifest?: object; reason: string }>> = {
    'that opens a file beside it': {
      files: {
        'lib/index.js':
          "const { readFileSync } = require('fs'); module.exports = () => readFileSync(__dirname + '/../data/x.dat', 'utf8');",
        'data/x.dat': 'right',
      },
      manifest: { main: 'lib/index.js' },
      reason: 'lib/index.js opens data/x.dat beside it',
    },
    'that asks whether it has a place': {
      files: {
        'dist/index.js':
          "import fs from 'fs'; import path from 'path'; import { fileURLToPath } from 'url';\nvar here = typeof import.meta !== 'undefined' && import.meta.url ? path.dirname(fileURLToPath(import.meta.url)) : __dirname;\nvar fonts = path.join(here, '/../fonts/');\nexport default () => fs.readFileSync(fonts + 'x.flf', 'utf8');",
        'fonts/x.flf': 'right',
      },
      manifest: { type: 'module', main: 'dist/index.js' },
      reason: 'dist/index.js opens fonts beside it',
    },
    'that names a folder beside its place': {
      files: {
        'index.js':
          "const fs = require('fs'), path = require('path'); const views = { path: 'texts', relativeTo: __dirname }; module.exports = () => fs.readFileSync(path.join(views.relativeTo, views.path, 'x.dat'), 'utf8');",
        'texts/x.dat': 'right',
      },
      reason: 'index.js opens texts beside it',
    },
    'that requires by a function of its own': {
      files: {
        'index.js':
          "var lazy = (name, as) => { lazy[as] = () => real(name); }; var real = require;\nrequire = lazy;\nrequire('./part', 'part');\nrequire = real;\nmodule.exports = () => lazy.part();",
        'part.js': "module.exports = 'right';",
      },
      reason: 'it requires modules by a function of its own',
    },
    'that reads declarations': {
      files: {
        'lib/index.js':
          "const fs = require('fs'), path = require('path'); const libs = new Map([['es5', 'lib.es5.d.ts']]); const here = path.dirname(__filename); module.exports = () => fs.readFileSync(path.join(here, libs.get('es5')), 'utf8');",
        'lib/lib.es5.d.ts': 'right',
      },
      manifest: { main: 'lib/index.js' },
      reason: 'lib/index.js opens lib/lib.es5.d.ts beside it',
    },
    'whose modules createRequire finds at once': {
      files: {
        'lib/index.js':
          "import { createRequire } from 'node:module'; export default () => createRequire(import.meta.url)('../dist/part.cjs');",
        'dist/part.cjs': "module.exports = 'right';",
      },
      manifest: { type: 'module', main: 'lib/index.js' },
      reason: 'lib/index.js opens dist/part.cjs beside it',
    },
    'that gives its import.meta to a function': {
      files: {
        'index.js':
          "import fs from 'fs'; import { join } from 'path'; import { folderOf } from './folder.js'; const texts = join(folderOf(import.meta), 'texts/');\nexport default () => fs.readFileSync(texts + 'x.dat', 'utf8');",
        'folder.js':
          "import { dirname } from 'path'; import { fileURLToPath } from 'url'; export const folderOf = (meta) => dirname(fileURLToPath(meta.url));",
        'texts/x.dat': 'right',
      },
      manifest: { type: 'module' },
      reason: 'index.js opens texts beside it',
    },
    'that finds its folder by a URL': {
      files: {
        'dist/node/index.js':
          "import fs from 'fs'; import { resolve } from 'path'; import { fileURLToPath } from 'url';\nconst top = resolve(fileURLToPath(new URL('../../src/node/constants.ts', import.meta.url)), '../../..'); const entry = resolve(top, 'dist/x.dat');\nexport default () => fs.readFileSync(entry, 'utf8');",
        'dist/x.dat': 'right',
      },
      manifest: { type: 'module', main: 'dist/node/index.js' },
      reason: 'dist/node/index.js opens dist/x.dat beside it',
    },
    'whose modules createRequire finds by its imports': {
      files: {
        'index.js':
          "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url); export default () => load('#part');",
        'parts/part.cjs': "module.exports = 'right';",
      },
      manifest: { type: 'module', imports: { '#part': { require: './parts/part.cjs', default: './parts/none.mjs' } } },
      reason: 'index.js opens parts/part.cjs beside it',
    },
    'with prebuilt code that it finds by its own way': {
      files: {
        'index.js': "const fs = require('fs'); module.exports = () => fs.existsSync(__filename) && 'right';",
        'prebuilds/linux-x64/quick.txt': 'x',
      },
      reason: 'it has native code',
    },
    'that joins a path with a name from elsewhere': {
      files: {
        'index.js':
          "const fs = require('fs'), path = require('path'); const root = path.resolve(__dirname); module.exports = () => fs.readFileSync(path.join(root, 'texts', `${'x'}.dat`), 'utf8');",
        'texts/x.dat': 'right',
      },
      reason: 'index.js opens texts beside it',
    },
    'of ES modules that reads by import.meta.url': {
      files: {
        'index.js':
          "import { readFileSync } from 'node:fs'; export default () => readFileSync(new URL('./x.dat', import.meta.url), 'utf8');",
        'x.dat': 'right',
      },
      manifest: { type: 'module' },
      reason: 'index.js opens x.dat beside it',
    },
    'whose modules are named as subpath imports': {
      files: {
        'index.js': "module.exports = () => { const name = 'x'; return require(`#parts/${name}`); };",
        'parts/x.js': "module.exports = 'right';",
      },
      manifest: { imports: { '#parts/*': './parts/*.js' } },
      reason: 'it requires modules of its own by a computed name',
    },
    'that imports a module of its own whose name is in a variable': {
      files: {
        'index.mjs':
          "let name = './part.mjs'; const load = async (path) => (await import(path)).text; export default async () => load(name);",
        'part.mjs': "export const text = 'right';",
      },
      manifest: { exports: './index.mjs' },
      reason: 'it requires modules of its own by a computed name',
    },
    'that esbuild cannot read': {
      files: {
        'index.js': "module.exports = () => { try { require('./x.odd'); } catch { return 'right'; } };",
        'x.odd': '?',
      },
      reason: 'esbuild cannot bundle it: No loader is configured for ".odd" files: node_modules/lib/x.odd',
    },
    'that has one module for the path and another for the name': {
      files: {
        'index.js':
          "const { pathOf } = require('./place'); module.exports = () => require('fs').readFileSync(pathOf('x.wasm'), 'utf8');",
        'place.js': "const path = require('path'); exports.pathOf = (name) => path.join(__dirname, name);",
        'x.wasm': 'right',
      },
      reason: 'place.js opens x.wasm, which another module names',
    },
    'that gives its folder to others': {
      files: {
        'index.js':
          "const place = require('./place'); module.exports = () => require('fs').readFileSync(place() + '/style' + '.css', 'utf8');",
        'place.js': "module.exports = () => { return require('path').resolve(__dirname); };",
        'style.css': 'right',
      },
      reason: 'it gives its own folder to others',
    },
    'that patches others as they are loaded': {
      files: { 'index.js': "require('require-in-the-middle'); module.exports = () => 'right';" },
      manifest: { dependencies: { 'require-in-the-middle': '1' } },
      reason: 'it patches other packages as they are loaded',
    },
  };
  for (const [name, { files, manifest, reason }] of Object.entries(cases)) {
    test(name, async () => {
      const folder = await folderOf({
        'project.yml': plain,
        'a.mjs': uses('lib'),
        ...installed('require-in-the-middle', { 'index.js': '' }),
        ...installed('lib', files, manifest),
      });
      expect(await reasonIn(folder, 'lib')).toEqual({ answer: 'right', reason: `packed as installed: ${reason}` });
    });
  }

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

describe('an import that cannot be resolved', () => {
  const files = (text: string, manifest: object = {}) => ({
    'project.yml': plain,
    'a.mjs': uses('lib'),
    ...installed('lib', { 'index.js': text }, manifest),
  });
  const left = 'a: not installed, so left out: absent (optional in lib)';

  test('of a package that requires it when needed stays in place', async () => {
    const folder = await folderOf(
      files(
        "module.exports = (slow) => slow ? require('absent') : 'right'; module.exports.load = () => import('absent/part');",
      ),
    );
    const { artifacts, notes } = await buildIn(folder);
    expect(answerOf(artifacts.get('a') as never)).toBe('right');
    expect(notes).toEqual([`${left}, absent/part (optional in lib)`]);
  });

  test('and that its package declares optional stays in place', async () => {
    for (const manifest of [
      { peerDependencies: { absent: '*' }, peerDependenciesMeta: { absent: { optional: true } } },
      { optionalDependencies: { absent: '*' } },
    ]) {
      const folder = await folderOf({
        ...files("export const later = () => import('./later.js'); export default () => 'right';", {
          type: 'module',
          ...manifest,
        }),
        'node_modules/lib/later.js': "import absent from 'absent'; export default absent;",
      });
      // static in a lazy module: esbuild puts it at the top of the bundle, where Node.js would miss it
      expect(await problemsIn(folder)).toEqual([expect.stringContaining("Cannot find package 'absent'")]);
    }
  });

  test('is an error in a static import without that, and in the code of the project', async () => {
    const folder = await folderOf(
      files("import absent from 'absent'; export default () => absent;", { type: 'module' }),
    );
    expect(await problemsIn(folder)).toEqual([
      expect.stringContaining('node_modules/lib/index.js:1 Could not resolve "absent"'),
    ]);
    const own = await folderOf({
      'project.yml': plain,
      'pnpm-lock.yaml': '',
      'a.cjs': "exports.handler = () => require('absent');",
      'b.cjs': '',
    });
    expect(await problemsIn(own)).toEqual([
      'a.cjs:1 Could not resolve "absent" | install it in the project: pnpm add absent',
    ]);
  });

  test('in the code of the project is the only error that is told', async () => {
    const folder = await folderOf({
      ...files("module.exports = () => require('optional');"),
      'a.mjs': "import lib from 'lib'; import own from 'own'; export const handler = async () => lib(own);",
    });
    expect(await problemsIn(folder)).toEqual([
      'a.mjs:1 Could not resolve "own" | install it in the project: npm install own',
    ]);
  });

  test('under `external` stays in place', async () => {
    const folder = await folderOf({
      'project.yml': one('external: [absent]'),
      'a.mjs': "export const handler = async (event) => event.x ? import('absent') : 'right';",
    });
    const { artifacts, notes } = await buildIn(folder);
    expect(answerOf(artifacts.get('a') as never)).toBe('right');
    expect(notes).toEqual(['a: not installed, so left out: absent (under `external`, imported by a.mjs)']);
  });
});

/** The header of a program for a processor. */
const elf = (machine: number) => {
  const bytes = Buffer.alloc(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeUInt16LE(machine, 18);
  return bytes;
};

test('prebuilt code for other platforms, libraries and versions of Node.js stays out, and --why tells it', async () => {
  const folder = await folderOf({
    'project.yml': one('external: [quick]'),
    'a.cjs': "exports.handler = async () => require('quick');",
    ...installed('quick', {
      'index.js': 'module.exports = 1;',
      'prebuilds/ios-arm64-simulator/quick.bare': Buffer.concat([Buffer.from('cffaedfe', 'hex'), Buffer.alloc(60)]),
      'prebuilds/linuxglibc-arm64/node-115.node': elf(183),
      'prebuilds/linuxglibc-x64/node-115.node': elf(62),
      'prebuilds/linuxglibc-x64/node-108.node': elf(62),
      'prebuilds/linuxmusl-x64/node-115.node': elf(62),
      'bin/linux/arm64/tool': elf(183),
      'bin/linux/x64/tool': elf(62),
      'tool.js.map': '{}',
      'README.md': '',
      'docs/x.js': '',
      'test/x.js': '',
    }),
  });
  const artifact = await artifactIn(folder);
  expect(pathsOf(artifact).filter((path) => path.startsWith('node_modules'))).toEqual([
    'node_modules/quick/bin/linux/x64/tool',
    'node_modules/quick/index.js',
    'node_modules/quick/package.json',
    'node_modules/quick/prebuilds/linuxglibc-x64/node-115.node',
  ]);
  const { from } = artifact.manifest.find(({ path }) => path === 'node_modules/quick/package.json') ?? {};
  expect(from).toContain('left out: 5 files for other platforms, such as bin/linux/arm64/tool');
});

test("Prisma's generated client is packed with its engine, or the error says how to generate the right one", async () => {
  const files = {
    'a.mjs':
      "import { PrismaClient } from '@prisma/client'; export const handler = async () => new PrismaClient().engine();",
    ...installed('@prisma/client', {
      'default.js': "module.exports = { ...require('.prisma/client/default') };",
      'package.json': '{"name": "@prisma/client", "version": "6.0.0", "main": "default.js"}',
    }),
    'node_modules/.prisma/client/package.json': '{"name": "prisma-client-0123", "main": "index.js"}',
    'node_modules/.prisma/client/default.js': "module.exports = { ...require('./index') };",
    'node_modules/.prisma/client/index.js':
      "const path = require('path'), fs = require('fs');\nconst engine = path.join(__dirname, 'libquery_engine-rhel-openssl-3.0.x.so.node');\nexports.PrismaClient = class { engine() { return fs.existsSync(engine); } };",
    'node_modules/.prisma/client/libquery_engine-rhel-openssl-3.0.x.so.node': elf(62),
  };
  const folder = await folderOf({ 'project.yml': plain, ...files });
  expect(await reasonIn(folder, '.prisma/client')).toEqual({
    answer: true,
    reason: expect.stringContaining('index.js opens libquery_engine-rhel-openssl-3.0.x.so.node beside it'),
  });
  const other = await folderOf({ 'project.yml': plain.replace('x86_64', 'arm64'), ...files });
  expect(await problemsIn(other)).toEqual([
    expect.stringContaining(
      'set binaryTargets = ["native", "linux-arm64-openssl-3.0.x"] in the generator of schema.prisma',
    ),
  ]);
});

test('a folder of tests or documentation stays if the package refers to it', async () => {
  const folder = await folderOf({
    'project.yml': one('external: [lib]'),
    'a.cjs': "exports.handler = async () => require('lib');",
    ...installed('lib', {
      'index.js': "module.exports = require('./docs/x');",
      'docs/x.js': "module.exports = 'right';",
    }),
  });
  expect(answerOf(await artifactIn(folder))).toBe('right');
});

test('decorator metadata comes from the compiler of the project, at the right lines, only where it is asked for', async () => {
  const folder = await folderOf({
    'project.yml': plain,
    'tsconfig.json': '{"extends": "./base.json"}',
    'base.json':
      '{"compilerOptions": {"experimentalDecorators": true, "emitDecoratorMetadata": true, "target": "ES2022"}}',
    'a.ts': `(Reflect as any).metadata = (key: string, value: any) => (target: any, name: string) => { types.push([key, name, value?.name]); };
import { other } from './other';
const types: unknown[] = [];
function remember(target: object, key: string) {}
class Engine {}
class Car { @remember engine!: Engine; }
export const handler = async () => [types.filter(([key]: any) => key === 'design:type'), new Car().engine ?? null, other];
`,
    'other.ts': 'class Engine {}\nexport const other = new Engine().constructor.name;\n',
  });
  expect(await problemsIn(folder)).toEqual([
    'base.json:1 emitDecoratorMetadata needs a compiler that has it, and neither TypeScript nor @swc/core is installed | install one in the project: npm install -D typescript',
  ]);
  await mkdir(join(folder, 'node_modules'));
  symlinkSync(join(import.meta.dirname, '../../../node_modules/typescript'), join(folder, 'node_modules/typescript'));
  expect(answerOf(await artifactIn(folder))).toEqual([[['design:type', 'engine', 'Engine']], null, 'Engine']);
});

test('files that a module opens, and workers that it starts, come along at their places', async () => {
  const folder = await folderOf({
    'project.yml': `${plain}  b: {source: svc, handler: b.handler, exclude: ["*.draft"]}\n`,
    'a.ts':
      "import { Worker } from 'node:worker_threads'; import { read } from './lib/read';\n" +
      "export const handler = async () => [read('two'), await new Promise((done) => new Worker(new URL('./lib/worker.ts', import.meta.url), { execArgv: [] }).once('message', done))];",
    'lib/read.ts':
      "import { readFileSync } from 'node:fs'; import { dirname, join } from 'node:path'; import { fileURLToPath } from 'node:url';\n" +
      "const here = dirname(fileURLToPath(import.meta.url));\nexport const read = (name: string) => readFileSync(join(here, '../texts', name), 'utf8') + readFileSync(new URL('one.dat', import.meta.url), 'utf8');",
    'lib/one.dat': 'one',
    'lib/worker.ts':
      "import { parentPort } from 'node:worker_threads'; const answer: number = 42; parentPort?.postMessage(answer);",
    'texts/two': 'two',
    'svc/b.cts':
      "const { readFileSync } = require('fs'); const inner = require('./inner/low.cjs'); exports.handler = async () => [inner(), readFileSync(`${__dirname}/own.dat`, 'utf8')];",
    'svc/own.dat': 'own',
    'svc/inner/low.cjs':
      "const fs = require('fs'); module.exports = () => [fs.readFileSync(__dirname + '/low.dat', 'utf8'), fs.existsSync(__dirname + '/x.draft'), fs.existsSync(__dirname + '/.env')];",
    'svc/inner/low.dat': 'low',
    'svc/inner/x.draft': '',
    'svc/inner/.env': 'SECRET=1',
  });
  const { artifacts, notes } = await buildIn(folder);
  expect(answerOf(artifacts.get('a') as never)).toEqual(['twoone', 42]);
  expect(answerOf(artifacts.get('b') as never)).toEqual([['low', false, false], 'own']);
  expect(pathsOf(artifacts.get('b') as never)).toEqual(['b.js', 'b.js.map', 'inner/low.dat', 'own.dat']);
  expect(notes).toEqual([
    'b: the code opens svc/inner/.env, which is not packed: add it to `include` if it should be',
    'b: the code opens svc/inner/x.draft, which is not packed: add it to `include` if it should be',
  ]);
});

test('the same error in many modules is one error with its first places', async () => {
  const folder = await folderOf({
    'project.yml': plain,
    'a.mjs': `${Array.from({ length: 9 }, (_, index) => `import './m${index}.mjs';`).join('\n')}\nexport const handler = 1;`,
    ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`m${index}.mjs`, "import 'absent';"])),
  });
  expect(await problemsIn(folder)).toEqual([
    expect.stringMatching(
      /^m0.mjs:1 Could not resolve "absent" \| .*; also at m1.mjs:1:8, m2.mjs:1:8, m3.mjs:1:8 and 5 more$/,
    ),
  ]);
});

describe('the plugins of bundle.config', () => {
  const files = {
    'project.yml': one('bundle: {config: build/esbuild.mjs}'),
    'a.mjs': "import text from './x.shout'; export const handler = async () => [text, NAME];",
    'x.shout': 'hey',
    'build/loud.mjs': 'export const loud = (text) => text.toUpperCase();',
  };
  const config = (options: string) =>
    `import { readFileSync } from 'node:fs'; import { loud } from './loud.mjs';
const shout = { name: 'shout', setup: ({ onLoad }) => onLoad({ filter: /[.]shout$/ }, ({ path }) => ({ contents: loud(readFileSync(path, 'utf8')), loader: 'text' })) };
export default ${options};`;

  test('run, with the options beside them; a change of the module is a change of the function', async () => {
    const folder = await folderOf({
      ...files,
      'build/esbuild.mjs': config('() => ({ plugins: [shout], define: { NAME: \'"x"\' } })'),
    });
    expect(answerOf(await artifactIn(folder))).toEqual(['HEY', 'x']);
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'build/esbuild.mjs': config('({ plugins: [shout], define: { NAME: \'"y"\' } })') });
    expect(answerOf(await artifactIn(folder))).toEqual(['HEY', 'y']);
  });

  test('are checked', async () => {
    const problem = async (text: string | undefined) =>
      problemsIn(await folderOf({ ...files, ...(text === undefined ? {} : { 'build/esbuild.mjs': text }) }));
    expect(await problem(undefined)).toEqual([
      'project.yml:4 there is no file build/esbuild.mjs, which bundle.config names',
    ]);
    expect(await problem('export default 1;')).toEqual([
      expect.stringContaining('the default export of build/esbuild.mjs is a number | export a list of esbuild plugins'),
    ]);
    expect(await problem("import './absent.mjs'; export default [];")).toEqual([
      expect.stringContaining('build/esbuild.mjs cannot be loaded: Build failed with 1 error'),
    ]);
    expect(await problem("throw new Error('no');")).toEqual([
      expect.stringContaining('build/esbuild.mjs cannot be loaded: no'),
    ]);
    expect(await problem("export default { outfile: 'x', external: ['y'] };")).toEqual([
      expect.stringContaining('sets the esbuild option "outfile", which fx sets itself'),
    ]);
  });
});

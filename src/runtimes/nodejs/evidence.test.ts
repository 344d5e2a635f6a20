import { describe, expect, test } from 'vitest';
import { installed, plain, reasonIn, uses } from '../../../test/support/packages.ts';
import { type Files, folderOf } from '../../../test/support/project.ts';

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
});

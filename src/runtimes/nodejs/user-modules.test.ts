import { symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { plain } from '../../../test/support/packages.ts';
import { folderOf } from '../../../test/support/project.ts';

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

test('a file that require.resolve names comes along', async () => {
  const folder = await folderOf({
    'project.yml': plain,
    // an ES module by this, unlike the bundle
    'package.json': '{"version": "1.2.3", "type": "module"}',
    'a.cjs':
      "const { readFileSync } = require('fs'); exports.handler = async () => JSON.parse(readFileSync(require.resolve('./package.json'), 'utf8')).version;",
  });
  expect(answerOf(await artifactIn(folder))).toBe('1.2.3');
});

test('files of a path with places for names come along, and those of a URL made a path', async () => {
  const folder = await folderOf({
    'project.yml':
      'name: s\ndefaults: {architecture: x86_64, runtime: nodejs20.x}\nfunctions:\n  a: {handler: src/a.handler}\n',
    'src/a.mjs':
      "import { readFileSync } from 'node:fs'; import { dirname, join } from 'node:path'; import { fileURLToPath } from 'node:url';\n" +
      'const here = dirname(fileURLToPath(import.meta.url));\n' +
      "const pattern = join(here, '../locales/{{lng}}/{{ns}}.json'); const views = join(new URL('.', import.meta.url).pathname, 'views');\n" +
      "export const handler = async () => [readFileSync(pattern.replace('{{lng}}', 'de').replace('{{ns}}', 'all'), 'utf8'), readFileSync(join(views, 'a.eta'), 'utf8')];",
    'locales/de/all.json': 'hallo',
    'src/views/a.eta': 'view',
  });
  expect(answerOf(await artifactIn(folder))).toEqual(['hallo', 'view']);
});

test('modules of its folder that a module requires, and modules of a computed name without an ending, are there', async () => {
  const folder = await folderOf({
    'project.yml': plain.replace('a.handler', 'src/a.handler'),
    'src/a.cjs':
      "const models = require('../models'); exports.handler = async () => [models.user, require('../commands/' + ['o', 'ne'].join(''))()];",
    'models/index.js':
      "const fs = require('fs'), path = require('path'); const all = {}; fs.readdirSync(__dirname).filter((file) => file !== path.basename(__filename) && file.slice(-3) === '.js').forEach((file) => { Object.assign(all, require(path.join(__dirname, file))); }); module.exports = all;",
    'models/user.js': "const { name } = require('../lib/name.js'); exports.user = name;",
    'lib/name.js': "exports.name = 'right';",
    'commands/one.js': "module.exports = () => 'one';",
  });
  expect(answerOf(await artifactIn(folder))).toEqual(['right', 'one']);
});

test('files that a module opens by the working directory come along', async () => {
  const folder = await folderOf({
    'project.yml': plain.replace('a.handler', 'src/a.handler'),
    'src/a.mjs':
      "import { readFileSync } from 'node:fs'; import { join } from 'node:path'; const task = () => join(process.env.LAMBDA_TASK_ROOT, 'texts/c.dat');\n" +
      "export const handler = async () => [readFileSync('./texts/a.dat', 'utf8'), readFileSync(join(process.cwd(), 'texts/b.dat'), 'utf8'), typeof task];",
    'texts/a.dat': 'a',
    'texts/b.dat': 'b',
    'texts/c.dat': 'c',
    'texts/d.dat': 'd',
  });
  const artifact = await artifactIn(folder);
  expect(answerOf(artifact)).toEqual(['a', 'b', 'function']);
  expect(pathsOf(artifact).filter((path) => path.startsWith('texts'))).toEqual([
    'texts/a.dat',
    'texts/b.dat',
    'texts/c.dat',
  ]);
});

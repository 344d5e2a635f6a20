// Workers that are started by a plain relative path, from functions whose bundle is elsewhere.
import { expect, test } from 'vitest';
import { answerOf, artifactIn, pathsOf } from '../../../test/support/artifacts.ts';
import { folderOf } from '../../../test/support/project.ts';

const project =
  'name: s\ndefaults: {architecture: x86_64, runtime: nodejs20.x}\nfunctions:\n  a: {handler: src/a.handler}\n';
const worker =
  "import { parentPort } from 'node:worker_threads'; const right: string = 'right'; parentPort?.postMessage(right);";

test('a worker that Node.js takes from the working directory is bundled, and found from any other', async () => {
  const folder = await folderOf({
    'project.yml': project,
    'src/a.ts': "import { run } from '../lib/run.ts'; export const handler = () => run();",
    'lib/run.ts':
      "import { Worker } from 'node:worker_threads'; export const run = () => new Promise((done) => new Worker('./lib/work.ts', { execArgv: [] }).once('message', done));",
    'lib/work.ts': worker,
  });
  const artifact = await artifactIn(folder);
  expect(pathsOf(artifact)).toContain('lib/work.mjs');
  expect(answerOf(artifact)).toBe('right');
});

test('a worker that a library takes from the folder of its caller is bundled, and found from there', async () => {
  const folder = await folderOf({
    'project.yml': project,
    'src/a.ts': "import { run } from '../lib/run.ts'; export const handler = () => run();",
    'lib/run.ts':
      "import { Worker } from 'callers'; export const run = () => new Promise((done) => new Worker('./work').once('message', done));",
    'lib/work.ts': worker,
    'node_modules/callers/package.json': '{"name": "callers", "version": "1.0.0"}',
    // as threads does, which asks for the caller by the stack
    'node_modules/callers/index.js': `
      const { fileURLToPath } = require('url'); const path = require('path'); const Threads = require('worker_threads');
      const caller = () => { const before = Error.prepareStackTrace; Error.prepareStackTrace = (_, calls) => calls; const calls = new Error().stack; Error.prepareStackTrace = before; return calls[2].getFileName().replace(/^file:.*/, fileURLToPath); };
      exports.Worker = class Worker extends Threads.Worker { constructor(name) { super(require.resolve(path.join(path.dirname(caller()), name)), { execArgv: [] }); } };`,
  });
  const artifact = await artifactIn(folder);
  expect(answerOf(artifact)).toBe('right');
});

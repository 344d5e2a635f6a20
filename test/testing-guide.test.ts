// The tests in docs/guide/testing.md run as they are printed there, in a project of their own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageFolder } from '../src/base/packaged.ts';
import { sharedFolder, writeFiles } from './support/project.ts';
import { runs as found, reasonMissing } from './support/toolchain.ts';

const folder = sharedFolder();
const guide = readFileSync(join(packageFolder(), 'docs/guide/testing.md'), 'utf8');
const files = Object.fromEntries(
  [...guide.matchAll(/<!-- test: (\S+) -->\n```\w+\n(.*?)\n```/gs)].map(([, name = '', text = '']) => [
    name,
    `${text}\n`,
  ]),
);

const project = {
  'project.yml': `name: orders
functions:
  hello: {handler: hello.handler}
  worker: {handler: worker.handler, events: [{sqs: Jobs}]}
resources: {Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 30}}}
outputs: {JobsUrl: !Ref Jobs}
`,
  'hello.ts': 'export const handler = async ({ name }: { name: string }) => ({ message: `Hello, ${name}!` });\n',
  'worker.ts':
    'export const handler = async (event: { Records: { body: string }[] }) => console.log(event.Records[0]?.body);\n',
  'package.json': '{"name": "orders", "private": true}\n',
  'go.mod': 'module orders\n\ngo 1.21\n',
};

beforeAll(async () => {
  await writeFiles(folder, { ...project, ...files });
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  for (const name of ['vitest', '@aws-sdk', '@smithy', 'esbuild']) {
    symlinkSync(join(packageFolder(), 'node_modules', name), join(modules, name), 'junction');
  }
  symlinkSync(packageFolder(), join(modules, 'fx-serverless'), 'junction');
  symlinkSync(join(packageFolder(), 'dist/bin.js'), join(modules, '.bin/fx'));
});

function runs(program: string, ...words: readonly string[]): void {
  const { VITEST: _, VITEST_WORKER_ID: __, VITEST_POOL_ID: ___, NODE_ENV: ____, ...variables } = process.env;
  const done = spawnSync(program, words, { cwd: folder, encoding: 'utf8', env: { ...variables, CI: 'true' } });
  expect(done.status, done.stdout + done.stderr).toBe(0);
}

test('Vitest', () => runs(process.execPath, 'node_modules/vitest/vitest.mjs', 'run', 'orders.vitest.test.ts'));

test('Node’s own test runner', () => runs(process.execPath, '--test', 'orders.node.test.mjs'));

const pytest = found('python3', '-c', 'import pytest');
const noPytest = reasonMissing(pytest, 'pytest is not installed, to run that of docs/guide/testing.md');
test.skipIf(pytest === undefined)(`pytest${noPytest}`, () => runs('python3', '-m', 'pytest', '-q', 'test_orders.py'));

const go = found('go', 'version');
const noGo = reasonMissing(go, 'Go is not installed, to run the test of docs/guide/testing.md');
test.skipIf(go === undefined)(`go test${noGo}`, () => runs('go', 'test', './...'));

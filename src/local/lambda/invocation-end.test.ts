// How invocations end when the process exits or cannot be initialized.
import { expect, test } from 'vitest';
import { createFunction, invoke, loggedMessages } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud } = await startTestLambda();

test.each([
  ['process.exit(3)', 'Error: Runtime exited with error: exit status 3'],
  ['process.exit(0)', 'Error: Runtime exited without providing a reason'],
  ["process.kill(process.pid, 'SIGKILL')", 'Error: Runtime exited with error: signal: killed'],
])('a function that does %s is Runtime.ExitError', async (statement, message) => {
  const name = await createFunction(
    cloud,
    `export const handler = async (e) => { if (e.die) { ${statement}; await new Promise(() => {}) } return 'ok' }`,
  );
  const { result, error, log } = await invoke(cloud, name, { die: true });
  expect(error).toBe('Unhandled');
  expect(result).toMatchObject({ errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining(message) });
  expect(log).toContain('Status: error\tError Type: Runtime.ExitError');
  expect((await invoke(cloud, name)).result).toBe('ok');
});

test.each([
  [
    'an import that is not there',
    `import 'nowhere'; export const handler = () => 1`,
    'index.handler',
    'Runtime.ImportModuleError',
    /Cannot find package 'nowhere'/,
  ],
  [
    'a file that is not there',
    `export const handler = () => 1`,
    'other.handler',
    'Runtime.ImportModuleError',
    /^Error: Cannot find module 'other'/,
  ],
  [
    'an export that is not there',
    `export const handler = () => 1`,
    'index.other',
    'Runtime.HandlerNotFound',
    /^index.other is undefined or not exported$/,
  ],
  [
    'code that does not parse',
    `export const handler = (`,
    'index.handler',
    'Runtime.UserCodeSyntaxError',
    /^SyntaxError: /,
  ],
  ['code that throws', `throw new TypeError('at load')`, 'index.handler', 'TypeError', /^at load$/],
  [
    'a handler that climbs',
    `export const handler = () => 1`,
    '../index.handler',
    'Runtime.MalformedHandlerName',
    /is not a valid handler name/,
  ],
])('%s is an error of the initialization', async (_, source, Handler, errorType, message) => {
  const name = await createFunction(cloud, source, { Handler });
  const { result, error } = await invoke(cloud, name);
  expect(error).toBe('Unhandled');
  expect(result).toMatchObject({ errorType, errorMessage: expect.stringMatching(message) });
  const lines = await loggedMessages(cloud, `/aws/lambda/${name}`);
  expect(lines[1]).toMatch(/^\S+Z\tundefined\tERROR\tUncaught Exception \t\{/);
  expect(lines[2]).toMatch(/^INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: error\tError Type: /);
});

test.each([
  ['CommonJS', { 'index.js': `exports.handler = async () => 'cjs'` }, 'index.handler', 'cjs'],
  [
    'CommonJS by extension',
    { 'index.cjs': `exports.handler = async () => 'cjs'`, 'package.json': '{"type":"module"}' },
    'index.handler',
    'cjs',
  ],
  [
    'an ES module by package.json',
    { 'index.js': `export const handler = async () => 'esm'`, 'package.json': '{"type":"module"}' },
    'index.handler',
    'esm',
  ],
  [
    'top-level await',
    { 'index.mjs': `const v = await Promise.resolve('tla'); export const handler = () => Promise.resolve(v)` },
    'index.handler',
    'tla',
  ],
  [
    'a nested file and a nested export',
    { 'a/b.js': `exports.api = { get: async () => 'nested' }` },
    'a/b.api.get',
    'nested',
  ],
  [
    'a callback',
    { 'index.js': `exports.handler = (e, c, cb) => { setTimeout(() => cb(null, 'cb'), 5) }` },
    'index.handler',
    'cb',
  ],
  ['a handler that never answers', { 'index.js': `exports.handler = (e, c, cb) => {}` }, 'index.handler', null],
  [
    'a default export of CommonJS',
    {
      'index.mjs': `import m from './m.cjs'; export const handler = m.handler`,
      'm.cjs': `exports.handler = async () => 'm'`,
    },
    'index.handler',
    'm',
  ],
] as const)('%s is run', async (_, files, Handler, expected) => {
  const name = await createFunction(cloud, files, { Handler });
  expect((await invoke(cloud, name)).result).toBe(expected);
});

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createFunction, invoke, waitUntilReady, zipOf } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { aws, cloud } = await startTestLambda();

async function messages(logGroupName: string): Promise<string[]> {
  const { events } = await cloud.call('logs', 'FilterLogEvents', { logGroupName });
  return events?.map(({ message }) => message ?? '') ?? [];
}

test('a handler gets the event and the context, and its result is the payload', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async (event, context) => ({ event, context, left: context.getRemainingTimeInMillis() })`,
  );
  const { result, error, version } = await invoke(cloud, name, { a: [1, 'é'] });
  expect(error).toBeUndefined();
  expect(version).toBe('$LATEST');
  expect(result).toMatchObject({
    event: { a: [1, 'é'] },
    context: {
      functionName: name,
      functionVersion: '$LATEST',
      memoryLimitInMB: '128',
      invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    },
  });
  expect((result as { left: number }).left).toBeGreaterThan(1000);
});

test('a warm environment keeps its state; new code gets a new one', async () => {
  const source = (step: number) => `let n = 0; export const handler = async () => (n += ${step});`;
  const name = await createFunction(cloud, source(1));
  expect((await invoke(cloud, name)).result).toBe(1);
  expect((await invoke(cloud, name)).result).toBe(2);
  await cloud.call('lambda', 'UpdateFunctionCode', { FunctionName: name, ZipFile: zipOf({ 'index.mjs': source(10) }) });
  await waitUntilReady(cloud, name);
  expect((await invoke(cloud, name)).result).toBe(10);
});

test('the log has INIT_START, START, the console lines, END and REPORT in the shape of AWS, stored when invoke answers', async () => {
  const name = await createFunction(
    cloud,
    `console.log('starting');
     export const handler = async () => { console.warn('two\\nlines', { a: 1 }); process.stdout.write('raw\\n'); }`,
  );
  const { log } = await invoke(cloud, name);
  const lines = await messages(`/aws/lambda/${name}`);
  const id = /RequestId: (\S+)/.exec(log)?.[1];
  expect(lines[0]).toMatch(
    /^INIT_START Runtime Version: nodejs:22\.v\S+\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n$/,
  );
  expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\tundefined\tINFO\tstarting\n$/);
  expect(lines[2]).toBe(`START RequestId: ${id} Version: $LATEST\n`);
  expect(lines.slice(3, 5).sort()).toEqual([
    expect.stringMatching(new RegExp(`^\\S+Z\\t${id}\\tWARN\\ttwo\\nlines { a: 1 }\\n$`)),
    'raw\n',
  ]);
  expect(lines[5]).toBe(`END RequestId: ${id}\n`);
  expect(lines[6]).toMatch(
    new RegExp(
      `^REPORT RequestId: ${id}\\tDuration: \\d+\\.\\d\\d ms\\tBilled Duration: \\d+ ms\\tMemory Size: 128 MB\\tMax Memory Used: \\d+ MB\\tInit Duration: \\d+\\.\\d\\d ms\\t\\n$`,
    ),
  );
  expect(lines).toHaveLength(7);
  expect(log).toBe(lines.slice(2).join(''));
  expect((await invoke(cloud, name)).log).not.toContain('Init Duration');
});

test('a thrown error is returned as Unhandled with type, message and trace, and the environment is kept', async () => {
  const name = await createFunction(
    cloud,
    `let n = 0; export const handler = async () => { n++; if (n === 1) throw new RangeError('boom'); return n; }`,
  );
  const { result, error, log } = await invoke(cloud, name);
  expect(error).toBe('Unhandled');
  expect(result).toEqual({ errorType: 'RangeError', errorMessage: 'boom', trace: expect.any(Array) });
  expect((result as { trace: string[] }).trace[1]).toContain('index.mjs');
  expect(log).toMatch(/\tERROR\tInvoke Error \t\{"errorType":"RangeError","errorMessage":"boom","stack":\[/);
  expect((await invoke(cloud, name)).result).toBe(2);
});

test('a function that runs over its timeout is killed with its child processes, and the next invocation starts a new process', async () => {
  const name = await createFunction(
    cloud,
    `import { spawn } from 'node:child_process';
     export const handler = async ({ hang }) => {
       if (!hang) return 'fresh';
       console.log('child', spawn('sleep', ['60']).pid);
       await new Promise(() => setInterval(() => {}, 1000));
     }`,
    { Timeout: 1 },
  );
  const { result, error, log } = await invoke(cloud, name, { hang: true });
  expect(error).toBe('Unhandled');
  expect(result).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
  });
  expect(log).toMatch(/\n\d{4}\S+Z \S+ Task timed out after 1\.00 seconds\n\nEND /);
  expect(log).toMatch(/\tStatus: timeout\t\n$/);
  const child = /child (\d+)/.exec(log)?.[1] ?? '';
  // Once killed, it may remain a zombie if no parent reaps it.
  expect(spawnSync('ps', ['-o', 'stat=', '-p', child]).stdout.toString()).toMatch(/^(Z.*)?\s*$/);
  expect((await invoke(cloud, name)).result).toBe('fresh');
});

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
  const lines = await messages(`/aws/lambda/${name}`);
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

test('a callback waits for the event loop to run empty', async () => {
  const name = await createFunction(cloud, {
    'index.js': `exports.handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = e.waits; let late = false; setTimeout(() => { late = true }, 50); cb(null, { get late() { return late } }) }`,
  });
  expect((await invoke(cloud, name, { waits: true })).result).toEqual({ late: true });
  expect((await invoke(cloud, name, { waits: false })).result).toEqual({ late: false });
});

test('from Node.js 24 on a handler with a callback is refused as on AWS', async () => {
  const files = { 'index.js': `exports.handler = (e, c, cb) => cb(null, 1)` };
  const name = await createFunction(cloud, files, { Runtime: 'nodejs24.x' });
  expect((await invoke(cloud, name)).result).toMatchObject({ errorType: 'Runtime.CallbackHandlerDeprecated' });
});

test('a promise that can never settle ends the invocation at once', async () => {
  const name = await createFunction(cloud, `export const handler = () => new Promise(() => {})`, { Timeout: 60 });
  expect((await invoke(cloud, name)).result).toMatchObject({ errorType: 'Runtime.NodeJsExit' });
});

test('an unhandled rejection is reported, and the environment is replaced', async () => {
  const name = await createFunction(
    cloud,
    `let n = 0; export const handler = async (e) => { n++; if (e.reject) { Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1000)) } return n }`,
  );
  const { result, log } = await invoke(cloud, name, { reject: true });
  expect(result).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' });
  expect(log).toContain('\tERROR\tUnhandled Promise Rejection \t{');
  expect((await invoke(cloud, name)).result).toBe(1);
});

test('a streamed response is answered whole', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('"a'); stream.write('b"'); stream.end(); })`,
  );
  expect((await invoke(cloud, name)).result).toBe('ab');
});

test('a stack trace shows the original source if the package has a source map', async () => {
  const map = { version: 3, sources: ['original.ts'], names: [], mappings: 'AAAA', sourcesContent: ['original'] };
  const name = await createFunction(cloud, {
    'index.js': `exports.handler = async () => { throw new Error('x') }\n//# sourceMappingURL=index.js.map`,
    'index.js.map': JSON.stringify(map),
  });
  const { result } = await invoke(cloud, name);
  expect((result as { trace: string[] }).trace.join('\n')).toContain('original.ts');
});

test('a function sees Lambda’s variables and its own, and none of the developer’s', async () => {
  process.env['FX_TEST_SECRET'] = 'secret';
  const name = await createFunction(cloud, `export const handler = async () => process.env`, {
    Environment: { Variables: { MINE: '1' } },
  });
  const { result } = await invoke(cloud, name);
  delete process.env['FX_TEST_SECRET'];
  expect(Object.keys(result as object).sort()).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_DEFAULT_REGION',
    'AWS_ENDPOINT_URL',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
    'AWS_LAMBDA_FUNCTION_NAME',
    'AWS_LAMBDA_FUNCTION_VERSION',
    'AWS_LAMBDA_INITIALIZATION_TYPE',
    'AWS_LAMBDA_LOG_GROUP_NAME',
    'AWS_LAMBDA_LOG_STREAM_NAME',
    'AWS_LAMBDA_RUNTIME_API',
    'AWS_REGION',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'HOME',
    'LAMBDA_RUNTIME_DIR',
    'LAMBDA_TASK_ROOT',
    'LANG',
    'MINE',
    'PATH',
    'TZ',
    '_HANDLER',
    '_X_AMZN_TRACE_ID',
  ]);
  expect(result).toMatchObject({ AWS_ENDPOINT_URL: aws.endpoint, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' });
});

test('provided.al2023 runs the function’s bootstrap unchanged', async () => {
  const text = `#!/usr/bin/env node
const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
for (;;) {
  const next = await fetch(base + 'next');
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const event = await next.json();
  await fetch(base + id + '/response', { method: 'POST', body: JSON.stringify({ hello: event.name }) });
}`;
  const files = {
    bootstrap: { text: `#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/main.mjs"\n`, mode: 0o755 },
    'main.mjs': text,
  };
  const name = await createFunction(cloud, files, { Runtime: 'provided.al2023', Handler: 'any' });
  expect((await invoke(cloud, name, { name: 'you' })).result).toEqual({ hello: 'you' });
});

test('a bootstrap that is not executable is reported', async () => {
  const files = { bootstrap: { text: '#!/bin/sh\n', mode: 0o644 } };
  const name = await createFunction(cloud, files, { Runtime: 'provided.al2023', Handler: 'any' });
  expect((await invoke(cloud, name)).result).toMatchObject({ errorType: 'Runtime.InvalidEntrypoint' });
});

test.runIf(process.platform === 'linux')('a bootstrap for another processor says so', async () => {
  // ARM of 32 bits, which is neither of Lambda's
  const files = { bootstrap: { text: `\x7fELF\x01\x01\x01${'\0'.repeat(11)}\x28\0${'\0'.repeat(40)}`, mode: 0o755 } };
  const name = await createFunction(cloud, files, { Runtime: 'provided.al2023', Handler: 'any' });
  expect((await invoke(cloud, name)).result).toMatchObject({
    errorType: 'Runtime.InvalidEntrypoint',
    errorMessage: expect.stringContaining('exec format error: it was built for another processor'),
  });
});

test('simultaneous invocations run in separate environments, limited by reserved concurrency', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid }`,
  );
  const both = await Promise.all([invoke(cloud, name), invoke(cloud, name)]);
  expect(new Set(both.map(({ result }) => result)).size).toBe(2);
  await cloud.call('lambda', 'PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 1 });
  const first = invoke(cloud, name);
  await expect(invoke(cloud, name)).rejects.toMatchObject({
    code: 'TooManyRequestsException',
    message: 'Rate Exceeded.',
    status: 429,
    fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
  });
  expect((await first).error).toBeUndefined();
});

test('a failed event is retried twice with the same request id', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async (e, c) => { console.log('try', c.awsRequestId); throw new Error('no') }`,
  );
  const { StatusCode } = await cloud.call('lambda', 'Invoke', { FunctionName: name, InvocationType: 'Event' });
  expect(StatusCode).toBe(202);
  await expect
    .poll(async () => (await messages(`/aws/lambda/${name}`)).filter((line) => line.startsWith('REPORT')).length, {
      timeout: 15_000,
    })
    .toBe(3);
  const tries = (await messages(`/aws/lambda/${name}`)).filter((line) => line.includes('try'));
  expect(new Set(tries.map((line) => /try (\S+)/.exec(line)?.[1])).size).toBe(1);
}, 20_000);

test('payloads over the limits and payloads that are not JSON are refused', async () => {
  const name = await createFunction(cloud, `export const handler = async (e) => 'x'.repeat(e.size ?? 1)`);
  const send = (Payload: Buffer, InvocationType?: 'Event') =>
    cloud.call('lambda', 'Invoke', { FunctionName: name, Payload, InvocationType });
  await expect(send(Buffer.from('{'))).rejects.toMatchObject({ code: 'InvalidRequestContentException' });
  await expect(send(Buffer.from(`"${'x'.repeat(6_291_455)}"`))).rejects.toMatchObject({
    code: 'RequestTooLargeException',
    status: 413,
  });
  await expect(send(Buffer.from(`"${'x'.repeat(1_048_575)}"`), 'Event')).rejects.toMatchObject({ status: 413 });
  expect((await invoke(cloud, name, { size: 6_291_555 })).result).toEqual({
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    errorType: 'Function.ResponseSizeTooLarge',
  });
  expect((await invoke(cloud, name)).result).toBe('x');
});

test('a custom log group receives the log, with the function’s name in the stream’s name', async () => {
  const LogGroup = '/custom/group';
  const name = await createFunction(cloud, `export const handler = async () => 1`, { LoggingConfig: { LogGroup } });
  await invoke(cloud, name);
  const { logStreams } = await cloud.call('logs', 'DescribeLogStreams', { logGroupName: LogGroup });
  expect(logStreams?.[0]?.logStreamName).toContain(`/${name}[$LATEST]`);
});

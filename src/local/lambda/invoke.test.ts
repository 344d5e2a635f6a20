// Invocations: what a function gets, what it returns and logs, and which environment runs it.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createFunction, invoke, loggedMessages, waitUntilReady, zipOf } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud } = await startTestLambda();

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
  const lines = await loggedMessages(cloud, `/aws/lambda/${name}`);
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
    .poll(
      async () =>
        (await loggedMessages(cloud, `/aws/lambda/${name}`)).filter((line) => line.startsWith('REPORT')).length,
      {
        timeout: 15_000,
      },
    )
    .toBe(3);
  const tries = (await loggedMessages(cloud, `/aws/lambda/${name}`)).filter((line) => line.includes('try'));
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

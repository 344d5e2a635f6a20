import { expect, test } from 'vitest';
import type { Input } from '../cloud.ts';
import { createFunction, invoke, waitUntilReady } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud } = await startTestLambda();

type Logging = Input<'lambda', 'CreateFunction'>['LoggingConfig'];
const json = (source: string, more: object = {}, settings: object = {}) =>
  createFunction(cloud, source, { LoggingConfig: { LogFormat: 'JSON', ...more }, ...settings });
async function messages(logGroupName: string): Promise<string[]> {
  const { events } = await cloud.call('logs', 'FilterLogEvents', { logGroupName });
  return events?.map(({ message }) => message ?? '') ?? [];
}
const records = async (name: string) =>
  (await messages(`/aws/lambda/${name}`)).map((message) => JSON.parse(message) as Record<string, unknown>);
const typesOf = (all: readonly Record<string, unknown>[]) => all.map(({ type, level }) => type ?? level);

test('platform records and console lines are JSON, in the shape of AWS', async () => {
  const name = await json(
    `console.log('starting');
     export const handler = async () => { console.warn('two\\nlines', { a: 1 }); console.log({ order: 7 }); return 1; };`,
  );
  const { log } = await invoke(cloud, name);
  const all = await records(name);
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const requestId = all[3]?.['requestId'];
  expect(all).toEqual([
    {
      time,
      type: 'platform.initStart',
      record: {
        initializationType: 'on-demand',
        phase: 'init',
        runtimeVersion: expect.stringMatching(/^nodejs:22\./),
        runtimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/),
        functionName: name,
        functionVersion: '$LATEST',
        instanceId: expect.stringMatching(/\[\$LATEST\][0-9a-f]{32}$/),
        instanceMaxMemory: 134_217_728,
      },
    },
    { timestamp: time, level: 'INFO', message: 'starting' },
    {
      time,
      type: 'platform.start',
      record: {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        version: '$LATEST',
      },
    },
    { timestamp: time, level: 'WARN', requestId, message: 'two\nlines { a: 1 }' },
    { timestamp: time, level: 'INFO', requestId, message: { order: 7 } },
    {
      time,
      type: 'platform.report',
      record: {
        requestId,
        metrics: {
          durationMs: expect.any(Number),
          billedDurationMs: expect.any(Number),
          memorySizeMB: 128,
          maxMemoryUsedMB: expect.any(Number),
          initDurationMs: expect.any(Number),
        },
        status: 'success',
      },
    },
  ]);
  expect(
    log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toEqual(all.slice(2));
});

test('the application’s level filters the console and lines of JSON; the system’s level the platform', async () => {
  const source = `export const handler = async () => {
    for (const level of ['trace', 'debug', 'info', 'log', 'warn', 'error']) console[level](level);
    process.stdout.write('{"level":"debug","raw":1}\\n{"level":"error","raw":2}\\n{"raw":3}\\nplain\\n');
    return process.env.AWS_LAMBDA_LOG_LEVEL;
  };`;
  const name = await json(source, { ApplicationLogLevel: 'WARN', SystemLogLevel: 'WARN' });
  expect((await invoke(cloud, name)).result).toBe('WARN');
  const lines = await messages(`/aws/lambda/${name}`);
  const levels = lines.filter((line) => line.includes('timestamp')).map((line) => JSON.parse(line).message as string);
  expect(levels).toEqual(['warn', 'error']);
  expect(lines.filter((line) => line.includes('raw') || line === 'plain\n').sort()).toEqual([
    'plain\n',
    '{"level":"error","raw":2}\n',
  ]);
  expect(lines).toHaveLength(4);
  const detailed = await json(source, { ApplicationLogLevel: 'TRACE', SystemLogLevel: 'DEBUG' });
  await invoke(cloud, detailed);
  const all = (await messages(`/aws/lambda/${detailed}`)).filter((line) => line.includes('time'));
  expect(typesOf(all.map((line) => JSON.parse(line)))).toEqual([
    'platform.initStart',
    'platform.initRuntimeDone',
    'platform.initReport',
    'platform.start',
    'TRACE',
    'DEBUG',
    'INFO',
    'INFO',
    'WARN',
    'ERROR',
    'platform.runtimeDone',
    'platform.report',
  ]);
});

test('an error has its type, message and stack as members', async () => {
  const name = await json(
    `export const handler = async () => { console.error('failed:', new TypeError('bad')); throw new RangeError('boom'); };`,
  );
  await invoke(cloud, name);
  const all = await records(name);
  expect(all[2]).toMatchObject({
    level: 'ERROR',
    message: expect.stringMatching(/^failed: TypeError: bad\n/),
    errorType: 'TypeError',
    errorMessage: 'bad',
    stackTrace: expect.arrayContaining(['TypeError: bad']),
  });
  expect(all[3]).toMatchObject({
    level: 'ERROR',
    message: { errorType: 'RangeError', errorMessage: 'boom', stackTrace: expect.any(Array) },
  });
  expect(all[4]).toMatchObject({
    type: 'platform.runtimeDone',
    record: { status: 'error', errorType: 'RangeError', metrics: { producedBytes: expect.any(Number) } },
  });
  expect(all[5]).toMatchObject({ type: 'platform.report', record: { status: 'error', errorType: 'RangeError' } });
});

test('a timeout and a failed initialization are reported as such', async () => {
  const slow = await json(
    `export const handler = () => new Promise((done) => setTimeout(done, 60_000));`,
    {},
    { Timeout: 1 },
  );
  await invoke(cloud, slow);
  expect((await records(slow)).at(-1)).toMatchObject({ type: 'platform.report', record: { status: 'timeout' } });
  const broken = await json(`throw new Error('at load');`);
  await invoke(cloud, broken);
  const entries = await records(broken);
  expect(typesOf(entries)).toEqual([
    'platform.initStart',
    'ERROR',
    'platform.initRuntimeDone',
    'platform.initReport',
    'platform.start',
    'platform.runtimeDone',
    'platform.report',
  ]);
  expect(entries[3]).toMatchObject({ record: { phase: 'init', status: 'error', errorType: 'Error' } });
});

test('a custom log group receives the lines, with the function’s name in the stream’s name', async () => {
  const name = await createFunction(cloud, `export const handler = async (e, c) => c.logStreamName;`, {
    LoggingConfig: { LogGroup: 'shared/group' },
  });
  expect((await invoke(cloud, name)).result).toMatch(new RegExp(`/${name}\\[\\$LATEST\\][0-9a-f]{32}$`));
  expect((await messages('shared/group')).at(-1)).toMatch(/^REPORT /);
});

test('the settings are shown, and levels are refused for text', async () => {
  const name = await json(`export const handler = async () => 1;`);
  const shown = async (): Promise<Logging> =>
    (await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: name })).LoggingConfig;
  const LogGroup = `/aws/lambda/${name}`;
  expect(await shown()).toEqual({
    LogFormat: 'JSON',
    ApplicationLogLevel: 'INFO',
    SystemLogLevel: 'INFO',
    LogGroup,
  });
  const update = (LoggingConfig: Logging) =>
    cloud.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: name, LoggingConfig });
  await expect(update({ LogFormat: 'Text', SystemLogLevel: 'WARN' })).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message: 'Log levels can be set only for the log format JSON.',
  });
  await update({ SystemLogLevel: 'WARN' });
  await waitUntilReady(cloud, name);
  expect(await shown()).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
  await update({ LogFormat: 'Text' });
  await waitUntilReady(cloud, name);
  expect(await shown()).toEqual({ LogFormat: 'Text', LogGroup });
  expect((await invoke(cloud, name)).log).toMatch(/^START /);
});

import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../aws/aws.ts';
import { LogOrder } from './log-lines.ts';
import { isError, readRecord } from './log-record.ts';
import { logSources } from './log-source.ts';

const id = '3a1b0c5e-3d5f-4f0a-9a57-0d8f6d0b1c2e';

describe('what a line says of itself', () => {
  test.each([
    [`2026-11-26T08:00:00.000Z\t${id}\tINFO\tgreeting fx\n`, 'info', 'greeting fx'],
    [`2026-11-26T08:00:00.000Z\t${id}\tWARN\ttwo\twords`, 'warn', 'two\twords'],
    [`[WARNING]\t2026-11-26T08:00:00.000Z\t${id}\tfrom Python\n`, 'warn', 'from Python'],
    [`2026-11-26T08:00:00.000Z\t${id}\tfail\tfrom .NET`, 'error', 'from .NET'],
    [`{"level":"ERROR","requestId":"${id}","message":"no stock"}`, 'error', 'no stock'],
    [`{"level":50,"msg":"from pino","requestId":"${id}"}`, 'error', 'from pino'],
    [`{"level":30,"msg":"from pino","awsRequestId":"${id}"}`, 'info', 'from pino'],
    [`{"severity":"CRITICAL","function_request_id":"${id}","message":{"a":1}}`, 'fatal', '{"a":1}'],
    [`2026-11-26T08:00:00.000Z ${id} Task timed out after 3.00 seconds`, 'error', /Task timed out/],
    [`RequestId: ${id} Error: Runtime exited with error: signal: killed`, 'error', /signal: killed/],
  ])('%s', (message, level, text) => {
    expect(readRecord(message)).toMatchObject({
      requestId: id,
      level,
      text: typeof text === 'string' ? text : expect.stringMatching(text),
    });
  });

  test.each([
    ['Traceback (most recent call last):', 'error'],
    ['[ERROR] ValueError: no', 'error'],
    ['Exception in thread "main" java.lang.IllegalStateException: no', 'error'],
    ['java.lang.NullPointerException: null', 'error'],
    ['panic: runtime error: index out of range', 'error'],
    ['TypeError: x is not a function', 'error'],
    ['2026-11-26 08:00:00,123 ERROR root: no', 'error'],
    ['E, [2026-11-26T08:00:00.123456 #8] ERROR -- : from Ruby', 'error'],
    ['[main] ERROR com.example.App - no', undefined],
    ['WARN: full', 'warn'],
    ['{"errorMessage":"no","errorType":"Error","stackTrace":[]}', 'error'],
    ['no error at all', undefined],
    ['0 errors, ERRORS: none', undefined],
    ['{"level":"constructor"}', undefined],
    ['{broken', undefined],
    ['', undefined],
  ])('%s has the level %s', (message, level) => {
    expect(readRecord(message).level).toBe(level);
  });

  test('the end of an invocation, as text and as JSON', () => {
    const text = `REPORT RequestId: ${id}\tDuration: 12.34 ms\tBilled Duration: 173 ms\tMemory Size: 128 MB\tMax Memory Used: 78 MB\tInit Duration: 160.10 ms\t\n`;
    const report = {
      duration: 12.34,
      billed: 173,
      memory: 128,
      memoryUsed: 78,
      initialization: 160.1,
      failure: undefined,
    };
    expect(readRecord(text)).toMatchObject({ platform: 'report', requestId: id, report, level: undefined });
    const metrics = {
      durationMs: 12.34,
      billedDurationMs: 173,
      memorySizeMB: 128,
      maxMemoryUsedMB: 78,
      initDurationMs: 160.1,
    };
    const record = { requestId: id, metrics, status: 'success' };
    const json = { time: '2026-11-26T08:00:00.000Z', type: 'platform.report', record };
    expect(readRecord(JSON.stringify(json))).toMatchObject({ platform: 'report', requestId: id, report });
    const failed = { ...json, record: { ...record, status: 'timeout' } };
    expect(isError(readRecord(JSON.stringify(failed)))).toBe(true);
    expect(isError(readRecord(`${text.trimEnd()}\tStatus: timeout`))).toBe(true);
    expect(isError(readRecord('INIT_REPORT Init Duration: 9.00 ms\tPhase: init\tStatus: error\tError Type: X'))).toBe(
      true,
    );
  });
});

const functions = [
  { name: 'orders', physicalName: 'shop-prod-orders', logGroup: '/shared' },
  { name: 'mail', physicalName: 'shop-prod-mail', logGroup: '/shared' },
  { name: 'hello', physicalName: 'shop-prod-hello', logGroup: '/aws/lambda/shop-prod-hello' },
];

test('the name of a stream tells the function and its version', () => {
  const [shared, own] = logSources(functions, functions);
  expect(shared?.ownerOf('2026/11/26/shop-prod-mail[12]00ff')).toEqual({ functionName: 'mail', version: '12' });
  expect(shared?.ownerOf('2026/11/26/other-prod-mail[12]00ff')).toBeUndefined();
  expect(shared?.ownerOf('2026/11/26/[12]00ff')).toBeUndefined();
  expect(own?.ownerOf('2026/11/26/[$LATEST]00ff')).toEqual({ functionName: 'hello', version: '$LATEST' });
  expect(own?.ownerOf('by-hand')).toEqual({ functionName: 'hello', version: undefined });
  // of a shared group, only what the chosen function wrote
  const [chosen] = logSources(functions.slice(0, 1), functions);
  expect(chosen?.ownerOf('2026/11/26/shop-prod-mail[12]00ff')).toBeUndefined();
  expect(chosen?.ownerOf('by-hand')).toBeUndefined();
});

test('a stack trace stays with its line, between lines of others, and lines belong to invocations', () => {
  const [source] = logSources(functions, functions);
  if (source === undefined) throw new Error('no source');
  const at = (ms: number, name: string, message: string): LogEvent => ({
    id: '',
    group: '/shared',
    stream: `2026/11/26/shop-prod-${name}[1]00ff`,
    time: new Date(ms),
    message,
  });
  const events = [
    at(0, 'mail', `START RequestId: ${id} Version: 1\n`),
    at(1, 'mail', 'Traceback (most recent call last):\n'),
    at(1, 'orders', 'between\n'),
    at(2, 'mail', '  File "mail.py", line 1, in <module>\n'),
    at(2, 'mail', '    send()\n'),
    at(3, 'orders', '  indented, but of another stream\n'),
    at(3, 'mail', 'ValueError: no\n'),
    at(3, 'mail', 'after: all\n'),
    at(300, 'mail', `REPORT RequestId: ${id}\tDuration: 1 ms\n`),
    at(301, 'mail', 'an extension\n'),
  ];
  const order = new LogOrder();
  const blocks = [...events.flatMap((event) => order.push(event, source)), ...order.flush()];
  expect(blocks.map((block) => block.map(({ message }) => message.trim()))).toEqual([
    [expect.stringMatching(/^START/)],
    ['Traceback (most recent call last):', 'File "mail.py", line 1, in <module>', 'send()', 'ValueError: no'],
    ['between', 'indented, but of another stream'],
    ['after: all'],
    [expect.stringMatching(/^REPORT/)],
    ['an extension'],
  ]);
  const lines = blocks.flat();
  expect(lines.filter(({ functionName }) => functionName === 'mail').map(({ requestId }) => requestId)).toEqual([
    ...Array.from({ length: 7 }, () => id),
    undefined,
  ]);
});

import { describe, expect, test } from 'vitest';
import { readRecord } from '../../operate/log-record.ts';
import type { LogLine } from '../../operate/logs.ts';
import { logText } from './log-text.ts';
import { style } from './style.ts';

const id = '3a1b0c5e-3d5f-4f0a-9a57-0d8f6d0b1c2e';

function line(message: string, more: Partial<LogLine> = {}): LogLine {
  return {
    id: '1',
    group: '/a',
    stream: '2026/11/26/shop-orders[1]00ff',
    time: new Date('2026-11-26T08:00:01.234Z'),
    message,
    functionName: 'orders',
    version: '1',
    record: readRecord(message),
    requestId: id,
    continues: false,
    ...more,
  };
}

function shown(lines: readonly LogLine[], { columns, color = false }: { columns?: number; color?: boolean } = {}) {
  const text = logText('pretty', { styles: style(color), color, columns, functions: ['orders', 'mail'] });
  return lines
    .map(text)
    .filter((each) => each !== undefined)
    .join('\n');
}

describe('pretty', () => {
  test('a line of JSON: its time, level and message, then its other members', () => {
    const message = JSON.stringify({
      timestamp: '2026-11-26T08:00:01.234Z',
      level: 'ERROR',
      requestId: id,
      message: 'no stock',
      sku: 'a-1',
      order: { id: 7 },
      note: 'two words',
      stackTrace: ['Error: no stock', '    at handler (orders.ts:1:1)'],
    });
    expect(shown([line(message)], { columns: 120 })).toBe(
      [
        '2026-11-26 UTC',
        '08:00:01.234 orders ERROR no stock sku=a-1 order={"id":7} note="two words"',
        '    Error: no stock',
        '        at handler (orders.ts:1:1)',
      ].join('\n'),
    );
    expect(shown([line(message)], { columns: 60 })).toBe(
      [
        '2026-11-26 UTC',
        '08:00:01.234 orders ERROR no stock',
        '    sku=a-1 order={"id":7} note="two words"',
        '    Error: no stock',
        '        at handler (orders.ts:1:1)',
      ].join('\n'),
    );
  });

  test('one line for an invocation, and the day when it changes', () => {
    const report = `REPORT RequestId: ${id}\tDuration: 12.34 ms\tBilled Duration: 173 ms\tMemory Size: 128 MB\tMax Memory Used: 78 MB\tInit Duration: 160.10 ms\t\n`;
    const lines = [
      line(`START RequestId: ${id} Version: 1\n`),
      line(`2026-11-26T08:00:01.234Z\t${id}\tINFO\tgreeting fx\n`),
      line(`END RequestId: ${id}\n`),
      line(report, { time: new Date('2026-11-27T00:00:00Z'), functionName: 'mail' }),
    ];
    expect(shown(lines)).toBe(
      [
        '2026-11-26 UTC',
        '08:00:01.234 orders INFO  greeting fx',
        '2026-11-27 UTC',
        '00:00:00.000 mail   REPORT 12 ms, billed 173 ms, 78/128 MB, init 160 ms',
      ].join('\n'),
    );
    const [, , , last] = shown(lines, { color: true }).split('\n');
    expect(last).toBe(
      '\u001b[2m00:00:00.000\u001b[22m \u001b[32mmail  \u001b[39m \u001b[2mREPORT 12 ms, billed 173 ms, 78/128 MB, init 160 ms\u001b[22m',
    );
  });

  test('an uncaught error with its stack; lines that go on are indented; nothing moves the cursor', () => {
    const thrown = JSON.stringify({ errorType: 'Error', errorMessage: 'no', stack: ['Error: no', '    at a.ts:1:1'] });
    expect(
      shown([
        line(`2026-11-26T08:00:01.234Z\t${id}\tERROR\tInvoke Error \t${thrown}\n`),
        line('  at more\u001b[31m\u0007\n', { continues: true }),
      ]),
    ).toBe(
      ['2026-11-26 UTC', '08:00:01.234 orders ERROR Error: no', '        at a.ts:1:1', '      at more'].join('\n'),
    );
  });

  test('an error that Node.js logs in JSON is shown once, and an object as its members', () => {
    const stack = ['Error: no', '    at a.ts:1:1', '    at main (/var/runtime/index.mjs:1:1)'];
    const message = { level: 'ERROR', message: `broken ${stack.join('\n')}`, errorType: 'Error', errorMessage: 'no' };
    expect(shown([line(JSON.stringify({ ...message, stackTrace: stack }))])).toBe(
      ['2026-11-26 UTC', '08:00:01.234 orders ERROR broken Error: no', '        at a.ts:1:1'].join('\n'),
    );
    const object = { level: 'INFO', message: { msg: 'sold', sku: 'a-1' }, tenant: 7 };
    expect(shown([line(JSON.stringify(object))])).toContain('orders INFO  sold tenant=7 sku=a-1');
  });

  test('what Lambda says itself, without what is elsewhere', () => {
    const lines = [
      'INIT_START Runtime Version: nodejs:24.v41\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:0af1\n',
      JSON.stringify({
        time: '',
        type: 'platform.initStart',
        record: { runtimeVersion: 'nodejs:24.v41', phase: 'init' },
      }),
      `2026-11-26T08:00:01.234Z ${id} Task timed out after 3.00 seconds`,
      `RequestId: ${id} Error: Runtime exited with error: exit status 1\nRuntime.ExitError`,
    ].map((message) => line(message));
    expect(shown(lines)).toBe(
      [
        '2026-11-26 UTC',
        '08:00:01.234 orders INIT_START nodejs:24.v41',
        '08:00:01.234 orders INIT_START nodejs:24.v41',
        '08:00:01.234 orders ERROR Task timed out after 3.00 seconds',
        '08:00:01.234 orders ERROR Runtime exited with error: exit status 1',
        '    Runtime.ExitError',
      ].join('\n'),
    );
  });

  test('what Lambda says in JSON', () => {
    const record = { requestId: id, status: 'error', errorType: 'Runtime.OutOfMemory' };
    const fault = JSON.stringify({ time: '', type: 'platform.runtimeDone', record });
    expect(shown([line(fault)])).toContain('ERROR runtimeDone status=error errorType=Runtime.OutOfMemory');
    expect(shown([line(JSON.stringify({ time: '', type: 'platform.start', record: { requestId: id } }))])).toBe('');
  });
});

test('short is one line, json an object with the members of the line', () => {
  const options = { styles: style(false), color: false, columns: undefined, functions: ['orders'] };
  expect(logText('short', options)(line('two\nlines\n'))).toBe('2026-11-26T08:00:01.234Z orders two\\nlines');
  expect(JSON.parse(logText('json', options)(line('{"level":"WARN","a":1}')) ?? '')).toEqual({
    functionName: 'orders',
    version: '1',
    time: '2026-11-26T08:00:01.234Z',
    stream: '2026/11/26/shop-orders[1]00ff',
    requestId: id,
    level: 'warn',
    message: { level: 'WARN', a: 1 },
  });
});

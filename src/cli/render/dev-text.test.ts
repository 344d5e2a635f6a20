// The lines of fx dev.
import { expect, test } from 'vitest';
import type { Served } from '../../session/follow.ts';
import { servedText } from './dev-text.ts';

const at = new Date(2026, 10, 26, 9, 5, 3).getTime();
const text = (event: Served, columns?: number) =>
  servedText(event, { color: false, columns, nameOf: (name) => name.replace('shop-local-', ''), now: () => at });
const request = { kind: 'request', method: 'GET', path: '/a', status: 200, ms: 3.2 } as const;
const log = (message: string) => text({ kind: 'log', functionName: 'shop-local-hello', time: at, message });

test('a request, the function that failed, and a client that left', () => {
  expect(text({ ...request, functionName: 'shop-local-hello', cold: true })).toBe(
    '09:05:03 GET /a 200 hello 3.2 ms cold',
  );
  expect(text({ ...request, status: 404, ms: 12.3 })).toBe('09:05:03 GET /a 404 12 ms');
  const error = { type: 'TypeError', message: 'no such\nthing' };
  expect(text({ ...request, status: 500, functionName: 'x', cold: false, error })).toBe(
    '09:05:03 GET /a 500 x 3.2 ms\n  TypeError: no such',
  );
  expect(text({ ...request, status: undefined })).toBe('09:05:03 GET /a gone 3.2 ms');
});

test('a long path is cut to the terminal, and a control character never moves the cursor', () => {
  const event = { ...request, path: `/${'long/'.repeat(30)}`, functionName: 'shop-local-hello', cold: true };
  for (const columns of [60, 80, 120]) expect(text(event, columns)).toHaveLength(columns);
  expect(text(event)).toContain(event.path);
  expect(log('\u001b[31mred\u001b[0m\u0007\r')).toBe('hello │ \u001b[31mred\u001b[0m');
});

test('a log line without what Lambda adds, and a stack by the files of the project', () => {
  expect(log('2026-11-26T08:00:00.000Z\tid\tINFO\tgreeting fx\n')).toBe('hello │ greeting fx');
  expect(log('plain\ntwo lines\n')).toBe('hello │ plain\nhello │ two lines');
  expect(log('\n')).toBeUndefined();
  const code = `/tmp/fx-local-code-x/us-east-1/lambda/code/${'0a'.repeat(32)}`;
  const stack = [
    'TypeError: no',
    `    at handler (${code}/src/hello.ts:3:9)`,
    '    at x (/fx/dist/lambda-boot/node.mjs:1:1)',
  ];
  expect(log(`2026-11-26T08:00:00.000Z\tid\tERROR\tInvoke Error \t${JSON.stringify({ stack })}\n`)).toBe(
    'hello │ TypeError: no\nhello │     at handler (src/hello.ts:3:9)',
  );
});

test('other events', () => {
  expect(text({ kind: 'invocation', functionName: 'shop-local-jobs', ms: 5, cold: true })).toBe(
    '09:05:03 jobs ran 5 ms cold',
  );
  expect(text({ kind: 'debugger', functionName: 'jobs', state: 'paused' })).toBe(
    'jobs stopped in the debugger: timeouts stand still',
  );
  expect(text({ kind: 'dropped', count: 3 })).toBe('3 lines were left out: this terminal reads too slowly');
});

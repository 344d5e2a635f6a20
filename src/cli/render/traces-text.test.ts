// fx traces as text.
import { expect, test } from 'vitest';
import type { ShownTrace, TraceReport } from '../../operate/traces.ts';
import { tracesText } from './traces-text.ts';

const part = (
  name: string,
  depth: number,
  start: number,
  duration: number,
  more: Partial<ShownTrace['spans'][number]> = {},
) => ({
  name,
  depth,
  start,
  duration,
  kind: 'part' as const,
  origin: undefined,
  failed: false,
  ...more,
});
const trace: ShownTrace = {
  id: '1-6b0c323e-97024fef60e9768990d68668',
  time: '2026-11-26T08:00:06.000Z',
  duration: 400,
  failed: true,
  throttled: false,
  url: undefined,
  method: undefined,
  status: 200,
  spans: [
    part('orders', 0, 0, 400, { kind: 'service', origin: 'AWS::Lambda' }),
    part('orders', 1, 200, 200, { kind: 'service', origin: 'AWS::Lambda::Function', failed: true }),
    part('Initialization', 2, 0, 200, { kind: 'cold start' }),
    part('Invocation', 2, 200, 200, { failed: true }),
    part('Overhead', 2, 400, 0),
  ],
};
const calls = { calls: 4, errors: 0, faults: 1, seconds: 0.4 };
const report: TraceReport = {
  project: 'shop',
  environment: 'prod',
  region: 'eu-west-1',
  since: new Date('2026-11-26T07:00:00Z'),
  until: new Date('2026-11-26T08:00:10Z'),
  found: 4,
  isPartial: false,
  services: [
    {
      name: 'orders',
      type: 'function',
      ...calls,
      to: [{ name: 'Orders', type: 'AWS::DynamoDB', ...calls, faults: 0 }],
    },
    {
      name: 'orders',
      type: 'client',
      ...calls,
      to: [{ name: 'orders', type: 'function', ...calls, calls: 1, seconds: 0.1 }],
    },
  ],
  starts: [{ name: 'orders', calls: 4, cold: 1, initialization: 200, invocation: 50 }],
  traces: [trace],
  untraced: ['quiet'],
};

test('a pipe gets the map, the starts and the waterfalls in ASCII bars', () => {
  expect(
    tracesText(report, { color: false, columns: undefined }),
  ).toBe(`2026-11-26 07:00:00 to 2026-11-26 08:00:10 UTC, 4 traces

quiet is traced only when its caller is: put tracing: Active into project.yml

callers of orders
  → orders  1 call, 1 (100%) failed, 100 ms each
orders  4 calls, 1 (25%) failed, 100 ms each
  → Orders (DynamoDB)  4 calls, 100 ms each

function  traced  cold starts  initialization  invocation
orders         4      1 (25%)          200 ms       50 ms

1-6b0c323e-97024fef60e9768990d68668  2026-11-26 08:00:06  400 ms  200  failed
orders (Lambda)                      400 ms  ${'#'.repeat(55)}
  orders                             200 ms  ${' '.repeat(27)}${'#'.repeat(28)}
    cold start                       200 ms  ${'#'.repeat(28)}
    Invocation                       200 ms  ${' '.repeat(27)}${'#'.repeat(28)}
    Overhead                           0 ms`);
});

test('waterfalls keep to the terminal, and without traces there is the reason', () => {
  const narrow = tracesText(report, { color: false, columns: 60 });
  expect(
    Math.max(
      ...narrow
        .split('\n')
        .filter((line) => line.includes('█'))
        .map(({ length }) => length),
    ),
  ).toBe(60);
  const none = { ...report, found: 0, services: [], starts: [], traces: [], untraced: ['a', 'b'] };
  expect(tracesText(none, { color: false, columns: 80 })).toContain(
    'a, b are not traced: put tracing: Active into project.yml',
  );
});

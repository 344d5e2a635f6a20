// fx metrics as text, at every width.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FunctionMetrics, Metrics } from '../../operate/metrics.ts';
import { metricsText } from './metrics-text.ts';
import { countText, durationText } from './numbers.ts';

const since = new Date('2026-11-26T05:00:00Z');
const until = new Date('2026-11-26T08:00:00Z');
const measure = (whole: number | undefined, values: readonly (number | undefined)[] = [whole]) => ({ whole, values });
const none = measure(undefined);

function called(name: string, more: Partial<FunctionMetrics['measures']> = {}): FunctionMetrics {
  const measures = {
    invocations: measure(1200, [200, undefined, 1000]),
    errors: measure(12, [0, undefined, 12]),
    throttles: measure(0),
    p50: measure(4.25),
    p95: measure(120),
    p99: measure(1250),
    asyncDropped: none,
    deadLetterErrors: none,
    concurrency: measure(7),
    ...more,
  };
  return { name, physicalName: `shop-prod-${name}`, of: undefined, release: undefined, measures };
}
const metrics = (more: Partial<Metrics> = {}): Metrics => ({
  project: 'shop',
  environment: 'prod',
  region: 'eu-west-1',
  times: { since, until, periodSeconds: 3600, wholeSeconds: 10_800 },
  functions: [],
  apis: [],
  releases: [],
  ...more,
});
const text = (of: Metrics, columns?: number) => metricsText(of, { color: false, columns });
const release = { number: 12, time: '2026-11-26T06:40:00Z', origin: { kind: 'deploy' }, commit: '1a2b3c4' } as const;
const api = {
  name: 'HttpApi',
  kind: 'http',
  measures: {
    requests: measure(34_120),
    clientErrors: measure(60),
    serverErrors: measure(0),
    p50: measure(12),
    p95: measure(80),
    p99: measure(700),
  },
} as const;

test('a pipe gets every column and no chart', () => {
  const reader = called('reader', {
    iteratorAge: measure(63_000),
    asyncDropped: measure(4),
    deadLetterErrors: measure(1),
  });
  const shown = metrics({
    functions: [called('orders'), reader],
    apis: [api],
    releases: [{ ...release, message: 'Faster checkout' }],
  });
  expect(text(shown)).toBe(`2026-11-26 05:00:00 to 2026-11-26 08:00:00 UTC, by hour

function  calls   errors  throttles     p50     p95    p99  at once   behind  dropped  lost
orders    1,200  12 (1%)          0  4.3 ms  120 ms  1.3 s        7                 -     -
reader    1,200  12 (1%)          0  4.3 ms  120 ms  1.3 s        7  1.1 min        4     1

API      requests        4xx  5xx    p50    p95     p99
HttpApi     34.1k  60 (0.2%)    0  12 ms  80 ms  700 ms

▲ release 12  2026-11-26 06:40:00  deploy  1a2b3c4  Faster checkout`);
});

test('without calls, it says so, and draws nothing', () => {
  const idle = called('idle', { invocations: none, errors: none, throttles: none });
  const shown = text(metrics({ functions: [idle] }), 80);
  expect(shown).toContain('Nothing was called in that time. CloudWatch shows calls after a minute or two.');
  expect(shown).not.toContain('┤');
});

test('versions are rows with their release', () => {
  const parts = [
    { ...called('orders'), of: 'live@1', release: 7 },
    { ...called('orders'), of: 'live@2', release: undefined },
  ];
  const shown = text(metrics({ functions: parts }));
  expect(shown).toContain('\norders    live@1, release 7  1,200');
  expect(shown).toContain('\norders    live@2             1,200');
  expect(shown).not.toContain('at once');
});

test('up to three functions have their own charts, more have one together', () => {
  const few = text(
    metrics({ functions: [called('a'), called('b')], releases: [{ ...release, message: undefined }] }),
    80,
  );
  expect(few.split('\n').filter((line) => /━/.test(line))).toEqual([
    'a  ━ calls  ━ errors',
    'a, duration  ━ p99  ━ p95  ━ p50',
    'b  ━ calls  ━ errors',
    'b, duration  ━ p99  ━ p95  ━ p50',
  ]);
  expect(few.match(/▲12/g)).toHaveLength(4);
  const many = text(metrics({ functions: ['a', 'b', 'c', 'd'].map((name) => called(name)) }), 80);
  expect(many.split('\n').filter((line) => /━/.test(line))).toEqual(['all functions  ━ calls  ━ errors']);
  expect(many).toContain('5,000 ┤');
});

test('every line fits a terminal of 60 columns or more', () => {
  const number = fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined });
  const one = fc.tuple(fc.stringMatching(/^[a-z]{1,20}$/), number, number, number).map(([name, ...values]) =>
    called(name, {
      invocations: measure(values[0]),
      errors: measure(Math.min(values[0] ?? 0, values[1] ?? 0)),
      p95: measure(values[2]),
      iteratorAge: measure(values[0]),
      asyncDropped: measure(values[1]),
    }),
  );
  fc.assert(
    fc.property(
      fc.array(one, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 60, max: 200 }),
      (functions, columns) => {
        for (const line of text(metrics({ functions, apis: [api], releases: [] }), columns).split('\n')) {
          if (!line.startsWith('Nothing')) expect(line.length).toBeLessThanOrEqual(columns);
        }
      },
    ),
    // the axis ends at 16.7 min, the longest of its labels
    { examples: [[[called('a', { p95: measure(815_790) })], 60]] },
  );
});

test('numbers are short', () => {
  expect([undefined, 0, 7, 1234, 12_345, 1_234_567].map(countText)).toEqual(['-', '0', '7', '1,234', '12.3k', '1.2M']);
  expect([0.84, 12.4, 999, 1_250, 90_000, 7_200_000].map(durationText)).toEqual([
    '0.8 ms',
    '12 ms',
    '999 ms',
    '1.3 s',
    '1.5 min',
    '2 h',
  ]);
});

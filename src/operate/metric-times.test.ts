// Which periods fx metrics asks for.
import { expect, test } from 'vitest';
import { metricTimes } from './metric-times.ts';

const now = Date.parse('2026-11-26T08:07:30Z');
const hourMs = 3_600_000;
const ago = (hours: number, periodSeconds?: number, until = 0) =>
  metricTimes({ since: new Date(now - hours * hourMs), until: new Date(now - until * hourMs), periodSeconds }, now);

test.each([
  [1 / 60, 60],
  [3, 60],
  [6, 120],
  [24, 600],
  [7 * 24, 3600],
  // CloudWatch has only five minutes, and then hours
  [16 * 24, 10_800],
  [64 * 24, 43_200],
  [455 * 24, 86_400],
])('of %d hours, the period is %d seconds', (hours, seconds) => {
  expect(ago(hours).periodSeconds).toBe(seconds);
});

test('the first period begins at a round time, and one period spans all', () => {
  const { since, until, wholeSeconds } = ago(24);
  expect([since.toISOString(), until.getTime(), wholeSeconds]).toEqual([
    '2026-11-25T08:00:00.000Z',
    now,
    24 * 3600 + 8 * 60,
  ]);
  expect(ago(20 * 24, 300, 19 * 24).wholeSeconds % 300).toBe(0);
});

test.each([
  [500 * 24, undefined, 0, '--since is 500 days ago; CloudWatch keeps metrics for 455 days'],
  [20 * 24, 60, 0, '--period is 1m; of 20 days ago, CloudWatch has only multiples of 5m'],
  [10 * 24, 60, 0, '--period would give 14,400 points; at most 3,000 can be shown'],
  [1, undefined, 2, '--since is not before --until'],
])('of %d hours, %s is refused', (hours, period, until, message) => {
  expect(() => ago(hours, period, until)).toThrow(message);
});

import { expect, test } from 'vitest';
import { scheduledRuns } from './scheduled-runs.ts';

const now = Date.parse('2026-11-26T08:00:00Z');
const month = 730 * 3_600_000;
const runs = (expression: string) => scheduledRuns({ expression, timezone: undefined }, now, month);

test.each([
  ['rate(5 minutes)', 8760],
  ['cron(0 3 * * ? *)', 365 / 12],
  ['cron(0 3 1 * ? *)', 1],
  ['cron(* * * * ? *)', 43_800],
  ['at(2026-12-01T00:00:00)', 1],
  ['at(2027-12-01T00:00:00)', 0],
  ['at(2020-12-01T00:00:00)', 0],
  ['cron(0 3 * * ? 2020)', 0],
])('%s', (expression, expected) => {
  expect(runs(expression)).toBeCloseTo(expected, 6);
});

import { expect, test } from 'vitest';
import { parseSchedule } from './schedule-expression.ts';

test.each([
  ['rate(1 minutes)', 'write rate(1 minute)'],
  ['rate(5 minute)', 'write rate(5 minutes)'],
  ['rate(0 minutes)', 'a rate must be at least 1'],
  ['every day', 'expected rate(5 minutes) or cron(0 9 ? * MON-FRI *)'],
  ['cron(0 9 * * *)', 'a cron has 6 fields (minutes hours day-of-month month day-of-week year), not 5'],
  ['cron(0 9 * * * *)', 'exactly one of day-of-month and day-of-week must be ?'],
  ['cron(61 9 * * ? *)', '"61" is not valid for minutes (0-59)'],
  ['cron(0 9 ? * FUNDAY *)', '"FUNDAY" is not valid for day-of-week (1-7 or SUN-SAT)'],
])('%s is refused: %s', (expression, reason) => {
  expect(parseSchedule(expression)).toEqual({ kind: 'invalid', reason });
});

test.each(['rate(1 hour)', 'cron(0 9 LW * ? *)', 'cron(0,30 9-17 ? 1-6/2 MON,WED 2026-2030)', 'cron(0 9 3W * ? *)'])(
  '%s is read',
  (expression) => {
    expect(parseSchedule(expression).kind).not.toBe('invalid');
  },
);

import { expect, test } from 'vitest';
import { parseSchedule } from './schedule-expression.ts';

test.each([
  ['rate(1 minutes)', 'write rate(1 minute)'],
  ['rate(5 minute)', 'write rate(5 minutes)'],
  ['rate(0 minutes)', 'a rate must be at least 1'],
  ['rate(10 seconds)', 'a rate is a number and minutes, hours or days, such as rate(5 minutes)'],
  ['every day', 'expected rate(5 minutes), cron(0 9 ? * MON-FRI *) or at(2027-01-31T09:00:00)'],
  [
    'cron(0 9 * * *)',
    'a cron has 6 fields (minutes hours day-of-month month day-of-week year), not 5: add the year, such as *',
  ],
  ['cron()', 'a cron has 6 fields (minutes hours day-of-month month day-of-week year), not 0'],
  ['cron(0 9 * * * *)', 'one of day-of-month and day-of-week must be ?, and only one'],
  ['cron(0 9 ? * ? *)', 'one of day-of-month and day-of-week must be ?, and only one'],
  ['cron(61 9 * * ? *)', 'minutes: 61 is not between 0 and 59'],
  ['cron(0 25 * * ? *)', 'hours: 25 is not between 0 and 23'],
  ['cron(0 9-24 * * ? *)', 'hours: 24 is not between 0 and 23'],
  ['cron(0/0 9 * * ? *)', 'minutes: "0" is not a step of at least 1'],
  ['cron(0 9 ? * FUNDAY *)', 'day-of-week: "FUNDAY" is not a number between 1 and 7, or SUN to SAT'],
  ['cron(0 9 ? * 0 *)', 'day-of-week: 0 is not between 1 and 7'],
  ['cron(0 9 ? 13 MON *)', 'month: 13 is not between 1 and 12'],
  ['cron(? 9 * * ? *)', 'minutes: ? is only for day-of-month and day-of-week'],
  ['cron(0 9 32W * ? *)', 'day-of-month: "32W" is not valid: L, LW and a day with W, such as 15W, stand alone'],
  [
    'cron(0 9 ? * 2#6 *)',
    'day-of-week: "2#6" is not valid: L, a day with L, such as 6L, and a day with its number in the month, such as 2#1, stand alone',
  ],
  ['cron(0 9 ? * MON 1969)', 'year: 1969 is not between 1970 and 2199'],
  ['at(2027-01-31)', 'a one-time schedule is a date and a time without a zone, such as at(2027-01-31T09:00:00)'],
  ['at(2027-02-30T09:00:00)', 'there is no 2027-02-30 at 09:00:00'],
])('%s is refused: %s', (expression, reason) => {
  expect(parseSchedule(expression)).toEqual({ kind: 'invalid', reason });
});

test.each([
  'rate(1 hour)',
  'cron(0 9 LW * ? *)',
  'cron(0,30 9-17 ? 1-6/2 MON,WED 2026-2030)',
  'cron(0 9 3W * ? *)',
  'cron(*/15 * * * ? *)',
  'cron(30-30 13-13 ? * 2,4,6 *)',
  'cron(* * ? * SAT#3 *)',
  'cron(0/5 5 ? JAN 1-5 2022)',
  'at(2028-02-29T23:59:59)',
])('%s is read', (expression) => {
  expect(parseSchedule(expression).kind).not.toBe('invalid');
});

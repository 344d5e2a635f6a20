import { expect, test } from 'vitest';
import { nextRun, timeZoneNamed } from './schedule-times.ts';

const from = Date.UTC(2026, 10, 23, 10, 7, 30); // a Monday
const next = (expression: string) => {
  const due = nextRun(expression, from, from);
  return due === undefined ? undefined : new Date(due).toISOString();
};

// The examples and rules of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
test.each([
  ['rate(5 minutes)', '2026-11-23T10:12:30.000Z'],
  ['rate(1 day)', '2026-11-24T10:07:30.000Z'],
  ['cron(0 10 * * ? *)', '2026-11-24T10:00:00.000Z'],
  ['cron(15 12 * * ? *)', '2026-11-23T12:15:00.000Z'],
  ['cron(0 18 ? * MON-FRI *)', '2026-11-23T18:00:00.000Z'],
  ['cron(0 8 1 * ? *)', '2026-12-01T08:00:00.000Z'],
  ['cron(0/10 * ? * MON-FRI *)', '2026-11-23T10:10:00.000Z'],
  ['cron(0/5 8-17 ? * MON-FRI *)', '2026-11-23T10:10:00.000Z'],
  ['cron(0 9 ? * 2#1 *)', '2026-12-07T09:00:00.000Z'],
  ['cron(0 9 ? * 6L *)', '2026-11-27T09:00:00.000Z'],
  ['cron(0 9 L * ? *)', '2026-11-30T09:00:00.000Z'],
  ['cron(0 9 ? * 1 *)', '2026-11-29T09:00:00.000Z'],
  ['cron(0 9 1 1 ? 2030)', '2030-01-01T09:00:00.000Z'],
  ['cron(0 9 1 1 ? 2020)', undefined],
  ['cron(0 9 ? * FRI-MON *)', '2026-11-27T09:00:00.000Z'],
  ['cron(0/45 10 ? DEC 1 *)', '2026-12-06T10:00:00.000Z'],
  ['at(2026-12-24T18:00:00)', '2026-12-24T18:00:00.000Z'],
  ['at(2026-11-01T18:00:00)', undefined],
])('%s is next due at %s', (expression, expected) => {
  expect(next(expression)).toBe(expected);
});

// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
test('a time zone decides when a cron expression and a one-time schedule are due', () => {
  const inBerlin = (expression: string, after: string) => {
    const due = nextRun(expression, from, Date.parse(after), 'Europe/Berlin');
    return due === undefined ? undefined : new Date(due).toISOString();
  };
  expect(inBerlin('cron(0 9 * * ? *)', '2026-11-23T10:00:00Z')).toBe('2026-11-24T08:00:00.000Z');
  expect(inBerlin('cron(0 9 * * ? *)', '2026-07-01T10:00:00Z')).toBe('2026-07-02T07:00:00.000Z');
  expect(inBerlin('at(2026-12-24T18:00:00)', '2026-11-23T10:00:00Z')).toBe('2026-12-24T17:00:00.000Z');
});

test('names of time zones are known', () => {
  expect(timeZoneNamed('Europe/Berlin')).toBe('Europe/Berlin');
  expect(timeZoneNamed('Europe/Atlantis')).toBeUndefined();
});

import { expect, test } from 'vitest';
import { projectOf } from '../../test/support/project.ts';
import { scheduledRuns } from './scheduled-runs.ts';

const now = Date.UTC(2026, 10, 26, 8); // a Thursday

test('the next times of each schedule are in its zone, after its start and before its end', async () => {
  const project = await projectOf(`name: s
functions:
  a:
    handler: a.handler
    events:
      - schedule: rate(5 minutes)
      - schedule: {expression: cron(0 9 ? * MON-FRI *), timezone: Europe/Berlin}
  b:
    handler: b.handler
    events:
      - http: GET /
      - schedule: {expression: rate(1 day), start: 2027-01-01, end: 2027-01-02T12:00:00Z}
      - schedule: "at(2026-12-24T18:00:00)"
      - schedule: {expression: rate(1 day), enabled: false}
`);
  const runs = scheduledRuns(project, { now, count: 3 });
  expect(runs.map(({ function: name, expression, times }) => [name, expression, times])).toEqual([
    ['a', 'rate(5 minutes)', ['2026-11-26T08:05:00.000Z', '2026-11-26T08:10:00.000Z', '2026-11-26T08:15:00.000Z']],
    [
      ...['a', 'cron(0 9 ? * MON-FRI *)'],
      // Thursday nine o'clock in Berlin is now
      ['2026-11-27T08:00:00.000Z', '2026-11-30T08:00:00.000Z', '2026-12-01T08:00:00.000Z'],
    ],
    ['b', 'rate(1 day)', ['2027-01-01T00:00:00.000Z', '2027-01-02T00:00:00.000Z']],
    ['b', 'at(2026-12-24T18:00:00)', ['2026-12-24T18:00:00.000Z']],
    ['b', 'rate(1 day)', []],
  ]);
  expect(scheduledRuns(project, { now, count: 1, only: 'b' }).map(({ function: name }) => name)).toEqual([
    'b',
    'b',
    'b',
  ]);
});

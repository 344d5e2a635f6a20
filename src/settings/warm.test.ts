import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';

const project = (settings: string, events = '') =>
  `name: s\nregion: us-east-1\nfunctions:\n  f: {handler: a.handler, ${settings}${events}}\n`;

test('warm is one more schedule, after those of the function', async () => {
  const { template } = await compiled(project('warm: 5m', ', events: [{schedule: rate(1 day)}]'));
  const schedules = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Scheduler::Schedule');
  expect(schedules.map(([id, { Properties }]) => [id, Properties?.['ScheduleExpression']])).toEqual([
    ['FScheduled', 'rate(1 day)'],
    ['FScheduled2', 'rate(5 minutes)'],
  ]);
  expect(schedules[1]?.[1].Properties?.['Target']).toMatchObject({ Input: '{"source":"fx.warm"}' });
  expect(Object.values((await compiled(project('warm: 1m'))).template.Resources)).toContainEqual(
    expect.objectContaining({ Properties: expect.objectContaining({ ScheduleExpression: 'rate(1 minute)' }) }),
  );
});

test.each([
  ['warm: 20m', 'expected a time from 1m to 15m'],
  ['warm: 90s', 'expected a time from 1m to 15m, in whole minutes, found 90s'],
  ['warm: 5m, provisionedConcurrency: 1', 'warm and provisionedConcurrency exclude each other'],
])('%s is refused', async (settings, message) => {
  await expect(compiled(project(settings))).rejects.toMatchObject({
    problems: [expect.objectContaining({ message: expect.stringContaining(message) })],
  });
});

import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

// a Monday, four hours before the report
const local = await startLocal({ time: '2027-03-01T01:00:00Z' });
afterAll(() => local.stop());
beforeAll(async () => {
  await local.deploy();
});

test('runs every working day at six in Berlin', async () => {
  await local.advance('3h');
  expect(await local.logs('report')).toEqual([]);
  await local.advance('2h');
  const report = expect.stringContaining('report from 2027-02-28 to 2027-02-28');
  await vi.waitFor(async () => expect(await local.logs('report')).toEqual([report]), 20_000);
});

test('covers the days before', async () => {
  expect(await local.invoke('report', { days: 2, until: '2027-03-01T06:00:00Z' })).toEqual({
    from: '2027-02-27',
    to: '2027-02-28',
  });
});

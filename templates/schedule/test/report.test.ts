import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocal } from './local.ts';

const local = startLocal();
afterAll(() => local.stop());
beforeAll(() => void local.deploy(), 60_000);

test('covers the days before', () => {
  expect(local.invoke('report', { days: 2, until: '2027-03-01T06:00:00Z' })).toEqual({
    from: '2027-02-27',
    to: '2027-02-28',
  });
});

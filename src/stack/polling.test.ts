import { expect, test } from 'vitest';
import { pollDelay } from './polling.ts';

test('polls every two seconds while something happens, and every eight after minutes of silence', () => {
  expect([0, 30_000, 180_000, 3_600_000].map((quiet) => pollDelay(2_000, quiet, 0.5))).toEqual([
    2_000, 2_000, 5_000, 8_000,
  ]);
});

test('two deploys do not poll in step', () => {
  expect([0, 1].map((random) => pollDelay(2_000, 0, random))).toEqual([1_500, 2_500]);
});

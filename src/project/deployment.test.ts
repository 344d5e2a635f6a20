// Shares, conditions and steps of a gradual deployment.
import { expect, test } from 'vitest';
import { parseCondition, parseShare, stepsOf } from './deployment.ts';

test('a share is between 1% and 99%', () => {
  expect(['1%', '10%', '99%', '25 %'].map(parseShare)).toEqual([1, 10, 99, 25]);
  for (const text of ['0%', '100%', '10', '1.5%', '%', '-1%'])
    expect([text, parseShare(text)]).toEqual([text, undefined]);
});

test('a condition compares a metric with a limit in its unit', () => {
  for (const [text, metric, limit] of [
    ['errors>1%', 'errorRate', 1],
    ['errors > 0.5%', 'errorRate', 0.5],
    ['errors>5', 'errors', 5],
    ['throttles>0', 'throttles', 0],
    ['duration>500ms', 'duration', 500],
    ['p99>2s', 'p99', 2000],
    ['p99.9>1m', 'p99.9', 60_000],
  ] as const) {
    expect(parseCondition(text)).toEqual({ text, metric, limit });
  }
  for (const text of [
    'errors',
    'errors<1%',
    'errors>100%',
    'errors>1s',
    'p99>2',
    'p100>2s',
    'throttles>1%',
    'x>1',
    '',
  ]) {
    expect([text, parseCondition(text)]).toEqual([text, undefined]);
  }
});

test('a canary has one step, and a linear deployment as many as it takes', () => {
  expect(stepsOf({ kind: 'canary', step: 10 })).toEqual([10]);
  expect(stepsOf({ kind: 'linear', step: 40 })).toEqual([40, 80]);
  expect(stepsOf({ kind: 'linear', step: 50 })).toEqual([50]);
  expect(stepsOf({ kind: 'linear', step: 33 })).toEqual([33, 66, 99]);
});

import { expect, test } from 'vitest';
import { quantities, readQuantity } from './quantity.ts';

test.each([
  ['count', '3M', 3e6],
  ['count', '250k', 250_000],
  ['count', '1.5k', 1500],
  ['count', '12', 12],
  ['count', '0.5', undefined],
  ['count', '3m', undefined],
  ['milliseconds', '120ms', 120],
  ['milliseconds', '1.5s', 1500],
  ['milliseconds', '120', undefined],
  ['fraction', '1%', 0.01],
  ['fraction', '29%', 0.29],
  ['fraction', '101%', undefined],
  ['size', '20KB', 20_480],
  ['size', '-1KB', undefined],
  ['size', '1e3B', undefined],
  ['size', '1 KB', undefined],
] as const)('%s %s', (kind, written, value) => {
  expect(readQuantity(quantities[kind], written)).toBe(value);
});

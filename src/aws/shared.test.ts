// What several projects have in common, made once for each key.
import { expect, test } from 'vitest';
import { sharedClients, sharedValue } from './shared.ts';

test('a value is made once for each key, and always without a map', () => {
  const { turns } = sharedClients();
  const make = () => async () => {};
  const first = sharedValue(turns, 'lambda eu-west-1', make);
  expect(sharedValue(turns, 'lambda eu-west-1', make)).toBe(first);
  expect(sharedValue(turns, 'lambda us-east-1', make)).not.toBe(first);
  expect(sharedValue(undefined, 'lambda eu-west-1', make)).not.toBe(first);
});

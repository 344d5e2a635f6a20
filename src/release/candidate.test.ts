// The target of a change: what moves first.
import { expect, test } from 'vitest';
import { changedFirst } from './candidate.ts';

const at = (version: string) => ({ physicalName: 'p', versionId: `V${version}`, version, events: [] });

test('functions whose version changes come first, in their own order', () => {
  const wanted = { a: at('1'), b: at('1'), c: at('2'), d: at('1') };
  const now = { a: at('1'), b: at('2'), c: at('2') };
  expect(Object.keys(changedFirst(wanted, now))).toEqual(['b', 'd', 'a', 'c']);
});

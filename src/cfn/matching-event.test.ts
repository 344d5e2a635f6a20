// Events made up for a pattern match it.
import { expect, test } from 'vitest';
import { busDialect } from './event-pattern-language.ts';
import { matchingEvent } from './matching-event.ts';

test.each([
  [
    { source: ['shop'], 'detail-type': ['OrderPlaced', 'OrderPaid'] },
    { source: 'shop', 'detail-type': 'OrderPlaced' },
  ],
  [{ detail: { total: [{ numeric: ['>', 0, '<=', 5] }] } }, { detail: { total: 2.5 } }],
  [
    { detail: { total: [{ numeric: ['>=', 100] }], kind: [{ 'anything-but': ['test'] }] } },
    { detail: { total: 100, kind: 'fx' } },
  ],
  [
    { source: [{ prefix: 'shop.' }], detail: { file: [{ suffix: '.png' }] } },
    { source: 'shop.', detail: { file: '.png' } },
  ],
  [{ detail: { a: [{ exists: true }], b: [{ exists: false }], c: [null, 1] } }, { detail: { a: 'fx', c: null } }],
  [
    { detail: { ip: [{ cidr: '10.0.0.0/8' }], path: [{ wildcard: 'a/*/b' }] } },
    { detail: { ip: '10.0.0.0', path: 'a//b' } },
  ],
  [{ $or: [{ source: ['a'] }, { source: ['b'] }] }, { source: 'a' }],
  [{ detail: { name: [{ prefix: { 'equals-ignore-case': 'Ann' } }] } }, { detail: { name: 'Ann' } }],
])('%j', (pattern, event) => {
  expect(matchingEvent(pattern, busDialect)).toEqual(event);
});

test('nothing is made up that does not match', () => {
  expect(matchingEvent({ detail: { a: [{ 'anything-but': 'fx' }] } }, busDialect)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { liveRelease, previousRelease, type Release } from './ledger.ts';

const release = (number: number, more: Partial<Release> = {}): Release => ({
  number,
  status: 'succeeded',
  time: '2026-01-01T00:00:00.000Z',
  who: 'me',
  commit: undefined,
  rollbackOf: undefined,
  cause: undefined,
  template: '{}',
  tags: {},
  functions: {},
  ...more,
});
const newestFirst = (...releases: Release[]) => releases.reverse();

test('the live release is the newest that succeeded', () => {
  expect(liveRelease(newestFirst(release(1), release(2), release(3, { status: 'failed' })))?.number).toBe(2);
  expect(liveRelease([])).toBeUndefined();
});

test('a rollback goes to the release before the live one, past failures', () => {
  const ledger = newestFirst(
    release(1),
    release(2, { status: 'failed' }),
    release(3),
    release(4, { status: 'failed' }),
  );
  expect(previousRelease(ledger)?.number).toBe(1);
});

test('a second rollback goes further back, never forward to what was bad', () => {
  const ledger = [release(1), release(2), release(3)];
  expect(previousRelease(newestFirst(...ledger))?.number).toBe(2);
  ledger.push(release(4, { rollbackOf: 2 }));
  expect(previousRelease(newestFirst(...ledger))?.number).toBe(1);
  ledger.push(release(5, { rollbackOf: 1 }));
  expect(previousRelease(newestFirst(...ledger))).toBeUndefined();
});

test('after a rollback and a new deploy, a rollback goes to what was live before the new deploy', () => {
  const ledger = newestFirst(release(1), release(2), release(3, { rollbackOf: 1 }), release(4));
  expect(previousRelease(ledger)?.number).toBe(3);
});

// The order in which projects begin, whatever each of them takes.
import { expect, test } from 'vitest';
import { runScheduled } from './schedule.ts';

const waiting: Readonly<Record<string, readonly string[]>> = { b: ['a'], c: ['a'], d: ['b', 'c'] };
const waitsFor = (name: string) => new Set(waiting[name] ?? []);

/** Runs until nothing more begins by itself; `end` ends one. */
function started(names: readonly string[], limit: number, stopOnFailure = true) {
  const ends = new Map<string, (succeeded: boolean) => void>();
  const begun: string[] = [];
  const left = runScheduled({ names, waitsFor, limit, stopOnFailure }, (name) => {
    begun.push(name);
    return new Promise((done) => ends.set(name, done));
  });
  return {
    begun,
    left,
    async end(name: string, succeeded = true) {
      ends.get(name)?.(succeeded);
      await new Promise((later) => setImmediate(later));
      return [...begun];
    },
  };
}

test('each begins after those it waits for, several at once', async () => {
  const { begun, left, end } = started(['a', 'b', 'c', 'd', 'e'], 4);
  expect(begun).toEqual(['a', 'e']);
  expect(await end('a')).toEqual(['a', 'e', 'b', 'c']);
  expect(await end('b')).toEqual(['a', 'e', 'b', 'c']);
  expect(await end('c')).toEqual(['a', 'e', 'b', 'c', 'd']);
  await end('d');
  await end('e');
  expect(await left).toEqual([]);
});

test('no more than the limit', async () => {
  const { begun, end } = started(['a', 'e', 'f', 'b'], 2);
  expect(begun).toEqual(['a', 'e']);
  expect(await end('e')).toEqual(['a', 'e', 'f']);
  expect(await end('f')).toEqual(['a', 'e', 'f']);
  expect(await end('a')).toEqual(['a', 'e', 'f', 'b']);
});

test('after a failure nothing begins, and what runs comes to its end', async () => {
  const { left, end } = started(['a', 'e', 'f', 'b'], 2);
  expect(await end('a', false)).toEqual(['a', 'e']);
  expect(await end('e')).toEqual(['a', 'e']);
  expect(await left).toEqual(['f', 'b']);
});

test('what only reads goes on', async () => {
  const { left, end } = started(['a', 'e', 'b'], 1, false);
  expect(await end('a', false)).toEqual(['a', 'e']);
  expect(await end('e')).toEqual(['a', 'e', 'b']);
  await end('b');
  expect(await left).toEqual([]);
});

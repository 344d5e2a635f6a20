// Invocations that wait for an environment: in their order, and not for long.
import { expect, test } from 'vitest';
import type { Slot } from './slot.ts';
import { Turns } from './turns.ts';

const slot = (name: string) => ({ name }) as unknown as Slot;
const situation = { isFinishing: () => false, mayStart: () => true, isFull: false };

test('the first to come gets the first environment that is free', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const wait = async (who: string) => {
    const given = await turns.wait('a', { ...situation, isFull: true });
    order.push(`${who} ${given?.name}`);
  };
  const waits = [wait('ann'), wait('ben')];
  expect(turns.give('b', slot('other')), 'another version').toBe(false);
  expect([turns.give('a', slot('one')), turns.give('a', slot('two')), turns.give('a', slot('three'))]).toEqual([
    true,
    true,
    false,
  ]);
  await Promise.all(waits);
  expect(order).toEqual(['ann one', 'ben two']);
});

test('one that waits in vain looks again, and so does one when an environment ends or all end', async () => {
  const turns = new Turns();
  expect(await turns.wait('a', situation)).toBeUndefined();
  expect(turns.give('a', slot('late'))).toBe(false);
  const ended = turns.wait('a', { ...situation, isFull: true });
  turns.ended('a');
  expect(await ended).toBeUndefined();
  const stopped = turns.wait('a', { ...situation, isFull: true });
  turns.stop();
  expect(await stopped).toBeUndefined();
});

// Timeouts that stand still: by the clock of the test.
import { expect, test } from 'vitest';
import { testClock } from './fixture.ts';
import { Pauses } from './pauses.ts';

test('a timer stands still while anything is held, and then has its rest', async () => {
  const clock = testClock();
  const pauses = new Pauses();
  let isDue = false;
  pauses.after(1_000, () => (isDue = true), clock);
  await clock.advance(600);
  const first = pauses.begin();
  const second = pauses.begin();
  await clock.advance(60_000);
  first();
  // ending a pause twice ends no other
  first();
  await clock.advance(60_000);
  expect(isDue).toBe(false);
  second();
  await clock.advance(300);
  expect(isDue).toBe(false);
  await clock.advance(200);
  expect(isDue).toBe(true);
});

test('a timer that begins in a pause waits for its end; a cancelled one never rings', async () => {
  const clock = testClock();
  const pauses = new Pauses();
  const rung: string[] = [];
  const runOn = pauses.begin();
  const cancel = pauses.after(10, () => rung.push('cancelled'), clock);
  pauses.after(10, () => rung.push('kept'), clock);
  await clock.advance(100);
  cancel();
  runOn();
  await clock.advance(100);
  expect(rung).toEqual(['kept']);
  expect(await pauses.within(1_000, Promise.resolve('in time'), clock)).toBe('in time');
  const late = pauses.within(1_000, new Promise(() => {}), clock);
  await clock.advance(1_001);
  expect(await late).toBe('timeout');
});

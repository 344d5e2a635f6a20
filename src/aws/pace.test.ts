import { expect, test } from 'vitest';
import { paced } from './pace.ts';

/** A clock that jumps to the end of each wait. */
function jumpingClock() {
  let time = 0;
  return {
    now: () => time,
    wait: async (ms: number) => {
      time += ms;
    },
  };
}

test('no period has more calls than the rate, and a few calls do not wait', async () => {
  const clock = jumpingClock();
  const turn = paced({ calls: 14, perMs: 1_100 }, clock);
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: 60 }, async () => {
      await turn();
      times.push(clock.now());
    }),
  );
  expect(times.slice(0, 14)).toEqual(Array.from({ length: 14 }, () => 0));
  for (const time of times) {
    expect(times.filter((other) => other >= time && other < time + 1_100).length).toBeLessThanOrEqual(14);
  }
  expect(clock.now()).toBe(4 * 1_100);
});

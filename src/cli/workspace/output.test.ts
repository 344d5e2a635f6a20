// One question at a time, while all other output waits.
import { expect, test } from 'vitest';
import { Screen } from './output.ts';

const { signal } = new AbortController();
const later = () => new Promise((done) => setImmediate(done));

test('questions come one after the other, and nothing is shown in between', async () => {
  const screen = new Screen();
  const shown: string[] = [];
  const answers: ((text: string) => void)[] = [];
  const ask = (question: string) =>
    screen.ask(() => {
      shown.push(question);
      return new Promise((done) => answers.push(done));
    }, signal);
  screen.show(() => shown.push('before'));
  const first = ask('first?');
  const second = ask('second?');
  await later();
  screen.show(() => shown.push('a line'));
  expect(shown).toEqual(['before', 'first?']);
  answers[0]?.('1');
  expect(await first).toBe('1');
  await later();
  expect(shown).toEqual(['before', 'first?', 'a line', 'second?']);
  answers[1]?.('2');
  expect(await second).toBe('2');
  screen.show(() => shown.push('after'));
  expect(shown.at(-1)).toBe('after');
});

test('after an interruption, the next question is not asked', async () => {
  const screen = new Screen();
  const interrupted = new AbortController();
  const first = screen.ask(async () => {
    interrupted.abort();
    return '';
  }, interrupted.signal);
  const second = screen.ask(() => Promise.reject(new Error('asked')), interrupted.signal);
  expect(await first).toBe('');
  await expect(second).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

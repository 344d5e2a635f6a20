import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocal } from './local.ts';

const local = startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(() => {
  url = local.deploy().HttpApiUrl ?? '';
}, 60_000);

test('counts the lines of what is uploaded', async () => {
  expect((await fetch(`${url}/counts/poem.txt`)).status).toBe(404);
  local.trigger('count', 'one\ntwo\nthree\n', '--key', 'in/poem.txt');
  const count = async () => (await fetch(`${url}/counts/poem.txt`)).json();
  await expect.poll(count, { timeout: 20_000 }).toEqual({ lines: 3 });
});

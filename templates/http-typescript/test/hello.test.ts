import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocal } from './local.ts';

const local = startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(() => {
  url = local.deploy().HttpApiUrl ?? '';
}, 60_000);

test('greets by name', async () => {
  const response = await fetch(`${url}/hello/Ann`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ message: 'Hello, Ann!' });
});

test('greets the world', async () => {
  expect(await (await fetch(url)).json()).toEqual({ message: 'Hello, world!' });
});

test('has no other routes', async () => {
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
});

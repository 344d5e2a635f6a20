import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  url = outputs.HttpApiUrl ?? '';
});

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

import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  url = outputs.HttpApiUrl ?? '';
});

const order = (body: object) => fetch(`${url}/orders`, { method: 'POST', body: JSON.stringify(body) });

test('adds each order to the total of its customer', async () => {
  for (const cents of [1250, 800]) expect((await order({ customer: 'ann', cents })).status).toBe(201);
  const total = async () => (await fetch(`${url}/totals/ann`)).json();
  await expect.poll(total, { timeout: 20_000 }).toEqual({ customer: 'ann', cents: 2050 });
});

test('refuses what is no order', async () => {
  expect((await order({ customer: 'ann' })).status).toBe(400);
});

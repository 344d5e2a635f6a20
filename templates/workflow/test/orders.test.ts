import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  url = outputs.HttpApiUrl ?? '';
});

async function ordered(...lines: string[]) {
  const response = await fetch(`${url}/orders`, { method: 'POST', body: JSON.stringify({ lines }) });
  const { id } = (await response.json()) as { id: string };
  return async () => (await fetch(`${url}/orders/${id}`)).json();
}

test('packs what there is', async () => {
  const progress = await ordered('tea', 'mug');
  await expect.poll(progress, { timeout: 20_000 }).toMatchObject({ progress: 'SUCCEEDED', status: 'packed', lines: 2 });
});

test('gives the money back for what is out of stock', async () => {
  const progress = await ordered('tea', 'unicorn');
  await expect.poll(progress, { timeout: 20_000 }).toMatchObject({ progress: 'SUCCEEDED', status: 'refunded' });
});

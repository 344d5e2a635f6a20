import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  url = outputs.HttpApiUrl ?? '';
});

const order = async (total: number): Promise<string> => {
  const response = await fetch(`${url}/orders`, { method: 'POST', body: JSON.stringify({ total }) });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
};

test('every order is billed, and large ones are checked', async () => {
  const small = await order(20);
  const large = await order(2000);
  const logged = async (name: string) => (await local.logs(name)).join('\n');
  await expect.poll(() => logged('check'), { timeout: 20_000 }).toContain(`check ${large}`);
  await expect.poll(() => logged('bill'), { timeout: 20_000 }).toContain(`bill for ${large}: 2000.00`);
  await expect.poll(() => logged('bill'), { timeout: 20_000 }).toContain(`bill for ${small}: 20.00`);
  expect(await logged('check')).not.toContain(small);
});

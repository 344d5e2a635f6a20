import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocal } from './local.ts';

const local = startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(() => {
  url = local.deploy().HttpApiUrl ?? '';
}, 60_000);

const order = async (total: number): Promise<string> => {
  const response = await fetch(`${url}/orders`, { method: 'POST', body: JSON.stringify({ total }) });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
};

test('every order is billed, and large ones are checked', async () => {
  const small = await order(20);
  const large = await order(2000);
  await expect.poll(() => local.logs('check'), { timeout: 20_000 }).toContain(`check ${large}`);
  await expect.poll(() => local.logs('bill'), { timeout: 20_000 }).toContain(`bill for ${large}: 2000.00`);
  expect(local.logs('bill')).toContain(`bill for ${small}: 20.00`);
  expect(local.logs('check')).not.toContain(small);
});

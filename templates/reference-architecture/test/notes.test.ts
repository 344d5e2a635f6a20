import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  url = outputs.SiteUrl ?? '';
});

const post = (body: object) => {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/api/notes`, { method: 'POST', headers, body: JSON.stringify(body) });
};

test('the site has its page, at every path of the app', async () => {
  for (const path of ['/', '/notes/1']) expect(await (await fetch(url + path)).text()).toContain('<h1>Notes</h1>');
});

test('the API is below the site', async () => {
  expect((await post({ text: 'milk' })).status).toBe(201);
  expect(await (await fetch(`${url}/api/notes`)).json()).toEqual({ notes: [{ id: '1', text: 'milk' }] });
  expect((await post({})).status).toBe(400);
});

test('without a database there is nothing to migrate', async () => {
  expect(await local.invoke('migrate')).toEqual({ steps: process.env.DATABASE_URL === undefined ? 0 : 1 });
});

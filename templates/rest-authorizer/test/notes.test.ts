import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  url = outputs.RestApiUrl ?? '';
});

const call = async (path: string, token?: string, body?: object) => {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url + path, init);
  return [response.status, await response.json()];
};

test('lets in who has a token', async () => {
  expect(await call('/notes', 'let-me-in')).toEqual([200, { notesOf: 'ann' }]);
  expect(await call('/notes', 'guessed')).toEqual([401, { message: 'Unauthorized' }]);
  expect(await call('/notes')).toEqual([401, { message: 'Unauthorized' }]);
  expect(await call('/status')).toEqual([200, { status: 'up' }]);
});

test('checks what is sent before a function sees it', async () => {
  expect(await call('/notes', 'let-me-in', { text: 'milk' })).toEqual([201, { user: 'ann', text: 'milk' }]);
  expect(await call('/notes', 'let-me-in', { txt: 'milk' })).toEqual([400, { message: 'Invalid request body' }]);
});

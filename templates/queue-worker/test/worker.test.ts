import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocal } from './local.ts';

const local = startLocal();
afterAll(() => local.stop());
beforeAll(() => void local.deploy(), 60_000);

test('works on what the queue gets', async () => {
  local.trigger('worker', '{"kind": "greeting"}');
  await expect.poll(() => local.logs('worker'), { timeout: 20_000 }).toContain('did a job of kind greeting');
});

test('says which messages failed', () => {
  const Records = [
    { messageId: 'good', body: '{"kind": "a"}' },
    { messageId: 'bad', body: 'no JSON' },
  ];
  expect(local.invoke('worker', { Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] });
});

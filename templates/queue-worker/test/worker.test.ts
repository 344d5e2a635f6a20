import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let QueueUrl = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  QueueUrl = outputs.JobsUrl ?? '';
});

test('works on what the queue gets', async () => {
  const sqs = new SQSClient(local.client);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"kind": "greeting"}' }));
  const done = expect.stringContaining('did a job of kind greeting');
  await vi.waitFor(async () => expect(await local.logs('worker')).toEqual([done]), 20_000);
});

test('says which messages failed', async () => {
  const Records = [
    { messageId: 'good', body: '{"kind": "a"}' },
    { messageId: 'bad', body: 'no JSON' },
  ];
  expect(await local.invoke('worker', { Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] });
});

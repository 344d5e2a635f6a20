// SQS queues: creating, changing, listing and deleting them.
import { expect, test } from 'vitest';
import { startTestSqs } from './sqs/test-sqs.ts';

const { aws, call, queue, send } = await startTestSqs();

test('creating a queue again returns it, unless an attribute differs', async () => {
  const first = await call('CreateQueue', { QueueName: 'same', Attributes: { DelaySeconds: '5' } });
  expect(first.QueueUrl).toBe(`${aws.endpoint}/000000000000/same`);
  expect(await call('CreateQueue', { QueueName: 'same', Attributes: { DelaySeconds: '5' } })).toEqual(first);
  expect(await call('CreateQueue', { QueueName: 'same' })).toEqual(first);
  await expect(call('CreateQueue', { QueueName: 'same', Attributes: { DelaySeconds: '6' } })).rejects.toMatchObject({
    code: 'QueueNameExists',
    message: 'A queue already exists with the same name and a different value for attribute DelaySeconds',
  });
});

test.each<[string, Record<string, string>, string]>([
  ['a.b', {}, 'InvalidParameterValue'],
  ['plain.fifo', {}, 'InvalidParameterValue'],
  ['no-suffix', { FifoQueue: 'true' }, 'InvalidParameterValue'],
  ['explicit', { FifoQueue: 'false' }, 'InvalidAttributeName'],
  ['unknown', { Colour: 'red' }, 'InvalidAttributeName'],
  ['range', { VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
  [
    'redrive',
    { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":1}' },
    'InvalidParameterValue',
  ],
  ['kms', { KmsMasterKeyId: 'alias/x' }, 'NotImplemented'],
])('rejects the queue %s with %j', async (QueueName, Attributes, code) => {
  await expect(call('CreateQueue', { QueueName, Attributes })).rejects.toMatchObject({ code });
});

test('attributes have AWS’s defaults and can be changed', async () => {
  const QueueUrl = await queue();
  const all = async () => (await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).Attributes;
  expect(await all()).toMatchObject({
    VisibilityTimeout: '30',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
    ApproximateNumberOfMessages: '0',
  });
  await call('SetQueueAttributes', { QueueUrl, Attributes: { VisibilityTimeout: '7', Policy: '{"Statement":[]}' } });
  expect(await all()).toMatchObject({ VisibilityTimeout: '7', Policy: '{"Statement":[]}' });
  await call('SetQueueAttributes', { QueueUrl, Attributes: { Policy: '' } });
  expect(await all()).not.toHaveProperty('Policy');
});

test('a deleted queue is gone', async () => {
  const QueueUrl = await queue();
  await call('DeleteQueue', { QueueUrl });
  await expect(send(QueueUrl, 'x')).rejects.toMatchObject({
    code: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  });
  await expect(call('GetQueueUrl', { QueueName: QueueUrl.split('/').at(-1) })).rejects.toMatchObject({
    code: 'QueueDoesNotExist',
  });
});

test('lists queues by prefix, page by page, and tags them', async () => {
  for (const QueueName of ['list-b', 'list-a']) await call('CreateQueue', { QueueName, tags: { n: QueueName } });
  const first = await call('ListQueues', { QueueNamePrefix: 'list-', MaxResults: 1 });
  const second = await call('ListQueues', { QueueNamePrefix: 'list-', MaxResults: 1, NextToken: first.NextToken });
  expect([first, second].map(({ QueueUrls }) => QueueUrls?.[0]?.split('/').at(-1))).toEqual(['list-a', 'list-b']);
  expect(second).not.toHaveProperty('NextToken');
  const QueueUrl = first.QueueUrls?.[0];
  expect(await call('ListQueueTags', { QueueUrl })).toEqual({ Tags: { n: 'list-a' } });
  await call('UntagQueue', { QueueUrl, TagKeys: ['n'] });
  expect(await call('ListQueueTags', { QueueUrl })).toEqual({});
});

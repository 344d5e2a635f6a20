// SQS queues: creating, changing, listing and deleting them.
import { expect, test } from 'vitest';
import { startTestSqs } from './sqs/test-sqs.ts';

const { arnOf, aws, call, queue, send } = await startTestSqs();

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
  ['two-keys', { KmsMasterKeyId: 'alias/x', SqsManagedSseEnabled: 'true' }, 'InvalidAttributeName'],
  ['reuse', { KmsMasterKeyId: 'alias/x', KmsDataKeyReusePeriodSeconds: '59' }, 'InvalidAttributeValue'],
  ['permission', { RedriveAllowPolicy: '{"redrivePermission":"some"}' }, 'InvalidParameterValue'],
  ['sources', { RedriveAllowPolicy: '{"redrivePermission":"byQueue"}' }, 'InvalidParameterValue'],
  ['throughput.fifo', { FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' }, 'InvalidAttributeValue'],
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

test('a request without a list that the operation needs is rejected', async () => {
  const QueueUrl = await queue();
  const grant = { QueueUrl, Label: 'label', AWSAccountIds: ['000000000000'], Actions: ['SendMessage'] };
  await expect(call('AddPermission', { ...grant, Actions: [] })).rejects.toMatchObject({
    code: 'MissingParameter',
    message: 'The request must contain the parameter Actions.',
  });
  await expect(call('AddPermission', { ...grant, AWSAccountIds: [] })).rejects.toMatchObject({
    code: 'MissingParameter',
  });
  await expect(call('TagQueue', { QueueUrl, Tags: {} })).rejects.toMatchObject({ code: 'MissingParameter' });
  await expect(call('UntagQueue', { QueueUrl, TagKeys: [] })).rejects.toMatchObject({ code: 'MissingParameter' });
});

test.each([0, 1001])('a list of queues has no pages of %s', async (MaxResults) => {
  await expect(call('ListQueues', { MaxResults })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
});

test('a KMS key and the encryption of SQS replace each other', async () => {
  const QueueUrl = await queue();
  const encryption = async (Attributes: Record<string, string>) => {
    await call('SetQueueAttributes', { QueueUrl, Attributes });
    const AttributeNames = ['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled'] as const;
    return (await call('GetQueueAttributes', { QueueUrl, AttributeNames: [...AttributeNames] })).Attributes;
  };
  expect(await encryption({ KmsMasterKeyId: 'alias/mine' })).toEqual({
    KmsMasterKeyId: 'alias/mine',
    KmsDataKeyReusePeriodSeconds: '300',
    SqsManagedSseEnabled: 'false',
  });
  expect(await encryption({ SqsManagedSseEnabled: 'true' })).toEqual({ SqsManagedSseEnabled: 'true' });
});

test('a dead-letter queue says which queues may use it', async () => {
  const target = await queue({ RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'denyAll' }) });
  const QueueUrl = await queue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arnOf(target), maxReceiveCount: 1 });
  const use = () => call('SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy } });
  await expect(use()).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [await arnOf(QueueUrl)] });
  await call('SetQueueAttributes', { QueueUrl: target, Attributes: { RedriveAllowPolicy } });
  await use();
  expect(await call('ListDeadLetterSourceQueues', { QueueUrl: target })).toEqual({ queueUrls: [QueueUrl] });
});

test('permissions are statements of the policy', async () => {
  const QueueUrl = await queue();
  const policy = async () => {
    const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] });
    return Attributes?.Policy === undefined ? undefined : JSON.parse(Attributes.Policy);
  };
  const add = (Label: string, ...AWSAccountIds: string[]) =>
    call('AddPermission', { QueueUrl, Label, AWSAccountIds, Actions: ['ReceiveMessage'] });
  await add('both', '000000000000', '111111111111');
  await add('one', '000000000000');
  const Resource = await arnOf(QueueUrl);
  const granted = { Effect: 'Allow', Action: 'SQS:ReceiveMessage', Resource };
  const root = 'arn:aws:iam::000000000000:root';
  expect(await policy()).toEqual({
    Version: '2008-10-17',
    Id: `${Resource}/SQSDefaultPolicy`,
    Statement: [
      { Sid: 'both', Principal: { AWS: [root, 'arn:aws:iam::111111111111:root'] }, ...granted },
      { Sid: 'one', Principal: { AWS: root }, ...granted },
    ],
  });
  await expect(add('one', '000000000000')).rejects.toMatchObject({
    message: 'Value one for parameter Label is invalid. Reason: Already exists.',
  });
  for (const Label of ['one', 'both']) await call('RemovePermission', { QueueUrl, Label });
  expect(await policy()).toBeUndefined();
  await expect(call('RemovePermission', { QueueUrl, Label: 'one' })).rejects.toMatchObject({
    message: "Value one for parameter Label is invalid. Reason: can't find label.",
  });
});

import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud, Input, OperationName } from './cloud.ts';
import { startTestAws } from './fixture.ts';
import type { LocalAws } from './host.ts';

let aws: LocalAws;
let cloud: Cloud;
beforeAll(async () => {
  aws = await startTestAws();
  cloud = await aws.cloud();
});
afterAll(() => aws.stop());

const call = <O extends OperationName<'sqs'>>(operation: O, input: Input<'sqs', O>) =>
  cloud.call('sqs', operation, input);
let created = 0;
async function queue(Attributes: Record<string, string> = {}): Promise<string> {
  const QueueName = `queue-${created++}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
  return (await call('CreateQueue', { QueueName, Attributes })).QueueUrl ?? '';
}
const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  call('SendMessage', { QueueUrl, MessageBody, ...more });
async function receive(QueueUrl: string, more: object = {}) {
  const { Messages = [] } = await call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...more });
  return Messages;
}
const bodies = async (QueueUrl: string, more: object = {}) => (await receive(QueueUrl, more)).map(({ Body }) => Body);
async function arnOf(QueueUrl: string): Promise<string> {
  const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  return Attributes?.QueueArn ?? '';
}

describe('queues', () => {
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
});

describe('messages', () => {
  test('returns digests that the SDK accepts, and the requested attributes', async () => {
    const client = new SQSClient({
      endpoint: aws.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const QueueUrl = await queue();
    const MessageAttributes = {
      'x.text': { DataType: 'String', StringValue: 'é' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
      number: { DataType: 'Number.int', StringValue: '7' },
    };
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'héllo', MessageAttributes }));
    const { Messages } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MessageAttributeNames: ['x.*', 'bytes'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    client.destroy();
    expect(Messages?.[0]).toMatchObject({
      Body: 'héllo',
      MessageAttributes: { 'x.text': { StringValue: 'é' }, bytes: { BinaryValue: new Uint8Array([0, 255]) } },
      Attributes: { ApproximateReceiveCount: '1', SenderId: expect.any(String), SentTimestamp: expect.any(String) },
    });
    expect(Object.keys(Messages?.[0]?.MessageAttributes ?? {})).toHaveLength(2);
  });

  // calculated by hand for one attribute, as AWS documents it
  test('calculates the digest of attributes as documented', async () => {
    const { createHash } = await import('node:crypto');
    const length = (n: number) => Buffer.from([0, 0, 0, n]);
    const bytes = Buffer.concat([
      length(1),
      Buffer.from('a'),
      length(6),
      Buffer.from('String'),
      Buffer.of(1),
      length(2),
      Buffer.from('bc'),
    ]);
    const answer = await send(await queue(), 'x', {
      MessageAttributes: { a: { DataType: 'String', StringValue: 'bc' } },
    });
    expect(answer.MD5OfMessageAttributes).toBe(createHash('md5').update(bytes).digest('hex'));
  });

  test('a received message is invisible until its visibility timeout ends, and gone when deleted', async () => {
    const QueueUrl = await queue({ VisibilityTimeout: '1' });
    await send(QueueUrl, 'a');
    const [first] = await receive(QueueUrl);
    expect(await bodies(QueueUrl)).toEqual([]);
    const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '1' });
    const [second] = await receive(QueueUrl, { WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] });
    expect(second).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    await call('DeleteMessage', { QueueUrl, ReceiptHandle: second?.ReceiptHandle });
    await expect(
      call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 }),
    ).rejects.toMatchObject({ code: 'MessageNotInflight' });
    await expect(call('DeleteMessage', { QueueUrl, ReceiptHandle: 'nonsense' })).rejects.toMatchObject({
      code: 'ReceiptHandleIsInvalid',
    });
  });

  test('after its timeout, a message can be hidden again until another consumer receives it', async () => {
    const QueueUrl = await queue({ VisibilityTimeout: '0' });
    await send(QueueUrl, 'a');
    const [first] = await receive(QueueUrl);
    await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 30 });
    expect(await bodies(QueueUrl)).toEqual([]);
  });

  test('a returned message goes to a waiting receiver at once', async () => {
    const QueueUrl = await queue();
    await send(QueueUrl, 'a');
    const [message] = await receive(QueueUrl);
    const waiting = bodies(QueueUrl, { WaitTimeSeconds: 20 });
    await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 });
    expect(await waiting).toEqual(['a']);
  });

  test('a waiting receiver gets a message as soon as it is sent', async () => {
    const QueueUrl = await queue();
    const waiting = bodies(QueueUrl, { WaitTimeSeconds: 20 });
    await send(QueueUrl, 'now');
    expect(await waiting).toEqual(['now']);
  });

  test('deleting a queue ends the wait of its receivers', async () => {
    const QueueUrl = await queue();
    const waiting = bodies(QueueUrl, { WaitTimeSeconds: 20 });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
    await call('DeleteQueue', { QueueUrl });
    await refused;
  });

  test('a message received too often moves to the dead-letter queue', async () => {
    const dead = await queue();
    const deadLetterTargetArn = await arnOf(dead);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
    const source = await queue({ RedrivePolicy, VisibilityTimeout: '0' });
    const { MessageId } = await send(source, 'poison');
    for (let i = 0; i < 2; i++) expect(await bodies(source)).toEqual(['poison']);
    expect(await bodies(source)).toEqual([]);
    const [moved] = await receive(dead, { MessageSystemAttributeNames: ['All'] });
    expect(moved).toMatchObject({
      Body: 'poison',
      MessageId,
      Attributes: { DeadLetterQueueSourceArn: await arnOf(source) },
    });
    const { queueUrls } = await call('ListDeadLetterSourceQueues', { QueueUrl: dead });
    expect(queueUrls).toEqual([source]);
  });

  test('a batch has one result per entry', async () => {
    const QueueUrl = await queue();
    const { Successful, Failed } = await call('SendMessageBatch', {
      QueueUrl,
      Entries: [
        { Id: 'good', MessageBody: 'x' },
        { Id: 'bad', MessageBody: '\u0000' },
      ],
    });
    expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true }]);
    const entry = { MessageBody: 'x' };
    const sendAll = (ids: string[]) =>
      call('SendMessageBatch', { QueueUrl, Entries: ids.map((Id) => ({ Id, ...entry })) });
    await expect(sendAll([])).rejects.toMatchObject({ code: 'EmptyBatchRequest' });
    await expect(sendAll(['a', 'a'])).rejects.toMatchObject({ code: 'BatchEntryIdsNotDistinct' });
    await expect(sendAll(['a b'])).rejects.toMatchObject({ code: 'InvalidBatchEntryId' });
    await expect(sendAll([...'abcdefghijk'])).rejects.toMatchObject({ code: 'TooManyEntriesInBatchRequest' });
  });

  test('an entry of a batch that is too large fails alone', async () => {
    const QueueUrl = await queue({ MaximumMessageSize: '1024' });
    const Entries = [1024, 1025].map((size) => ({ Id: `${size}`, MessageBody: 'x'.repeat(size) }));
    const { Successful, Failed } = await call('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful).toMatchObject([{ Id: '1024' }]);
    expect(Failed).toMatchObject([
      {
        Id: '1025',
        Message: 'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
      },
    ]);
  });

  test('a standard queue checks group ids too', async () => {
    const QueueUrl = await queue();
    for (const id of ['', 'group 123'])
      await expect(send(QueueUrl, 'x', { MessageGroupId: id })).rejects.toMatchObject({
        message: `Value ${id} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      });
  });

  test.each([
    ['*', ['first', 'fir.st', 'second']],
    ['.*', ['first', 'fir.st', 'second']],
    ['fir.*', ['first', 'fir.st']],
    ['fir', []],
  ])('ReceiveMessage with the attribute name %s', async (name, names) => {
    const QueueUrl = await queue();
    const value = { DataType: 'String', StringValue: 'x' };
    await send(QueueUrl, 'x', { MessageAttributes: { first: value, 'fir.st': value, second: value } });
    const { Messages } = await call('ReceiveMessage', { QueueUrl, MessageAttributeNames: [name] });
    expect(Object.keys(Messages?.[0]?.MessageAttributes ?? {}).sort()).toEqual([...names].sort());
  });

  test('a queue can be purged once a minute', async () => {
    const QueueUrl = await queue();
    await send(QueueUrl, 'x');
    await call('PurgeQueue', { QueueUrl });
    expect(await bodies(QueueUrl)).toEqual([]);
    await expect(call('PurgeQueue', { QueueUrl })).rejects.toMatchObject({ code: 'PurgeQueueInProgress' });
  });

  test('a service may send only if the queue’s policy allows it', async () => {
    const QueueUrl = await queue();
    const sourceArn = 'arn:aws:events:us-east-1:000000000000:rule/r';
    const principal = { kind: 'service', service: 'events.amazonaws.com', sourceArn } as const;
    const put = () => cloud.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'x' }, principal);
    await expect(put()).rejects.toMatchObject({ code: 'AccessDeniedException' });
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: await arnOf(QueueUrl),
      Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
    };
    await call('SetQueueAttributes', { QueueUrl, Attributes: { Policy: JSON.stringify({ Statement: [statement] }) } });
    expect((await put()).MessageId).toBeDefined();
  });
});

describe('FIFO', () => {
  const group = (MessageGroupId: string, MessageDeduplicationId?: string) => ({
    MessageGroupId,
    MessageDeduplicationId,
  });

  test('a group is delivered in order, and not while one of its messages is in flight', async () => {
    const QueueUrl = await queue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    for (const [body, id] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['a3', 'a'],
    ] as const)
      await send(QueueUrl, body, group(id));
    const [first] = await receive(QueueUrl, { MaxNumberOfMessages: 1, MessageSystemAttributeNames: ['All'] });
    expect(first).toMatchObject({
      Body: 'a1',
      Attributes: { MessageGroupId: 'a', SequenceNumber: expect.stringMatching(/^\d{20}$/) },
    });
    expect(await bodies(QueueUrl)).toEqual(['b1']);
    await call('DeleteMessage', { QueueUrl, ReceiptHandle: first?.ReceiptHandle });
    expect(await bodies(QueueUrl)).toEqual(['a2', 'a3']);
  });

  test('a duplicate within five minutes is accepted and not delivered', async () => {
    const QueueUrl = await queue({ FifoQueue: 'true' });
    const first = await send(QueueUrl, 'one', group('g', 'id'));
    const again = await send(QueueUrl, 'other', group('g', 'id'));
    expect([again.MessageId, again.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
    expect(await bodies(QueueUrl)).toEqual(['one']);
  });

  test('FifoQueue is case-insensitive and cannot change', async () => {
    const QueueUrl = await queue({ FifoQueue: 'True' });
    for (const FifoQueue of ['true', 'false'])
      await expect(call('SetQueueAttributes', { QueueUrl, Attributes: { FifoQueue } })).rejects.toMatchObject({
        code: 'InvalidAttributeValue',
        message: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
      });
    await expect(queue({ DeduplicationScope: 'queue' })).rejects.toMatchObject({
      code: 'InvalidAttributeName',
      message: 'You can specify the DeduplicationScope only when FifoQueue is set to true.',
    });
  });

  test('a FIFO queue requires its ids, and rejects a delay per message', async () => {
    const QueueUrl = await queue({ FifoQueue: 'true' });
    await expect(send(QueueUrl, 'x')).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: 'The request must contain the parameter MessageGroupId.',
    });
    await expect(send(QueueUrl, 'x', group('group 123', 'd'))).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message:
        'Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    });
    await expect(send(QueueUrl, 'x', group('g'))).rejects.toMatchObject({
      message:
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    });
    const entry = (Id: string, ids: object) => ({ Id, MessageBody: 'x', ...ids });
    for (const ids of [group('g'), { MessageDeduplicationId: 'd' }]) {
      const Entries = [entry('complete', group('g', 'd')), entry('incomplete', ids)];
      await expect(call('SendMessageBatch', { QueueUrl, Entries })).rejects.toMatchObject({
        code: 'InvalidParameterValue',
      });
    }
    expect(await bodies(QueueUrl)).toEqual([]);
    await expect(send(QueueUrl, 'x', { ...group('g', 'd'), DelaySeconds: 1 })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });
});

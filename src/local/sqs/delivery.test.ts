// How SQS receives, hides, deletes and redrives messages.
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { startTestSqs } from './test-sqs.ts';

const { aws, arnOf, bodies, call, cloud, queue, receive, send } = await startTestSqs();

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

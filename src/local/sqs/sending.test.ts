// What SQS accepts: batches, group ids and the ids of FIFO queues.
import { expect, test } from 'vitest';
import { startTestSqs } from './test-sqs.ts';

const { bodies, call, queue, receive, send } = await startTestSqs();

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

test('a returned message is delivered again while later messages of its group are in flight', async () => {
  const QueueUrl = await queue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  for (const body of ['first', 'second', 'third']) await send(QueueUrl, body, group('g'));
  const [first, second] = await receive(QueueUrl);
  await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 });
  expect(await bodies(QueueUrl)).toEqual([]);
  await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 });
  expect(await bodies(QueueUrl)).toEqual(['first', 'second']);
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
    code: 'MissingParameter',
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

test('a message of a FIFO queue has the delay of the queue, even if it asks for none', async () => {
  const QueueUrl = await queue({ FifoQueue: 'true', DelaySeconds: '900' });
  await send(QueueUrl, 'x', { ...group('g', 'd'), DelaySeconds: 0 });
  expect(await bodies(QueueUrl)).toEqual([]);
  const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
});

test('a repeated attempt to receive gets the same messages, while all of them are in flight', async () => {
  const QueueUrl = await queue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  for (const body of ['first', 'second']) await send(QueueUrl, body, group('g'));
  const attempt = { ReceiveRequestAttemptId: 'attempt' };
  const received = await receive(QueueUrl, attempt);
  expect(received.map(({ Body }) => Body)).toEqual(['first', 'second']);
  expect(await receive(QueueUrl, attempt)).toEqual(received);
  expect(await bodies(QueueUrl)).toEqual([]);
  await call('DeleteMessage', { QueueUrl, ReceiptHandle: received[0]?.ReceiptHandle });
  expect(await receive(QueueUrl, attempt)).toEqual([]);
  const standard = await queue();
  await expect(receive(standard, attempt)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
});

test('what a queue remembers for all groups counts after its scope became the group', async () => {
  const QueueUrl = await queue({ FifoQueue: 'true' });
  await send(QueueUrl, 'one', group('a', 'id'));
  const Attributes = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  await call('SetQueueAttributes', { QueueUrl, Attributes });
  await send(QueueUrl, 'two', group('b', 'id'));
  await send(QueueUrl, 'three', group('a', 'other'));
  await send(QueueUrl, 'four', group('b', 'other'));
  expect(await bodies(QueueUrl)).toEqual(['one', 'three', 'four']);
});

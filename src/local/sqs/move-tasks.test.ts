// Message move tasks, with a clock that the tests set.
import { expect, test } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';

async function start() {
  const { clock, cloud, ...disposable } = await startWithClock();
  const call = <O extends OperationName<'sqs'>>(operation: O, input: Input<'sqs', O>) =>
    cloud.call('sqs', operation, input);
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) =>
    (await call('CreateQueue', { QueueName, Attributes })).QueueUrl ?? '';
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const dead = await create('dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 });
  const source = await create('source', { RedrivePolicy });
  const receive = async (QueueUrl: string) =>
    (await call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 })).Messages ?? [];
  for (const MessageBody of ['one', 'two']) await call('SendMessage', { QueueUrl: source, MessageBody });
  const sent = await receive(source);
  await receive(source); // moves both to the dead-letter queue
  const list = async () => (await call('ListMessageMoveTasks', { SourceArn: arn('dead') })).Results ?? [];
  return { ...disposable, arn, call, clock, create, dead, list, receive, sent, source };
}

test('messages return to where they came from, as new ones', async () => {
  await using sqs = await start();
  const { arn, call, clock, list, receive, sent, source } = sqs;
  const { TaskHandle } = await call('StartMessageMoveTask', { SourceArn: arn('dead') });
  expect(await list()).toMatchObject([{ TaskHandle, Status: 'RUNNING' }]);
  await clock.advance(1000);
  expect(await list()).toEqual([
    {
      Status: 'COMPLETED',
      SourceArn: arn('dead'),
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 2,
      StartedTimestamp: expect.any(Number),
    },
  ]);
  const moved = await receive(source);
  expect(moved.map(({ Body }) => Body)).toEqual(['one', 'two']);
  expect(moved.map(({ MessageId }) => MessageId)).not.toEqual(sent.map(({ MessageId }) => MessageId));
});

test('a task with a rate goes on every second until it is cancelled', async () => {
  await using sqs = await start();
  const { arn, call, clock, create, list, receive } = sqs;
  const other = await create('other');
  const { TaskHandle } = await call('StartMessageMoveTask', {
    SourceArn: arn('dead'),
    DestinationArn: arn('other'),
    MaxNumberOfMessagesPerSecond: 1,
  });
  await expect(call('StartMessageMoveTask', { SourceArn: arn('dead') })).rejects.toMatchObject({
    message: 'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
  });
  await clock.advance(500);
  expect(await call('CancelMessageMoveTask', { TaskHandle })).toEqual({ ApproximateNumberOfMessagesMoved: 1 });
  await clock.advance(5000);
  expect(await list()).toMatchObject([{ Status: 'CANCELLED', DestinationArn: arn('other') }]);
  expect((await receive(other)).map(({ Body }) => Body)).toEqual(['one']);
});

test('a message that was sent to the dead-letter queue itself fails the task', async () => {
  await using sqs = await start();
  const { arn, call, clock, dead, list } = sqs;
  await call('PurgeQueue', { QueueUrl: dead });
  await call('SendMessage', { QueueUrl: dead, MessageBody: 'stray' });
  await call('StartMessageMoveTask', { SourceArn: arn('dead') });
  await clock.advance(1000);
  expect(await list()).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
});

test('refuses what is no dead-letter queue, no destination and no task', async () => {
  await using sqs = await start();
  const { arn, call } = sqs;
  await expect(call('StartMessageMoveTask', { SourceArn: arn('source') })).rejects.toMatchObject({
    code: 'InvalidParameterValue',
    message: 'Source queue must be configured as a Dead Letter Queue.',
  });
  await expect(
    call('StartMessageMoveTask', { SourceArn: arn('dead'), DestinationArn: arn('none') }),
  ).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    status: 404,
    message: "The resource that you specified for the DestinationArn parameter doesn't exist.",
  });
  await expect(call('CancelMessageMoveTask', { TaskHandle: 'x' })).rejects.toMatchObject({
    message: 'Value for parameter TaskHandle is invalid.',
  });
});

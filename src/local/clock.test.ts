import { describe, expect, test } from 'vitest';
import { AdjustableClock } from './clock.ts';
import type { Cloud, Input } from './cloud.ts';
import { startWithClock, testClock } from './fixture.ts';
import { createFunction, createRole, zipOf } from './lambda/fixture.ts';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

describe('a clock', () => {
  test('calls back in order, each at its own time, even for timers set by other timers', async () => {
    const clock = testClock();
    const start = clock.now();
    const calls: string[] = [];
    const record = (name: string) => () => calls.push(`${name} ${Math.round((clock.now() - start) / minute)}`);
    clock.after(30 * minute, record('last'));
    clock.after(10 * minute, () => {
      record('first')();
      clock.after(10 * minute, record('second'));
    });
    clock.after(40 * minute, record('too late'))();
    clock.after(90 * day, record('never'))();
    await clock.advance(60 * minute);
    expect(calls).toEqual(['first 10', 'second 20', 'last 30']);
    expect(Math.round((clock.now() - start) / minute)).toBe(60);
  });

  test('cancels timers, and waits longer than Node timers can', async () => {
    const clock = testClock();
    const calls: string[] = [];
    const cancel = clock.after(minute, () => calls.push('cancelled'));
    cancel();
    clock.after(60 * day, () => calls.push('in two months'));
    await clock.advance(59 * day);
    expect(calls).toEqual([]);
    await clock.advance(day);
    expect(calls).toEqual(['in two months']);
  });

  test('rejects a start that is not a time', () => {
    expect(() => new AdjustableClock('noon')).toThrow(
      '"noon" is not a time; expected one such as 2026-11-26T12:00:00Z',
    );
  });
});

describe('SQS', () => {
  let queues = 0;
  async function queue(cloud: Cloud, Attributes: Record<string, string> = {}) {
    const QueueName = `q${queues++}${Attributes['FifoQueue'] === undefined ? '' : '.fifo'}`;
    const { QueueUrl } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes });
    return {
      QueueUrl,
      send: (MessageBody: string, more: object = {}) =>
        cloud.call('sqs', 'SendMessage', { QueueUrl, MessageBody, ...more }),
      receive: async (more: Partial<Input<'sqs', 'ReceiveMessage'>> = {}) => {
        const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', {
          QueueUrl,
          MaxNumberOfMessages: 10,
          ...more,
        });
        return Messages.map(({ Body }) => Body);
      },
    };
  }

  test('a FIFO queue accepts a duplicate five minutes after the first message', async () => {
    await using local = await startWithClock();
    const { send, receive } = await queue(local.cloud, { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    const first = await send('same', { MessageGroupId: 'g' });
    await local.clock.advance(4 * minute + 50 * second);
    expect((await send('same', { MessageGroupId: 'g' })).MessageId).toBe(first.MessageId);
    // a duplicate does not restart the five minutes
    await local.clock.advance(11 * second);
    expect((await send('same', { MessageGroupId: 'g' })).MessageId).not.toBe(first.MessageId);
    expect(await receive()).toEqual(['same', 'same']);
  });

  test('a message is deleted after the retention period', async () => {
    await using local = await startWithClock();
    const { send, receive, QueueUrl } = await queue(local.cloud, {
      MessageRetentionPeriod: '3600',
      VisibilityTimeout: '0',
    });
    await send('old');
    await local.clock.advance(59 * minute);
    await send('new');
    expect(await receive()).toEqual(['old', 'new']);
    await local.clock.advance(2 * minute);
    const counted = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
    expect((await local.cloud.call('sqs', 'GetQueueAttributes', counted)).Attributes).toEqual({
      ApproximateNumberOfMessages: '1',
    });
    expect(await receive()).toEqual(['new']);
  });

  test('a message is invisible during its delay and its visibility timeout', async () => {
    await using local = await startWithClock();
    const { send, receive } = await queue(local.cloud, { VisibilityTimeout: '43200' });
    await send('later', { DelaySeconds: 900 });
    await local.clock.advance(14 * minute + 50 * second);
    expect(await receive()).toEqual([]);
    const waiting = receive({ WaitTimeSeconds: 20 });
    await local.clock.advance(11 * second);
    expect(await waiting).toEqual(['later']);
    await local.clock.advance(11 * 60 * minute);
    expect(await receive()).toEqual([]);
    await local.clock.advance(61 * minute);
    expect(await receive()).toEqual(['later']);
  });

  test('a queue can be purged again after 60 seconds', async () => {
    await using local = await startWithClock();
    const { send, receive, QueueUrl } = await queue(local.cloud);
    await local.cloud.call('sqs', 'PurgeQueue', { QueueUrl });
    await send('a');
    await local.clock.advance(55 * second);
    await expect(local.cloud.call('sqs', 'PurgeQueue', { QueueUrl })).rejects.toMatchObject({
      code: 'PurgeQueueInProgress',
    });
    await local.clock.advance(6 * second);
    await local.cloud.call('sqs', 'PurgeQueue', { QueueUrl });
    expect(await receive()).toEqual([]);
  });
});

describe('Lambda', () => {
  test('drops an event that exceeds its maximum age while the function is throttled', async () => {
    await using local = await startWithClock();
    const { cloud, clock } = local;
    const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName: 'given-up' });
    const Role = await createRole(cloud, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' });
    // the first event occupies the only execution environment during the test
    const FunctionName = await createFunction(
      cloud,
      'export const handler = () => new Promise((done) => setTimeout(done, 60_000));',
      {
        Role,
        Timeout: 60,
      },
    );
    await cloud.call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: 1 });
    await cloud.call('lambda', 'PutFunctionEventInvokeConfig', {
      FunctionName,
      MaximumEventAgeInSeconds: 120,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:given-up' } },
    });
    const send = (event: object) =>
      cloud.call('lambda', 'Invoke', {
        FunctionName,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(event)),
      });
    await send({ number: 1 });
    await clock.advance(second);
    await send({ number: 2 });
    await clock.advance(3 * minute);
    const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    expect(JSON.parse(Messages[0]?.Body ?? '{}')).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
      requestPayload: { number: 2 },
    });
  });

  test('rejects new functions after the last day of a runtime, and later updates too', async () => {
    await using local = await startWithClock(new AdjustableClock('2027-05-31T12:00:00Z'));
    const { cloud, clock } = local;
    const Role = await createRole(cloud);
    const create = (FunctionName: string) =>
      cloud.call('lambda', 'CreateFunction', {
        FunctionName,
        Role,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: zipOf({ 'index.mjs': 'export const handler = async () => 1;' }) },
      });
    const refused = {
      code: 'InvalidParameterValueException',
      message: expect.stringContaining('nodejs22.x is no longer supported'),
    };
    await create('old');
    await clock.advance(day);
    await expect(create('new')).rejects.toMatchObject(refused);
    const update = (Description: string) =>
      cloud.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: 'old', Description });
    await update('still taken');
    await clock.advance(30 * day);
    await expect(update('too late')).rejects.toMatchObject(refused);
  });
});

test('CloudWatch Logs returns only events within the retention period', async () => {
  await using local = await startWithClock();
  const { cloud, clock } = local;
  const [logGroupName, logStreamName] = ['group', 'stream'];
  await cloud.call('logs', 'CreateLogGroup', { logGroupName });
  await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName });
  await cloud.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: 7 });
  const write = (message: string) =>
    cloud.call('logs', 'PutLogEvents', {
      logGroupName,
      logStreamName,
      logEvents: [{ timestamp: clock.now(), message }],
    });
  await write('old');
  await clock.advance(6 * day);
  await write('new');
  const messages = async () =>
    (await cloud.call('logs', 'FilterLogEvents', { logGroupName })).events?.map(({ message }) => message);
  expect(await messages()).toEqual(['old', 'new']);
  await clock.advance(2 * day);
  expect(await messages()).toEqual(['new']);
});

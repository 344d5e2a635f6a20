import { expect, test } from 'vitest';
import type { Input } from '../../cloud.ts';
import { createFunction } from '../fixture.ts';
import { startTestLambda } from '../test-lambda.ts';

const { cloud, Role, call } = await startTestLambda({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' });

let created = 0;
async function queue(Attributes: Record<string, string> = {}) {
  const QueueName = `esm-${created++}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
  const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes });
  const { Attributes: all } = await cloud.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  return { QueueUrl, EventSourceArn: all?.QueueArn ?? '' };
}
async function map(input: Input<'lambda', 'CreateEventSourceMapping'>): Promise<string> {
  const { UUID = '' } = await call('CreateEventSourceMapping', input);
  await expect.poll(async () => (await call('GetEventSourceMapping', { UUID })).State).toBe('Enabled');
  return UUID;
}
const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  cloud.call('sqs', 'SendMessage', { QueueUrl, MessageBody, ...more });
/** What the function logged as JSON, as soon as there are that many lines. */
async function logged<T>(name: string, count: number): Promise<T[]> {
  let values: T[] = [];
  await expect
    .poll(
      async () => {
        try {
          const { events } = await cloud.call('logs', 'FilterLogEvents', {
            logGroupName: `/aws/lambda/${name}`,
            filterPattern: '"LOG:"',
          });
          values = (events ?? []).map(({ message }) => JSON.parse(message?.split('LOG:')[1] ?? '') as T);
        } catch (error) {
          if ((error as { code?: string }).code !== 'ResourceNotFoundException') throw error;
        }
        return values.length;
      },
      { timeout: 15_000 },
    )
    .toBeGreaterThanOrEqual(count);
  return values;
}
async function remaining(QueueUrl: string): Promise<number> {
  const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
  return Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
}

test('a message reaches the alias in the documented shape and is deleted', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async (event, context) => console.log('LOG:' + JSON.stringify({ event, arn: context.invokedFunctionArn, version: context.functionVersion }))`,
    { Role },
  );
  await call('PublishVersion', { FunctionName: name });
  const { AliasArn } = await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
  const { QueueUrl, EventSourceArn } = await queue();
  const created = await call('CreateEventSourceMapping', { EventSourceArn, FunctionName: AliasArn });
  expect(created).toMatchObject({
    State: 'Creating',
    StateTransitionReason: 'USER_INITIATED',
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 0,
    FunctionArn: AliasArn,
    EventSourceArn,
    EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${created.UUID}`,
  });
  const { MessageId } = await send(QueueUrl, 'hello', {
    MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
  });
  const [received] = await logged<{ event: object; arn: string; version: string }>(name, 1);
  expect(received?.arn).toBe(AliasArn);
  expect(received?.version).toBe('1');
  expect(received?.event).toEqual({
    Records: [
      {
        messageId: MessageId,
        receiptHandle: expect.any(String),
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: { a: { stringValue: 'b', stringListValues: [], binaryListValues: [], dataType: 'String' } },
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        eventSource: 'aws:sqs',
        eventSourceARN: EventSourceArn,
        awsRegion: 'us-east-1',
      },
    ],
  });
  await expect.poll(() => remaining(QueueUrl)).toBe(0);
});

test('a failed batch is retried, and goes to the dead-letter queue after maxReceiveCount', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async (e) => { console.log('LOG:' + e.Records[0].attributes.ApproximateReceiveCount); throw new Error('no') }`,
    { Role, Timeout: 1 },
  );
  const dead = await queue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.EventSourceArn, maxReceiveCount: 2 });
  const { QueueUrl, EventSourceArn } = await queue({ VisibilityTimeout: '1', RedrivePolicy });
  await map({ EventSourceArn, FunctionName: name });
  await send(QueueUrl, 'poison');
  await expect.poll(() => remaining(dead.QueueUrl), { timeout: 15_000 }).toBe(1);
  // a cold start may outlast the visibility timeout: the second receive is then logged first
  expect((await logged<number>(name, 2)).sort()).toEqual([1, 2]);
}, 20_000);

test('only the items that the function reports are retried', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async (e) => {
       console.log('LOG:' + JSON.stringify(e.Records.map((r) => r.body)));
       const bad = e.Records.filter((r) => r.body === 'bad' && r.attributes.ApproximateReceiveCount === '1');
       return { batchItemFailures: bad.map((r) => ({ itemIdentifier: r.messageId })) };
     }`,
    { Role, Timeout: 1 },
  );
  const { QueueUrl, EventSourceArn } = await queue({ VisibilityTimeout: '1' });
  const Entries = ['good', 'bad'].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  await cloud.call('sqs', 'SendMessageBatch', { QueueUrl, Entries });
  await map({ EventSourceArn, FunctionName: name, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  expect(await logged(name, 2)).toEqual([['good', 'bad'], ['bad']]);
  await expect.poll(() => remaining(QueueUrl)).toBe(0);
}, 20_000);

test('messages that match no filter are deleted without an invocation', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async (e) => console.log('LOG:' + JSON.stringify(e.Records.map((r) => r.body)))`,
    { Role },
  );
  const { QueueUrl, EventSourceArn } = await queue();
  const Pattern = JSON.stringify({ body: { kind: ['wanted'] } });
  await map({ EventSourceArn, FunctionName: name, FilterCriteria: { Filters: [{ Pattern }] } });
  for (const body of ['{"kind":"other"}', 'plain', '{"kind":"wanted"}']) await send(QueueUrl, body);
  await expect.poll(() => remaining(QueueUrl), { timeout: 10_000 }).toBe(0);
  expect(await logged(name, 1)).toEqual([['{"kind":"wanted"}']]);
});

test('a batching window collects more messages than one ReceiveMessage returns', async () => {
  const name = await createFunction(
    cloud,
    `export const handler = async (e) => console.log('LOG:' + e.Records.length)`,
    { Role },
  );
  const { QueueUrl, EventSourceArn } = await queue();
  for (let n = 0; n < 2; n++) {
    const Entries = Array.from({ length: 8 }, (_, i) => ({ Id: String(i), MessageBody: String(i) }));
    await cloud.call('sqs', 'SendMessageBatch', { QueueUrl, Entries });
  }
  await map({ EventSourceArn, FunctionName: name, BatchSize: 16, MaximumBatchingWindowInSeconds: 5 });
  expect(await logged(name, 1)).toEqual([16]);
});

test('a disabled mapping leaves the queue alone until it is enabled', async () => {
  const name = await createFunction(cloud, `export const handler = async (e) => console.log('LOG:' + 1)`, { Role });
  const { QueueUrl, EventSourceArn } = await queue();
  const { UUID } = await call('CreateEventSourceMapping', { EventSourceArn, FunctionName: name, Enabled: false });
  await expect(call('UpdateEventSourceMapping', { UUID, Enabled: true })).rejects.toMatchObject({
    code: 'ResourceInUseException',
  });
  await expect.poll(async () => (await call('GetEventSourceMapping', { UUID })).State).toBe('Disabled');
  await send(QueueUrl, 'x');
  expect((await call('UpdateEventSourceMapping', { UUID, Enabled: true, BatchSize: 5 })).State).toBe('Enabling');
  await logged(name, 1);
  expect(await call('GetEventSourceMapping', { UUID })).toMatchObject({ State: 'Enabled', BatchSize: 5 });
});

test('a deleted mapping no longer receives messages', async () => {
  const name = await createFunction(cloud, `export const handler = async (e) => {}`, { Role });
  const { QueueUrl, EventSourceArn } = await queue();
  const UUID = await map({ EventSourceArn, FunctionName: name });
  expect((await call('DeleteEventSourceMapping', { UUID })).State).toBe('Deleting');
  await expect
    .poll(async () => (await call('ListEventSourceMappings', { EventSourceArn })).EventSourceMappings)
    .toEqual([]);
  await send(QueueUrl, 'mine');
  const { Messages } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 5 });
  expect(Messages?.[0]?.Body).toBe('mine');
});

test('requests that AWS refuses are refused in its words', async () => {
  const FunctionName = await createFunction(cloud, `export const handler = async () => {}`, { Role, Timeout: 60 });
  const { EventSourceArn: short } = await queue();
  const { EventSourceArn } = await queue({ VisibilityTimeout: '60' });
  const create = (more: Partial<Input<'lambda', 'CreateEventSourceMapping'>>) =>
    call('CreateEventSourceMapping', { EventSourceArn, FunctionName, ...more });
  await expect(create({ EventSourceArn: short })).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message: 'Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds',
  });
  await expect(create({ EventSourceArn: `${EventSourceArn}-none` })).rejects.toMatchObject({
    message: expect.stringContaining('AWS.SimpleQueueService.NonExistentQueue'),
  });
  await expect(create({ BatchSize: 11 })).rejects.toMatchObject({
    message: 'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
  });
  await expect(create({ EventSourceArn: 'arn:aws:events:us-east-1:000000000000:event-bus/a' })).rejects.toMatchObject({
    code: 'NotImplemented',
  });
  const powerless = await createFunction(cloud, `export const handler = async () => {}`);
  await expect(create({ FunctionName: powerless })).rejects.toMatchObject({
    message: 'The provided execution role does not have permissions to call ReceiveMessage on SQS',
  });
  const UUID = await map({ EventSourceArn, FunctionName });
  await expect(create({})).rejects.toMatchObject({
    code: 'ResourceConflictException',
    status: 409,
    message: `An event source mapping with SQS arn (" ${EventSourceArn} ") and function (" ${FunctionName} ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
  });
});

test('pollers, metrics and the key of filters are kept until they are taken away', async () => {
  const { EventSourceArn } = await queue();
  const FunctionName = await createFunction(cloud, 'export const handler = async () => {};', { Role });
  const pollers = { ProvisionedPollerConfig: { MaximumPollers: 5 } };
  await expect(
    call('CreateEventSourceMapping', {
      FunctionName,
      EventSourceArn,
      ...pollers,
      ScalingConfig: { MaximumConcurrency: 2 },
    }),
  ).rejects.toMatchObject({ code: 'InvalidParameterValueException' });
  const UUID = await map({
    FunctionName,
    EventSourceArn,
    ...pollers,
    MetricsConfig: { Metrics: ['EventCount'] },
    KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k',
  });
  expect(await call('GetEventSourceMapping', { UUID })).toMatchObject({
    ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 5 },
    MetricsConfig: { Metrics: ['EventCount'] },
    KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k',
  });
  const removed = { ProvisionedPollerConfig: {}, MetricsConfig: { Metrics: [] }, KMSKeyArn: '' };
  const updated = await call('UpdateEventSourceMapping', { UUID, ...removed });
  for (const name of Object.keys(removed)) expect(updated).not.toHaveProperty(name);
});

// Streams of tables as sources: what functions get, in which order, and what becomes of what fails.
import { expect, test } from 'vitest';
import type { Input } from '../../cloud.ts';
import { metricOf } from '../../monitoring/test-metrics.ts';
import { createFunction } from '../fixture.ts';
import { startTestLambda } from '../test-lambda.ts';

const { cloud, clock, Role, call } = await startTestLambda({
  Effect: 'Allow',
  Action: ['dynamodb:*', 'kinesis:*', 's3:*', 'sqs:*'],
  Resource: '*',
});

let created = 0;
async function table(): Promise<{ readonly TableName: string; readonly EventSourceArn: string }> {
  const TableName = `stream-${created++}`;
  const { TableDescription } = await cloud.call('dynamodb', 'CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  return { TableName, EventSourceArn: TableDescription?.LatestStreamArn ?? '' };
}
const put = (TableName: string, id: string, more: object = {}) =>
  cloud.call('dynamodb', 'PutItem', { TableName, Item: { id: { S: id }, ...more } });

type Mapping = Input<'lambda', 'CreateEventSourceMapping'>;
async function map(input: Mapping): Promise<string> {
  const { UUID = '' } = await call('CreateEventSourceMapping', { StartingPosition: 'TRIM_HORIZON', ...input });
  await expect.poll(async () => (await call('GetEventSourceMapping', { UUID })).State).toBe('Enabled');
  return UUID;
}

/** A function that notes what it gets in a queue, and then runs the statements. */
async function noting(statements = '') {
  const QueueName = `notes-${created++}`;
  const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName });
  const name = await createFunction(
    cloud,
    `export const handler = async (event) => {
       const ids = event.Records.map(({ dynamodb }) => dynamodb.Keys.id.S);
       console.log('LOG:' + JSON.stringify({ ids, event }));
       ${statements}
     };`,
    { Role },
  );
  return { name, QueueUrl };
}
interface Note {
  readonly ids: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: events of several shapes
  readonly event: any;
}
/** What the function got, once that holds. */
async function notes(name: string, isEnough: (all: readonly Note[]) => boolean): Promise<readonly Note[]> {
  let all: readonly Note[] = [];
  await expect
    .poll(
      async () => {
        const logGroupName = `/aws/lambda/${name}`;
        const found = await cloud
          .call('logs', 'FilterLogEvents', { logGroupName, filterPattern: '"LOG:"' })
          .catch(() => ({ events: [] }));
        all = (found.events ?? []).map(({ message }) => JSON.parse(message?.split('LOG:')[1] ?? '') as Note);
        return isEnough(all);
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  return all;
}
const idsOf = (all: readonly Note[]) => all.flatMap(({ ids }) => ids);

test('a function gets the records of a table as AWS documents them, from where the mapping begins', async () => {
  const { TableName, EventSourceArn } = await table();
  await put(TableName, 'before');
  const { name } = await noting();
  const UUID = await map({ EventSourceArn, FunctionName: name, BatchSize: 10 });
  await put(TableName, 'a', { picture: { B: new Uint8Array([1, 2]) } });
  const all = await notes(name, (seen) => idsOf(seen).length >= 2);
  expect(idsOf(all)).toEqual(['before', 'a']);
  const age = { namespace: 'AWS/Lambda', dimensions: { FunctionName: name }, stat: 'Maximum' } as const;
  expect(await metricOf(cloud, 'IteratorAge', age)).toBeGreaterThan(0);
  const records = all.flatMap(({ event }) => event.Records);
  expect(records[1]).toEqual({
    eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: expect.any(Number),
      Keys: { id: { S: 'a' } },
      NewImage: { id: { S: 'a' }, picture: { B: 'AQI=' } },
      SequenceNumber: expect.stringMatching(/^\d{21,}$/),
      SizeBytes: 15,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: EventSourceArn,
  });
  expect(await call('GetEventSourceMapping', { UUID })).toMatchObject({
    BatchSize: 10,
    BisectBatchOnFunctionError: false,
    DestinationConfig: { OnFailure: {} },
    FunctionResponseTypes: [],
    MaximumBatchingWindowInSeconds: 0,
    MaximumRecordAgeInSeconds: -1,
    MaximumRetryAttempts: -1,
    ParallelizationFactor: 1,
    StartingPosition: 'TRIM_HORIZON',
    TumblingWindowInSeconds: 0,
  });
});

test('what no filter lets through never reaches the function, and a mapping may begin with what is new', async () => {
  const { TableName, EventSourceArn } = await table();
  await put(TableName, 'old');
  const { name } = await noting();
  const Pattern = JSON.stringify({ dynamodb: { NewImage: { state: { S: ['sent'] } } } });
  await map({
    EventSourceArn,
    FunctionName: name,
    StartingPosition: 'LATEST',
    FilterCriteria: { Filters: [{ Pattern }] },
  });
  await put(TableName, 'a', { state: { S: 'new' } });
  await put(TableName, 'b', { state: { S: 'sent' } });
  await put(TableName, 'c', { state: { S: 'sent' } });
  expect(idsOf(await notes(name, (seen) => idsOf(seen).length >= 2))).toEqual(['b', 'c']);
});

test('a batch that goes on failing is bisected, given up, and reported; the rest follows in order', async () => {
  const { TableName, EventSourceArn } = await table();
  const { name, QueueUrl } = await noting("if (ids.includes('poison')) throw new Error('no');");
  for (const id of ['a', 'b', 'poison', 'c', 'd', 'e']) await put(TableName, id);
  const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  const Destination = Attributes?.QueueArn ?? '';
  await map({
    EventSourceArn,
    FunctionName: name,
    BatchSize: 6,
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination } },
  });
  const all = await notes(name, (seen) => idsOf(seen).includes('e') && seen.length >= 4);
  const succeeded = idsOf(all.filter(({ ids }) => !ids.includes('poison')));
  expect(succeeded).toEqual(['a', 'b', 'c', 'd', 'e'].filter((id) => succeeded.includes(id)));
  const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
  const body = JSON.parse(Messages[0]?.Body ?? '{}');
  expect(Object.keys(body)).toEqual([
    'requestContext',
    'responseContext',
    'version',
    'timestamp',
    'DDBStreamBatchInfo',
  ]);
  expect(body).toMatchObject({
    requestContext: {
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 1,
      functionArn: expect.stringContaining(name),
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    DDBStreamBatchInfo: { batchSize: 1, streamArn: EventSourceArn, shardId: expect.stringMatching(/^shardId-/) },
  });
  await expect
    .poll(async () => idsOf(await notes(name, () => true)).filter((id) => id === 'e').length)
    .toBeGreaterThan(0);
});

test('a bucket gets the failed batch itself, by the mapping, the shard and the time', async () => {
  const Bucket = 'failed-batches';
  await cloud.call('s3', 'CreateBucket', { Bucket });
  const { TableName, EventSourceArn } = await table();
  const { name } = await noting("throw new Error('no');");
  await put(TableName, 'poison');
  const UUID = await map({
    EventSourceArn,
    FunctionName: name,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: `arn:aws:s3:::${Bucket}` } },
  });
  const found = async () => (await cloud.call('s3', 'ListObjectsV2', { Bucket })).Contents?.[0]?.Key;
  await expect.poll(found, { timeout: 20_000 }).toBeDefined();
  const Key = await found();
  const time = String.raw`(\d{4})/(\d\d)/(\d\d)/\1-\2-\3T\d\d\.\d\d\.\d\d`;
  expect(Key).toMatch(new RegExp(`^aws/lambda/${UUID}/shardId-[^/]+/${time}-[0-9a-f-]{36}$`));
  const { Body } = await cloud.call('s3', 'GetObject', { Bucket, Key });
  const record = JSON.parse(Buffer.from(Body as never).toString());
  expect(record).toMatchObject({ DDBStreamBatchInfo: { batchSize: 1, streamArn: EventSourceArn } });
  expect(JSON.parse(record.payload)).toMatchObject({ Records: [{ dynamodb: { Keys: { id: { S: 'poison' } } } }] });
});

test('a function that reports failures gets the first failed record and those after it again', async () => {
  const { TableName, EventSourceArn } = await table();
  const { name } = await noting(`
    globalThis.calls = (globalThis.calls ?? 0) + 1;
    const failed = event.Records.find(({ dynamodb }) => dynamodb.Keys.id.S === 'c');
    return { batchItemFailures: globalThis.calls === 1 && failed ? [{ itemIdentifier: failed.dynamodb.SequenceNumber }] : [] };`);
  for (const id of ['a', 'b', 'c', 'd']) await put(TableName, id);
  await map({ EventSourceArn, FunctionName: name, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  await clock.advance(1_000);
  const all = await notes(name, (seen) => seen.length >= 2);
  expect(all.map(({ ids }) => ids)).toEqual([
    ['a', 'b', 'c', 'd'],
    ['c', 'd'],
  ]);
});

test('with several batches at once, the records of each key stay in order', async () => {
  const { TableName, EventSourceArn } = await table();
  const { name } = await noting();
  const keys = ['k0', 'k1', 'k2', 'k3', 'k4'];
  for (let round = 0; round < 8; round++)
    for (const id of keys) await put(TableName, id, { round: { N: String(round) } });
  await map({ EventSourceArn, FunctionName: name, BatchSize: 3, ParallelizationFactor: 4 });
  const all = await notes(name, (seen) => idsOf(seen).length >= 40);
  const records = all.flatMap(({ event }) => event.Records);
  for (const key of keys) {
    const rounds = records
      .filter(({ dynamodb }) => dynamodb.Keys.id.S === key)
      .map(({ dynamodb }) => Number(dynamodb.NewImage.round.N));
    expect(rounds.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  }
});

test('tumbling windows carry a state, and end with a call of their own', async () => {
  const { TableName, EventSourceArn } = await table();
  const { name } = await noting('return { state: { count: (event.state.count ?? 0) + event.Records.length } };');
  await put(TableName, 'a');
  await put(TableName, 'b');
  await map({ EventSourceArn, FunctionName: name, BatchSize: 1, TumblingWindowInSeconds: 30 });
  await notes(name, (seen) => seen.length >= 2);
  await clock.advance(31_000);
  const all = await notes(name, (seen) => seen.length >= 3);
  expect(all.map(({ event }) => [event.state, event.isFinalInvokeForWindow])).toEqual([
    [{}, false],
    [{ count: 1 }, false],
    [{ count: 2 }, true],
  ]);
  expect(all[0]?.event.window).toEqual({ start: expect.stringMatching(/Z$/), end: expect.stringMatching(/Z$/) });
});

test('a mapping needs a start, a stream and the permission to read it', async () => {
  const { EventSourceArn } = await table();
  const { name } = await noting();
  const create = (input: Mapping) => call('CreateEventSourceMapping', input);
  await expect(create({ EventSourceArn, FunctionName: name })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message:
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
  });
  await expect(
    create({ EventSourceArn, FunctionName: name, StartingPosition: 'invalid' as 'LATEST' }),
  ).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
  });
  await expect(
    create({ EventSourceArn: `${EventSourceArn}x`, FunctionName: name, StartingPosition: 'LATEST' }),
  ).rejects.toThrow('Stream not found');
  const plain = await createFunction(cloud, 'export const handler = async () => {};');
  await expect(create({ EventSourceArn, FunctionName: plain, StartingPosition: 'LATEST' })).rejects.toThrow(
    'Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListStreams Actions',
  );
});

test('a Kinesis stream delivers through a resharding, each key in order, to a consumer too', async () => {
  const StreamName = `kinesis-${created++}`;
  await cloud.call('kinesis', 'CreateStream', { StreamName, ShardCount: 1 });
  const { StreamDescriptionSummary } = await cloud.call('kinesis', 'DescribeStreamSummary', { StreamName });
  const StreamARN = StreamDescriptionSummary?.StreamARN ?? '';
  const { Consumer } = await cloud.call('kinesis', 'RegisterStreamConsumer', { StreamARN, ConsumerName: 'c' });
  const { name } = await notingKinesis();
  const keys = ['a', 'b', 'c', 'd'];
  const sendRound = async (round: number) => {
    for (const PartitionKey of keys) {
      const Data = Buffer.from(JSON.stringify({ key: PartitionKey, round, kind: round === 1 ? 'skip' : 'take' }));
      await cloud.call('kinesis', 'PutRecord', { StreamName, PartitionKey, Data });
    }
  };
  await sendRound(0);
  const Pattern = JSON.stringify({ data: { kind: ['take'] } });
  const EventSourceArn = Consumer?.ConsumerARN;
  await map({ EventSourceArn, FunctionName: name, BatchSize: 3, FilterCriteria: { Filters: [{ Pattern }] } });
  await sendRound(1);
  await cloud.call('kinesis', 'UpdateShardCount', { StreamName, TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' });
  await sendRound(2);
  await clock.advance(1_000);
  const all = await notes(name, (seen) => idsOf(seen).length >= 8);
  for (const key of keys) expect(idsOf(all).filter((id) => id.startsWith(key))).toEqual([`${key}0`, `${key}2`]);
  expect(all[0]?.event.Records[0]).toEqual({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'a',
      sequenceNumber: expect.stringMatching(/^\d{56}$/),
      data: Buffer.from(JSON.stringify({ key: 'a', round: 0, kind: 'take' })).toString('base64'),
      approximateArrivalTimestamp: expect.any(Number),
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: expect.stringMatching(/^shardId-000000000000:\d{56}$/),
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: Role,
    awsRegion: 'us-east-1',
    eventSourceARN: EventSourceArn,
  });
});

async function notingKinesis() {
  const name = await createFunction(
    cloud,
    `export const handler = async (event) => {
       const ids = event.Records.map(({ kinesis }) => {
         const { key, round } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString());
         return key + round;
       });
       console.log('LOG:' + JSON.stringify({ ids, event }));
     };`,
    { Role },
  );
  return { name };
}

test('a second mapping of a stream and a function is refused in words of its own', async () => {
  const { EventSourceArn } = await table();
  const { name } = await noting();
  const UUID = await map({ FunctionName: name, EventSourceArn });
  await expect(
    call('CreateEventSourceMapping', { FunctionName: name, EventSourceArn, StartingPosition: 'LATEST' }),
  ).rejects.toMatchObject({
    code: 'ResourceConflictException',
    message: `The event source arn (" ${EventSourceArn} ") and function (" ${name} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${UUID}`,
  });
});

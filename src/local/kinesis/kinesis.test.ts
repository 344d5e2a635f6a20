// Kinesis on the local AWS, through the SDK over HTTP/2: streams, records in order, resharding, consumers.
import {
  CreateStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  type ShardIteratorType,
  SplitShardCommand,
  SubscribeToShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, expect, test } from 'vitest';
import { startTestAws, testClock } from '../fixture.ts';

const clock = testClock();
const aws = await startTestAws({ clock });
const client = new KinesisClient({
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

let streams = 0;
async function stream(more: object = { ShardCount: 1 }): Promise<string> {
  const StreamName = `stream-${streams++}`;
  await client.send(new CreateStreamCommand({ StreamName, ...more }));
  return StreamName;
}
const put = (StreamName: string, PartitionKey: string, text: string) =>
  client.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(text) }));
async function read(
  StreamName: string,
  ShardId: string,
  ShardIteratorType: ShardIteratorType = 'TRIM_HORIZON',
  more: object = {},
) {
  const ask = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType, ...more });
  const { ShardIterator } = await client.send(ask);
  const answer = await client.send(new GetRecordsCommand({ ShardIterator }));
  return { ...answer, texts: (answer.Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString()) };
}
const shardsOf = async (StreamName: string) => (await client.send(new ListShardsCommand({ StreamName }))).Shards ?? [];
const first = 'shardId-000000000000';

test('a stream is ready at once, on demand with four shards unless a count is given', async () => {
  const StreamName = await stream({});
  expect((await shardsOf(StreamName)).map(({ ShardId }) => ShardId)).toEqual(
    [0, 1, 2, 3].map((n) => `shardId-00000000000${n}`),
  );
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName }));
  expect(StreamDescription).toMatchObject({
    StreamStatus: 'ACTIVE',
    StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`,
    StreamModeDetails: { StreamMode: 'ON_DEMAND' },
    RetentionPeriodHours: 24,
    EncryptionType: 'NONE',
    HasMoreShards: false,
  });
  await expect(client.send(new CreateStreamCommand({ StreamName }))).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: `Stream ${StreamName} under account 000000000000 already exists.`,
  });
  await expect(client.send(new DescribeStreamSummaryCommand({ StreamName: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Stream none under account 000000000000 not found.',
  });
});

test('records keep their bytes and their order, and are read from any position', async () => {
  const StreamName = await stream();
  const texts = ['', 'a'.repeat(1000), 'ünicödé 统一码'];
  const numbers: string[] = [];
  for (const text of texts) numbers.push((await put(StreamName, 'k', text)).SequenceNumber ?? '');
  expect(numbers).toEqual(numbers.toSorted());
  expect((await read(StreamName, first)).texts).toEqual(texts);
  expect((await read(StreamName, first, 'LATEST')).texts).toEqual([]);
  const at = { StartingSequenceNumber: numbers[1] };
  expect((await read(StreamName, first, 'AT_SEQUENCE_NUMBER', at)).texts).toEqual(texts.slice(1));
  expect((await read(StreamName, first, 'AFTER_SEQUENCE_NUMBER', at)).texts).toEqual(texts.slice(2));
  await clock.advance(60_000);
  const Timestamp = new Date(clock.now() - 1000);
  await put(StreamName, 'k', 'later');
  expect((await read(StreamName, first, 'AT_TIMESTAMP', { Timestamp })).texts).toEqual(['later']);
  await clock.advance(24 * 3_600_000);
  await put(StreamName, 'k', 'next day');
  expect((await read(StreamName, first)).texts).toEqual(['next day']);
});

test('keys spread over shards; a record goes where its key does, unless a hash key says otherwise', async () => {
  const StreamName = await stream({ ShardCount: 4 });
  const Records = Array.from({ length: 40 }, (_, n) => ({ PartitionKey: `key-${n}`, Data: Buffer.from(String(n)) }));
  const { Records: sent = [], FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }));
  expect([FailedRecordCount, new Set(sent.map(({ ShardId }) => ShardId)).size]).toEqual([0, 4]);
  expect((await put(StreamName, 'key-1', 'x')).ShardId).toBe(sent[1]?.ShardId);
  const explicit = new PutRecordCommand({
    StreamName,
    PartitionKey: 'key-1',
    ExplicitHashKey: '0',
    Data: Buffer.from('x'),
  });
  expect((await client.send(explicit)).ShardId).toBe(first);
  const beyond = { StreamName, PartitionKey: 'k', Data: Buffer.from('x'), ExplicitHashKey: String(2n ** 128n) };
  await expect(client.send(new PutRecordCommand(beyond))).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  const tooLarge = { StreamName, PartitionKey: 'k', Data: Buffer.alloc(1024 * 1024 + 1) };
  await expect(client.send(new PutRecordCommand(tooLarge))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a split closes its shard, whose readers learn of its children; a merge joins neighbours', async () => {
  const StreamName = await stream();
  await put(StreamName, 'k', 'before');
  const NewStartingHashKey = String(2n ** 127n);
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: first, NewStartingHashKey }));
  await put(StreamName, 'k', 'after');
  const parent = await read(StreamName, first);
  expect([parent.texts, parent.NextShardIterator]).toEqual([['before'], undefined]);
  expect(parent.ChildShards?.map(({ ShardId, ParentShards }) => [ShardId, ParentShards])).toEqual([
    ['shardId-000000000001', [first]],
    ['shardId-000000000002', [first]],
  ]);
  const children = await Promise.all(
    ['1', '2'].map(async (n) => (await read(StreamName, `shardId-00000000000${n}`)).texts),
  );
  expect(children.flat()).toEqual(['after']);
  const [low, high] = ['shardId-000000000001', 'shardId-000000000002'];
  await client.send(new MergeShardsCommand({ StreamName, ShardToMerge: low, AdjacentShardToMerge: high }));
  expect((await shardsOf(StreamName)).at(-1)).toMatchObject({ ParentShardId: low, AdjacentParentShardId: high });
  await client.send(new UpdateShardCountCommand({ StreamName, TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' }));
  const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
  expect(StreamDescriptionSummary?.OpenShardCount).toBe(2);
  const tooMany = new UpdateShardCountCommand({ StreamName, TargetShardCount: 5, ScalingType: 'UNIFORM_SCALING' });
  await expect(client.send(tooMany)).rejects.toMatchObject({ name: 'LimitExceededException' });
});

test('a consumer is pushed what arrives', async () => {
  const StreamName = await stream();
  await put(StreamName, 'k', 'one');
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName }));
  const StreamARN = StreamDescription?.StreamARN;
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }));
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: first,
      StartingPosition: { Type: 'TRIM_HORIZON' },
    }),
  );
  const seen: string[] = [];
  for await (const { SubscribeToShardEvent } of EventStream ?? []) {
    for (const { Data } of SubscribeToShardEvent?.Records ?? []) seen.push(Buffer.from(Data ?? []).toString());
    if (seen.length === 1) await put(StreamName, 'k', 'two');
    if (seen.length >= 2) break;
  }
  expect(seen).toEqual(['one', 'two']);
});

// Kinesis streams, and their consumers with enhanced fan-out, as the source of event source mappings.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
import type { _Record } from '@aws-sdk/client-kinesis';
import { AwsError, type Cloud } from '../../cloud.ts';
import type { Polled, Source } from './source.ts';
import {
  checkStreamRole,
  describeStreamSettings,
  invalidParameter,
  readStreamSettings,
  type StreamSettings,
  streamConflict,
  streamMembers,
} from './stream.ts';
import { type StreamItem, StreamPoller, type StreamReader } from './stream-poller.ts';

const streamArnOf = (arn: string): string => arn.replace(/\/consumer\/.*$/, '');

export const kinesis: Source<StreamSettings> = {
  service: 'kinesis',
  title: 'Kinesis',
  members: streamMembers,
  read: (_arn, input, before) => readStreamSettings(input, before, ['AT_TIMESTAMP', 'LATEST', 'TRIM_HORIZON']),
  async check(cloud, arn, { settings: { role } }, { onFailure }) {
    const StreamARN = streamArnOf(arn);
    const isConsumer = StreamARN !== arn;
    try {
      await cloud.call('kinesis', 'DescribeStreamSummary', { StreamARN });
      if (isConsumer) await cloud.call('kinesis', 'DescribeStreamConsumer', { ConsumerARN: arn });
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error;
      throw invalidParameter(`Stream not found: ${arn}`);
    }
    // https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html#events-kinesis-permissions
    const actions = ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListShards'];
    const named = (names: readonly string[]) => names.map((name) => `kinesis:${name}`);
    await checkStreamRole(cloud, { arn: StreamARN, role, onFailure }, { title: 'Kinesis', actions: named(actions) });
    if (!isConsumer) return;
    const subscribe = named(['SubscribeToShard']);
    await checkStreamRole(cloud, { arn, role, onFailure: undefined }, { title: 'Kinesis', actions: subscribe });
  },
  conflict: streamConflict,
  describe: describeStreamSettings,
  poll(cloud, polled) {
    const poller = new StreamPoller(cloud, polled, readerOf(cloud, polled));
    poller.start();
    return poller;
  },
};

function readerOf(
  cloud: Cloud,
  { arn, functionArn, target }: Pick<Polled<StreamSettings>, 'arn' | 'functionArn' | 'target'>,
): StreamReader {
  const StreamARN = streamArnOf(arn);
  return {
    stream: StreamARN,
    batchInfo: 'KinesisBatchInfo',
    async shards() {
      const { Shards = [] } = await cloud.call('kinesis', 'ListShards', { StreamARN });
      return Shards.map(({ ShardId = '', ParentShardId, AdjacentParentShardId }) => ({
        id: ShardId,
        parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
      }));
    },
    async iterator(ShardId, start) {
      const position =
        'after' in start
          ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: start.after } as const)
          : start.from === 'AT_TIMESTAMP'
            ? { ShardIteratorType: start.from, Timestamp: new Date(start.time) }
            : { ShardIteratorType: start.from };
      return (await cloud.call('kinesis', 'GetShardIterator', { StreamARN, ShardId, ...position })).ShardIterator ?? '';
    },
    async read(ShardIterator, shard) {
      const { Records = [], NextShardIterator } = await cloud.call('kinesis', 'GetRecords', { ShardIterator });
      if (Records.length === 0) return { items: [], next: NextShardIterator };
      const role = target?.role ?? (await roleOf(cloud, functionArn));
      const place = { shard, arn, region: cloud.region, role };
      return { items: Records.map((record) => itemOf(record, place)), next: NextShardIterator };
    },
  };
}

async function roleOf(cloud: Cloud, FunctionName: string): Promise<string> {
  const { Configuration } = await cloud.call('lambda', 'GetFunction', { FunctionName });
  return Configuration?.Role ?? '';
}

interface Place {
  readonly shard: string;
  readonly arn: string;
  readonly region: string;
  readonly role: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#services-kinesis-event-example */
function itemOf(
  { Data, PartitionKey = '', SequenceNumber = '', ApproximateArrivalTimestamp }: _Record,
  place: Place,
): StreamItem {
  const arrivedAt = ApproximateArrivalTimestamp?.getTime() ?? 0;
  const bytes = Buffer.from(Data ?? []);
  const kinesisPart = {
    kinesisSchemaVersion: '1.0',
    partitionKey: PartitionKey,
    sequenceNumber: SequenceNumber,
    data: bytes.toString('base64'),
    approximateArrivalTimestamp: arrivedAt / 1000,
  };
  const record = {
    kinesis: kinesisPart,
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${place.shard}:${SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: place.role,
    awsRegion: place.region,
    eventSourceARN: place.arn,
  };
  // https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html: `data` beside the metadata, parsed if it is JSON
  const filtered = { ...record, ...kinesisPart, data: parsed(bytes) };
  return { sequenceNumber: SequenceNumber, arrivedAt, key: PartitionKey, record, filtered };
}

function parsed(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

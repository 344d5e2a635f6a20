// Streams of DynamoDB tables as the source of event source mappings.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import { AwsError, type Cloud } from '../../cloud.ts';
import type { Source } from './source.ts';
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

export const dynamodb: Source<StreamSettings> = {
  service: 'dynamodb',
  title: 'DynamoDB',
  members: streamMembers,
  read: (_arn, input, before) => readStreamSettings(input, before, ['LATEST', 'TRIM_HORIZON']),
  async check(cloud, arn, { settings: { role } }, { onFailure }) {
    try {
      await cloud.call('dynamodbstreams', 'DescribeStream', { StreamArn: arn });
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error;
      throw invalidParameter(`Stream not found: ${arn}`);
    }
    // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html#events-dynamodb-permissions
    await checkStreamRole(
      cloud,
      { arn, role, onFailure },
      {
        title: 'DynamoDB',
        actions: ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'].map(
          (action) => `dynamodb:${action}`,
        ),
      },
    );
  },
  conflict: streamConflict,
  describe: describeStreamSettings,
  poll(cloud, polled) {
    const poller = new StreamPoller(cloud, polled, readerOf(cloud, polled.arn));
    poller.start();
    return poller;
  },
};

function readerOf(cloud: Cloud, StreamArn: string): StreamReader {
  return {
    stream: StreamArn,
    batchInfo: 'DDBStreamBatchInfo',
    async shards() {
      const { StreamDescription } = await cloud.call('dynamodbstreams', 'DescribeStream', { StreamArn });
      return (StreamDescription?.Shards ?? []).map(({ ShardId = '', ParentShardId }) => ({
        id: ShardId,
        parents: ParentShardId === undefined ? [] : [ParentShardId],
      }));
    },
    async iterator(ShardId, start) {
      const position =
        'after' in start
          ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: start.after } as const)
          : ({ ShardIteratorType: start.from === 'LATEST' ? 'LATEST' : 'TRIM_HORIZON' } as const);
      const input = { StreamArn, ShardId, ...position };
      return (await cloud.call('dynamodbstreams', 'GetShardIterator', input)).ShardIterator ?? '';
    },
    async read(ShardIterator) {
      const { Records = [], NextShardIterator } = await cloud.call('dynamodbstreams', 'GetRecords', { ShardIterator });
      return { items: Records.map((record) => itemOf(record, StreamArn)), next: NextShardIterator };
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-dynamodb-example-event: times in seconds, binary values in base64. */
function itemOf({ dynamodb: changed = {}, ...rest }: _Record, eventSourceARN: string): StreamItem {
  const arrivedAt = changed.ApproximateCreationDateTime?.getTime() ?? 0;
  const record = {
    ...rest,
    dynamodb: asJson({ ...changed, ApproximateCreationDateTime: arrivedAt / 1000 }),
    eventSourceARN,
  };
  return {
    sequenceNumber: changed.SequenceNumber ?? '',
    arrivedAt,
    key: JSON.stringify(asJson(changed.Keys)),
    record,
    filtered: record,
  };
}

function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asJson(inner)]));
}

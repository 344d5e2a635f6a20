// Consumers with a throughput of their own (enhanced fan-out), and what SubscribeToShard pushes to them.
// https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html
import type { SubscribeToShardEventStream } from '@aws-sdk/client-kinesis';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { childrenOf, readShard, startOf } from './records.ts';
import { type Consumer, type KinesisState, notFound, sequenceNumber, streamNameIn } from './state.ts';

const mostConsumers = 20;
const subscriptionMs = 5 * 60_000;
const pollMs = 50;
const mostPerEvent = 10_000;

export function consumerOperations(state: KinesisState, stopping: AbortSignal): Operations<'kinesis'> {
  const { cloud, consumers } = state;
  const authorize = {
    resource: ({ ConsumerARN, StreamARN }: { ConsumerARN?: string | undefined; StreamARN?: string | undefined }) =>
      ConsumerARN ?? StreamARN,
  };
  const existing = (input: {
    ConsumerARN?: string | undefined;
    StreamARN?: string | undefined;
    ConsumerName?: string | undefined;
  }): Consumer => {
    const { ConsumerARN, StreamARN, ConsumerName } = input;
    const found =
      ConsumerARN === undefined
        ? consumers.find(({ streamArn, name }) => streamArn === StreamARN && name === ConsumerName)
        : consumers.get(ConsumerARN);
    if (found !== undefined) return found;
    throw notFound(`Consumer ${ConsumerName ?? ConsumerARN}, account ${cloud.accountId} not found.`);
  };
  const shown = ({ arn, name, createdAt }: Consumer) => ({
    ConsumerName: name,
    ConsumerARN: arn,
    ConsumerStatus: 'ACTIVE' as const,
    ConsumerCreationTimestamp: new Date(createdAt),
  });
  return {
    RegisterStreamConsumer: {
      members: ['StreamARN', 'ConsumerName', 'Tags', 'StreamId'],
      authorize,
      run({ StreamARN, ConsumerName: name = '', Tags }) {
        checkConstraints('ValidationException', [
          ['consumerName', name, { min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' }],
        ]);
        const stream = state.existing({ StreamARN });
        const others = consumers.filter(({ streamArn }) => streamArn === stream.arn);
        if (others.some((other) => other.name === name)) {
          throw new AwsError(
            'ResourceInUseException',
            `Consumer ${name} under stream ${stream.name} already exists for account ${cloud.accountId}.`,
          );
        }
        if (others.length >= mostConsumers) {
          throw new AwsError('LimitExceededException', `Stream ${stream.name} has ${mostConsumers} consumers already.`);
        }
        const createdAt = cloud.now();
        const arn = `${stream.arn}/consumer/${name}:${Math.floor(createdAt / 1000)}`;
        const consumer = { arn, name, streamArn: stream.arn, createdAt, tags: { ...Tags } };
        consumers.set(arn, consumer);
        return { Consumer: { ...shown(consumer), ConsumerStatus: 'CREATING' } };
      },
    },
    DescribeStreamConsumer: {
      members: ['StreamARN', 'ConsumerName', 'ConsumerARN', 'StreamId'],
      authorize,
      run(input) {
        const consumer = existing(input);
        return { ConsumerDescription: { ...shown(consumer), StreamARN: consumer.streamArn } };
      },
    },
    ListStreamConsumers: {
      members: ['StreamARN', 'NextToken', 'MaxResults', 'StreamCreationTimestamp', 'StreamId'],
      authorize,
      run({ StreamARN, NextToken, MaxResults = 100 }) {
        const { arn } = state.existing({ StreamARN });
        const sorted = consumers
          .filter(({ streamArn }) => streamArn === arn)
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = pageByName(sorted, ({ name }) => name, { token: NextToken, most: MaxResults });
        return { Consumers: items.map(shown), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
      },
    },
    DeregisterStreamConsumer: {
      members: ['StreamARN', 'ConsumerName', 'ConsumerARN', 'StreamId'],
      authorize,
      run(input) {
        consumers.delete(existing(input).arn);
        return {};
      },
    },
    SubscribeToShard: {
      members: ['ConsumerARN', 'ShardId', 'StartingPosition', 'StreamId'],
      authorize,
      run({ ConsumerARN, ShardId, StartingPosition = { Type: undefined } }, { signal }) {
        const consumer = existing({ ConsumerARN });
        const StreamName = streamNameIn(consumer.streamArn);
        const stream = state.existing({ StreamName });
        const shard = stream.shards.find(({ id }) => id === ShardId);
        if (shard === undefined) throw notFound(`Shard ${ShardId} in stream ${stream.name} does not exist`);
        const { Type, SequenceNumber, Timestamp } = StartingPosition;
        const from = startOf(state, stream, shard, { type: Type, number: SequenceNumber, time: Timestamp });
        return {
          EventStream: eventsOf(
            state,
            { name: stream.name, shardId: shard.id, from },
            AbortSignal.any([signal, stopping]),
          ),
        };
      },
    },
  };
}

interface Subscription {
  readonly name: string;
  readonly shardId: string;
  readonly from: number;
}

/** An event whenever there are records, for five minutes. */
async function* eventsOf(
  state: KinesisState,
  { name, shardId, from }: Subscription,
  signal: AbortSignal,
): AsyncGenerator<SubscribeToShardEventStream> {
  const end = state.cloud.now() + subscriptionMs;
  let position = from;
  for (let isFirst = true; !signal.aborted && state.cloud.now() < end; isFirst = false) {
    const stream = state.streams.get(name);
    const shard = stream?.shards.find(({ id }) => id === shardId);
    if (stream === undefined || shard === undefined) return;
    const { records, next, hasEnded, behind } = readShard(state, { stream, shard }, position, mostPerEvent);
    position = next;
    if (records.length > 0 || isFirst || hasEnded) {
      yield {
        SubscribeToShardEvent: {
          Records: [...records],
          ContinuationSequenceNumber: sequenceNumber(Math.max(0, next - 1)),
          MillisBehindLatest: behind,
          ...(hasEnded ? { ChildShards: childrenOf(stream, shard) } : {}),
        },
      };
    }
    if (hasEnded) return;
    await new Promise<void>((done) => {
      const finish = () => {
        cancel();
        signal.removeEventListener('abort', finish);
        done();
      };
      const cancel = state.cloud.after(pollMs, finish);
      signal.addEventListener('abort', finish);
    });
  }
}

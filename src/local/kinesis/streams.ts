// Streams: made, described, changed, resharded and deleted. They are ready at once.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Operations.html
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { randomHex } from '../random.ts';
import {
  evenShards,
  isOpen,
  type KinesisState,
  notFound,
  type Shard,
  type Stream,
  sequenceNumber,
  shardId,
} from './state.ts';

export const naming = ['StreamName', 'StreamARN', 'StreamId'] as const;

// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
const onDemandShards = 4;
const mostShards = 500;
const namePattern = { min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' };
const day = 24;
const year = 8760;
const smallestRecordKiB = 1024;

export const invalid = (message: string): AwsError => new AwsError('InvalidArgumentException', message);

type Named = { readonly StreamName?: string | undefined; readonly StreamARN?: string | undefined };

export function onStream(state: KinesisState) {
  return { resource: ({ StreamName, StreamARN }: Named) => StreamARN ?? state.arn(StreamName ?? '') };
}

export function streamOperations(state: KinesisState): Operations<'kinesis'> {
  const authorize = onStream(state);
  const { cloud } = state;
  return {
    CreateStream: {
      members: ['StreamName', 'ShardCount', 'StreamModeDetails', 'Tags', 'MaxRecordSizeInKiB'],
      authorize,
      run({ StreamName: name = '', ShardCount: count, StreamModeDetails, Tags, MaxRecordSizeInKiB: size }) {
        checkConstraints('ValidationException', [
          ['streamName', name, namePattern],
          ['shardCount', count, { min: 1 }],
          ['maxRecordSizeInKiB', size, { min: smallestRecordKiB, max: 10_240 }],
        ]);
        if (state.streams.has(name)) {
          throw new AwsError(
            'ResourceInUseException',
            `Stream ${name} under account ${cloud.accountId} already exists.`,
          );
        }
        const isOnDemand =
          StreamModeDetails?.StreamMode === 'ON_DEMAND' || (StreamModeDetails === undefined && count === undefined);
        if (isOnDemand && count !== undefined) throw invalid('ShardCount must not be provided for ON_DEMAND streams.');
        if (!isOnDemand && count === undefined) throw invalid('ShardCount must be provided for PROVISIONED streams.');
        const shards = count ?? onDemandShards;
        if (shards > mostShards)
          throw new AwsError(
            'LimitExceededException',
            `This request would exceed the shard limit for the account ${cloud.accountId} in ${cloud.region}.`,
          );
        const now = cloud.now();
        state.save({
          name,
          arn: state.arn(name),
          id: randomHex(16),
          isOnDemand,
          createdAt: now,
          retentionHours: day,
          largestRecordKiB: size ?? smallestRecordKiB,
          metrics: [],
          tags: { ...Tags },
          shards: evenShards(shards, { existing: [], now, begin: 0 }),
          next: 0,
        });
        return {};
      },
    },
    DeleteStream: {
      members: [...naming, 'EnforceConsumerDeletion'],
      authorize,
      run(input) {
        const stream = state.existing(input);
        const hasConsumers = state.consumers.find(({ streamArn }) => streamArn === stream.arn) !== undefined;
        if (hasConsumers && input.EnforceConsumerDeletion !== true) {
          throw new AwsError(
            'ResourceInUseException',
            `Stream ${stream.name} under account ${cloud.accountId} has registered consumers.`,
          );
        }
        state.delete(stream);
        return {};
      },
    },
    DescribeStream: {
      members: [...naming, 'Limit', 'ExclusiveStartShardId'],
      authorize,
      run(input) {
        const stream = state.existing(input);
        const start = input.ExclusiveStartShardId ?? '';
        const after = stream.shards.filter(({ id }) => id > start);
        const shown = after.slice(0, input.Limit ?? 100);
        return {
          StreamDescription: {
            ...summaryOf(stream),
            Shards: shown.map((shard) => describedShard(shard)),
            HasMoreShards: shown.length < after.length,
          },
        };
      },
    },
    DescribeStreamSummary: {
      members: naming,
      authorize,
      run(input) {
        const stream = state.existing(input);
        return {
          StreamDescriptionSummary: {
            ...summaryOf(stream),
            StreamId: stream.id,
            OpenShardCount: stream.shards.filter(isOpen).length,
            ConsumerCount: state.consumers.filter(({ streamArn }) => streamArn === stream.arn).length,
            MaxRecordSizeInKiB: stream.largestRecordKiB,
          },
        };
      },
    },
    ListStreams: {
      members: ['Limit', 'ExclusiveStartStreamName', 'NextToken'],
      run({ Limit = 100, ExclusiveStartStreamName = '', NextToken }) {
        const sorted = [...state.streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
        const after = sorted.filter(({ name }) => name > ExclusiveStartStreamName);
        const { items, nextToken } = pageByName(after, ({ name }) => name, { token: NextToken, most: Limit });
        return {
          StreamNames: items.map(({ name }) => name),
          HasMoreStreams: nextToken !== undefined,
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
          StreamSummaries: items.map((stream) => {
            const { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp } =
              summaryOf(stream);
            return { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp };
          }),
        };
      },
    },
    ListShards: {
      members: [
        ...naming,
        'NextToken',
        'ExclusiveStartShardId',
        'MaxResults',
        'StreamCreationTimestamp',
        'ShardFilter',
      ],
      authorize,
      run({ NextToken, ExclusiveStartShardId = '', MaxResults = 1000, ShardFilter, ...named }) {
        const [name, after] = NextToken === undefined ? [undefined, ExclusiveStartShardId] : readToken(NextToken);
        const stream = state.existing(name === undefined ? named : { StreamName: name });
        const wanted = stream.shards.filter((shard) => shard.id > after && passes(shard, ShardFilter, cloud.now()));
        const shown = wanted.slice(0, MaxResults);
        const last = shown.at(-1);
        return {
          Shards: shown.map((shard) => describedShard(shard)),
          ...(shown.length < wanted.length && last !== undefined
            ? { NextToken: writeToken(stream.name, last.id) }
            : {}),
        };
      },
    },

    UpdateShardCount: {
      members: [...naming, 'TargetShardCount', 'ScalingType'],
      authorize,
      run(input) {
        const stream = provisioned(state.existing(input));
        const target = input.TargetShardCount ?? 0;
        const open = stream.shards.filter(isOpen);
        if (target > open.length * 2) {
          throw new AwsError(
            'LimitExceededException',
            'UpdateShardCount cannot scale up over double your current open shard count.',
          );
        }
        if (target < open.length / 2) {
          throw new AwsError(
            'LimitExceededException',
            'UpdateShardCount cannot scale down below half your current open shard count.',
          );
        }
        if (target !== open.length) {
          const now = cloud.now();
          const added = evenShards(target, { existing: stream.shards, now, begin: stream.next });
          state.save({ ...stream, shards: [...closed(stream, open, now), ...added] });
        }
        return {
          StreamName: stream.name,
          StreamARN: stream.arn,
          CurrentShardCount: open.length,
          TargetShardCount: target,
        };
      },
    },
    SplitShard: {
      members: [...naming, 'ShardToSplit', 'NewStartingHashKey'],
      authorize,
      run(input) {
        const stream = provisioned(state.existing(input));
        const parent = openShard(stream, input.ShardToSplit);
        const middle = BigInt(input.NewStartingHashKey ?? '0');
        if (middle <= BigInt(parent.first) || middle > BigInt(parent.last)) {
          throw invalid(
            `NewStartingHashKey ${middle} used in SplitShard() on shard ${parent.id} in stream ${stream.name} under account ${cloud.accountId} is not both greater than one plus the shard's StartingHashKey ${parent.first} and less than the shard's EndingHashKey ${parent.last}.`,
          );
        }
        const now = cloud.now();
        const child = (index: number, first: string, last: string): Shard => ({
          id: shardId(stream.shards.length + index),
          parent: parent.id,
          first,
          last,
          openedAt: now,
          begin: stream.next,
        });
        const children = [child(0, parent.first, String(middle - 1n)), child(1, String(middle), parent.last)];
        state.save({ ...stream, shards: [...closed(stream, [parent], now), ...children] });
        return {};
      },
    },
    MergeShards: {
      members: [...naming, 'ShardToMerge', 'AdjacentShardToMerge'],
      authorize,
      run(input) {
        const stream = provisioned(state.existing(input));
        const [one, other] = [openShard(stream, input.ShardToMerge), openShard(stream, input.AdjacentShardToMerge)];
        const [low, high] = BigInt(one.first) < BigInt(other.first) ? [one, other] : [other, one];
        if (BigInt(low.last) + 1n !== BigInt(high.first)) {
          throw invalid(
            `Shards ${one.id} and ${other.id} in stream ${stream.name} under account ${cloud.accountId} are not an adjacent pair of shards eligible for merging`,
          );
        }
        const now = cloud.now();
        const merged: Shard = {
          id: shardId(stream.shards.length),
          parent: one.id,
          adjacentParent: other.id,
          first: low.first,
          last: high.last,
          openedAt: now,
          begin: stream.next,
        };
        state.save({ ...stream, shards: [...closed(stream, [one, other], now), merged] });
        return {};
      },
    },

    IncreaseStreamRetentionPeriod: {
      members: [...naming, 'RetentionPeriodHours'],
      authorize,
      run: (input) => setRetention(state, state.existing(input), input.RetentionPeriodHours ?? 0, 'greater'),
    },
    DecreaseStreamRetentionPeriod: {
      members: [...naming, 'RetentionPeriodHours'],
      authorize,
      run: (input) => setRetention(state, state.existing(input), input.RetentionPeriodHours ?? 0, 'less'),
    },
    UpdateStreamMode: {
      members: ['StreamARN', 'StreamId', 'StreamModeDetails'],
      authorize,
      run(input) {
        state.save({ ...state.existing(input), isOnDemand: input.StreamModeDetails?.StreamMode === 'ON_DEMAND' });
        return {};
      },
    },
    UpdateMaxRecordSize: {
      members: ['StreamARN', 'StreamId', 'MaxRecordSizeInKiB'],
      authorize,
      run(input) {
        const size = input.MaxRecordSizeInKiB;
        checkConstraints('ValidationException', [
          ['maxRecordSizeInKiB', size, { min: smallestRecordKiB, max: 10_240 }],
        ]);
        state.save({ ...state.existing(input), largestRecordKiB: size ?? smallestRecordKiB });
        return {};
      },
    },
    // there is no KMS: the key is recorded
    StartStreamEncryption: {
      members: [...naming, 'EncryptionType', 'KeyId'],
      authorize,
      run(input) {
        state.save({ ...state.existing(input), keyId: input.KeyId });
        return {};
      },
    },
    StopStreamEncryption: {
      members: [...naming, 'EncryptionType', 'KeyId'],
      authorize,
      run(input) {
        state.save({ ...state.existing(input), keyId: undefined });
        return {};
      },
    },
  };
}

function setRetention(state: KinesisState, stream: Stream, hours: number, change: 'greater' | 'less') {
  if (hours < day || hours > year) {
    throw invalid(
      `${change === 'greater' ? 'Maximum' : 'Minimum'} allowed retention period is ${change === 'greater' ? year : day} hours. Requested retention period (${hours} hours) is too ${hours > year ? 'long' : 'short'}.`,
    );
  }
  const isWrong = change === 'greater' ? hours < stream.retentionHours : hours > stream.retentionHours;
  if (isWrong) {
    throw invalid(
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${change === 'greater' ? 'shorter' : 'longer'} than existing retention period (${stream.retentionHours} hours).`,
    );
  }
  state.save({ ...stream, retentionHours: hours });
  return {};
}

function provisioned(stream: Stream): Stream {
  if (!stream.isOnDemand) return stream;
  throw new AwsError(
    'ValidationException',
    `Request is invalid. Stream ${stream.name} under account is in On-Demand mode.`,
  );
}

function openShard(stream: Stream, id: string | undefined): Shard {
  const shard = stream.shards.find((one) => one.id === id);
  if (shard === undefined) throw notFound(`Could not find shard ${id} in stream ${stream.name} under account.`);
  if (isOpen(shard)) return shard;
  throw invalid(`Shard ${id} in stream ${stream.name} is closed.`);
}

function closed(stream: Stream, parents: readonly Shard[], now: number): readonly Shard[] {
  return stream.shards.map((shard) =>
    parents.includes(shard) ? { ...shard, end: stream.next, closedAt: now } : shard,
  );
}

export function summaryOf({ name, arn, isOnDemand, createdAt, retentionHours, keyId, metrics }: Stream) {
  return {
    StreamName: name,
    StreamARN: arn,
    StreamStatus: 'ACTIVE' as const,
    StreamModeDetails: { StreamMode: isOnDemand ? ('ON_DEMAND' as const) : ('PROVISIONED' as const) },
    RetentionPeriodHours: retentionHours,
    StreamCreationTimestamp: new Date(createdAt),
    EnhancedMonitoring: [{ ShardLevelMetrics: [...metrics] as 'ALL'[] }],
    EncryptionType: keyId === undefined ? ('NONE' as const) : ('KMS' as const),
    ...(keyId === undefined ? {} : { KeyId: keyId }),
  };
}

export function describedShard({ id, parent, adjacentParent, first, last, begin, end }: Shard) {
  return {
    ShardId: id,
    ...(parent === undefined ? {} : { ParentShardId: parent }),
    ...(adjacentParent === undefined ? {} : { AdjacentParentShardId: adjacentParent }),
    HashKeyRange: { StartingHashKey: first, EndingHashKey: last },
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(begin),
      ...(end === undefined ? {} : { EndingSequenceNumber: sequenceNumber(Math.max(begin, end - 1)) }),
    },
  };
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html */
function passes(
  shard: Shard,
  filter:
    | {
        readonly Type?: string | undefined;
        readonly ShardId?: string | undefined;
        readonly Timestamp?: Date | undefined;
      }
    | undefined,
  now: number,
): boolean {
  const closedAt = shard.closedAt ?? Number.POSITIVE_INFINITY;
  const time = filter?.Timestamp?.getTime() ?? now;
  switch (filter?.Type) {
    case 'AFTER_SHARD_ID':
      return shard.id > (filter.ShardId ?? '');
    case 'AT_LATEST':
      return isOpen(shard);
    case 'AT_TIMESTAMP':
      return shard.openedAt <= time && closedAt > time;
    case 'FROM_TIMESTAMP':
      return closedAt > time;
    default:
      return true;
  }
}

const writeToken = (name: string, after: string): string =>
  Buffer.from(JSON.stringify([name, after])).toString('base64');

function readToken(token: string): readonly [string, string] {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString()) as [string, string];
  } catch {
    throw new AwsError('ExpiredNextTokenException', 'The NextToken is invalid.');
  }
}

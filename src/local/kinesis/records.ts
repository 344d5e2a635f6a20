// Records: put into shards by their partition keys, and read from them by iterators.
// https://docs.aws.amazon.com/streams/latest/dev/building-consumers.html
import type { _Record, ShardIteratorType } from '@aws-sdk/client-kinesis';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import {
  hashKeyOf,
  type KinesisState,
  notFound,
  positionOf,
  type Shard,
  type Stream,
  sequenceNumber,
} from './state.ts';
import { invalid, naming, onStream } from './streams.ts';

const mostRecords = 10_000;
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
const mostReadBytes = 10 * 1024 * 1024;
const mostPut = 500;
const mostPutBytes = 10 * 1024 * 1024;
const iteratorMs = 5 * 60_000;
const types = ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'AT_TIMESTAMP'] as const;

export function recordOperations(state: KinesisState): Operations<'kinesis'> {
  const authorize = onStream(state);
  return {
    PutRecord: {
      members: [...naming, 'Data', 'PartitionKey', 'ExplicitHashKey', 'SequenceNumberForOrdering'],
      authorize,
      run(input) {
        const stream = state.existing(input);
        checkKeys('', input);
        checkSize(stream, input);
        return { ...put(state, stream, input), EncryptionType: stream.keyId === undefined ? 'NONE' : 'KMS' };
      },
    },
    PutRecords: {
      members: [...naming, 'Records'],
      authorize,
      run(input) {
        const stream = state.existing(input);
        const records = input.Records ?? [];
        checkConstraints('ValidationException', [['records', records, { min: 1, max: mostPut }]]);
        for (const [index, record] of records.entries()) {
          checkKeys(`records.${index + 1}.member.`, record);
          checkSize(stream, record);
        }
        const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
        if (bytes > mostPutBytes) throw invalid('Records size exceeds 10 MB limit');
        // each puts into the stream as the one before left it
        const Records = records.map((record) => put(state, state.existing({ StreamName: stream.name }), record));
        return { FailedRecordCount: 0, Records, EncryptionType: stream.keyId === undefined ? 'NONE' : 'KMS' };
      },
    },
    GetShardIterator: {
      members: [...naming, 'ShardId', 'ShardIteratorType', 'StartingSequenceNumber', 'Timestamp'],
      authorize,
      run(input) {
        const { ShardId, ShardIteratorType: type, StartingSequenceNumber, Timestamp } = input;
        checkConstraints('ValidationException', [['shardIteratorType', type, { oneOf: types }]]);
        const stream = state.existing(input);
        const shard = existingShard(state, stream, ShardId);
        const position = startOf(state, stream, shard, { type, number: StartingSequenceNumber, time: Timestamp });
        return { ShardIterator: written({ stream: stream.name, shard: shard.id, position, made: state.cloud.now() }) };
      },
    },
    GetRecords: {
      members: ['ShardIterator', 'Limit', 'StreamARN', 'StreamId'],
      authorize: {
        resource({ ShardIterator }) {
          return state.arn(readIterator(ShardIterator).stream);
        },
      },
      run({ ShardIterator, Limit }) {
        checkConstraints('ValidationException', [['limit', Limit, { min: 1, max: mostRecords }]]);
        const iterator = readIterator(ShardIterator);
        const now = state.cloud.now();
        if (now - iterator.made > iteratorMs) {
          throw new AwsError(
            'ExpiredIteratorException',
            `Iterator expired. The iterator was created at time ${new Date(iterator.made).toUTCString()} while right now it is ${new Date(now).toUTCString()} which is further in the future than the tolerated delay of 300000 milliseconds.`,
          );
        }
        const stream = state.existing({ StreamName: iterator.stream });
        const shard = existingShard(state, stream, iterator.shard);
        const { records, next, hasEnded, behind } = readShard(
          state,
          { stream, shard },
          iterator.position,
          Limit ?? mostRecords,
        );
        return {
          Records: [...records],
          MillisBehindLatest: behind,
          ...(hasEnded
            ? { ChildShards: childrenOf(stream, shard) }
            : { NextShardIterator: written({ ...iterator, position: next, made: now }) }),
        };
      },
    },
  };
}

interface Entry {
  readonly Data?: Uint8Array | undefined;
  readonly PartitionKey?: string | undefined;
  readonly ExplicitHashKey?: string | undefined;
}

function checkKeys(prefix: string, { PartitionKey, ExplicitHashKey, Data }: Entry): void {
  if (PartitionKey === undefined || Data === undefined) {
    const member = PartitionKey === undefined ? 'partitionKey' : 'data';
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value null at '${prefix}${member}' failed to satisfy constraint: Member must not be null`,
    );
  }
  checkConstraints('ValidationException', [
    [`${prefix}partitionKey`, PartitionKey, { min: 1, max: 256 }],
    [`${prefix}explicitHashKey`, ExplicitHashKey, { pattern: '0|([1-9]\\d{0,38})' }],
  ]);
}

const sizeOf = ({ Data, PartitionKey = '' }: Entry): number => (Data?.length ?? 0) + Buffer.byteLength(PartitionKey);

function checkSize({ largestRecordKiB }: Stream, entry: Entry): void {
  if (sizeOf(entry) <= largestRecordKiB * 1024) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to ${largestRecordKiB * 1024}.`,
  );
}

function put(state: KinesisState, stream: Stream, { Data, PartitionKey = '', ExplicitHashKey }: Entry) {
  const hashKey = ExplicitHashKey === undefined ? hashKeyOf(PartitionKey) : BigInt(ExplicitHashKey);
  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_HashKeyRange.html
  if (hashKey >= 2n ** 128n) {
    throw new AwsError(
      'InvalidArgumentException',
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${ExplicitHashKey}`,
    );
  }
  const data = Buffer.from(Data ?? []).toString('base64');
  const [position, shard] = state.append(stream, hashKey, { key: PartitionKey, data });
  return { SequenceNumber: sequenceNumber(position), ShardId: shard.id };
}

function existingShard(state: KinesisState, stream: Stream, id: string | undefined): Shard {
  const shard = stream.shards.find((one) => one.id === id);
  if (shard !== undefined) return shard;
  throw notFound(`Shard ${id} in stream ${stream.name} under account ${state.cloud.accountId} does not exist`);
}

export interface ReadPart {
  readonly records: readonly _Record[];
  readonly next: number;
  /** Whether a closed shard has no more. */
  readonly hasEnded: boolean;
  /** Milliseconds. */
  readonly behind: number;
}

export function readShard(
  state: KinesisState,
  { stream, shard }: { readonly stream: Stream; readonly shard: Shard },
  from: number,
  most: number,
): ReadPart {
  const stored = state.records(stream, shard);
  const records: _Record[] = [];
  let bytes = 0;
  let next = from;
  let behind = 0;
  for (const [key, { at, data, key: PartitionKey }] of stored.entries()) {
    const position = Number(key);
    if (position < from) continue;
    if (records.length >= most || bytes >= mostReadBytes) {
      behind = Math.max(0, state.cloud.now() - at);
      break;
    }
    const Data = Buffer.from(data, 'base64');
    bytes += Data.length;
    next = position + 1;
    records.push({
      SequenceNumber: sequenceNumber(position),
      ApproximateArrivalTimestamp: new Date(at),
      Data,
      PartitionKey,
      ...(stream.keyId === undefined ? {} : { EncryptionType: 'KMS' as const }),
    });
  }
  const isRead = behind === 0 && records.length < most;
  return { records, next, hasEnded: shard.end !== undefined && isRead, behind };
}

export function childrenOf(stream: Stream, { id }: Shard) {
  return stream.shards
    .filter(({ parent, adjacentParent }) => parent === id || adjacentParent === id)
    .map((child) => ({
      ShardId: child.id,
      ParentShards: [child.parent, child.adjacentParent].filter((parent) => parent !== undefined),
      HashKeyRange: { StartingHashKey: child.first, EndingHashKey: child.last },
    }));
}

export interface Starting {
  readonly type: ShardIteratorType | undefined;
  readonly number: string | undefined;
  readonly time: Date | undefined;
}

/** The position of the first record to read. */
export function startOf(state: KinesisState, stream: Stream, shard: Shard, { type, number, time }: Starting): number {
  const entries = [...state.records(stream, shard).entries()];
  const oldest = entries.length === 0 ? shard.begin : Number(entries[0]?.[0]);
  if (type === 'TRIM_HORIZON') return oldest;
  if (type === 'LATEST') return shard.end ?? stream.next;
  if (type === 'AT_TIMESTAMP') {
    if (time === undefined) throw invalid('Must specify timestamp parameter for AT_TIMESTAMP iterator type.');
    const found = entries.find(([, { at }]) => at >= time.getTime());
    return found === undefined ? (shard.end ?? stream.next) : Number(found[0]);
  }
  if (number === undefined) throw invalid(`Must specify startingSequenceNumber parameter for ${type} iterator type.`);
  if (!/^\d{50,}$/.test(number)) {
    throw invalid(
      `StartingSequenceNumber ${number} used in GetShardIterator on shard ${shard.id} in stream ${stream.name} under account ${state.cloud.accountId} is invalid.`,
    );
  }
  return positionOf(number) + (type === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0);
}

interface Iterator {
  readonly stream: string;
  readonly shard: string;
  readonly position: number;
  readonly made: number;
}

const written = (iterator: Iterator): string => Buffer.from(JSON.stringify(iterator)).toString('base64');

function readIterator(text: string | undefined): Iterator {
  try {
    return JSON.parse(Buffer.from(text ?? '', 'base64').toString()) as Iterator;
  } catch {
    throw invalid('Invalid ShardIterator.');
  }
}

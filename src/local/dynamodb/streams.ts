// DynamoDB Streams: what changed in a table, in order, for 24 hours. Each stream has one shard here.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
import type { _Record, StreamViewType } from '@aws-sdk/client-dynamodb-streams';
import { AwsError, type Cloud, type Operations, type Service } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { randomHex } from '../random.ts';
import type { Collection } from '../store.ts';
import { itemSize } from './dynalite.ts';
import { fromItem, type Item } from './item.ts';
import type { Table } from './state.ts';

const retentionMs = 24 * 3_600_000;
const iteratorMs = 15 * 60_000;
const mostRecords = 1000;
const mostBytes = 1024 * 1024;

export interface Stream {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly keySchema: Table['KeySchema'];
  readonly viewType: StreamViewType;
  readonly shardId: string;
  readonly createdAt: number;
  readonly status: 'ENABLED' | 'DISABLED';
  /** Of the first record that it still has, and of the next one. */
  readonly first: number;
  readonly next: number;
}

interface StreamRecord {
  readonly id: string;
  readonly at: number;
  readonly before?: Item;
  readonly after?: Item;
  /** Deleted because its time of expiry was over. */
  readonly isExpired?: true;
}

// long enough that numbers sort as text, as AWS's do
const firstNumber = 100_000_000_000_000_000_000n;
const sequenceNumber = (position: number): string => String(firstNumber + BigInt(position));
const positionOf = (number: string): number => Number(BigInt(number) - firstNumber);

/** The streams of one region, with their records. */
export class Streams {
  readonly cloud: Cloud;
  readonly all: Collection<Stream>;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.all = cloud.collection('dynamodb.streams');
  }

  open(table: Pick<Table, 'TableName' | 'KeySchema' | 'TableArn'>, viewType: StreamViewType): Stream {
    const now = this.cloud.now();
    const label = new Date(now).toISOString().replace('Z', '');
    const stream: Stream = {
      arn: `${table.TableArn}/stream/${label}`,
      label,
      tableName: table.TableName,
      keySchema: table.KeySchema,
      viewType,
      shardId: `shardId-${String(now).padStart(20, '0')}-${randomHex(4)}`,
      createdAt: now,
      status: 'ENABLED',
      first: 0,
      next: 0,
    };
    this.all.set(stream.arn, stream);
    return stream;
  }

  /** Its records can be read for another day. */
  close(arn: string | undefined): void {
    const stream = this.all.get(arn ?? '');
    if (stream !== undefined) this.all.set(stream.arn, { ...stream, status: 'DISABLED' });
  }

  delete(arn: string | undefined): void {
    const stream = this.all.get(arn ?? '');
    if (stream === undefined) return;
    const records = this.#records(stream);
    for (const key of [...records.keys()]) records.delete(key);
    this.all.delete(stream.arn);
    this.cloud.arrivals.forget(stream.arn);
  }

  /** Nothing if the item is as it was: a write that changes nothing makes no record. */
  append(
    arn: string,
    {
      before,
      after,
      isExpired,
    }: { readonly before?: Item | undefined; readonly after?: Item | undefined; readonly isExpired: boolean },
  ): void {
    const stream = this.all.get(arn);
    if (stream?.status !== 'ENABLED' || JSON.stringify(before) === JSON.stringify(after)) return;
    const records = this.#records(stream);
    records.set(String(stream.next), {
      id: randomHex(16),
      at: this.cloud.now(),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(isExpired ? { isExpired } : {}),
    });
    this.all.set(arn, { ...stream, next: stream.next + 1, first: this.#trim(stream, records) });
    this.cloud.arrivals.note(arn);
  }

  existing(arn: string | undefined): Stream {
    const stream = this.all.get(arn ?? '');
    if (stream !== undefined) return stream;
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`);
  }

  /** The records from a position on, with their sequence numbers. */
  read(stream: Stream, from: number, most: number): { readonly records: _Record[]; readonly next: number } {
    const records = this.#records(stream);
    const found: _Record[] = [];
    let bytes = 0;
    let position = Math.max(from, stream.first);
    for (; position < stream.next && found.length < most && bytes < mostBytes; position++) {
      const record = records.get(String(position));
      if (record === undefined) continue;
      const shown = this.#shown(stream, record, position);
      bytes += shown.dynamodb?.SizeBytes ?? 0;
      found.push(shown);
    }
    return { records: found, next: position };
  }

  #records({ tableName, label }: Stream): Collection<StreamRecord> {
    return this.cloud.collection(`dynamodb.stream.${tableName}.${label.replaceAll(':', '.')}`);
  }

  #trim({ first, next }: Stream, records: Collection<StreamRecord>): number {
    const horizon = this.cloud.now() - retentionMs;
    let oldest = first;
    while (oldest < next && (records.get(String(oldest))?.at ?? 0) < horizon) records.delete(String(oldest++));
    return oldest;
  }

  #shown({ keySchema = [], viewType }: Stream, record: StreamRecord, position: number): _Record {
    const { before, after, at, id, isExpired } = record;
    const item = after ?? before ?? {};
    const keys = Object.fromEntries(
      keySchema.flatMap(({ AttributeName = '' }) => {
        const value = item[AttributeName];
        return value === undefined ? [] : [[AttributeName, value]];
      }),
    );
    const shows = (image: 'NEW' | 'OLD') => viewType === 'NEW_AND_OLD_IMAGES' || viewType === `${image}_IMAGE`;
    const images = {
      ...(after !== undefined && shows('NEW') ? { NewImage: fromItem(after) } : {}),
      ...(before !== undefined && shows('OLD') ? { OldImage: fromItem(before) } : {}),
    };
    const size = (part: Item | undefined) => (part === undefined ? 0 : itemSize(part));
    const SizeBytes =
      itemSize(keys) +
      (images.NewImage === undefined ? 0 : size(after)) +
      (images.OldImage === undefined ? 0 : size(before));
    return {
      eventID: id,
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.cloud.region,
      dynamodb: {
        // whole seconds: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
        ApproximateCreationDateTime: new Date(Math.floor(at / 1000) * 1000),
        Keys: fromItem(keys),
        ...images,
        SequenceNumber: sequenceNumber(position),
        SizeBytes,
        StreamViewType: viewType,
      },
      ...(isExpired === true ? { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } } : {}),
    };
  }
}

interface Iterator {
  readonly arn: string;
  readonly position: number;
  readonly made: number;
}

const written = (iterator: Iterator): string =>
  `${iterator.arn}|1|${Buffer.from(JSON.stringify(iterator)).toString('base64')}`;

function readIterator(cloud: Cloud, text: string | undefined): Iterator {
  let iterator: Iterator;
  try {
    iterator = JSON.parse(Buffer.from((text ?? '').split('|').at(-1) ?? '', 'base64').toString()) as Iterator;
  } catch {
    throw new AwsError('ValidationException', 'Invalid ShardIterator');
  }
  if (cloud.now() - iterator.made <= iteratorMs) return iterator;
  throw new AwsError('ExpiredIteratorException', 'The iterator has expired.');
}

export function createDynamoDbStreams(cloud: Cloud): Service<'dynamodbstreams'> {
  const streams = new Streams(cloud);
  return { name: 'dynamodbstreams', operations: streamOperations(streams) };
}

function streamOperations(streams: Streams): Operations<'dynamodbstreams'> {
  const { cloud } = streams;
  const onStream = { resource: ({ StreamArn }: { StreamArn?: string | undefined }) => StreamArn };
  return {
    ListStreams: {
      members: ['TableName', 'Limit', 'ExclusiveStartStreamArn'],
      run({ TableName, Limit, ExclusiveStartStreamArn }) {
        const all = streams.all
          .filter(({ tableName }) => TableName === undefined || tableName === TableName)
          .sort((a, b) => (a.arn < b.arn ? -1 : 1));
        const start = all.findIndex(({ arn }) => arn === ExclusiveStartStreamArn) + 1;
        const page = all.slice(start, start + (Limit ?? 100));
        const isLast = start + page.length >= all.length;
        return {
          Streams: page.map(({ arn, label, tableName }) => ({
            StreamArn: arn,
            StreamLabel: label,
            TableName: tableName,
          })),
          ...(isLast ? {} : { LastEvaluatedStreamArn: page.at(-1)?.arn }),
        };
      },
    },

    DescribeStream: {
      members: ['StreamArn', 'Limit', 'ExclusiveStartShardId', 'ShardFilter'],
      authorize: onStream,
      run({ StreamArn, ExclusiveStartShardId }) {
        const stream = streams.existing(StreamArn);
        const isClosed = stream.status === 'DISABLED';
        const range = {
          StartingSequenceNumber: sequenceNumber(0),
          ...(isClosed ? { EndingSequenceNumber: sequenceNumber(Math.max(0, stream.next - 1)) } : {}),
        };
        const shard = { ShardId: stream.shardId, SequenceNumberRange: range };
        return {
          StreamDescription: {
            StreamArn: stream.arn,
            StreamLabel: stream.label,
            StreamStatus: stream.status,
            StreamViewType: stream.viewType,
            CreationRequestDateTime: new Date(stream.createdAt),
            TableName: stream.tableName,
            KeySchema: stream.keySchema,
            Shards: ExclusiveStartShardId === undefined ? [shard] : [],
          },
        };
      },
    },

    GetShardIterator: {
      members: ['StreamArn', 'ShardId', 'ShardIteratorType', 'SequenceNumber'],
      authorize: onStream,
      run({ StreamArn, ShardId, ShardIteratorType: type, SequenceNumber }) {
        checkConstraints('ValidationException', [
          [
            'shardIteratorType',
            type,
            { oneOf: ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'] },
          ],
        ]);
        const stream = streams.existing(StreamArn);
        if (ShardId !== stream.shardId) {
          throw new AwsError('ResourceNotFoundException', `Requested resource not found: Shard does not exist`);
        }
        const position = startOf(stream, type, SequenceNumber);
        return { ShardIterator: written({ arn: stream.arn, position, made: cloud.now() }) };
      },
    },

    GetRecords: {
      members: ['ShardIterator', 'Limit'],
      authorize: { resource: ({ ShardIterator = '' }) => ShardIterator.split('|')[0] },
      run({ ShardIterator, Limit }) {
        checkConstraints('ValidationException', [['limit', Limit, { min: 1, max: mostRecords }]]);
        const iterator = readIterator(cloud, ShardIterator);
        const stream = streams.existing(iterator.arn);
        if (iterator.position < stream.first) {
          throw new AwsError(
            'TrimmedDataAccessException',
            'The operation attempted to read past the oldest stream record in a shard.',
          );
        }
        const { records, next } = streams.read(stream, iterator.position, Limit ?? mostRecords);
        // a closed shard has an end
        const hasEnded = stream.status === 'DISABLED' && next >= stream.next;
        return {
          Records: records,
          ...(hasEnded ? {} : { NextShardIterator: written({ ...iterator, position: next, made: cloud.now() }) }),
        };
      },
    },
  };
}

function startOf(stream: Stream, type: string | undefined, number: string | undefined): number {
  if (type === 'TRIM_HORIZON') return stream.first;
  if (type === 'LATEST') return stream.next;
  if (number === undefined || !/^\d{21,40}$/.test(number)) {
    throw new AwsError('ValidationException', 'Invalid SequenceNumber');
  }
  const position = positionOf(number) + (type === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0);
  if (position >= stream.first) return position;
  throw new AwsError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );
}

// The streams of Kinesis: their shards, by ranges of hash keys, and the records in them.
// https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html
import { createHash } from 'node:crypto';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export interface Shard {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly adjacentParent?: string | undefined;
  /** The first and the last hash key, as decimal numbers. */
  readonly first: string;
  readonly last: string;
  readonly openedAt: number;
  /** The number of the first record that it could have. */
  readonly begin: number;
  /** Set when it is closed: after a split or a merge. */
  readonly end?: number;
  readonly closedAt?: number;
}

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly isOnDemand: boolean;
  readonly createdAt: number;
  readonly retentionHours: number;
  readonly largestRecordKiB: number;
  readonly keyId?: string | undefined;
  readonly metrics: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly shards: readonly Shard[];
  /** The number of the next record. */
  readonly next: number;
  readonly policy?: string | undefined;
}

export interface Consumer {
  readonly arn: string;
  readonly name: string;
  readonly streamArn: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoredRecord {
  readonly at: number;
  readonly key: string;
  /** In base64. */
  readonly data: string;
}

const largestHashKey = 2n ** 128n - 1n;
// as long as AWS's are, so that they sort as text
const firstNumber = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;

export const sequenceNumber = (position: number): string => String(firstNumber + BigInt(position));
export const positionOf = (number: string): number => Number(BigInt(number) - firstNumber);

export const hashKeyOf = (partitionKey: string): bigint =>
  BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);

export const isOpen = ({ end }: Shard): boolean => end === undefined;

export class KinesisState {
  readonly cloud: Cloud;
  readonly streams: Collection<Stream>;
  readonly consumers: Collection<Consumer>;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.streams = cloud.collection('kinesis.streams');
    this.consumers = cloud.collection('kinesis.consumers');
  }

  arn(name: string): string {
    return `arn:aws:kinesis:${this.cloud.region}:${this.cloud.accountId}:stream/${name}`;
  }

  /** By name, ARN or id. */
  existing({ StreamName, StreamARN, StreamId }: Named): Stream {
    const name = StreamName ?? streamNameIn(StreamARN) ?? '';
    const stream = StreamId === undefined ? this.streams.get(name) : this.streams.find(({ id }) => id === StreamId);
    if (stream !== undefined) return stream;
    if (name === '') throw new AwsError('InvalidArgumentException', 'Either StreamName or StreamARN must be provided.');
    throw notFound(`Stream ${name} under account ${this.cloud.accountId} not found.`);
  }

  save(stream: Stream): void {
    this.streams.set(stream.name, stream);
  }

  delete(stream: Stream): void {
    for (const shard of stream.shards) {
      const records = this.records(stream, shard);
      for (const key of [...records.keys()]) records.delete(key);
    }
    for (const consumer of this.consumers.filter(({ streamArn }) => streamArn === stream.arn)) {
      this.consumers.delete(consumer.arn);
    }
    this.streams.delete(stream.name);
    this.cloud.arrivals.forget(stream.arn);
  }

  records({ name }: Stream, { id }: Shard): Collection<StoredRecord> {
    return this.cloud.collection(`kinesis.records.${name}.${id}`);
  }

  /** Returns the number of the record and its shard. */
  append(stream: Stream, hashKey: bigint, record: Omit<StoredRecord, 'at'>): readonly [position: number, shard: Shard] {
    const shard = stream.shards.find(
      (one) => isOpen(one) && BigInt(one.first) <= hashKey && hashKey <= BigInt(one.last),
    );
    if (shard === undefined) throw new Error('open shards cover all hash keys');
    const at = this.cloud.now();
    const records = this.records(stream, shard);
    records.set(String(stream.next), { ...record, at });
    this.save({ ...stream, next: stream.next + 1 });
    this.cloud.arrivals.note(stream.arn);
    const horizon = at - stream.retentionHours * 3_600_000;
    for (const [key, old] of records.entries()) {
      if (old.at >= horizon) break;
      records.delete(key);
    }
    return [stream.next, shard];
  }
}

interface Named {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly StreamId?: string | undefined;
}

/** Of the ARN of a stream or of one of its consumers. */
export function streamNameIn(arn: string | undefined): string | undefined {
  return /:stream\/([^/]+)/.exec(arn ?? '')?.[1];
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

/** New open shards that share the hash keys evenly, each with the old ones that it follows. */
export function evenShards(
  count: number,
  { existing, now, begin }: { readonly existing: readonly Shard[]; readonly now: number; readonly begin: number },
): readonly Shard[] {
  const width = (largestHashKey + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, index) => {
    const first = width * BigInt(index);
    const last = index === count - 1 ? largestHashKey : width * BigInt(index + 1) - 1n;
    const coverer = (key: bigint) =>
      existing.find((shard) => isOpen(shard) && BigInt(shard.first) <= key && key <= BigInt(shard.last))?.id;
    const [parent, other] = [coverer(first), coverer(last)];
    return {
      id: shardId(existing.length + index),
      ...(parent === undefined ? {} : { parent }),
      ...(other === undefined || other === parent ? {} : { adjacentParent: other }),
      first: String(first),
      last: String(last),
      openedAt: now,
      begin,
    };
  });
}

export const shardId = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

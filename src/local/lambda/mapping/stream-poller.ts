// Reads the shards of a stream for one event source mapping, and invokes its function with batches, in order.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html, https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
import { setMaxListeners } from 'node:events';
import { AwsError, type Cloud } from '../../cloud.ts';
import type { Collection } from '../../store.ts';
import { ShardConsumer } from './shard-consumer.ts';
import type { Polled, Poller } from './source.ts';
import type { StreamSettings } from './stream.ts';

/** A record as its service gives it. */
export interface StreamItem {
  readonly sequenceNumber: string;
  /** Milliseconds. */
  readonly arrivedAt: number;
  /** Records of one key stay in order. */
  readonly key: string;
  /** As the function sees it. */
  readonly record: object;
  /** As filters see it. */
  readonly filtered: unknown;
}

export interface Shard {
  readonly id: string;
  /** Those that must be read to their end first. */
  readonly parents: readonly string[];
}

/** Where in a shard to begin. */
export type Start =
  | { readonly from: 'AT_TIMESTAMP'; readonly time: number }
  | { readonly from: 'LATEST' | 'TRIM_HORIZON' }
  | { readonly after: string };

/** What a service does for a poller. */
export interface StreamReader {
  /** Its ARN; for a consumer, that of what it reads. */
  readonly stream: string;
  /** The member of a failed batch's record that names its place. */
  readonly batchInfo: 'DDBStreamBatchInfo' | 'KinesisBatchInfo';
  shards(): Promise<readonly Shard[]>;
  iterator(shard: string, start: Start): Promise<string>;
  /** Without `next`, the shard has ended. */
  read(
    iterator: string,
    shard: string,
  ): Promise<{ readonly items: readonly StreamItem[]; readonly next: string | undefined }>;
}

/** How far a mapping has read a shard. */
export interface Position {
  /** The last record that is done. */
  readonly after?: string;
  readonly hasEnded?: true;
}

export function positionsOf(cloud: Cloud): Collection<Position> {
  return cloud.collection('lambda.mapping-positions');
}

const troubleDelayMs = 2000;
/** AWS looks for new shards about every minute; here a resharding shows at once. */
const discoveryMs = 1000;

export class StreamPoller implements Poller {
  readonly #cloud: Cloud;
  readonly #polled: Polled<StreamSettings>;
  readonly #reader: StreamReader;
  readonly #stopping = new AbortController();
  readonly #consumers = new Map<string, Promise<void>>();
  #running: Promise<void> | undefined;

  constructor(cloud: Cloud, polled: Polled<StreamSettings>, reader: StreamReader) {
    this.#cloud = cloud;
    this.#polled = polled;
    this.#reader = reader;
    // each shard listens
    setMaxListeners(0, this.#stopping.signal);
  }

  start(): void {
    this.#running = this.#discover();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#consumers.values());
  }

  async #discover(): Promise<void> {
    const { signal } = this.#stopping;
    const positions = positionsOf(this.#cloud);
    // what a mapping begins with, begins where it was asked to; later shards from their first record
    let isFirst = ![...positions.keys()].some((key) => key.startsWith(`${this.#polled.uuid}/`));
    while (!signal.aborted) {
      try {
        for (const shard of await this.#reader.shards()) await this.#consume(shard, isFirst);
        isFirst = false;
        await waited(this.#cloud, discoveryMs, signal);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        await waited(this.#cloud, troubleDelayMs, signal);
      }
    }
  }

  async #consume({ id, parents }: Shard, isFirst: boolean): Promise<void> {
    const { uuid, settings } = this.#polled;
    const positions = positionsOf(this.#cloud);
    const at = (shard: string) => positions.get(`${uuid}/${shard}`);
    if (this.#consumers.has(id) || at(id)?.hasEnded === true) return;
    if (parents.some((parent) => this.#consumers.has(parent) && at(parent)?.hasEnded !== true)) return;
    const after = at(id)?.after;
    const { start, startTime = 0 } = settings;
    const begin: Start = start === 'AT_TIMESTAMP' ? { from: start, time: startTime } : { from: start };
    const from: Start =
      after !== undefined ? { after } : isFirst || at(id) !== undefined ? begin : { from: 'TRIM_HORIZON' };
    const iterator = await this.#reader.iterator(id, from);
    positions.set(`${uuid}/${id}`, after === undefined ? {} : { after });
    const consumer = new ShardConsumer(this.#cloud, this.#polled, {
      reader: this.#reader,
      shard: id,
      signal: this.#stopping.signal,
      done: (position) => positions.set(`${uuid}/${id}`, position),
    });
    this.#consumers.set(id, consumer.run(iterator));
  }
}

/** Ends early, without an error, when the signal is aborted. */
export function waited(cloud: Cloud, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const finish = () => {
      cancel();
      signal.removeEventListener('abort', finish);
      done();
    };
    const cancel = cloud.after(ms, finish);
    signal.addEventListener('abort', finish);
  });
}

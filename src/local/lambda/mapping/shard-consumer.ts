// One shard of a stream for one mapping: batches in order, filters, windows, retries, bisection, and what becomes of failed batches.
import { createHash, randomUUID } from 'node:crypto';
import { compileFilters } from '../../../cfn/event-filter.ts';
import { AwsError, type Cloud } from '../../cloud.ts';
import { deliver } from '../../deliver.ts';
import { recordEvent, recordIteratorAge } from '../metrics.ts';
import { type FunctionReference, readReference } from '../names.ts';
import type { Answer, Polled } from './source.ts';
import type { StreamSettings } from './stream.ts';
import { type Position, type StreamItem, type StreamReader, waited } from './stream-poller.ts';
import { TumblingWindows } from './tumbling-windows.ts';

const fastestMs = 10;
const slowestMs = 200;
const troubleDelayMs = 2000;
/** Doubles with each retry, as AWS's does: eight attempts in a minute. */
const firstRetryMs = 500;
const slowestRetryMs = 60_000;
/** The part of an invocation's 6 MB that records may use. */
const payloadBytes = 6_000_000;

interface Parts {
  readonly reader: StreamReader;
  readonly shard: string;
  readonly signal: AbortSignal;
  done(position: Position): void;
}

export class ShardConsumer {
  readonly #cloud: Cloud;
  readonly #polled: Polled<StreamSettings>;
  readonly #parts: Parts;
  readonly #passes: (record: unknown) => boolean;
  readonly #windows: TumblingWindows | undefined;

  constructor(cloud: Cloud, polled: Polled<StreamSettings>, parts: Parts) {
    this.#cloud = cloud;
    this.#polled = polled;
    this.#parts = parts;
    this.#passes = compileFilters(polled.settings.filters);
    const { tumblingSeconds } = polled.settings;
    this.#windows =
      tumblingSeconds === 0
        ? undefined
        : new TumblingWindows(tumblingSeconds, { shard: parts.shard, arn: polled.arn }, (event) => this.#invoke(event));
  }

  /** Until the shard ends or the poller stops. */
  async run(first: string): Promise<void> {
    const { reader, shard, signal, done } = this.#parts;
    const { batchSize, parallelization, windowSeconds } = this.#polled.settings;
    let iterator: string | undefined = first;
    let waiting: StreamItem[] = [];
    let since = 0;
    let last: string | undefined;
    let idleMs = fastestMs;
    const { stream } = reader;
    while (!signal.aborted) {
      // what is written from here on ends the wait
      const count = this.#cloud.arrivals.count(stream);
      try {
        const most = batchSize * parallelization;
        let isNew = false;
        if (iterator !== undefined && waiting.length < most) {
          const { items, next } = await reader.read(iterator, shard);
          iterator = next;
          isNew = items.length > 0;
          last = items.at(-1)?.sequenceNumber ?? last;
          if (waiting.length === 0) since = this.#cloud.now();
          waiting.push(...items.filter(({ filtered }) => this.#passes(filtered)));
          // records that no filter lets through are done
          if (isNew && waiting.length === 0 && last !== undefined) done({ after: last });
        }
        const hasEnded = iterator === undefined;
        const isDue = hasEnded || this.#cloud.now() - since >= windowSeconds * 1000;
        if (waiting.length >= most || (waiting.length > 0 && isDue)) {
          const batch = waiting.slice(0, most);
          waiting = waiting.slice(most);
          since = this.#cloud.now();
          await this.#round(batch);
          const after = waiting.length === 0 ? last : batch.at(-1)?.sequenceNumber;
          if (after !== undefined && !signal.aborted) done({ after });
          idleMs = fastestMs;
          continue;
        }
        await this.#windows?.closeUntil(this.#cloud.now());
        if (hasEnded && waiting.length === 0) {
          await this.#windows?.closeUntil(Number.POSITIVE_INFINITY);
          done({ ...(last === undefined ? {} : { after: last }), hasEnded: true });
          return;
        }
        idleMs = isNew ? fastestMs : Math.min(slowestMs, idleMs * 2);
        await this.#cloud.arrivals.after({ arn: stream, count }, { clock: this.#cloud, ms: idleMs, signal });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        // the table or the function is missing: its iterator may have expired, too
        await waited(this.#cloud, troubleDelayMs, signal);
        if (!signal.aborted && error.code === 'ExpiredIteratorException') {
          iterator = await reader.iterator(shard, last === undefined ? { from: 'TRIM_HORIZON' } : { after: last });
        }
      }
    }
  }

  /** Records of one key in order; those of different keys at once, if the mapping may. */
  async #round(items: readonly StreamItem[]): Promise<void> {
    const { parallelization, batchSize } = this.#polled.settings;
    const lanes = Array.from({ length: parallelization }, (): StreamItem[] => []);
    for (const item of items) lanes[parallelization === 1 ? 0 : laneOf(item.key, parallelization)]?.push(item);
    await Promise.all(
      lanes.map(async (lane) => {
        for (const batch of batchesOf(lane, batchSize)) await this.#settle(batch, 0);
      }),
    );
  }

  /** Resolves when the batch has succeeded, or has been given up. */
  async #settle(batch: readonly StreamItem[], attemptsBefore: number): Promise<void> {
    const { settings } = this.#polled;
    const { signal } = this.#parts;
    let left = batch;
    for (let attempts = attemptsBefore; left.length > 0 && !signal.aborted; ) {
      left = await this.#withoutExpired(left, attempts);
      if (left.length === 0) return;
      let answer: Answer;
      try {
        answer = await this.#send(left);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        // throttled, or the function is missing: not an attempt
        await waited(this.#cloud, troubleDelayMs, signal);
        continue;
      }
      attempts++;
      const failed = failedFrom(answer, left, settings.reportsFailures);
      // a new first record has its own attempts
      if (failed !== undefined && failed > 0) attempts = 1;
      left = failed === undefined ? [] : left.slice(failed);
      if (left.length === 0) return;
      const isExhausted = settings.maximumRetries >= 0 && attempts > settings.maximumRetries;
      if (isExhausted && !(settings.bisects && left.length > 1)) {
        return this.#giveUp(left, { condition: 'RetryAttemptsExhausted', attempts, answer });
      }
      await waited(this.#cloud, Math.min(slowestRetryMs, firstRetryMs * 2 ** (attempts - 1)), signal);
      if (settings.bisects && left.length > 1) {
        // bisection is not a retry: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
        const middle = left.length >> 1;
        await this.#settle(left.slice(0, middle), attempts - 1);
        await this.#settle(left.slice(middle), attempts - 1);
        return;
      }
    }
  }

  async #withoutExpired(batch: readonly StreamItem[], attempts: number): Promise<readonly StreamItem[]> {
    const { maximumAgeSeconds } = this.#polled.settings;
    if (maximumAgeSeconds < 0) return batch;
    const horizon = this.#cloud.now() - maximumAgeSeconds * 1000;
    const fresh = batch.findIndex(({ arrivedAt }) => arrivedAt >= horizon);
    const expired = fresh === -1 ? batch : batch.slice(0, fresh);
    if (expired.length === 0) return batch;
    await this.#giveUp(expired, { condition: 'RecordAgeExceeded', attempts: Math.max(1, attempts) });
    return batch.slice(expired.length);
  }

  async #send(batch: readonly StreamItem[]): Promise<Answer> {
    const newest = batch.at(-1);
    if (this.#polled.target === undefined && newest !== undefined) {
      recordIteratorAge(this.#cloud, this.#reference(), this.#cloud.now() - newest.arrivedAt);
    }
    if (this.#windows !== undefined) return this.#windows.send(batch);
    const records = batch.map(({ record }) => record);
    return this.#polled.target?.send(records) ?? this.#invoke({ Records: records });
  }

  async #invoke(event: object): Promise<Answer> {
    const { Payload, FunctionError, ExecutedVersion } = await this.#cloud.call('lambda', 'Invoke', {
      FunctionName: this.#polled.functionArn,
      Payload: Buffer.from(JSON.stringify(event)),
    });
    return { error: FunctionError, version: ExecutedVersion ?? '$LATEST', result: parsed(Payload) };
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html: the record says where the batch is, and has none of it. */
  async #giveUp(
    batch: readonly StreamItem[],
    end: { readonly condition: string; readonly attempts: number; readonly answer?: Answer },
  ): Promise<void> {
    const { uuid, arn, functionArn, settings, target } = this.#polled;
    if (settings.onFailure === undefined) return;
    const { condition, attempts, answer } = end;
    const [first, last] = [batch[0], batch.at(-1)];
    const arrival = (item: StreamItem | undefined) => arrivalText(item?.arrivedAt ?? 0, this.#parts.reader.batchInfo);
    const request = {
      requestContext: { requestId: randomUUID(), functionArn, condition, approximateInvokeCount: attempts },
      ...(answer === undefined
        ? {}
        : {
            responseContext: { statusCode: 200, executedVersion: answer.version, functionError: answer.error ?? null },
          }),
    };
    const record = {
      // as pipes write it; functionArn is the pipe's
      ...(target === undefined ? request : { context: { partnerResourceArn: functionArn, condition } }),
      version: '1.0',
      timestamp: new Date(this.#cloud.now()).toISOString(),
      [this.#parts.reader.batchInfo]: {
        shardId: this.#parts.shard,
        startSequenceNumber: first?.sequenceNumber,
        endSequenceNumber: last?.sequenceNumber,
        approximateArrivalOfFirstRecord: arrival(first),
        approximateArrivalOfLastRecord: arrival(last),
        batchSize: batch.length,
        streamArn: arn,
      },
    };
    const sender = target === undefined ? await this.#roleOf(functionArn) : asRole(target.role, 'pipe');
    // only a bucket gets the batch itself: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    const payload = JSON.stringify({ Records: batch.map((item) => item.record) });
    const object = {
      folder: `aws/lambda/${uuid}/${this.#parts.shard}`,
      body: JSON.stringify({ ...record, payload }),
    };
    const delivered = { body: JSON.stringify(record), object };
    const what = 'the record of a failed batch';
    const isDelivered = await deliver(this.#cloud, settings.onFailure, delivered, { sender, what });
    if (!isDelivered && target === undefined) {
      recordEvent(this.#cloud, this.#reference(), 'DestinationDeliveryFailures');
    }
  }

  #reference(): FunctionReference {
    return readReference(this.#cloud, this.#polled.functionArn);
  }

  async #roleOf(FunctionName: string) {
    const { Configuration } = await this.#cloud.call('lambda', 'GetFunction', { FunctionName });
    return asRole(Configuration?.Role ?? '', Configuration?.FunctionName ?? '');
  }
}

const asRole = (arn: string, session: string) => ({ kind: 'role', arn, session }) as const;

/** Whole seconds for DynamoDB, as AWS writes them. */
function arrivalText(ms: number, info: StreamReader['batchInfo']): string {
  const text = new Date(ms).toISOString();
  return info === 'DDBStreamBatchInfo' ? text.replace(/\.\d+Z$/, 'Z') : text;
}

function laneOf(key: string, lanes: number): number {
  return createHash('md5').update(key).digest().readUInt32BE(0) % lanes;
}

function* batchesOf(items: readonly StreamItem[], size: number): Generator<readonly StreamItem[]> {
  let batch: StreamItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const itemBytes = Buffer.byteLength(JSON.stringify(item.record));
    if (batch.length > 0 && (batch.length >= size || bytes + itemBytes > payloadBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += itemBytes;
  }
  if (batch.length > 0) yield batch;
}

function parsed(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** The first record of the batch that must be sent again; undefined if all are done.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html says what counts as success and as failure. */
function failedFrom(
  { error, result }: Answer,
  batch: readonly StreamItem[],
  reportsFailures: boolean,
): number | undefined {
  if (error !== undefined) return 0;
  if (!reportsFailures || result === null || result === undefined || result === '') return undefined;
  if (typeof result !== 'object') return undefined;
  const { batchItemFailures } = result as { readonly batchItemFailures?: unknown };
  if (batchItemFailures === undefined || batchItemFailures === null) return undefined;
  if (!Array.isArray(batchItemFailures)) return 0;
  if (batchItemFailures.length === 0) return undefined;
  const positions = batchItemFailures.map((item: { readonly itemIdentifier?: unknown } | null) =>
    batch.findIndex(({ sequenceNumber }) => sequenceNumber === item?.itemIdentifier),
  );
  return positions.includes(-1) ? 0 : Math.min(...positions);
}

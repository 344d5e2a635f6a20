// Reads a queue for one event source mapping and invokes its function with batches, as Lambda's pollers do.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { compileFilters } from '../../../cfn/event-filter.ts';
import { AwsError, type Cloud } from '../../cloud.ts';
import { queueUrl } from '../../deliver.ts';
import type { BatchTarget, Polled, Poller } from './source.ts';
import type { SqsSettings } from './sqs.ts';

// Lambda begins with five batches at once.
const defaultConcurrency = 5;
const receiveLimit = 10;
const longPollSeconds = 20;
const troubleDelayMs = 2000;
/** The part of an invocation's 6 MB that records may use. */
const payloadBytes = 6_000_000;

/** Polls from `start` until `stop`. */
export class SqsPoller implements Poller {
  readonly #cloud: Cloud;
  readonly #queueArn: string;
  readonly #functionArn: string;
  readonly #target: BatchTarget | undefined;
  readonly #settings: SqsSettings;
  readonly #passes: (record: unknown) => boolean;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(cloud: Cloud, { arn, functionArn, settings, target }: Polled<SqsSettings>) {
    this.#cloud = cloud;
    this.#queueArn = arn;
    this.#functionArn = functionArn;
    this.#target = target;
    this.#settings = settings;
    this.#passes = compileFilters(settings.filters);
  }

  start(): void {
    void this.#poll();
  }

  /** Begins no further batch; resolves when the current ones are done. A waiting poll returns its messages. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (this.#running.size >= (this.#settings.maximumConcurrency ?? defaultConcurrency)) {
        await Promise.race(this.#running);
        continue;
      }
      try {
        const messages = await this.#gather();
        if (signal.aborted) await this.#giveBack(messages);
        else if (messages.length > 0) this.#begin(messages);
      } catch (error) {
        await this.#onTrouble(error);
      }
    }
  }

  #begin(messages: readonly Message[]): void {
    const running = this.#process(messages)
      .catch((error: unknown) => this.#onTrouble(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  // The queue or the function is missing or at its limit: the messages become visible again, so waiting is enough.
  async #onTrouble(error: unknown): Promise<void> {
    if (!(error instanceof AwsError)) throw error;
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    await new Promise<void>((done) => {
      const finish = () => {
        cancel();
        signal.removeEventListener('abort', finish);
        done();
      };
      const cancel = this.#cloud.after(troubleDelayMs, finish);
      signal.addEventListener('abort', finish);
    });
  }

  /** Up to a batch: with a batching window, all that arrives in it, otherwise the messages of one ReceiveMessage. */
  async #gather(): Promise<Message[]> {
    const { batchSize, windowSeconds } = this.#settings;
    const messages = await this.#receive(batchSize, longPollSeconds);
    if (windowSeconds === 0 || messages.length === 0) return messages;
    const end = this.#cloud.now() + windowSeconds * 1000;
    let size = sizeOf(messages);
    while (messages.length < batchSize && size < payloadBytes && !this.#stopping.signal.aborted) {
      const leftSeconds = Math.ceil((end - this.#cloud.now()) / 1000);
      if (leftSeconds <= 0) break;
      const more = await this.#receive(batchSize - messages.length, Math.min(longPollSeconds, leftSeconds));
      messages.push(...more);
      size += sizeOf(more);
    }
    return messages;
  }

  async #receive(limit: number, WaitTimeSeconds: number): Promise<Message[]> {
    const { Messages } = await this.#cloud.call('sqs', 'ReceiveMessage', {
      QueueUrl: queueUrl(this.#cloud, this.#queueArn),
      MaxNumberOfMessages: Math.min(receiveLimit, limit),
      WaitTimeSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    return Messages ?? [];
  }

  async #process(messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => toRecord(this.#cloud, this.#queueArn, message));
    const passing = records.filter((record) => this.#passes(withParsedBody(record)));
    // Messages that match no filter are deleted.
    await this.#delete(records.filter((record) => !passing.includes(record)));
    if (passing.length === 0) return;
    const { error, payload } = await this.#send(passing);
    // the messages become visible again
    if (error !== undefined) return;
    const failed = this.#settings.reportsFailures ? failedItems(payload, passing) : new Set<string>();
    await this.#delete(passing.filter(({ messageId }) => !failed.has(messageId)));
  }

  async #send(
    records: readonly SqsRecord[],
  ): Promise<{ readonly error: string | undefined; readonly payload: Uint8Array }> {
    if (this.#target !== undefined) {
      const { error, result } = await this.#target.send(records);
      return { error, payload: Buffer.from(JSON.stringify(result ?? null)) };
    }
    const { Payload, FunctionError } = await this.#cloud.call('lambda', 'Invoke', {
      FunctionName: this.#functionArn,
      Payload: Buffer.from(JSON.stringify({ Records: records })),
    });
    return { error: FunctionError, payload: Payload ?? new Uint8Array() };
  }

  async #delete(records: readonly SqsRecord[]): Promise<void> {
    const QueueUrl = queueUrl(this.#cloud, this.#queueArn);
    for (let i = 0; i < records.length; i += receiveLimit) {
      const Entries = records
        .slice(i, i + receiveLimit)
        .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      await this.#cloud.call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries });
    }
  }

  async #giveBack(messages: readonly Message[]): Promise<void> {
    const QueueUrl = queueUrl(this.#cloud, this.#queueArn);
    for (const { ReceiptHandle } of messages) {
      await this.#cloud.call('sqs', 'ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    }
  }
}

function sizeOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { Body = '' }) => sum + Buffer.byteLength(Body), 0);
}

interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
}

// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
function toRecord(cloud: Cloud, queueArn: string, message: Message): SqsRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    ...{
      attributes: message.Attributes,
      messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, toRecordAttribute(value)])),
      ...(message.MD5OfMessageAttributes === undefined
        ? {}
        : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: cloud.region,
    },
  };
}

function toRecordAttribute({ StringValue, BinaryValue, DataType }: MessageAttributeValue): object {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}

// A JSON body is filtered by its members, any other as text:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
function withParsedBody(record: SqsRecord): unknown {
  if (!/^\s*[[{]/.test(record.body)) return record;
  try {
    return { ...record, body: JSON.parse(record.body) as unknown };
  } catch {
    return record;
  }
}

// What counts as success and what as failure of the whole batch:
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
function failedItems(payload: Uint8Array, records: readonly SqsRecord[]): ReadonlySet<string> {
  const all = new Set(records.map(({ messageId }) => messageId));
  let response: unknown;
  try {
    response = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return all;
  }
  if (response === null) return new Set();
  if (typeof response !== 'object') return all;
  const { batchItemFailures } = response as { batchItemFailures?: unknown };
  if (batchItemFailures === undefined || batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return all;
  const failed = batchItemFailures.map((item: { itemIdentifier?: unknown } | null) => item?.itemIdentifier);
  if (failed.some((id) => typeof id !== 'string' || !all.has(id))) return all;
  return new Set(failed as string[]);
}

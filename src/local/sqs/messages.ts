// The messages of one SQS queue: order, visibility, FIFO groups, deduplication, and waiting receivers.
import { createHash, randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import { randomHex } from '../random.ts';
import type { Collection } from '../store.ts';
import { type DeliveryOrder, FifoOrder, StandardOrder } from './delivery-order.ts';
import { isInFlight, type StoredMessage } from './message.ts';

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
const deduplicationMs = 5 * 60_000;

export interface NewMessage
  extends Pick<StoredMessage, 'body' | 'attributes' | 'traceHeader' | 'groupId' | 'deduplicationId'> {
  readonly delayMs: number;
}

export interface ReceiveRequest {
  readonly limit: number;
  readonly visibilityMs: number;
  readonly retentionMs: number;
  /** `take` moves a message received `maxReceiveCount` times to the dead-letter queue; undefined without such a queue. */
  readonly redrive: { readonly maxReceiveCount: number; readonly take: (message: StoredMessage) => void } | undefined;
  /** FIFO queues: a repeated request with this id receives the same messages. */
  readonly attemptId?: string | undefined;
}

interface Attempt {
  readonly at: number;
  readonly receipts: readonly string[];
}

/** Persisted in `stored`, by queue and id; the rest lives only as long as the local AWS runs. */
export class Messages {
  readonly #cloud: Cloud;
  readonly #queue: string;
  readonly #stored: Collection<StoredMessage>;
  /** In the order sent. */
  readonly #messages = new Map<string, StoredMessage>();
  readonly #order: DeliveryOrder;
  readonly #sent = new Map<string, { readonly message: StoredMessage; readonly at: number }>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #waiting = new Set<() => void>();
  #lastSequence = 0n;

  constructor(cloud: Cloud, queue: string, kept: { readonly in: Collection<StoredMessage>; readonly isFifo: boolean }) {
    this.#cloud = cloud;
    this.#queue = queue;
    this.#stored = kept.in;
    this.#order = kept.isFifo ? new FifoOrder(this.#messages) : new StandardOrder(this.#messages);
    const prefix = `${queue}/`;
    for (const [key, message] of kept.in.entries()) {
      if (!key.startsWith(prefix)) continue;
      this.#messages.set(message.id, message);
      this.#order.changed(message, cloud.now());
    }
  }

  /** The stored message; for a duplicate within five minutes, the first one. */
  send(message: NewMessage, isFifo: boolean, scope: 'queue' | 'messageGroup'): StoredMessage {
    const now = this.#cloud.now();
    forgetOld(this.#sent, now);
    const { delayMs, ...content } = message;
    const { groupId, deduplicationId = '' } = message;
    const key = scope === 'queue' ? deduplicationId : `${groupId}\n${deduplicationId}`;
    if (isFifo) {
      // what the queue remembers for all groups still counts after its scope became the group (recorded in 2026)
      const earlier = this.#sent.get(key) ?? this.#sent.get(deduplicationId);
      if (earlier !== undefined) return earlier.message;
    }
    const stored: StoredMessage = {
      ...content,
      id: randomUUID(),
      sentAt: now,
      visibleAt: now + delayMs,
      receiveCount: 0,
      ...(isFifo ? { sequenceNumber: this.#nextSequence(now) } : {}),
    };
    if (isFifo) this.#sent.set(key, { message: stored, at: now });
    this.#keep(stored);
    return stored;
  }

  /** Adds a message that another queue's redrive policy moves here. It keeps its id and sent time. */
  moveIn(message: StoredMessage, source: string): void {
    const { receipt: _, ...content } = message;
    this.#keep({ ...content, visibleAt: 0, deadLetterSource: source });
  }

  /** The messages that can be received now. */
  receive({ limit, visibilityMs, retentionMs, redrive, attemptId }: ReceiveRequest): StoredMessage[] {
    const now = this.#cloud.now();
    const again = attemptId === undefined ? undefined : this.#receivedBefore(attemptId, now);
    if (again !== undefined) return this.#hideAgain(again, now + visibilityMs);
    const received: StoredMessage[] = [];
    for (const message of this.#order.receivable(now)) {
      if (now - message.sentAt > retentionMs) {
        this.#drop(message);
        continue;
      }
      if (redrive !== undefined && message.receiveCount >= redrive.maxReceiveCount) {
        this.#drop(message);
        redrive.take(message);
        continue;
      }
      const updated: StoredMessage = {
        ...message,
        visibleAt: now + visibilityMs,
        receiveCount: message.receiveCount + 1,
        firstReceivedAt: message.firstReceivedAt ?? now,
        receipt: this.#newReceipt(message.id),
      };
      this.#update(updated);
      received.push(updated);
      if (received.length === limit) break;
    }
    if (attemptId !== undefined && received.length > 0) {
      this.#attempts.delete(attemptId);
      this.#attempts.set(attemptId, { at: now, receipts: received.flatMap(({ receipt = [] }) => receipt) });
    }
    return received;
  }

  /**
   * The messages of an earlier attempt, within five minutes, as long as all of them are still hidden by it.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html
   */
  #receivedBefore(attemptId: string, now: number): StoredMessage[] | undefined {
    forgetOld(this.#attempts, now);
    const receipts = this.#attempts.get(attemptId)?.receipts ?? [];
    const messages = receipts.flatMap((receipt) => this.byReceipt(receipt) ?? []);
    const isWhole = messages.length === receipts.length && messages.every((message) => isInFlight(message, now));
    return isWhole && messages.length > 0 ? messages : undefined;
  }

  #hideAgain(messages: readonly StoredMessage[], visibleAt: number): StoredMessage[] {
    const updated = messages.map((message) => ({ ...message, visibleAt }));
    for (const message of updated) this.#update(message);
    return updated;
  }

  /** Takes up to `limit` visible messages that `move` accepts out of the queue, and returns how many. */
  take(limit: number, move: (message: StoredMessage) => boolean): number {
    let taken = 0;
    for (const message of [...this.#messages.values()]) {
      if (taken >= limit) break;
      if (message.visibleAt > this.#cloud.now()) continue;
      if (!move(message)) break;
      this.#drop(message);
      taken++;
    }
    return taken;
  }

  /** Adds a message that a move task takes out of a dead-letter queue: it counts as new.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */
  moveBack({ receipt: _, deadLetterSource: __, firstReceivedAt: ___, ...content }: StoredMessage): void {
    const now = this.#cloud.now();
    const sequence = content.sequenceNumber === undefined ? {} : { sequenceNumber: this.#nextSequence(now) };
    this.#keep({ ...content, ...sequence, id: randomUUID(), sentAt: now, visibleAt: now, receiveCount: 0 });
  }

  /** Resolves when a message may have become receivable, after `limitMs`, or when aborted. */
  async change(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const now = this.#cloud.now();
    const next = this.#order.nextVisible(now) ?? Number.POSITIVE_INFINITY;
    await new Promise<void>((done) => {
      const finish = () => {
        cancel();
        this.#waiting.delete(finish);
        signal.removeEventListener('abort', finish);
        done();
      };
      const cancel = this.#cloud.after(Math.min(limitMs, next - now + 1), finish);
      this.#waiting.add(finish);
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  /** Wakes all waiting receivers. */
  wake(): void {
    for (const finish of [...this.#waiting]) finish();
  }

  /** The message whose last receipt this is; undefined if it was received again or is gone; null if the receipt is not from this queue. */
  byReceipt(receipt: string): StoredMessage | undefined | null {
    const [queue, id] = Buffer.from(receipt, 'base64').toString().split('\n');
    if (queue !== this.#queue || id === undefined) return null;
    const message = this.#messages.get(id);
    return message?.receipt === receipt ? message : undefined;
  }

  delete(message: StoredMessage): void {
    this.#drop(message);
    // the next message of its group may now be receivable
    if (message.sequenceNumber !== undefined) this.wake();
  }

  changeVisibility(message: StoredMessage, timeoutMs: number): void {
    this.#update({ ...message, visibleAt: this.#cloud.now() + timeoutMs });
    this.wake();
  }

  purge(): void {
    for (const message of this.#messages.values()) this.#drop(message);
    this.wake();
  }

  counts(retentionMs: number): { visible: number; inFlight: number; delayed: number } {
    const now = this.#cloud.now();
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    for (const message of this.#messages.values()) {
      if (now - message.sentAt > retentionMs) this.#drop(message);
      else if (message.visibleAt <= now) counts.visible++;
      else if (isInFlight(message, now)) counts.inFlight++;
      else counts.delayed++;
    }
    return counts;
  }

  #keep(message: StoredMessage): void {
    this.#update(message);
    this.wake();
  }

  #update(message: StoredMessage): void {
    this.#messages.set(message.id, message);
    this.#stored.set(`${this.#queue}/${message.id}`, message);
    this.#order.changed(message, this.#cloud.now());
  }

  #drop(message: StoredMessage): void {
    this.#messages.delete(message.id);
    this.#stored.delete(`${this.#queue}/${message.id}`);
    this.#order.dropped(message);
  }

  #newReceipt(id: string): string {
    return Buffer.from(`${this.#queue}\n${id}\n${randomHex(24)}`).toString('base64');
  }

  // 20 digits that increase over time, even across restarts.
  #nextSequence(now: number): string {
    const floor = BigInt(now) * 10_000_000n;
    this.#lastSequence = floor > this.#lastSequence ? floor : this.#lastSequence + 256n;
    return String(this.#lastSequence);
  }
}

/** The deduplication id of a message in a queue with ContentBasedDeduplication. */
export function contentDeduplicationId(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Oldest first, so the scan stops at the first entry that has not expired. */
function forgetOld(entries: Map<string, { readonly at: number }>, now: number): void {
  for (const [key, { at }] of entries) {
    if (now - at < deduplicationMs) return;
    entries.delete(key);
  }
}

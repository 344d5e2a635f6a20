// The messages of one SQS queue: order, visibility, FIFO groups, deduplication and receivers that wait.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
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
  /** Takes a message that was received this often; undefined where none is moved away. */
  readonly redrive: { readonly maxReceiveCount: number; readonly take: (message: StoredMessage) => void } | undefined;
}

/** Kept in `stored`, by queue and id; everything else is remembered only while the local AWS runs. */
export class Messages {
  readonly #cloud: Cloud;
  readonly #queue: string;
  readonly #stored: Collection<StoredMessage>;
  /** In the order in which they were sent. */
  readonly #messages = new Map<string, StoredMessage>();
  readonly #sent = new Map<string, { readonly message: StoredMessage; readonly at: number }>();
  readonly #waiting = new Set<() => void>();
  #lastSequence = 0n;

  constructor(cloud: Cloud, queue: string, stored: Collection<StoredMessage>) {
    this.#cloud = cloud;
    this.#queue = queue;
    this.#stored = stored;
    const prefix = `${queue}/`;
    for (const [key, message] of stored.entries()) if (key.startsWith(prefix)) this.#messages.set(message.id, message);
  }

  /** The message kept; for a duplicate within five minutes the one that came first. */
  send(message: NewMessage, isFifo: boolean, scope: 'queue' | 'messageGroup'): StoredMessage {
    const now = this.#cloud.now();
    const { delayMs, ...content } = message;
    const key = scope === 'queue' ? message.deduplicationId : `${message.groupId}\n${message.deduplicationId}`;
    if (isFifo && key !== undefined) {
      const earlier = this.#sent.get(key);
      if (earlier !== undefined && now - earlier.at < deduplicationMs) return earlier.message;
    }
    const kept: StoredMessage = {
      ...content,
      id: randomUUID(),
      sentAt: now,
      visibleAt: now + delayMs,
      receiveCount: 0,
      ...(isFifo ? { sequenceNumber: this.#nextSequence(now) } : {}),
    };
    if (isFifo && key !== undefined) this.#sent.set(key, { message: kept, at: now });
    this.#keep(kept);
    return kept;
  }

  /** Takes in a message that another queue's redrive policy moves here; it keeps its id and the time it was sent. */
  moveIn(message: StoredMessage, source: string): void {
    const { receipt: _, ...content } = message;
    this.#keep({ ...content, visibleAt: 0, deadLetterSource: source });
  }

  /** What can be received now. */
  receive({ limit, visibilityMs, retentionMs, redrive }: ReceiveRequest): StoredMessage[] {
    const now = this.#cloud.now();
    this.#forgetOld(now, retentionMs);
    const locked = new Set<string>();
    for (const message of this.#messages.values()) {
      if (message.sequenceNumber !== undefined && isInFlight(message, now)) locked.add(message.groupId ?? '');
    }
    const received: StoredMessage[] = [];
    for (const message of this.#messages.values()) {
      if (received.length === limit) break;
      if (message.visibleAt > now) {
        // In a FIFO group nothing overtakes.
        if (message.sequenceNumber !== undefined) locked.add(message.groupId ?? '');
        continue;
      }
      if (message.sequenceNumber !== undefined && locked.has(message.groupId ?? '')) continue;
      if (redrive !== undefined && message.receiveCount >= redrive.maxReceiveCount) {
        this.#drop(message.id);
        redrive.take(message);
        continue;
      }
      const taken: StoredMessage = {
        ...message,
        visibleAt: now + visibilityMs,
        receiveCount: message.receiveCount + 1,
        firstReceivedAt: message.firstReceivedAt ?? now,
        receipt: this.#newReceipt(message.id),
      };
      this.#update(taken);
      received.push(taken);
    }
    return received;
  }

  /** Resolves when something may have become receivable, at the latest after `limitMs` or when aborted. */
  async change(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const now = this.#cloud.now();
    const next = Math.min(
      ...[...this.#messages.values()].map(({ visibleAt }) => visibleAt).filter((at) => at > now),
      now + limitMs,
    );
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

  /** Wakes everyone who waits. */
  wake(): void {
    for (const finish of [...this.#waiting]) finish();
  }

  /** The message whose last receipt this is. Undefined: it was received again or is gone. Null: no receipt of this queue. */
  byReceipt(receipt: string): StoredMessage | undefined | null {
    const [queue, id] = Buffer.from(receipt, 'base64').toString().split('\n');
    if (queue !== this.#queue || id === undefined) return null;
    const message = this.#messages.get(id);
    return message?.receipt === receipt ? message : undefined;
  }

  delete(id: string): void {
    this.#drop(id);
    this.wake();
  }

  changeVisibility(message: StoredMessage, timeoutMs: number): void {
    this.#update({ ...message, visibleAt: this.#cloud.now() + timeoutMs });
    this.wake();
  }

  purge(): void {
    for (const id of [...this.#messages.keys()]) this.#drop(id);
    this.wake();
  }

  counts(retentionMs: number): { visible: number; inFlight: number; delayed: number } {
    const now = this.#cloud.now();
    this.#forgetOld(now, retentionMs);
    const all = [...this.#messages.values()];
    const visible = all.filter(({ visibleAt }) => visibleAt <= now).length;
    const inFlight = all.filter((message) => isInFlight(message, now)).length;
    return { visible, inFlight, delayed: all.length - visible - inFlight };
  }

  #keep(message: StoredMessage): void {
    this.#update(message);
    this.wake();
  }

  #update(message: StoredMessage): void {
    this.#messages.set(message.id, message);
    this.#stored.set(`${this.#queue}/${message.id}`, message);
  }

  #drop(id: string): void {
    this.#messages.delete(id);
    this.#stored.delete(`${this.#queue}/${id}`);
  }

  #forgetOld(now: number, retentionMs: number): void {
    for (const { id, sentAt } of [...this.#messages.values()]) if (now - sentAt > retentionMs) this.#drop(id);
    for (const [key, { at }] of this.#sent) if (now - at >= deduplicationMs) this.#sent.delete(key);
  }

  #newReceipt(id: string): string {
    return Buffer.from(`${this.#queue}\n${id}\n${randomBytes(24).toString('hex')}`).toString('base64');
  }

  // 20 digits that grow with time, also over restarts.
  #nextSequence(now: number): string {
    const floor = BigInt(now) * 10_000_000n;
    this.#lastSequence = floor > this.#lastSequence ? floor : this.#lastSequence + 256n;
    return String(this.#lastSequence);
  }
}

/** The deduplication id that a queue with ContentBasedDeduplication gives a message. */
export function contentDeduplicationId(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

// The order in which a queue delivers its messages, found without scanning all of them.
import { Heap } from './heap.ts';
import type { StoredMessage } from './message.ts';

export interface DeliveryOrder {
  /** Call this for a new message, and when a message's visibility changes. */
  changed(message: StoredMessage, now: number): void;
  /** Call this when a message leaves the queue. */
  dropped(message: StoredMessage): void;
  /** The messages that can be received, in order. The caller must update or remove each before it takes the next. */
  receivable(now: number): Iterable<StoredMessage>;
  /** When the next invisible message becomes visible. */
  nextVisible(now: number): number | undefined;
}

type MessagesById = ReadonlyMap<string, StoredMessage>;

interface Hidden {
  readonly id: string;
  readonly visibleAt: number;
}

/** The invisible messages. An entry is stale, and ignored, once its message has changed. */
class HiddenMessages {
  readonly #messages: MessagesById;
  readonly #byTime = new Heap<Hidden>((left, right) => left.visibleAt - right.visibleAt);

  constructor(messages: MessagesById) {
    this.#messages = messages;
  }

  add({ id, visibleAt }: StoredMessage): void {
    this.#byTime.push({ id, visibleAt });
  }

  next(): Hidden | undefined {
    for (;;) {
      const first = this.#byTime.peek();
      if (first === undefined || this.#messages.get(first.id)?.visibleAt === first.visibleAt) return first;
      this.#byTime.pop();
    }
  }

  takeVisible(now: number): string | undefined {
    const first = this.next();
    return first === undefined || first.visibleAt > now ? undefined : this.#byTime.pop()?.id;
  }
}

interface Visible {
  readonly id: string;
  readonly position: number;
}

/** The visible messages, in the order sent. */
export class StandardOrder implements DeliveryOrder {
  readonly #messages: MessagesById;
  readonly #hidden: HiddenMessages;
  readonly #visible = new Heap<Visible>((left, right) => left.position - right.position);
  /** The ids in `#visible`: a message that was hidden twice until the same time becomes visible once. */
  readonly #visibleIds = new Set<string>();
  readonly #positions = new Map<string, number>();
  #lastPosition = 0;
  #isHandingOut = false;
  /** Received with a visibility timeout of zero: visible at once, but not twice in one response. */
  readonly #shownMeanwhile: string[] = [];

  constructor(messages: MessagesById) {
    this.#messages = messages;
    this.#hidden = new HiddenMessages(messages);
  }

  changed(message: StoredMessage, now: number): void {
    if (!this.#positions.has(message.id)) this.#positions.set(message.id, this.#lastPosition++);
    if (message.visibleAt > now) this.#hidden.add(message);
    else this.#show(message.id);
  }

  dropped({ id }: StoredMessage): void {
    this.#positions.delete(id);
  }

  *receivable(now: number): Iterable<StoredMessage> {
    for (let id = this.#hidden.takeVisible(now); id !== undefined; id = this.#hidden.takeVisible(now)) this.#show(id);
    this.#isHandingOut = true;
    try {
      for (let next = this.#visible.pop(); next !== undefined; next = this.#visible.pop()) {
        this.#visibleIds.delete(next.id);
        const message = this.#messages.get(next.id);
        if (message !== undefined && message.visibleAt <= now) yield message;
      }
    } finally {
      this.#isHandingOut = false;
      for (const id of this.#shownMeanwhile.splice(0)) this.#show(id);
    }
  }

  nextVisible(): number | undefined {
    return this.#hidden.next()?.visibleAt;
  }

  #show(id: string): void {
    if (this.#isHandingOut) {
      this.#shownMeanwhile.push(id);
      return;
    }
    if (this.#visibleIds.has(id)) return;
    this.#visibleIds.add(id);
    this.#visible.push({ id, position: this.#positions.get(id) ?? 0 });
  }
}

/**
 * By group, in the order sent: a message in flight blocks the later messages of its group, but not the earlier ones, such as one
 * that was returned (recorded in November 2025).
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoOrder implements DeliveryOrder {
  readonly #messages: MessagesById;
  readonly #hidden: HiddenMessages;
  /** The ids of each group's messages, oldest first. */
  readonly #groups = new Map<string, Set<string>>();

  constructor(messages: MessagesById) {
    this.#messages = messages;
    this.#hidden = new HiddenMessages(messages);
  }

  changed(message: StoredMessage, now: number): void {
    const ids = this.#groups.get(message.groupId ?? '') ?? new Set();
    this.#groups.set(message.groupId ?? '', ids.add(message.id));
    if (message.visibleAt > now) this.#hidden.add(message);
  }

  dropped({ id, groupId = '' }: StoredMessage): void {
    const ids = this.#groups.get(groupId);
    ids?.delete(id);
    if (ids?.size === 0) this.#groups.delete(groupId);
  }

  *receivable(now: number): Iterable<StoredMessage> {
    for (const ids of this.#groups.values()) {
      for (const id of ids) {
        const message = this.#messages.get(id);
        // no message overtakes one that is in flight or delayed
        if (message === undefined || message.visibleAt > now) break;
        yield message;
      }
    }
  }

  nextVisible(now: number): number | undefined {
    while (this.#hidden.takeVisible(now) !== undefined);
    return this.#hidden.next()?.visibleAt;
  }
}

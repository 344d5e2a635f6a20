// Time to live: deletes items when their time is over. AWS does so within days, here it happens at once.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
import type { Cancel, Clock } from '../clock.ts';
import { createKey, performNow } from './dynalite.ts';
import type { Item } from './item.ts';
import type { Table, Tables } from './state.ts';

// older times are taken for mistakes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
const oldestMs = 5 * 365 * 24 * 3_600_000;

export class Expiry {
  readonly #clock: Clock;
  #due = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;
  #isSweeping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a change that is being made now is a deletion of an item whose time is over. */
  get isSweeping(): boolean {
    return this.#isSweeping;
  }

  /** Looks at an item that was written. */
  note({ expiry }: Table, item: Item, tables: Tables): void {
    const at = expiry === undefined ? undefined : timeOf(item, expiry);
    if (at !== undefined && at < this.#due) this.#arm(at, tables);
  }

  /** Deletes what is over in all tables, and waits for what is next. */
  sweep(tables: Tables): void {
    this.stop();
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const table of tables.records.filter(({ expiry }) => expiry !== undefined)) {
      for (const item of [...tables.items(table.TableName).range({})]) {
        const at = timeOf(item, table.expiry ?? '');
        if (at === undefined || at < now - oldestMs) continue;
        if (at > now) next = Math.min(next, at);
        else this.#delete(table, item, tables);
      }
    }
    if (next < Number.POSITIVE_INFINITY) this.#arm(next, tables);
  }

  stop(): void {
    this.#cancel?.();
    this.#due = Number.POSITIVE_INFINITY;
  }

  #delete(table: Table, item: Item, tables: Tables): void {
    const Key = Object.fromEntries(
      (table.KeySchema ?? []).map(({ AttributeName = '' }) => [AttributeName, item[AttributeName]]),
    );
    if (!tables.items(table.TableName).get(createKey(item, table))) return;
    this.#isSweeping = true;
    try {
      performNow('DeleteItem', { TableName: table.TableName, Key }, tables);
    } finally {
      this.#isSweeping = false;
    }
  }

  #arm(at: number, tables: Tables): void {
    this.#cancel?.();
    this.#due = at;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.sweep(tables));
  }
}

/** Milliseconds; undefined for an item without a time. */
function timeOf(item: Item, attribute: string): number | undefined {
  const { N: text } = (item[attribute] ?? {}) as { readonly N?: string };
  const seconds = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

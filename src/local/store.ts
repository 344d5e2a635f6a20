// The state of the local AWS: named collections of plain JSON records in memory, each with a log on disk (store-log.ts).
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CollectionLog, checkFormat, logEnding } from './store-log.ts';

/** Plain JSON records by key, in insertion order. To save a changed record, `set` it. */
export interface Collection<T> {
  readonly size: number;
  get(key: string): T | undefined;
  has(key: string): boolean;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  keys(): IterableIterator<string>;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  find(predicate: (record: T) => boolean): T | undefined;
  filter(predicate: (record: T) => boolean): T[];
}

class KeptCollection<T> implements Collection<T> {
  readonly #records: Map<string, T>;
  readonly #log: CollectionLog<T> | undefined;

  constructor(log: CollectionLog<T> | undefined) {
    this.#log = log;
    this.#records = log?.records ?? new Map();
  }

  get size(): number {
    return this.#records.size;
  }
  get(key: string): T | undefined {
    return this.#records.get(key);
  }
  has(key: string): boolean {
    return this.#records.has(key);
  }
  set(key: string, value: T): void {
    this.#records.set(key, value);
    this.#log?.changed(key);
  }
  delete(key: string): boolean {
    const existed = this.#records.delete(key);
    if (existed) this.#log?.changed(key);
    return existed;
  }
  keys(): IterableIterator<string> {
    return this.#records.keys();
  }
  values(): IterableIterator<T> {
    return this.#records.values();
  }
  entries(): IterableIterator<[string, T]> {
    return this.#records.entries();
  }
  find(predicate: (record: T) => boolean): T | undefined {
    for (const record of this.#records.values()) if (predicate(record)) return record;
    return undefined;
  }
  filter(predicate: (record: T) => boolean): T[] {
    const matching: T[] = [];
    for (const record of this.#records.values()) if (predicate(record)) matching.push(record);
    return matching;
  }
}

/** Every record as JSON, by collection and key. */
export type SavedRecords = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** All collections in one folder; without a folder, in memory only (tests). */
export class Store {
  readonly #folder: string | undefined;
  readonly #collections = new Map<string, KeptCollection<unknown>>();
  readonly #logs: CollectionLog<unknown>[] = [];

  /** Throws if a newer fx wrote one of the logs. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
    if (folder === undefined || !existsSync(folder)) return;
    for (const file of readdirSync(folder)) if (file.endsWith(logEnding)) checkFormat(join(folder, file));
  }

  collection<T>(name: string): Collection<T> {
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      const log = this.#folder === undefined ? undefined : new CollectionLog<unknown>(join(this.#folder, name));
      if (log !== undefined) this.#logs.push(log);
      collection = new KeptCollection(log);
      this.#collections.set(name, collection);
    }
    return collection as KeptCollection<T>;
  }

  /** Whether the collection was saved. It may be empty. */
  has(name: string): boolean {
    if (this.#folder === undefined) return false;
    const path = join(this.#folder, name);
    return existsSync(`${path}${logEnding}`) || existsSync(`${path}.json`);
  }

  /** All that is there now. What changes from here on does not change it. */
  save(): SavedRecords {
    const records = ([name, collection]: [string, KeptCollection<unknown>]) =>
      [name, new Map([...collection.entries()].map(([key, record]) => [key, JSON.stringify(record)]))] as const;
    return new Map([...this.#collections].map(records));
  }

  /** Makes the collections what they were. Nobody may hold a record of them. */
  restore(saved: SavedRecords): void {
    for (const [name, collection] of this.#collections) {
      const kept = saved.get(name);
      // in the order of then: it is that of listings
      for (const key of [...collection.keys()]) collection.delete(key);
      for (const [key, text] of kept ?? []) collection.set(key, JSON.parse(text));
    }
  }

  /** Writes all pending changes, and closes the logs. */
  close(): void {
    for (const log of this.#logs) log.close();
  }
}

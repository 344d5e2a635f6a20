// Keeps the local AWS's state: named collections of plain JSON records, written to one file each soon after they change.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A keyed set of plain JSON records. A record changed in place is written only once it is `set` again. */
export interface Collection<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  keys(): string[];
  values(): T[];
  entries(): [string, T][];
}

const saveDelayMs = 100;

class KeptCollection<T> implements Collection<T> {
  readonly #records: Map<string, T>;
  readonly #file: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
    this.#records = new Map(file === undefined ? [] : Object.entries(readRecords<T>(file)));
  }

  get(key: string): T | undefined {
    return this.#records.get(key);
  }
  has(key: string): boolean {
    return this.#records.has(key);
  }
  set(key: string, value: T): void {
    this.#records.set(key, value);
    this.#changed();
  }
  delete(key: string): boolean {
    const existed = this.#records.delete(key);
    if (existed) this.#changed();
    return existed;
  }
  keys(): string[] {
    return [...this.#records.keys()];
  }
  values(): T[] {
    return [...this.#records.values()];
  }
  entries(): [string, T][] {
    return [...this.#records.entries()];
  }

  #changed(): void {
    if (this.#file === undefined) return;
    this.#timer ??= setTimeout(() => this.save(), saveDelayMs);
  }

  /** Writes what has changed; a rename makes the write atomic, so a killed process leaves the older state whole. */
  save(): void {
    if (this.#timer === undefined || this.#file === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    mkdirSync(dirname(this.#file), { recursive: true });
    const temporary = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(Object.fromEntries(this.#records)));
    renameSync(temporary, this.#file);
  }
}

function readRecords<T>(file: string): Record<string, T> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  return JSON.parse(text) as Record<string, T>;
}

/** All collections below one folder; without a folder they live in memory only (tests). */
export class Store {
  readonly #folder: string | undefined;
  readonly #collections = new Map<string, KeptCollection<unknown>>();

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  collection<T>(name: string): Collection<T> {
    let found = this.#collections.get(name);
    if (found === undefined) {
      found = new KeptCollection(this.#folder === undefined ? undefined : `${this.#folder}/${name}.json`);
      this.#collections.set(name, found);
    }
    return found as KeptCollection<T>;
  }

  /** Writes every change that is still waiting. */
  save(): void {
    for (const collection of this.#collections.values()) collection.save();
  }
}

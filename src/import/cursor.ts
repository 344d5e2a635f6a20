// Reads a source and remembers what was read, so that whatever no rule asked for can be reported.
import type { Span } from '../base/error.ts';
import type { Entry, Located, Plain } from '../base/located.ts';
import { toPlain } from '../base/located.ts';

/** The values that a rule has asked for. One for each conversion. */
export class Reading {
  readonly #read = new Set<Entry | Located>();

  mark(value: Entry | Located): void {
    this.#read.add(value);
  }

  /** Marks a value and all below it. */
  markAll(value: Located): void {
    this.#read.add(value);
    if (value.kind === 'list') for (const item of value.items) this.markAll(item);
    if (value.kind === 'map') {
      for (const entry of value.entries.values()) {
        this.#read.add(entry);
        this.markAll(entry.value);
      }
    }
  }

  has(value: Entry | Located): boolean {
    return this.#read.has(value);
  }
}

export interface Unread {
  readonly path: string;
  readonly at: Span;
}

/** The outermost keys and items below a value that were never asked for. */
export function unreadIn(value: Located, path: string, reading: Reading): readonly Unread[] {
  if (value.kind === 'list') {
    return value.items.flatMap((item, index) =>
      reading.has(item) ? unreadIn(item, `${path}[${index}]`, reading) : [{ path: `${path}[${index}]`, at: item.at }],
    );
  }
  if (value.kind !== 'map') return [];
  return [...value.entries].flatMap(([key, entry]) => {
    const below = path === '' ? key : `${path}.${key}`;
    return reading.has(entry) ? unreadIn(entry.value, below, reading) : [{ path: below, at: entry.keyAt }];
  });
}

/** A value of the source with its path. Each access counts as read. */
export class Cursor {
  readonly value: Located;
  readonly path: string;
  readonly at: Span;
  readonly reading: Reading;

  constructor(value: Located, path: string, reading: Reading, at: Span = value.at) {
    this.value = value;
    this.path = path;
    this.reading = reading;
    this.at = at;
    reading.mark(value);
  }

  get isMap(): boolean {
    return this.value.kind === 'map';
  }

  get isList(): boolean {
    return this.value.kind === 'list';
  }

  /** The value below a key; undefined if it is absent or null. */
  child(key: string): Cursor | undefined {
    if (this.value.kind !== 'map') return undefined;
    const entry = this.value.entries.get(key);
    if (entry === undefined) return undefined;
    this.reading.mark(entry);
    if (entry.value.kind === 'scalar' && entry.value.value === null) return undefined;
    return new Cursor(entry.value, this.path === '' ? key : `${this.path}.${key}`, this.reading, entry.keyAt);
  }

  has(key: string): boolean {
    return this.value.kind === 'map' && this.value.entries.has(key);
  }

  /** The keys, without reading them. */
  keys(): readonly string[] {
    return this.value.kind === 'map' ? [...this.value.entries.keys()] : [];
  }

  entries(): readonly (readonly [key: string, value: Cursor])[] {
    return this.keys().flatMap((key) => {
      const value = this.child(key);
      return value === undefined ? [] : [[key, value] as const];
    });
  }

  items(): readonly Cursor[] {
    if (this.value.kind !== 'list') return [];
    return this.value.items.map((item, index) => new Cursor(item, `${this.path}[${index}]`, this.reading));
  }

  /** The items of a list, or the value itself. */
  each(): readonly Cursor[] {
    return this.isList ? this.items() : [this];
  }

  /** A scalar as text; undefined for a map or list. */
  text(): string | undefined {
    return this.value.kind === 'scalar' && this.value.value !== null ? String(this.value.value) : undefined;
  }

  scalar(): string | number | boolean | undefined {
    return this.value.kind === 'scalar' && this.value.value !== null ? this.value.value : undefined;
  }

  /** A flag, which may be written as text. */
  flag(): boolean | undefined {
    const text = this.text()?.toLowerCase();
    return text === 'true' ? true : text === 'false' ? false : undefined;
  }

  number(): number | undefined {
    const value = this.scalar();
    if (typeof value === 'number') return value;
    return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
  }

  /** The whole value; all below it counts as read. */
  plain(): Plain {
    this.reading.markAll(this.value);
    return toPlain(this.value);
  }
}

// Values that know where they were written: plain data, with the file, line and column of every key and value.
import type { Span } from './error.ts';

export type Scalar = string | number | boolean | null;
export type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

export interface LocatedMap {
  readonly kind: 'map';
  readonly at: Span;
  readonly entries: ReadonlyMap<string, Entry>;
}
export interface LocatedList {
  readonly kind: 'list';
  readonly at: Span;
  readonly items: readonly Located[];
}
export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly at: Span;
  readonly value: Scalar;
  /** The lookup that gave this value, such as `${params.size}`. Many sources know only text, so a schema may read the text as a
   * number or a flag. */
  readonly lookup?: string;
  /** The lookups behind that one, such as `${var.KEY}` behind `${params.key}`: their source decides whether to hide the value. */
  readonly via?: string;
}
export type Located = LocatedMap | LocatedList | LocatedScalar;
export interface Entry {
  readonly keyAt: Span;
  readonly value: Located;
}

export function emptyMap(file: string): LocatedMap {
  return { kind: 'map', at: { file, line: 1, column: 1, length: 1 }, entries: new Map() };
}

/** A plain value, all of it at one place. Dates (YAML 1.1 timestamps) become text. */
export function fromPlain(value: Plain | Date | undefined, at: Span): Located {
  if (value === undefined || value === null) return { kind: 'scalar', at, value: null };
  if (value instanceof Date) return { kind: 'scalar', at, value: value.toISOString() };
  if (Array.isArray(value)) return { kind: 'list', at, items: value.map((item: Plain) => fromPlain(item, at)) };
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, { keyAt: at, value: fromPlain(item as Plain, at) }] as const,
    );
    return { kind: 'map', at, entries: new Map(entries) };
  }
  return { kind: 'scalar', at, value };
}

export function toPlain(located: Located): Plain {
  switch (located.kind) {
    case 'scalar':
      return located.value;
    case 'list':
      return located.items.map(toPlain);
    case 'map':
      return Object.fromEntries([...located.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
  }
}

/** A map with each value changed. Drops a key if `change` returns undefined. */
export function mapValues(map: LocatedMap, change: (value: Located) => Located | undefined): LocatedMap {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of map.entries) {
    const value = change(entry.value);
    if (value !== undefined) entries.set(key, { ...entry, value });
  }
  return { ...map, entries };
}

/** The value below a path of keys and indices; undefined if there is none. */
export function valueAt(located: Located, path: readonly (string | number)[]): Located | undefined {
  let current: Located | undefined = located;
  for (const step of path) {
    if (current?.kind === 'map') current = current.entries.get(String(step))?.value;
    else if (current?.kind === 'list') current = current.items[Number(step)];
    else return undefined;
  }
  return current;
}

/** Where a path was written: the key of the last step that exists, so that a problem points to text the user typed. */
export function placeOf(located: Located, path: readonly (string | number)[]): Span {
  let current: Located = located;
  let at = located.at;
  for (const step of path) {
    if (current.kind === 'map') {
      const entry = current.entries.get(String(step));
      if (entry === undefined) break;
      at = entry.keyAt;
      current = entry.value;
    } else if (current.kind === 'list') {
      const item = current.items[Number(step)];
      if (item === undefined) break;
      at = item.at;
      current = item;
    } else break;
  }
  return at;
}

/** Deeper than any project or policy; functions that walk values recurse once per level. */
export const deepestNesting = 100;
/** The limit for the expansion of anchors and lookups. A file without them is bounded by its size. */
export const largestExpansion = 250_000;

/** Whether a value is deeper or larger than fx reads; a shared value counts at each place. The walk stops at the limit, so that
 * the work is bounded even if one value appears in a million places. */
export function expandsTooFar(value: Located): boolean {
  let left = largestExpansion;
  const within = (node: Located, level: number): boolean => {
    if (level > deepestNesting || left-- <= 0) return false;
    if (node.kind === 'list') {
      for (const item of node.items) if (!within(item, level + 1)) return false;
    } else if (node.kind === 'map') {
      for (const entry of node.entries.values()) if (!within(entry.value, level + 1)) return false;
    }
    return true;
  };
  return !within(value, 0);
}

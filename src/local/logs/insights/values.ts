// The values of a query of CloudWatch Logs Insights: text, numbers, times, and nothing.

/** A time, shown as one. */
export class Instant {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

export type Value = string | number | Instant | undefined;

/** The names of fields have their values. */
export type Row = ReadonlyMap<string, Value>;

/** Text that is a number counts as one. */
export function numberOf(value: Value): number | undefined {
  if (value instanceof Instant) return value.ms;
  if (typeof value === 'number') return value;
  if (value === undefined || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)) return undefined;
  return Number(value);
}

/** As AWS shows it. */
export function textOf(value: Value): string | undefined {
  if (value instanceof Instant) {
    const iso = Number.isFinite(value.ms) ? new Date(value.ms).toISOString() : '';
    return iso.slice(0, 23).replace('T', ' ');
  }
  return value === undefined ? undefined : String(value);
}

/** 1 and 0 stand for true and false. */
export function isTrue(value: Value): boolean {
  const number = numberOf(value);
  return number === undefined ? value === 'true' : number !== 0;
}

/** Numbers by value, else by text; undefined if one is missing. */
export function compare(left: Value, right: Value): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a - b;
  const [x, y] = [textOf(left) ?? '', textOf(right) ?? ''];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** For sort: text comes before numbers, what is missing before both. */
export function order(left: Value, right: Value): number {
  const rank = (value: Value) => (value === undefined ? 0 : numberOf(value) === undefined ? 1 : 2);
  return rank(left) - rank(right) || (compare(left, right) ?? 0);
}

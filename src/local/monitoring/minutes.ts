// What was recorded for each metric, by minute and unit, as long as CloudWatch keeps minutes, and within a bound.
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import type { Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import type { Point, Sample, Totals } from './statistics.ts';

export interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What was recorded for one metric in one minute with one unit. */
export interface Minute {
  /** The series: see seriesKey. */
  readonly key: string;
  /** Its start, in milliseconds since 1970. */
  readonly at: number;
  /** Absent for None. */
  readonly unit?: string;
  /** How often each value was recorded. Grows in place: a busy function records thousands in a minute. */
  readonly counts: Record<string, number>;
  /** The sum of all statistic sets. */
  set?: Totals;
}

export interface Recorded {
  readonly at: number;
  readonly unit: string;
  readonly values: readonly Point[];
  readonly set?: Totals | undefined;
}

export interface Range {
  /** Milliseconds; a minute that begins then counts. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Only what was recorded with this unit. */
  readonly unit?: string | undefined;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention */
const keptMs = 15 * 24 * hourMs;
/** Some hundred bytes each. Beyond it, the oldest minutes go before their time. */
const mostMinutes = 250_000;
/** Further values of a minute are kept with three digits. */
const mostValues = 1_000;

/** A metric is its namespace, its name and all of its dimensions, in any order. */
export function seriesKey({ namespace, name, dimensions }: Series): string {
  const names = Object.keys(dimensions);
  // services sort them, since this runs several times for each invocation
  const isSorted = names.every((each, index) => index === 0 || (names[index - 1] ?? '') < each);
  const sorted = isSorted ? dimensions : Object.fromEntries(names.sort().map((each) => [each, dimensions[each]]));
  return JSON.stringify({ namespace, name, dimensions: sorted });
}

export const minuteOf = (time: number): number => Math.floor(time / minuteMs) * minuteMs;

export function dimensionsOf(dimensions: readonly Dimension[]): Series['dimensions'] {
  return Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
}

export class Minutes {
  readonly #cloud: Cloud;
  readonly #minutes: Collection<Minute>;
  /** The minutes of each series, oldest first. Made of the collection at first use. */
  #bySeries: Map<string, Minute[]> | undefined;
  #sweptAt = 0;
  /** How many values a minute has. */
  readonly #values = new WeakMap<Minute, number>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#minutes = cloud.collection<Minute>('monitoring.minutes');
  }

  record(series: Series, { at, unit, values, set }: Recorded): void {
    const key = seriesKey(series);
    const start = minuteOf(at);
    const id = `${key}\n${start}${unit === 'None' ? '' : `\n${unit}`}`;
    let minute = this.#minutes.get(id);
    if (minute === undefined) {
      minute = { key, at: start, ...(unit === 'None' ? {} : { unit }), counts: {} };
      this.#insert(minute);
    }
    const { counts } = minute;
    let known = this.#values.get(minute) ?? Object.keys(counts).length;
    for (const { value, count } of values) {
      const name = value in counts || known < mostValues ? String(value) : String(Number(value.toPrecision(3)));
      if (counts[name] === undefined) known++;
      counts[name] = (counts[name] ?? 0) + count;
    }
    this.#values.set(minute, known);
    if (set !== undefined) minute.set = added(minute.set, set);
    this.#minutes.set(id, minute);
    this.#sweep();
  }

  /** All metrics with data, each with the start of its newest minute. */
  *series(): Generator<readonly [series: Series, newest: number]> {
    this.#sweep();
    for (const [key, minutes] of this.#index()) yield [JSON.parse(key) as Series, minutes.at(-1)?.at ?? 0];
  }

  /** By the start of each period with data, in order. Periods begin with the range, as on AWS:
   * https://github.com/boto/boto3/issues/3457 */
  periods(key: string, range: Range, periodMs: number): ReadonlyMap<number, Sample> {
    const first = minuteOf(range.from);
    const starts = new Map<number, Minute[]>();
    for (const minute of this.#within(key, range)) {
      const start = first + Math.floor((minute.at - first) / periodMs) * periodMs;
      starts.set(start, [...(starts.get(start) ?? []), minute]);
    }
    return new Map([...starts].map(([start, minutes]) => [start, sampleOf(minutes)]));
  }

  sample(key: string, range: Range): Sample {
    return sampleOf(this.#within(key, range));
  }

  #within(key: string, { from, to, unit }: Range): readonly Minute[] {
    const first = minuteOf(from);
    return (this.#index().get(key) ?? []).filter(
      (minute) => minute.at >= first && minute.at < to && (unit === undefined || unit === (minute.unit ?? 'None')),
    );
  }

  /** The units with which a metric was recorded. */
  unitsOf(key: string): readonly string[] {
    return [...new Set((this.#index().get(key) ?? []).map(({ unit = 'None' }) => unit))];
  }

  #index(): Map<string, Minute[]> {
    if (this.#bySeries !== undefined) return this.#bySeries;
    this.#bySeries = new Map();
    for (const minute of this.#minutes.values()) this.#insert(minute);
    return this.#bySeries;
  }

  #insert(minute: Minute): void {
    const index = this.#index();
    const minutes = index.get(minute.key);
    if (minutes === undefined) {
      index.set(minute.key, [minute]);
      return;
    }
    // nearly always the newest
    let place = minutes.length;
    while (place > 0 && (minutes[place - 1]?.at ?? 0) > minute.at) place--;
    minutes.splice(place, 0, minute);
  }

  /** Forgets what is too old, once an hour, and more if there is too much. */
  #sweep(): void {
    const now = this.#cloud.now();
    const isTooMuch = this.#minutes.size > mostMinutes;
    if (!isTooMuch && now - this.#sweptAt < hourMs) return;
    this.#sweptAt = now;
    const starts = isTooMuch ? [...this.#minutes.values()].map(({ at }) => at).sort((a, b) => a - b) : [];
    // a tenth at once, so that this is seldom
    const oldest = Math.max(now - keptMs, (starts[Math.floor(mostMinutes / 10)] ?? 0) + 1);
    for (const [id, { at }] of [...this.#minutes.entries()]) if (at < oldest) this.#minutes.delete(id);
    this.#bySeries = undefined;
  }
}

function added(before: Totals | undefined, set: Totals): Totals {
  if (before === undefined) return set;
  return {
    count: before.count + set.count,
    sum: before.sum + set.sum,
    minimum: Math.min(before.minimum, set.minimum),
    maximum: Math.max(before.maximum, set.maximum),
  };
}

function sampleOf(minutes: readonly Minute[]): Sample {
  return {
    points: minutes.flatMap(({ counts }) =>
      Object.entries(counts).map(([value, count]) => ({ value: Number(value), count })),
    ),
    sets: minutes.flatMap(({ set }) => set ?? []),
  };
}

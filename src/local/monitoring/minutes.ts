// Datapoints by metric and minute, and the statistics of CloudWatch over them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html

/** A value that was recorded `count` times. */
export interface Point {
  readonly value: number;
  readonly count: number;
}

/** What was recorded for one metric in one minute. */
export interface Minute {
  /** The series: see seriesKey. */
  readonly key: string;
  /** Its start, in milliseconds since 1970. */
  readonly at: number;
  /** How often each value was recorded. Grows in place: a busy function records thousands in a minute. */
  readonly counts: Record<string, number>;
}

export interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A metric is its namespace, its name and all of its dimensions, in any order. */
export function seriesKey({ namespace, name, dimensions }: Series): string {
  const sorted = Object.fromEntries(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ namespace, name, dimensions: sorted });
}

export const minuteOf = (time: number): number => Math.floor(time / 60_000) * 60_000;

export function pointsOf({ counts }: Minute): readonly Point[] {
  return Object.entries(counts).map(([value, count]) => ({ value: Number(value), count }));
}

export type Statistic = 'SampleCount' | 'Sum' | 'Average' | 'Minimum' | 'Maximum' | { readonly percentile: number };

/** Undefined for a statistic that the local AWS does not have. */
export function parseStatistic(text: string): Statistic | undefined {
  if (['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'].includes(text)) return text as Statistic;
  const percentile = /^p(\d{1,2}(\.\d{1,10})?|100)$/.exec(text)?.[1];
  return percentile === undefined ? undefined : { percentile: Number(percentile) };
}

/** `points` is not empty. */
export function statisticOf(points: readonly Point[], statistic: Statistic): number {
  const total = points.reduce((sum, { count }) => sum + count, 0);
  const sum = points.reduce((sum, { value, count }) => sum + value * count, 0);
  switch (statistic) {
    case 'SampleCount':
      return total;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / total;
    case 'Minimum':
      return Math.min(...points.map(({ value }) => value));
    case 'Maximum':
      return Math.max(...points.map(({ value }) => value));
    default:
      return percentileOf(points, (statistic.percentile / 100) * total);
  }
}

/** The smallest value that is at least as large as `rank` of the recorded values. */
function percentileOf(points: readonly Point[], rank: number): number {
  let seen = 0;
  const sorted = [...points].sort((a, b) => a.value - b.value);
  for (const { value, count } of sorted) {
    seen += count;
    if (seen >= rank) return value;
  }
  return sorted.at(-1)?.value ?? 0;
}

// The statistics of CloudWatch over recorded values.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html

/** A value that was recorded `count` times. */
export interface Point {
  readonly value: number;
  readonly count: number;
}

/** What a statistic set says of values that are not known one by one. */
export interface Totals {
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** What was recorded in a period. */
export interface Sample {
  readonly points: readonly Point[];
  readonly sets: readonly Totals[];
}

const simple = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'] as const;
const ranged = ['TM', 'WM', 'TC', 'TS', 'PR'] as const;
const most = Number.POSITIVE_INFINITY;

/** Values above `from`, up to `to`: of the values themselves, or, in percent, of their ranks. */
interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly isPercent: boolean;
}

export type Statistic =
  | (typeof simple)[number]
  | { readonly kind: 'percentile'; readonly percentile: number }
  | ({ readonly kind: (typeof ranged)[number] } & Bounds);

/** Undefined if it is not a statistic. */
export function parseStatistic(text: string): Statistic | undefined {
  const named = simple.find((name) => name === text);
  if (named !== undefined) return named;
  if (text === 'IQM') return { kind: 'TM', from: 25, to: 75, isPercent: true };
  const [, name = '', percent] = /^(p|tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100(?:\.0{1,10})?)$/.exec(text) ?? [];
  if (percent !== undefined) {
    const kind = ranged.find((range) => range.toLowerCase() === name);
    const value = Number(percent);
    return kind === undefined
      ? { kind: 'percentile', percentile: value }
      : { kind, from: 0, to: value, isPercent: true };
  }
  const number = String.raw`(\d+(?:\.\d{1,10})?)?(%)?`;
  const range = new RegExp(`^(TM|WM|TC|TS|PR)\\(${number}:${number}\\)$`).exec(text);
  if (range === null) return undefined;
  const [, rangeName, from, fromPercent, to, toPercent] = range;
  const isPercent = fromPercent !== undefined || toPercent !== undefined;
  const kind = ranged.find((one) => one === rangeName);
  // both in percent or none, at least one bound; a percentile rank is of values
  const isMixed =
    isPercent && ((from !== undefined && fromPercent === undefined) || (to !== undefined && toPercent === undefined));
  if (kind === undefined || (from ?? to) === undefined || isMixed || (kind === 'PR' && isPercent)) return undefined;
  const bounds = { from: Number(from ?? (isPercent ? 0 : -most)), to: Number(to ?? (isPercent ? 100 : most)) };
  if (bounds.from >= bounds.to || (isPercent && bounds.to > 100)) return undefined;
  return { kind, ...bounds, isPercent };
}

/** Undefined if there is nothing to say: no value, or only sets for a statistic that needs each value.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
export function statisticOf({ points, sets }: Sample, statistic: Statistic): number | undefined {
  if (points.length === 0 && sets.length === 0) return undefined;
  if (typeof statistic !== 'string') {
    const known = [...points, ...sets.flatMap(pointOfSet)].sort((a, b) => a.value - b.value);
    // negative values have no percentiles
    if (sets.some((set) => pointOfSet(set).length === 0) || (known[0]?.value ?? 0) < 0) return undefined;
    return statistic.kind === 'percentile'
      ? percentileOf(known, statistic.percentile)
      : rangeStatistic(known, statistic, statistic.kind);
  }
  const { count, sum, minimum, maximum } = totalOf([...points.map(setOfPoint), ...sets]);
  switch (statistic) {
    case 'SampleCount':
      return count;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return minimum;
    case 'Maximum':
      return maximum;
  }
}

const setOfPoint = ({ value, count }: Point): Totals => ({ count, sum: value * count, minimum: value, maximum: value });

/** The values of a set, if it says them. */
function pointOfSet({ count, sum, minimum, maximum }: Totals): readonly Point[] {
  return minimum === maximum && sum === minimum * count ? [{ value: minimum, count }] : [];
}

function totalOf(sets: readonly Totals[]): Totals {
  let [count, sum, minimum, maximum] = [0, 0, most, -most];
  for (const set of sets) {
    count += set.count;
    sum += set.sum;
    minimum = Math.min(minimum, set.minimum);
    maximum = Math.max(maximum, set.maximum);
  }
  return { count, sum, minimum, maximum };
}

/** The smallest value that is at least as large as that share of the values, which are sorted. */
function percentileOf(points: readonly Point[], percentile: number): number {
  const rank = (percentile / 100) * points.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { value, count } of points) {
    seen += count;
    if (seen >= rank) return value;
  }
  return points.at(-1)?.value ?? 0;
}

function rangeStatistic(points: readonly Point[], bounds: Bounds, kind: (typeof ranged)[number]): number | undefined {
  const within = cut(points, bounds);
  const { count, sum } = totalOf(within.map(setOfPoint));
  const total = points.reduce((all, point) => all + point.count, 0);
  switch (kind) {
    case 'TM':
      return count === 0 ? undefined : sum / count;
    case 'TC':
      return count;
    case 'TS':
      return sum;
    case 'PR':
      return (count / total) * 100;
    case 'WM': {
      // values outside count as the nearest inside
      const [low, high] = [within[0]?.value, within.at(-1)?.value];
      if (low === undefined || high === undefined) return undefined;
      const below = bounds.isPercent
        ? (bounds.from / 100) * total
        : points.reduce((all, { value, count: one }) => all + (value <= bounds.from ? one : 0), 0);
      return (sum + low * below + high * (total - count - below)) / total;
    }
  }
}

/** The sorted points within the bounds; those of one value may be cut by percent. */
function cut(points: readonly Point[], { from, to, isPercent }: Bounds): readonly Point[] {
  if (!isPercent) return points.filter(({ value }) => value > from && value <= to);
  const total = points.reduce((sum, { count }) => sum + count, 0);
  const [first, last] = [(from / 100) * total, (to / 100) * total];
  let seen = 0;
  return points.flatMap(({ value, count }) => {
    const inside = Math.min(last, seen + count) - Math.max(first, seen);
    seen += count;
    return inside > 1e-9 ? [{ value, count: inside }] : [];
  });
}

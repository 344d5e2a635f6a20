// The functions of stats.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
import { compare, numberOf, order, textOf, type Value } from './values.ts';

/** The values of one group: those of the argument, with the time of each event. */
export interface Sample {
  readonly value: Value;
  readonly time: number;
}

interface Aggregate {
  readonly arity: readonly [least: number, most: number];
  /** `samples` have no missing values, except those of `count(*)`. */
  run(samples: readonly Sample[], argument: number | undefined): Value;
}

const ofNumbers = (run: (numbers: readonly number[]) => number): Aggregate => ({
  arity: [1, 1],
  run(samples) {
    const numbers = samples.map(({ value }) => numberOf(value)).filter((number) => number !== undefined);
    return numbers.length === 0 ? undefined : run(numbers);
  },
});

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
const mean = (numbers: readonly number[]): number => total(numbers) / numbers.length;

const first = (before: (left: Sample, right: Sample) => number): Aggregate => ({
  arity: [1, 1],
  run: (samples) =>
    samples.reduce<Sample | undefined>(
      (best, each) => (best === undefined || before(each, best) < 0 ? each : best),
      undefined,
    )?.value,
});

const byValue = (left: Sample, right: Sample): number => compare(left.value, right.value) ?? 0;

const aggregates: ReadonlyMap<string, Aggregate> = new Map(
  Object.entries({
    count: { arity: [0, 1], run: (samples) => samples.length },
    count_distinct: { arity: [1, 1], run: (samples) => new Set(samples.map(({ value }) => textOf(value))).size },
    sum: ofNumbers(total),
    avg: ofNumbers(mean),
    stddev: ofNumbers((numbers) => {
      const middle = mean(numbers);
      return Math.sqrt(mean(numbers.map((number) => (number - middle) ** 2)));
    }),
    min: first(byValue),
    max: first((left, right) => byValue(right, left)),
    earliest: first((left, right) => left.time - right.time),
    latest: first((left, right) => right.time - left.time),
    sortsfirst: first((left, right) => order(left.value, right.value)),
    sortslast: first((left, right) => order(right.value, left.value)),
    pct: {
      arity: [2, 2],
      run(samples, percent = 50) {
        const numbers = samples.map(({ value }) => numberOf(value)).filter((number) => number !== undefined);
        numbers.sort((left, right) => left - right);
        // the value below which so many percent are
        const place = Math.ceil((Math.min(100, Math.max(0, percent)) / 100) * numbers.length) - 1;
        return numbers[Math.max(0, place)];
      },
    },
  } satisfies Record<string, Aggregate>),
);

/** `name` in lower case. */
export function isAggregate(name: string): boolean {
  return aggregates.has(name);
}

export function aggregateArity(name: string): readonly [least: number, most: number] | undefined {
  return aggregates.get(name)?.arity;
}

export function aggregate(name: string, samples: readonly Sample[], argument: number | undefined): Value {
  return aggregates.get(name)?.run(samples, argument);
}

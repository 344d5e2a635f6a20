// The statistics of CloudWatch: which names there are, and how they relate.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStatistic, type Sample, statisticOf } from './statistics.ts';

const sample = (...values: readonly number[]): Sample => ({
  points: values.map((value) => ({ value, count: 1 })),
  sets: [],
});
function value(of: Sample, name: string): number | undefined {
  const statistic = parseStatistic(name);
  if (statistic === undefined) throw new Error(`"${name}" is no statistic`);
  return statisticOf(of, statistic);
}

test.each([
  ['Sum', 5050],
  ['SampleCount', 100],
  ['Average', 50.5],
  ['Minimum', 1],
  ['Maximum', 100],
  ['p0', 1],
  ['p50', 50],
  ['p99.9', 100],
  ['p100', 100],
  ['tm90', 45.5],
  ['TM(2%:98%)', 50.5],
  ['TM(10:20)', 15.5],
  ['TM(:10)', 5.5],
  ['TM(90%:)', 95.5],
  ['IQM', 50.5],
  ['tc90', 90],
  ['TC(90:)', 10],
  ['ts10', 55],
  ['TS(:10%)', 55],
  ['wm50', 37.75],
  ['WM(0%:50%)', 37.75],
  ['PR(:25)', 25],
  ['PR(25:75)', 50],
])('%s of 1 to 100 is %d', (name, expected) => {
  expect(value(sample(...Array.from({ length: 100 }, (_, index) => index + 1)), name)).toBeCloseTo(expected, 8);
});

test.each(['', 'sum', 'p101', 'p-1', 'tm', 'TM()', 'TM(:)', 'TM(1:2%)', 'TM(2:1)', 'PR(1%:2%)', 'pr50', 'TM(0%:101%)'])(
  '"%s" is no statistic',
  (name) => {
    expect(parseStatistic(name)).toBeUndefined();
  },
);

test('the statistics of any values agree with one another', () => {
  const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 100 }), (numbers, percent) => {
      const of = sample(...numbers);
      const get = (name: string) => value(of, name) ?? Number.NaN;
      expect(get('TM(0%:100%)')).toBeCloseTo(get('Average'), 6);
      expect(get('WM(0%:100%)')).toBeCloseTo(get('Average'), 6);
      expect([get('p0'), get('p100')]).toEqual([get('Minimum'), get('Maximum')]);
      const percentile = get(`p${percent}`);
      expect(numbers).toContain(percentile);
      expect(get(`PR(:${percentile})`)).toBeGreaterThanOrEqual(percent - 1e-9);
      expect(get(`tc${percent}`)).toBeCloseTo((numbers.length * percent) / 100, 6);
      expect(get('TM(25%:75%)')).toBe(get('IQM'));
    }),
  );
});

test('a set of several values has totals, and percentiles only if all are the same', () => {
  const set = { count: 4, sum: 10, minimum: 1, maximum: 4 };
  const totals = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum', 'p50', 'TM(:3)'];
  expect(totals.map((name) => value({ points: [], sets: [set] }, name))).toEqual([
    4,
    10,
    2.5,
    1,
    4,
    undefined,
    undefined,
  ]);
  const same = { points: [], sets: [{ count: 3, sum: 6, minimum: 2, maximum: 2 }] };
  expect(value(same, 'p50')).toBe(2);
  expect(value({ ...sample(8, 9), ...same, points: sample(8, 9).points }, 'p90')).toBe(9);
  expect(value(sample(-1, 1), 'p50')).toBeUndefined();
  expect(value(sample(), 'Sum')).toBeUndefined();
});

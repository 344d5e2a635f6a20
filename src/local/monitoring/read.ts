// GetMetricData and GetMetricStatistics: statistics of metrics by period.
import type { Datapoint, MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { evaluate, type TimeSeries } from './expression.ts';
import { dimensionsOf, type Minutes, minuteOf, seriesKey } from './minutes.ts';
import { parseStatistic, type Statistic, statisticOf } from './statistics.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const mostQueries = 500;
const mostDatapoints = 100_800;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
const mostStatistics = 1_440;
const defaultPeriod = 60;

interface Range {
  readonly from: number;
  readonly to: number;
}

export function readOperations(
  minutes: Minutes,
): Pick<Operations<'monitoring'>, 'GetMetricData' | 'GetMetricStatistics'> {
  return {
    GetMetricData: {
      members: ['MetricDataQueries', 'StartTime', 'EndTime', 'ScanBy', 'MaxDatapoints', 'NextToken'],
      run({ MetricDataQueries = [], StartTime, EndTime, ScanBy = 'TimestampDescending', MaxDatapoints, NextToken }) {
        const range = rangeOf(StartTime, EndTime);
        checkQueries(MetricDataQueries);
        const after = NextToken === undefined ? undefined : placeOf(NextToken);
        const found = seriesFinder(minutes, MetricDataQueries, range);
        let room = Math.min(MaxDatapoints ?? mostDatapoints, mostDatapoints);
        let next: Place | undefined;
        const results = MetricDataQueries.flatMap((query, index) => {
          const all = [...found(query.Id ?? '')].sort(([a], [b]) => a - b);
          // an answered query has nothing more on later pages
          if (query.ReturnData === false) return [];
          const ordered = ScanBy === 'TimestampDescending' ? all.reverse() : all;
          const rest = after === undefined ? ordered : restOf(ordered, index, after);
          const points = rest.slice(0, room);
          room -= points.length;
          const isPartial = points.length < rest.length;
          if (isPartial) next ??= { query: index, done: ordered.length - rest.length + points.length };
          return {
            Id: query.Id,
            Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
            Timestamps: points.map(([time]) => new Date(time)),
            Values: points.map(([, value]) => value),
            StatusCode: isPartial ? ('PartialData' as const) : ('Complete' as const),
          };
        });
        return {
          MetricDataResults: results,
          Messages: [],
          ...(next === undefined ? {} : { NextToken: Buffer.from(JSON.stringify(next)).toString('base64url') }),
        };
      },
    },

    GetMetricStatistics: {
      members: [
        'Namespace',
        'MetricName',
        'Dimensions',
        'StartTime',
        'EndTime',
        'Period',
        'Statistics',
        'ExtendedStatistics',
        'Unit',
      ],
      run({ Namespace = '', MetricName = '', Dimensions = [], StartTime, EndTime, Period = 0, Unit, ...asked }) {
        const { Statistics = [], ExtendedStatistics = [] } = asked;
        checkConstraints('ValidationError', [
          ['statistics', Statistics, { max: 5 }],
          ['extendedStatistics', ExtendedStatistics, { max: 10 }],
          ['period', Period, { min: 1 }],
        ]);
        if (Statistics.length === 0 && ExtendedStatistics.length === 0) {
          throw new AwsError('MissingParameter', 'Must specify either Statistics or ExtendedStatistics');
        }
        if (Statistics.length > 0 && ExtendedStatistics.length > 0) {
          throw new AwsError(
            'InvalidParameterCombination',
            'The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.',
          );
        }
        const range = rangeOf(StartTime, EndTime);
        checkPeriod(Period, 'GetMetricStatistics');
        const count = Math.ceil((range.to - range.from) / (Period * 1000));
        if (count > mostStatistics) {
          throw new AwsError(
            'InvalidParameterCombination',
            `You have requested up to ${count.toLocaleString('en-US')} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
          );
        }
        const wanted = [...Statistics, ...ExtendedStatistics].map((name) => [name, statisticNamed(name)] as const);
        const key = seriesKey({ namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) });
        // one datapoint for each unit of a period
        const units = Unit === undefined ? minutes.unitsOf(key) : [Unit];
        const Datapoints = units.flatMap((unit) =>
          [...minutes.periods(key, { ...range, unit }, Period * 1000)].flatMap(([start, sample]) => {
            const values = wanted.flatMap(([name, statistic]) => {
              const value = statisticOf(sample, statistic);
              return value === undefined ? [] : [[name, value] as const];
            });
            if (values.length === 0) return [];
            const described = Object.fromEntries(values);
            const point = Statistics.length > 0 ? described : { ExtendedStatistics: described };
            return { Timestamp: new Date(start), ...point, Unit: unit } as Datapoint;
          }),
        );
        return { Label: MetricName, Datapoints };
      },
    },
  };
}

/** How many datapoints of a query, and all of the queries before it, have been answered. */
interface Place {
  readonly query: number;
  readonly done: number;
}

function placeOf(token: string): Place {
  try {
    const { query, done } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Partial<Place>;
    if (typeof query === 'number' && typeof done === 'number') return { query, done };
  } catch {}
  throw new AwsError('InvalidNextToken', 'The next token specified is invalid.');
}

function restOf<T>(points: readonly T[], index: number, { query, done }: Place): readonly T[] {
  if (index < query) return [];
  return index === query ? points.slice(done) : points;
}

function rangeOf(start: Date | undefined, end: Date | undefined): Range {
  if (start === undefined || end === undefined || start >= end) {
    throw new AwsError('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
  }
  return { from: minuteOf(start.getTime()), to: end.getTime() };
}

function checkQueries(queries: readonly MetricDataQuery[]): void {
  if (queries.length > mostQueries) {
    throw new AwsError(
      'ValidationError',
      `The collection MetricDataQueries must not have a size greater than ${mostQueries}.`,
    );
  }
  const ids = new Set<string>();
  queries.forEach(({ Id = '', MetricStat, Expression, AccountId }, index) => {
    const at = `MetricDataQueries.member.${index + 1}`;
    if (!/^[a-z]\w{0,254}$/.test(Id)) {
      throw new AwsError(
        'ValidationError',
        `The value ${Id} for parameter ${at}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
      );
    }
    if (ids.has(Id))
      throw new AwsError('ValidationError', `The values for parameter id in MetricDataQueries are not unique.`);
    ids.add(Id);
    if ((MetricStat === undefined) === (Expression === undefined)) {
      throw new AwsError('ValidationError', `Exactly one of ${at}.MetricStat and ${at}.Expression must be specified.`);
    }
    if (AccountId !== undefined) throw notImplemented('cloudwatch:GetMetricData with an AccountId');
  });
}

/** What a query is, by its id; each once. */
function seriesFinder(minutes: Minutes, queries: readonly MetricDataQuery[], range: Range): (id: string) => TimeSeries {
  const known = new Map<string, TimeSeries>();
  const under = new Set<string>();
  const find = (id: string): TimeSeries | undefined => {
    const before = known.get(id);
    const query = queries.find(({ Id }) => Id === id);
    if (before !== undefined || query === undefined) return before;
    if (under.has(id)) throw new AwsError('ValidationError', `The expression of ${id} refers to itself.`);
    under.add(id);
    const { MetricStat, Expression = '' } = query;
    const series = MetricStat === undefined ? evaluate(Expression, find) : metricOf(minutes, MetricStat, range);
    known.set(id, series);
    return series;
  };
  return (id) => find(id) ?? new Map();
}

function metricOf(minutes: Minutes, { Metric, Period = defaultPeriod, Stat = '', Unit }: MetricStat, range: Range) {
  const statistic = statisticNamed(Stat);
  checkPeriod(Period, 'GetMetricData');
  const { Namespace = '', MetricName = '', Dimensions = [] } = Metric ?? {};
  const key = seriesKey({ namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) });
  const values = new Map<number, number>();
  for (const [start, sample] of minutes.periods(key, { ...range, unit: Unit }, Period * 1000)) {
    const value = statisticOf(sample, statistic);
    if (value !== undefined) values.set(start, value);
  }
  return values;
}

function statisticNamed(name: string): Statistic {
  const statistic = parseStatistic(name);
  if (statistic !== undefined) return statistic;
  throw new AwsError('ValidationError', `The value ${name} for parameter Stat is not supported.`);
}

function checkPeriod(period: number, operation: string): void {
  if (period % 60 === 0) return;
  throw notImplemented(`cloudwatch:${operation} with a period that is not a multiple of a minute`);
}

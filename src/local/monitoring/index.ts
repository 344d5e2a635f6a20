// CloudWatch metrics: what services and programs record, statistics of it by period, and alarms. Its signing name is `monitoring`.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
import type { MetricDataQuery, MetricDataResult, MetricDatum } from '@aws-sdk/client-cloudwatch';
import { AwsError, type Cloud, type Operations, type Service } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { dimensionsOf } from './alarm-state.ts';
import { createAlarms } from './alarms.ts';
import {
  type Minute,
  minuteOf,
  type Point,
  parseStatistic,
  pointsOf,
  type Series,
  seriesKey,
  statisticOf,
} from './minutes.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const mostQueries = 500;
const mostDatums = 1000;
const dayMs = 24 * 3_600_000;

export function createMonitoring(cloud: Cloud): Service<'monitoring'> {
  const minutes = cloud.collection<Minute>('monitoring.minutes');
  const alarms = createAlarms(cloud, minutes);

  const record = (namespace: string, datum: MetricDatum): void => {
    const { MetricName = '', Dimensions = [] } = datum;
    const key = seriesKey({ namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) });
    const at = minuteOf(datum.Timestamp?.getTime() ?? cloud.now());
    const id = `${key}\n${at}`;
    const minute = minutes.get(id) ?? { key, at, counts: {} };
    for (const { value, count } of valuesOf(datum)) minute.counts[value] = (minute.counts[value] ?? 0) + count;
    minutes.set(id, minute);
  };

  const operations: Operations<'monitoring'> = {
    ...alarms.operations,

    PutMetricData: {
      members: ['Namespace', 'MetricData'],
      run({ Namespace = '', MetricData = [] }, { principal }) {
        if (Namespace.startsWith('AWS/') && principal.kind !== 'service') {
          throw new AwsError('InvalidParameterValue', 'The value AWS/ for parameter Namespace is invalid.');
        }
        if (MetricData.length > mostDatums) {
          throw new AwsError(
            'InvalidParameterValue',
            `The collection MetricData must not have a size greater than ${mostDatums}.`,
          );
        }
        for (const datum of MetricData) record(Namespace, datum);
        return {};
      },
    },

    GetMetricData: {
      members: ['MetricDataQueries', 'StartTime', 'EndTime', 'ScanBy', 'MaxDatapoints'],
      run({ MetricDataQueries = [], StartTime, EndTime, ScanBy = 'TimestampDescending' }) {
        if (StartTime === undefined || EndTime === undefined || StartTime >= EndTime) {
          throw new AwsError('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
        }
        if (MetricDataQueries.length > mostQueries) {
          throw new AwsError(
            'ValidationError',
            `The collection MetricDataQueries must not have a size greater than ${mostQueries}.`,
          );
        }
        const range = { from: StartTime.getTime(), to: EndTime.getTime() };
        const results = MetricDataQueries.map((query) => answered(query, range, [...minutes.values()]));
        const isDescending = ScanBy === 'TimestampDescending';
        return { MetricDataResults: isDescending ? results.map(reversed) : results, Messages: [] };
      },
    },

    ListMetrics: {
      members: ['Namespace', 'MetricName', 'Dimensions'],
      run({ Namespace, MetricName, Dimensions = [] }) {
        const keys = new Set([...minutes.values()].map(({ key }) => key));
        const metrics = [...keys]
          .map((key) => JSON.parse(key) as Series)
          .filter(({ namespace, name }) => (Namespace ?? namespace) === namespace && (MetricName ?? name) === name)
          .filter(({ dimensions }) =>
            Dimensions.every(
              ({ Name = '', Value }) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name],
            ),
          );
        return {
          Metrics: metrics.map(({ namespace, name, dimensions }) => ({
            Namespace: namespace,
            MetricName: name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          })),
        };
      },
    },
  };
  return {
    name: 'monitoring',
    operations,
    async start() {
      // CloudWatch keeps minutes for 15 days. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
      const oldest = cloud.now() - 15 * dayMs;
      for (const [id, { at }] of minutes.entries()) if (at < oldest) minutes.delete(id);
      alarms.start();
    },
    stop: () => alarms.stop(),
  };
}

function valuesOf({ Value, Values, Counts, StatisticValues }: MetricDatum): readonly Point[] {
  if (StatisticValues !== undefined) throw notImplemented('cloudwatch:PutMetricData with StatisticValues');
  if (Values !== undefined) return Values.map((value, index) => ({ value, count: Counts?.[index] ?? 1 }));
  return [{ value: Value ?? 0, count: 1 }];
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function answered(query: MetricDataQuery, { from, to }: Range, minutes: readonly Minute[]): MetricDataResult {
  const { Id, Label, MetricStat } = query;
  if (MetricStat === undefined) throw notImplemented('cloudwatch:GetMetricData with an Expression');
  const { Metric, Period = 60, Stat = '' } = MetricStat;
  const statistic = parseStatistic(Stat);
  if (statistic === undefined)
    throw new AwsError('ValidationError', `The value ${Stat} for parameter Stat is not supported.`);
  if (Period % 60 !== 0)
    throw notImplemented('cloudwatch:GetMetricData with a period that is not a multiple of a minute');
  const { Namespace = '', MetricName = '', Dimensions = [] } = Metric ?? {};
  const key = seriesKey({ namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) });
  const periods = new Map<number, Point[]>();
  const periodMs = Period * 1000;
  for (const minute of minutes) {
    if (minute.key !== key || minute.at < minuteOf(from) || minute.at >= to) continue;
    const start = Math.floor(minute.at / periodMs) * periodMs;
    periods.set(start, [...(periods.get(start) ?? []), ...pointsOf(minute)]);
  }
  const ordered = [...periods].sort(([a], [b]) => a - b);
  return {
    Id,
    Label: Label ?? MetricName,
    Timestamps: ordered.map(([start]) => new Date(start)),
    Values: ordered.map(([, points]) => statisticOf(points, statistic)),
    StatusCode: 'Complete',
  };
}

function reversed({ Timestamps = [], Values = [], ...rest }: MetricDataResult): MetricDataResult {
  return { ...rest, Timestamps: Timestamps.toReversed(), Values: Values.toReversed() };
}

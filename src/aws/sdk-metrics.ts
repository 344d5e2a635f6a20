// CloudWatch metrics through the SDK.
import type { AlarmState, MetricQuery, Metrics, Series, SeriesQuery, TotalQuery } from './aws.ts';
import { datapointsPerCall, metricDataRate, metricListRate, paceRequests } from './pace.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
const queriesPerCall = 500;
const hourSeconds = 3600;
const alarmTypes = ['MetricAlarm', 'CompositeAlarm'] as const;

export function sdkMetrics(config: Config, ask: Ask): Metrics {
  const client = async (rate?: typeof metricDataRate) => {
    const sdk = await import('./clients/cloudwatch.ts');
    const made = new sdk.CloudWatchClient({ ...config, retryStrategy: await retryStrategy() });
    if (rate !== undefined && config.paced !== false) paceRequests(made.middlewareStack, rate, config);
    return { sdk, client: made };
  };
  // each has a quota of its own
  const forData = once(() => client(metricDataRate));
  const forLists = once(() => client(metricListRate));
  const forAlarms = once(() => client());

  const series = (queries: readonly SeriesQuery[], since: Date, until: Date): Promise<readonly Series[]> =>
    ask('cloudwatch:GetMetricData', async () => {
      const { sdk, client } = await forData();
      const found: [number, number][][] = queries.map(() => []);
      for (const MetricDataQueries of calls(queries, until.getTime() - since.getTime())) {
        const input = { MetricDataQueries, StartTime: since, EndTime: until, ScanBy: 'TimestampAscending' as const };
        for await (const page of sdk.paginateGetMetricData({ client }, input)) {
          for (const { Id = '', Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
            const points = found[Number(Id.slice(1))];
            Timestamps.forEach((time, index) => {
              points?.push([time.getTime(), Values[index] ?? 0]);
            });
          }
        }
      }
      return found;
    });

  return {
    series,
    async byMinute(queries, since, until) {
      const values = await series(queries.map(minuteQuery), since, until);
      const found = queries.map(({ id }, index) => [id, (values[index] ?? []).map(([, value]) => value)] as const);
      return new Map(found.filter(([, each]) => each.length > 0));
    },
    dimensions: ({ namespace, metric, dimensions }) =>
      ask('cloudwatch:ListMetrics', async () => {
        const { sdk, client } = await forLists();
        const input = { Namespace: namespace, MetricName: metric, Dimensions: dimensionList(dimensions) };
        const found: Record<string, string>[] = [];
        for await (const { Metrics = [] } of sdk.paginateListMetrics({ client }, input)) {
          for (const { Dimensions = [] } of Metrics) {
            found.push(Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value])));
          }
        }
        return found;
      }),
    async totals(queries, since, until) {
      const found = await series(queries.map(hourQuery), hourOf(since), until);
      return found.map((points) => ({
        sum: points.reduce((sum, [, value]) => sum + value, 0),
        first: points[0] === undefined ? undefined : new Date(points[0][0]),
      }));
    },
    alarms: (names) =>
      ask('cloudwatch:DescribeAlarms', async () => {
        const { sdk, client } = await forAlarms();
        const states = new Map<string, AlarmState>();
        const input = { AlarmNames: [...names], AlarmTypes: [...alarmTypes] };
        for await (const { MetricAlarms = [], CompositeAlarms = [] } of sdk.paginateDescribeAlarms({ client }, input)) {
          for (const { AlarmName = '', StateValue } of [...MetricAlarms, ...CompositeAlarms]) {
            if (StateValue !== undefined) states.set(AlarmName, StateValue);
          }
        }
        return states;
      }),
  };
}

function minuteQuery({ functionName, alias, version, metric, statistic }: MetricQuery): SeriesQuery {
  return {
    namespace: 'AWS/Lambda',
    metric,
    dimensions: { FunctionName: functionName, Resource: `${functionName}:${alias}`, ExecutedVersion: version },
    statistic,
    periodSeconds: 60,
  };
}

function hourQuery({ functionName, metric }: TotalQuery): SeriesQuery {
  const dimensions = { FunctionName: functionName };
  return { namespace: 'AWS/Lambda', metric, dimensions, statistic: 'Sum', periodSeconds: hourSeconds };
}

/** CloudWatch answers by whole periods: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
function hourOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / (hourSeconds * 1000)) * hourSeconds * 1000);
}

const dimensionList = (dimensions: SeriesQuery['dimensions']) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** As many queries in a call as CloudWatch takes, and as its rate of datapoints allows. */
function calls(queries: readonly SeriesQuery[], rangeMs: number) {
  const all: ReturnType<typeof dataQuery>[][] = [];
  let datapoints = 0;
  queries.forEach((query, index) => {
    const own = Math.ceil(rangeMs / 1000 / query.periodSeconds);
    const last = all.at(-1);
    datapoints += own;
    if (last === undefined || last.length === queriesPerCall || datapoints > datapointsPerCall) {
      all.push([dataQuery(query, index)]);
      datapoints = own;
    } else last.push(dataQuery(query, index));
  });
  return all;
}

function dataQuery({ namespace, metric, dimensions, statistic, periodSeconds }: SeriesQuery, index: number) {
  return {
    // letters, digits and _, beginning with a lower-case letter
    Id: `q${index}`,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: metric, Dimensions: dimensionList(dimensions) },
      Period: periodSeconds,
      Stat: statistic,
    },
  };
}

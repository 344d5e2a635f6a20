// CloudWatch metrics through the SDK.
import type { AlarmState, MetricQuery, Metrics, TotalQuery } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
const queriesPerCall = 500;
const periodSeconds = 60;
const hourSeconds = 3600;
const alarmTypes = ['MetricAlarm', 'CompositeAlarm'] as const;

export function sdkMetrics(config: Config, ask: Ask): Metrics {
  const load = once(async () => {
    const sdk = await import('./clients/cloudwatch.ts');
    return { sdk, client: new sdk.CloudWatchClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    byMinute: (queries, since, until) =>
      ask('cloudwatch:GetMetricData', async () => {
        const { sdk, client } = await load();
        const values = new Map<string, number[]>();
        for (let start = 0; start < queries.length; start += queriesPerCall) {
          const MetricDataQueries = queries
            .slice(start, start + queriesPerCall)
            .map((query, index) => dataQuery(query, start + index));
          const input = { MetricDataQueries, StartTime: since, EndTime: until };
          for await (const page of sdk.paginateGetMetricData({ client }, input)) {
            for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) {
              const id = queries[Number(Id.slice(1))]?.id ?? '';
              values.set(id, [...(values.get(id) ?? []), ...Values]);
            }
          }
        }
        return values;
      }),
    totals: (queries, since, until) =>
      ask('cloudwatch:GetMetricData', async () => {
        const { sdk, client } = await load();
        const totals: { sum: number; first: Date | undefined }[] = queries.map(() => ({ sum: 0, first: undefined }));
        for (let start = 0; start < queries.length; start += queriesPerCall) {
          const MetricDataQueries = queries
            .slice(start, start + queriesPerCall)
            .map((query, index) => totalQuery(query, start + index));
          const input = { MetricDataQueries, StartTime: hourOf(since), EndTime: until };
          for await (const page of sdk.paginateGetMetricData({ client }, input)) {
            for (const { Id = '', Values = [], Timestamps = [] } of page.MetricDataResults ?? []) {
              const total = totals[Number(Id.slice(1))];
              if (total === undefined) continue;
              total.sum += Values.reduce((sum, value) => sum + value, 0);
              const times = [total.first, ...Timestamps].flatMap((time) => time?.getTime() ?? []);
              if (times.length > 0) total.first = new Date(Math.min(...times));
            }
          }
        }
        return totals;
      }),
    alarms: (names) =>
      ask('cloudwatch:DescribeAlarms', async () => {
        const { sdk, client } = await load();
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

  function totalQuery({ functionName, metric }: TotalQuery, index: number) {
    const Dimensions = [{ Name: 'FunctionName', Value: functionName }];
    const Metric = { Namespace: 'AWS/Lambda', MetricName: metric, Dimensions };
    return { Id: `q${index}`, MetricStat: { Metric, Period: hourSeconds, Stat: 'Sum' } };
  }

  function dataQuery({ functionName, alias, version, metric, statistic }: MetricQuery, index: number) {
    return {
      // letters, digits and _, beginning with a lower-case letter
      Id: `q${index}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/Lambda',
          MetricName: metric,
          Dimensions: [
            { Name: 'FunctionName', Value: functionName },
            { Name: 'Resource', Value: `${functionName}:${alias}` },
            { Name: 'ExecutedVersion', Value: version },
          ],
        },
        Period: periodSeconds,
        Stat: statistic,
      },
    };
  }
}

/** CloudWatch answers by whole periods: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
function hourOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / (hourSeconds * 1000)) * hourSeconds * 1000);
}

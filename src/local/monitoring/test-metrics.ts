// For tests: one statistic of a metric over everything that was recorded.
import type { Cloud } from '../cloud.ts';

const dayMs = 24 * 3_600_000;

export interface Asked {
  readonly namespace: `AWS/${string}`;
  readonly dimensions: Readonly<Record<string, string>>;
  /** By default, Sum. */
  readonly stat?: string;
}

/** Undefined if nothing was recorded. */
export async function metricOf(
  cloud: Cloud,
  MetricName: string,
  { namespace, dimensions, stat = 'Sum' }: Asked,
): Promise<number | undefined> {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: namespace, MetricName, Dimensions };
  const { MetricDataResults } = await cloud.call('monitoring', 'GetMetricData', {
    MetricDataQueries: [{ Id: 'q', MetricStat: { Metric, Period: (30 * dayMs) / 1000, Stat: stat } }],
    StartTime: new Date(cloud.now() - 14 * dayMs),
    EndTime: new Date(cloud.now() + dayMs),
  });
  return MetricDataResults?.[0]?.Values?.[0];
}

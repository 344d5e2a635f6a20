// CloudWatch metrics: what services and programs record, statistics of it by period, and alarms. Its signing name is `monitoring`.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
import { AwsError, type Cloud, type Operations, type Service } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { createAlarms } from './alarms.ts';
import { Minutes, type Series, seriesKey } from './minutes.ts';
import { putMetricData } from './put.ts';
import { readOperations } from './read.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
const metricsPerPage = 500;
const hourMs = 3_600_000;

export function createMonitoring(cloud: Cloud): Service<'monitoring'> {
  const minutes = new Minutes(cloud);
  const alarms = createAlarms(cloud, minutes);

  const operations: Operations<'monitoring'> = {
    ...alarms.operations,
    ...readOperations(minutes),
    PutMetricData: putMetricData(cloud, minutes),

    ListMetrics: {
      members: ['Namespace', 'MetricName', 'Dimensions', 'NextToken', 'RecentlyActive'],
      run({ Namespace, MetricName, Dimensions = [], NextToken, RecentlyActive }) {
        checkConstraints('ValidationError', [['recentlyActive', RecentlyActive, { oneOf: ['PT3H'] }]]);
        const oldest = cloud.now() - (RecentlyActive === undefined ? 14 * 24 : 3) * hourMs;
        const metrics = [...minutes.series()]
          .filter(([{ namespace, name }, newest]) => {
            return newest > oldest && (Namespace ?? namespace) === namespace && (MetricName ?? name) === name;
          })
          .map(([series]) => series)
          .filter(({ dimensions }) =>
            Dimensions.every(
              ({ Name = '', Value }) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name],
            ),
          )
          .map((series): readonly [string, Series] => [seriesKey(series), series])
          .sort(([a], [b]) => (a < b ? -1 : 1));
        if (NextToken !== undefined && !/^[\w-]+$/.test(NextToken)) {
          throw new AwsError('InvalidParameterValue', 'Invalid nextToken');
        }
        const { items, nextToken } = pageByName(metrics, ([key]) => key, { token: NextToken, most: metricsPerPage });
        return {
          Metrics: items.map(([, { namespace, name, dimensions }]) => ({
            Namespace: namespace,
            MetricName: name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          })),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
  };
  return {
    name: 'monitoring',
    operations,
    async start() {
      alarms.start();
    },
    stop: () => alarms.stop(),
  };
}

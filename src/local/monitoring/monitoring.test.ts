// CloudWatch metrics over the wire: what programs and Lambda record, and its statistics.
import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { createFunction, invoke } from '../lambda/fixture.ts';
import { answering, publishVersion, startTestLambda } from '../lambda/test-lambda.ts';

const lambda = await startTestLambda();
const { aws, cloud, Role, call } = lambda;
const client = new CloudWatchClient({
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const hour = 3_600_000;
const range = () => ({ StartTime: new Date(cloud.now() - hour), EndTime: new Date(cloud.now() + hour) });
const query = (Namespace: string, MetricName: string, dimensions: Record<string, string>, Stat: string, Period = 60) =>
  ({
    Id: 'q',
    MetricStat: {
      Metric: {
        Namespace,
        MetricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period,
      Stat,
    },
  }) satisfies MetricDataQuery;

async function values(of: MetricDataQuery): Promise<readonly number[] | undefined> {
  const { MetricDataResults } = await client.send(new GetMetricDataCommand({ MetricDataQueries: [of], ...range() }));
  return MetricDataResults?.[0]?.Values;
}

test('keeps what programs record, by minute, and answers every statistic by period', async () => {
  const at = (minute: number) => new Date(Math.floor(cloud.now() / hour) * hour + minute * 60_000);
  const put = (minute: number, ...Values: number[]) =>
    client.send(
      new PutMetricDataCommand({
        Namespace: 'Shop',
        MetricData: [
          { MetricName: 'Price', Dimensions: [{ Name: 'Kind', Value: 'book' }], Timestamp: at(minute), Values },
        ],
      }),
    );
  await put(0, 1, 2, 3, 4);
  await put(0, 10);
  await put(1, 100);
  const price = (stat: string, period?: number) => values(query('Shop', 'Price', { Kind: 'book' }, stat, period));
  expect(await price('Sum')).toEqual([100, 20]);
  expect(await price('Average')).toEqual([100, 4]);
  expect(await price('SampleCount', 300)).toEqual([6]);
  expect([await price('Minimum', 300), await price('Maximum', 300)]).toEqual([[1], [100]]);
  expect([await price('p50', 300), await price('p99', 300), await price('p0', 300)]).toEqual([[3], [100], [1]]);
  expect(await values(query('Shop', 'Price', {}, 'Sum'))).toEqual([]);
  const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: 'Shop' }));
  expect(Metrics).toEqual([{ Namespace: 'Shop', MetricName: 'Price', Dimensions: [{ Name: 'Kind', Value: 'book' }] }]);
});

test('has the metrics of functions, by alias and version', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await publishVersion(lambda, name);
  await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
  const failing = await createFunction(cloud, 'export const handler = async () => { throw new Error("no"); };', {
    Role,
  });
  await invoke(cloud, `${name}:live`);
  await invoke(cloud, `${name}:live`);
  await invoke(cloud, name);
  await invoke(cloud, failing);
  const sum = (metric: string, dimensions: Record<string, string>) =>
    values(query('AWS/Lambda', metric, dimensions, 'Sum', 3600));
  expect(await sum('Invocations', { FunctionName: name })).toEqual([3]);
  expect(await sum('Invocations', { FunctionName: name, Resource: `${name}:live` })).toEqual([2]);
  const executed = { FunctionName: name, Resource: `${name}:live`, ExecutedVersion: '1' };
  expect([await sum('Invocations', executed), await sum('Errors', executed)]).toEqual([[2], [0]]);
  expect((await sum('Duration', executed))?.[0]).toBeGreaterThan(0);
  expect(await sum('Errors', { FunctionName: failing })).toEqual([1]);
});

test('refuses what only AWS may record, and what it cannot answer', async () => {
  const data = [{ MetricName: 'Invocations', Value: 1 }];
  await expect(
    client.send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: data })),
  ).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'The value AWS/ for parameter Namespace is invalid.',
  });
  await expect(values(query('Shop', 'Price', {}, 'tm90'))).rejects.toThrow('tm90');
  await expect(values({ Id: 'q', Expression: 'm1 / m2' })).rejects.toThrow('Expression');
});

// CloudWatch metrics over the wire: what programs and Lambda record, and its statistics.
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  type MetricDatum,
  PutMetricDataCommand,
  type StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { createFunction, invoke } from '../lambda/fixture.ts';
import { answering, publishVersion, startTestLambda } from '../lambda/test-lambda.ts';

const lambda = await startTestLambda();
const { aws, cloud, clock, Role, call } = lambda;
const client = new CloudWatchClient({
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const hour = 3_600_000;
/** From the start of the hour before. */
const range = () => {
  const start = Math.floor(cloud.now() / hour) * hour;
  return { StartTime: new Date(start - hour), EndTime: new Date(start + 2 * hour) };
};
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

const sendData = (Namespace: string, ...MetricData: MetricDatum[]) =>
  client.send(new PutMetricDataCommand({ Namespace, MetricData }));

test('keeps statistic sets, counts and units', async () => {
  const Timestamp = new Date(cloud.now());
  const size = { MetricName: 'Size', Timestamp };
  await sendData(
    'Sets',
    { ...size, Values: [1, 2], Counts: [3, 1], Unit: 'Bytes' },
    { ...size, StatisticValues: { SampleCount: 2, Sum: 30, Minimum: 10, Maximum: 20 }, Unit: 'Bytes' },
    { ...size, Value: 7, Unit: 'Kilobytes' },
  );
  const of = (stat: string, Unit?: StandardUnit) => {
    const { Id, MetricStat } = query('Sets', 'Size', {}, stat);
    return values({ Id, MetricStat: { ...MetricStat, ...(Unit === undefined ? {} : { Unit }) } });
  };
  expect([await of('Sum', 'Bytes'), await of('SampleCount', 'Bytes')]).toEqual([[35], [6]]);
  expect([await of('Sum', 'Kilobytes'), await of('Sum', 'Seconds'), await of('Sum')]).toEqual([[7], [], [42]]);
  expect([await of('p50', 'Bytes'), await of('p50', 'Kilobytes')]).toEqual([[], [7]]);
  const { Datapoints = [], Label } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: 'Sets',
      MetricName: 'Size',
      Period: 3600,
      Statistics: ['Sum', 'Maximum'],
      ...range(),
    }),
  );
  const start = new Date(Math.floor(cloud.now() / hour) * hour);
  expect({ Label, Datapoints }).toEqual({
    Label: 'Size',
    Datapoints: [
      { Timestamp: start, Sum: 35, Maximum: 20, Unit: 'Bytes' },
      { Timestamp: start, Sum: 7, Maximum: 7, Unit: 'Kilobytes' },
    ],
  });
});

test('calculates with metrics, and answers in pages', async () => {
  const start = Math.floor(cloud.now() / hour) * hour;
  const at = (minute: number) => new Date(start + minute * 60_000);
  for (const minute of [0, 1, 2]) {
    await sendData(
      'Math',
      { MetricName: 'Calls', Timestamp: at(minute), Value: 4 },
      ...(minute === 1 ? [] : [{ MetricName: 'Errors', Timestamp: at(minute), Value: minute }]),
    );
  }
  const metric = (Id: string, name: string): MetricDataQuery => ({ ...query('Math', name, {}, 'Sum'), Id });
  const MetricDataQueries: MetricDataQuery[] = [
    metric('calls', 'Calls'),
    { ...metric('errors', 'Errors'), ReturnData: false },
    { Id: 'rate', Expression: '100 * errors / calls - (1 - 1)', Label: 'percent' },
    { Id: 'twice', Expression: 'rate + rate' },
  ];
  const ask = (more: object) =>
    client.send(new GetMetricDataCommand({ MetricDataQueries, ScanBy: 'TimestampAscending', ...range(), ...more }));
  const { MetricDataResults: whole = [] } = await ask({});
  expect(whole.map(({ Id, Label, Values, StatusCode }) => ({ Id, Label, Values, StatusCode }))).toEqual([
    { Id: 'calls', Label: 'Calls', Values: [4, 4, 4], StatusCode: 'Complete' },
    { Id: 'rate', Label: 'percent', Values: [0, 50], StatusCode: 'Complete' },
    { Id: 'twice', Label: 'twice', Values: [0, 100], StatusCode: 'Complete' },
  ]);
  const pages: [string | undefined, number][][] = [];
  let NextToken: string | undefined;
  do {
    const page = await ask({ MaxDatapoints: 2, NextToken });
    pages.push((page.MetricDataResults ?? []).flatMap(({ Id, Values = [] }) => Values.map((value) => [Id, value])));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
  expect(pages.flat()).toEqual(whole.flatMap(({ Id, Values = [] }) => Values.map((value) => [Id, value])));
  await expect(ask({ NextToken: 'none' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
});

test('lists metrics in pages, and those of the last three hours', async () => {
  const names = Array.from({ length: 501 }, (_, index) => `M${String(index).padStart(3, '0')}`);
  await sendData('Many', ...names.map((MetricName) => ({ MetricName, Value: 1 })));
  await sendData('Many', { MetricName: 'Old', Value: 1, Timestamp: new Date(cloud.now() - 5 * hour) });
  const first = await client.send(new ListMetricsCommand({ Namespace: 'Many' }));
  const second = await client.send(new ListMetricsCommand({ Namespace: 'Many', NextToken: first.NextToken }));
  expect([first.Metrics?.length, second.Metrics?.map(({ MetricName }) => MetricName)]).toEqual([500, ['M500', 'Old']]);
  const active = await client.send(new ListMetricsCommand({ MetricName: 'Old', RecentlyActive: 'PT3H' }));
  expect(active.Metrics).toEqual([]);
});

test('forgets minutes after 15 days, and keeps a busy minute small', async () => {
  const busy = Array.from({ length: 20 }, (_, part) => ({
    MetricName: 'Busy',
    Values: Array.from({ length: 150 }, (__, index) => 1000 + part * 150 + index),
  }));
  await sendData('Bound', ...busy);
  const kept = cloud.collection<{ readonly key: string; readonly counts: object }>('monitoring.minutes');
  const minute = kept.find(({ key }) => key.includes('"Busy"'));
  expect(Object.keys(minute?.counts ?? {}).length).toBeLessThan(1300);
  expect(await values(query('Bound', 'Busy', {}, 'SampleCount'))).toEqual([3000]);
  await clock.advance(16 * 24 * hour);
  await sendData('Bound', { MetricName: 'After', Value: 1 });
  expect([...kept.values()].map(({ key }) => JSON.parse(key).name)).toEqual(['After']);
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
  expect(await sum('Invocations', {})).toEqual([4]);
  const most = (metric: string, dimensions: Record<string, string>) =>
    values(query('AWS/Lambda', metric, dimensions, 'Maximum', 3600));
  expect(await most('ConcurrentExecutions', { FunctionName: name })).toEqual([1]);
  expect([await most('ConcurrentExecutions', {}), await most('UnreservedConcurrentExecutions', {})]).toEqual([
    [1],
    [1],
  ]);
});

test('refuses what only AWS may record, and what it cannot answer', async () => {
  const data = [{ MetricName: 'Invocations', Value: 1 }];
  await expect(
    client.send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: data })),
  ).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'The value AWS/ for parameter Namespace is invalid.',
  });
  const refused = (datum: MetricDatum) =>
    sendData('Shop', datum).catch((error: Error) => `${error.name}: ${error.message}`);
  const Timestamp = (days: number) => new Date(cloud.now() + days * 24 * hour);
  const set = { SampleCount: 1, Sum: 1, Minimum: 2, Maximum: 1 };
  expect([
    await refused({ MetricName: 'a', Value: 1, Values: [1] }),
    await refused({ MetricName: 'a', Values: [1, 2], Counts: [1] }),
    await refused({ MetricName: 'a', StatisticValues: set }),
    await refused({ MetricName: 'a', Value: 1, Timestamp: Timestamp(-15) }),
    await refused({ MetricName: 'a', Value: 1, Timestamp: Timestamp(1) }),
    await refused({ MetricName: 'a', Value: 2 ** 361 }),
  ]).toEqual([
    'InvalidParameterCombinationException: The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.',
    'InvalidParameterValueException: The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.',
    'InvalidParameterValueException: The parameter MetricData.member.1.StatisticValues.Maximum must be greater than MetricData.member.1.StatisticValues.Minimum.',
    'InvalidParameterValueException: The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.',
    'InvalidParameterValueException: The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future.',
    'InvalidParameterValueException: The value 4.6970851655476665e+108 for parameter MetricData.member.1.Value is invalid.',
  ]);
  // a service may end what it began before the clock was set forward
  const principal = { kind: 'service', service: 'lambda.amazonaws.com', sourceArn: '' } as const;
  const old = { Namespace: 'AWS/Lambda', MetricData: [{ MetricName: 'Old', Value: 1, Timestamp: Timestamp(-20) }] };
  await cloud.call('monitoring', 'PutMetricData', old, principal);
  await expect(values(query('Shop', 'Price', {}, 'median'))).rejects.toThrow('median');
  await expect(values(query('Shop', 'Price', {}, 'Sum', 30))).rejects.toThrow('not a multiple of a minute');
  await expect(values({ Id: 'q', Expression: 'FILL(m1, 0)' })).rejects.toThrow('an Expression with FILL');
  await expect(values({ Id: 'q', Expression: 'SELECT MAX(a) FROM b' })).rejects.toThrow('an Expression with SELECT');
  await expect(values({ Id: 'q', Expression: 'm1 / m2' })).rejects.toThrow('no query has the id m1');
  await expect(values({ Id: 'q', Expression: 'q + 1' })).rejects.toThrow('refers to itself');
  const end = Math.floor(cloud.now() / hour) * hour;
  const days = { StartTime: new Date(end - 48 * hour), EndTime: new Date(end), Period: 60 };
  await expect(
    client.send(new GetMetricStatisticsCommand({ Namespace: 'a', MetricName: 'b', Statistics: ['Sum'], ...days })),
  ).rejects.toMatchObject({
    name: 'InvalidParameterCombinationException',
    message:
      'You have requested up to 2,880 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
  });
});

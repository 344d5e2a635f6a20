import {
  CloudWatchLogsClient,
  DescribeQueriesCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AdjustableClock } from '../clock.ts';
import type { Cloud } from '../cloud.ts';
import { startTestAws, testClock } from '../fixture.ts';
import type { LocalAws } from '../host.ts';

let clock: AdjustableClock;
let aws: LocalAws;
let cloud: Cloud;
let client: CloudWatchLogsClient;
let seconds: { startTime: number; endTime: number };
beforeAll(async () => {
  clock = testClock();
  aws = await startTestAws({ clock });
  cloud = await aws.cloud();
  const { endpoint } = aws;
  client = new CloudWatchLogsClient({
    endpoint,
    region: cloud.region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const now = cloud.now();
  seconds = { startTime: Math.floor(now / 1000) - 60, endTime: Math.ceil(now / 1000) };
  for (const logGroupName of ['/one', '/two']) {
    await cloud.call('logs', 'CreateLogGroup', { logGroupName });
    await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName: 'stream' });
    const logEvents = [-90_000, -2_000, -1_000].map((ago) => ({
      timestamp: now + ago,
      message: `${logGroupName} ${ago}`,
    }));
    await cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName: 'stream', logEvents });
  }
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const start = (queryString: string, more: object = { logGroupNames: ['/one', '/two'] }) =>
  client.send(new StartQueryCommand({ ...seconds, queryString, ...more }));
async function results(queryId: string | undefined, more: object = {}) {
  await clock.advance(100);
  return client.send(new GetQueryResultsCommand({ queryId, ...more }));
}

test('a query runs over its groups and times, and its result comes in pages', async () => {
  const { queryId } = await start('fields @message | sort @message');
  const whole = await results(queryId);
  expect(whole).toMatchObject({
    queryLanguage: 'CWLI',
    status: 'Complete',
    statistics: { recordsMatched: 4, recordsScanned: 4, logGroupsScanned: 2, bytesScanned: 4 * (10 + 26) },
  });
  expect(whole.results?.map(([message, pointer]) => [message, pointer?.field])).toEqual(
    ['/one -1000', '/one -2000', '/two -1000', '/two -2000'].map((value) => [{ field: '@message', value }, '@ptr']),
  );
  const first = await results(queryId, { maxItems: 3 });
  expect([first.results?.length, typeof first.nextToken]).toEqual([3, 'string']);
  expect((await results(queryId, { maxItems: 3, nextToken: first.nextToken })).results).toHaveLength(1);
  await expect(results(queryId, { nextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('queries are listed with their groups and times, and one that runs can be stopped', async () => {
  const { queryId } = await start('fields @message', { logGroupName: '/one' });
  expect(await client.send(new StopQueryCommand({ queryId }))).toMatchObject({ success: true });
  expect((await results(queryId)).status).toBe('Cancelled');
  await expect(client.send(new StopQueryCommand({ queryId }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  const { queries } = await client.send(new DescribeQueriesCommand({ logGroupName: '/one', status: 'Cancelled' }));
  expect(queries).toEqual([
    {
      queryLanguage: 'CWLI',
      queryId,
      status: 'Cancelled',
      createTime: expect.any(Number),
      logGroupName: '/one',
      queryString: `SOURCE "/one" START=${seconds.startTime}000 END=${seconds.endTime}999 | fields @message`,
    },
  ]);
  expect((await client.send(new DescribeQueriesCommand({ status: 'Scheduled' }))).queries).toEqual([]);
});

test('what AWS refuses', async () => {
  await expect(start('filter a =')).rejects.toMatchObject({
    name: 'MalformedQueryException',
    message: expect.stringMatching(
      /^unexpected end of the query \(Service: AWSLogs; Status Code: 400; Error Code: MalformedQueryException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
    ),
    queryCompileError: { location: { startCharOffset: 10 }, message: 'unexpected end of the query' },
  });
  await expect(start('fields a', { logGroupName: '/none' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: expect.stringMatching(/^Log group '\/none' does not exist for account ID '\d{12}' \(Service: AWSLogs;/),
  });
  for (const wrong of [
    {},
    { logGroupName: '/one', logGroupNames: ['/two'] },
    { logGroupName: '/one', endTime: 1 },
    { logGroupName: '/one', limit: 0 },
    { logGroupName: '/one', queryString: 'x'.repeat(10_001) },
  ]) {
    await expect(start('fields a', wrong)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  }
  await expect(start('SELECT 1', { logGroupName: '/one', queryLanguage: 'SQL' })).rejects.toThrow('queries in SQL');
  await expect(results('none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

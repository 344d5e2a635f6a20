import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import type { Input } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';

const aws = await startTestAws();
afterAll(() => aws.stop());
const cloud = await aws.cloud();
const account = '000000000000';

let created = 0;
async function group(): Promise<string> {
  const logGroupName = `/test/${created++}`;
  await cloud.call('logs', 'CreateLogGroup', { logGroupName });
  await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName: 's' });
  return logGroupName;
}
const write = (logGroupName: string, ...messages: string[]) =>
  cloud.call('logs', 'PutLogEvents', {
    logGroupName,
    logStreamName: 's',
    logEvents: messages.map((message) => ({ timestamp: cloud.now(), message })),
  });
const put = (
  logGroupName: string,
  destinationArn: string,
  more: Partial<Input<'logs', 'PutSubscriptionFilter'>> = {},
) =>
  cloud.call('logs', 'PutSubscriptionFilter', {
    logGroupName,
    filterName: 'f',
    filterPattern: '',
    destinationArn,
    ...more,
  });

/** A function whose events go to a queue, by the record of its success. */
async function receiver() {
  const QueueName = `queue-${created++}`;
  const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName });
  const Role = await createRole(cloud, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' });
  const FunctionName = await createFunction(cloud, 'export const handler = async () => {};', { Role });
  const DestinationConfig = { OnSuccess: { Destination: `arn:aws:sqs:us-east-1:${account}:${QueueName}` } };
  await cloud.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName, DestinationConfig });
  return {
    FunctionName,
    arn: `arn:aws:lambda:us-east-1:${account}:function:${FunctionName}`,
    allow: (Principal: string, logGroupName: string) =>
      cloud.call('lambda', 'AddPermission', {
        FunctionName,
        StatementId: `s${created++}`,
        Action: 'lambda:InvokeFunction',
        Principal,
        SourceArn: `arn:aws:logs:us-east-1:${account}:log-group:${logGroupName}:*`,
        SourceAccount: account,
      }),
    async next() {
      const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 10 });
      for (const { ReceiptHandle } of Messages) await cloud.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
      const { requestPayload } = JSON.parse(Messages[0]?.Body ?? '{}') as {
        requestPayload: { awslogs: { data: string } };
      };
      return JSON.parse(gunzipSync(Buffer.from(requestPayload.awslogs.data, 'base64')).toString()) as object;
    },
  };
}

test.each(['logs.amazonaws.com', 'logs.us-east-1.amazonaws.com'])(
  'a function that lets %s gets what matches',
  async (principal) => {
    const logGroupName = await group();
    const { arn, allow, next } = await receiver();
    const unable = {
      code: 'InvalidParameterException',
      message: expect.stringContaining('Could not execute the lambda function.'),
    };
    await expect(put(logGroupName, arn)).rejects.toMatchObject(unable);
    await allow(principal, '/another');
    await expect(put(logGroupName, arn)).rejects.toMatchObject(unable);
    await allow(principal, logGroupName);
    await put(logGroupName, arn, { filterPattern: 'ERROR' });
    await write(logGroupName, 'fine', 'ERROR one', 'an ERROR');
    const logEvent = (message: string) => ({ id: expect.stringMatching(/^\d{56}$/), timestamp: cloud.now(), message });
    expect(await next()).toEqual({
      messageType: 'DATA_MESSAGE',
      owner: account,
      logGroup: logGroupName,
      logStream: 's',
      subscriptionFilters: ['f'],
      logEvents: [
        { ...logEvent('ERROR one'), timestamp: expect.any(Number) },
        { ...logEvent('an ERROR'), timestamp: expect.any(Number) },
      ],
    });
    await put(logGroupName, arn, { filterPattern: '{ $.level = "warn" }' });
    await write(logGroupName, 'ERROR two', '{"level":"warn"}');
    expect(await next()).toMatchObject({ logEvents: [{ message: '{"level":"warn"}' }] });
  },
);

test('neither the own group of the function nor one of infrequent access has filters', async () => {
  const { FunctionName, arn, allow } = await receiver();
  const own = `/aws/lambda/${FunctionName}`;
  await cloud.call('logs', 'CreateLogGroup', { logGroupName: own }).catch(() => undefined);
  await allow('logs.amazonaws.com', own);
  await expect(put(own, arn)).rejects.toMatchObject({
    code: 'InvalidParameterException',
    message: 'The log group provided is reserved for the function logs of the destination function.',
  });
  const seldom = `/test/${created++}`;
  await cloud.call('logs', 'CreateLogGroup', { logGroupName: seldom, logGroupClass: 'INFREQUENT_ACCESS' });
  await allow('logs.amazonaws.com', seldom);
  await expect(put(seldom, arn)).rejects.toMatchObject({ code: 'InvalidOperationException' });
});

test('a group has two filters, which are described, deleted, and go with the group', async () => {
  const logGroupName = await group();
  const { arn, allow } = await receiver();
  await allow('logs.amazonaws.com', logGroupName);
  await put(logGroupName, arn, { filterName: 'a' });
  await put(logGroupName, arn, { filterName: 'b', filterPattern: 'x' });
  await expect(put(logGroupName, arn, { filterName: 'c' })).rejects.toMatchObject({
    code: 'LimitExceededException',
    message: 'Resource limit exceeded.',
  });
  const describe = async (more: object = {}) =>
    (await cloud.call('logs', 'DescribeSubscriptionFilters', { logGroupName, ...more })).subscriptionFilters;
  expect(await describe({ filterNamePrefix: 'b' })).toEqual([
    {
      filterName: 'b',
      logGroupName,
      filterPattern: 'x',
      destinationArn: arn,
      distribution: 'ByLogStream',
      creationTime: expect.any(Number),
      applyOnTransformedLogs: false,
    },
  ]);
  await cloud.call('logs', 'DeleteSubscriptionFilter', { logGroupName, filterName: 'b' });
  expect((await describe())?.map(({ filterName }) => filterName)).toEqual(['a']);
  await expect(cloud.call('logs', 'DeleteSubscriptionFilter', { logGroupName, filterName: 'b' })).rejects.toMatchObject(
    {
      code: 'ResourceNotFoundException',
      message: 'The specified subscription filter does not exist.',
    },
  );
  await cloud.call('logs', 'DeleteLogGroup', { logGroupName });
  await expect(describe()).rejects.toMatchObject({ message: 'The specified log group does not exist.' });
  await cloud.call('logs', 'CreateLogGroup', { logGroupName });
  expect(await describe()).toEqual([]);
});

test('refuses what AWS refuses, before it looks for the group', async () => {
  const other = 'arn:aws:lambda:us-east-1:111122223333:function:f';
  await expect(put('/absent', other)).rejects.toMatchObject({
    code: 'AccessDeniedException',
    message:
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
  });
  const stream = `arn:aws:kinesis:us-east-1:${account}:stream/s`;
  await expect(put('/absent', stream)).rejects.toMatchObject({
    code: 'InvalidParameterException',
    message: 'destinationArn for vendor kinesis cannot be used without roleArn',
  });
  const own = `arn:aws:lambda:us-east-1:${account}:function:f`;
  await expect(put('/absent', own)).rejects.toMatchObject({ message: 'The specified log group does not exist.' });
  await expect(put(await group(), own, { filterPattern: '{ $.a' })).rejects.toMatchObject({
    message: 'Invalid filter pattern',
  });
});

test('a stream gets a test message, and then what matches', async () => {
  const logGroupName = await group();
  await cloud.call('kinesis', 'CreateStream', { StreamName: 'logs', ShardCount: 1 });
  const stream = `arn:aws:kinesis:us-east-1:${account}:stream/logs`;
  const statement = { Effect: 'Allow', Action: 'kinesis:PutRecord', Resource: stream };
  const roleArn = await createRole(cloud, statement, 'logs.amazonaws.com');
  await expect(put(logGroupName, stream, { roleArn: await createRole(cloud, statement) })).rejects.toMatchObject({
    message: expect.stringContaining('Could not deliver test message'),
  });
  for (;;) {
    const { StreamDescriptionSummary } = await cloud.call('kinesis', 'DescribeStreamSummary', { StreamName: 'logs' });
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') break;
    await new Promise((done) => setTimeout(done, 5));
  }
  await put(logGroupName, stream, { roleArn });
  await write(logGroupName, 'one');
  const shard = { StreamName: 'logs', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' as const };
  const records = async () => {
    const { ShardIterator } = await cloud.call('kinesis', 'GetShardIterator', shard);
    const { Records = [] } = await cloud.call('kinesis', 'GetRecords', { ShardIterator });
    return Records.map(({ Data, PartitionKey }) => ({
      PartitionKey,
      ...(JSON.parse(gunzipSync(Data ?? Buffer.alloc(0)).toString()) as object),
    }));
  };
  await expect.poll(records).toMatchObject([
    {
      messageType: 'CONTROL_MESSAGE',
      owner: 'CloudwatchLogs',
      logEvents: [{ message: expect.stringContaining('Checking health') }],
    },
    { messageType: 'DATA_MESSAGE', PartitionKey: 's', logEvents: [{ message: 'one' }] },
  ]);
});

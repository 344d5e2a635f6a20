import { describe, expect, test } from 'vitest';
import { metricOf } from '../monitoring/test-metrics.ts';
import { createFunction, createRole, waitUntilReady } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, Role, call } = await startTestLambda({
  Effect: 'Allow',
  Action: ['sqs:*', 'sns:*', 'lambda:*', 's3:*'],
  Resource: '*',
});
let created = 0;
async function queue() {
  const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName: `events-${created++}` });
  const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  return { QueueUrl, arn: Attributes?.QueueArn ?? '' };
}
async function received(QueueUrl: string) {
  const request = { QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ['All'] };
  const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', request);
  return Messages[0];
}
const record = async (QueueUrl: string): Promise<unknown> => JSON.parse((await received(QueueUrl))?.Body ?? 'null');
const send = (FunctionName: string, event: unknown, more: object = {}) =>
  call('Invoke', { FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)), ...more });
const failing = `export const handler = async () => { throw new RangeError('no') };`;

describe('records', () => {
  test('of a success have the event and the response', async () => {
    const name = await createFunction(cloud, 'export const handler = async ({ a }) => ({ twice: a * 2 });', { Role });
    const { QueueUrl, arn } = await queue();
    const DestinationConfig = { OnSuccess: { Destination: arn } };
    expect(await call('PutFunctionEventInvokeConfig', { FunctionName: name, DestinationConfig })).toEqual({
      LastModified: expect.any(Date),
      FunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}:$LATEST`,
      DestinationConfig: { OnSuccess: { Destination: arn }, OnFailure: {} },
    });
    await send(name, { a: 4 });
    expect(await record(QueueUrl)).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestContext: {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}:$LATEST`,
        condition: 'Success',
        approximateInvokeCount: 1,
      },
      requestPayload: { a: 4 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload: { twice: 8 },
    });
  });

  test('of a failure go by the alias that was invoked, and count its attempts', async () => {
    const name = await createFunction(cloud, failing, { Role });
    await call('PublishVersion', { FunctionName: name });
    const { AliasArn = '' } = await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
    const { QueueUrl, arn } = await queue();
    await call('PutFunctionEventInvokeConfig', {
      FunctionName: name,
      Qualifier: 'live',
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: arn } },
    });
    await send(AliasArn, [1]);
    expect(await record(QueueUrl)).toMatchObject({
      requestContext: { functionArn: AliasArn, condition: 'RetriesExhausted', approximateInvokeCount: 2 },
      requestPayload: [1],
      responseContext: { statusCode: 200, executedVersion: '1', functionError: 'Unhandled' },
      responsePayload: { errorType: 'RangeError', errorMessage: 'no', trace: expect.any(Array) },
    });
    const counted = { namespace: 'AWS/Lambda', dimensions: { FunctionName: name, Resource: `${name}:live` } } as const;
    expect(await metricOf(cloud, 'AsyncEventsReceived', counted)).toBe(1);
    expect(await metricOf(cloud, 'AsyncEventsDropped', counted)).toBe(1);
    expect(await metricOf(cloud, 'AsyncEventAge', { ...counted, stat: 'SampleCount' })).toBe(2);
    // as old as it would be on AWS, which waits a minute
    expect(await metricOf(cloud, 'AsyncEventAge', { ...counted, stat: 'Maximum' })).toBeGreaterThanOrEqual(60_000);
  });

  test('invoke a function with the record as the event', async () => {
    const { QueueUrl, arn } = await queue();
    const next = await createFunction(cloud, 'export const handler = async (event) => event.responsePayload;', {
      Role,
    });
    await call('PutFunctionEventInvokeConfig', {
      FunctionName: next,
      DestinationConfig: { OnSuccess: { Destination: arn } },
    });
    const name = await createFunction(cloud, `export const handler = async () => 'done';`, { Role });
    const { FunctionArn } = await call('GetFunctionConfiguration', { FunctionName: next });
    await call('PutFunctionEventInvokeConfig', {
      FunctionName: name,
      DestinationConfig: { OnSuccess: { Destination: FunctionArn } },
    });
    await send(name, {});
    expect(await record(QueueUrl)).toMatchObject({
      requestPayload: { responsePayload: 'done' },
      responsePayload: 'done',
    });
  });

  test('report an event that expired in the time that AWS would have waited', async () => {
    const name = await createFunction(cloud, failing, { Role });
    const { QueueUrl, arn } = await queue();
    await call('PutFunctionEventInvokeConfig', {
      FunctionName: name,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: arn } },
    });
    await send(name, {});
    expect(await record(QueueUrl)).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 1 },
    });
  });

  test('report at once a function that may not run', async () => {
    const name = await createFunction(cloud, failing, { Role });
    const { QueueUrl, arn } = await queue();
    await call('PutFunctionEventInvokeConfig', {
      FunctionName: name,
      DestinationConfig: { OnFailure: { Destination: arn } },
    });
    await call('PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 0 });
    await send(name, { a: 1 });
    const delivered = await record(QueueUrl);
    expect(delivered).toMatchObject({
      requestContext: { condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 },
      requestPayload: { a: 1 },
    });
    expect(delivered).not.toHaveProperty('responseContext');
  });

  test('are dropped with a warning if the role may no longer send them', async () => {
    const mine = await createRole(cloud, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' });
    const name = await createFunction(cloud, 'export const handler = async () => 1;', { Role: mine });
    const { arn } = await queue();
    await call('PutFunctionEventInvokeConfig', {
      FunctionName: name,
      DestinationConfig: { OnSuccess: { Destination: arn } },
    });
    await cloud.call('iam', 'DeleteRolePolicy', { RoleName: mine.split('/').at(-1), PolicyName: 'inline' });
    const warned = new Promise<Error>((done) => process.once('warning', done));
    await send(name, {});
    expect((await warned).message).toBe(
      `the record of an event for ${arn} was dropped: User: arn:aws:sts::000000000000:assumed-role/${mine.split('/').at(-1)}/${name} is not authorized to perform: sqs:SendMessage on resource: ${arn} because no identity-based policy allows the sqs:SendMessage action`,
    );
    const counted = { namespace: 'AWS/Lambda', dimensions: { FunctionName: name } } as const;
    await expect.poll(() => metricOf(cloud, 'DestinationDeliveryFailures', counted)).toBe(1);
    expect(await metricOf(cloud, 'AsyncEventsReceived', counted)).toBe(1);
    expect(await metricOf(cloud, 'AsyncEventsDropped', counted)).toBeUndefined();
  });
});

describe('dead letters', () => {
  test('are the event itself, with the error in the attributes of the message', async () => {
    const { QueueUrl, arn } = await queue();
    const name = await createFunction(cloud, failing, { Role, DeadLetterConfig: { TargetArn: arn } });
    expect(await call('GetFunctionConfiguration', { FunctionName: name })).toMatchObject({
      DeadLetterConfig: { TargetArn: arn },
    });
    await call('PutFunctionEventInvokeConfig', { FunctionName: name, MaximumRetryAttempts: 0 });
    await send(name, { order: 7 });
    const letter = await received(QueueUrl);
    expect(letter?.Body).toBe('{"order":7}');
    expect(letter?.MessageAttributes).toEqual({
      RequestID: { DataType: 'String', StringValue: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'no' },
    });
  });

  test('are a setting of the version, removed by an empty ARN', async () => {
    const { arn } = await queue();
    const name = await createFunction(cloud, failing, { Role, DeadLetterConfig: { TargetArn: arn } });
    await call('PublishVersion', { FunctionName: name });
    await call('UpdateFunctionConfiguration', { FunctionName: name, DeadLetterConfig: { TargetArn: '' } });
    await waitUntilReady(cloud, name);
    expect(await call('GetFunctionConfiguration', { FunctionName: name })).not.toHaveProperty('DeadLetterConfig');
    expect(await call('GetFunctionConfiguration', { FunctionName: `${name}:1` })).toHaveProperty('DeadLetterConfig');
  });

  test('need the permission of the role', async () => {
    const { arn } = await queue();
    const message = 'The provided execution role does not have permissions to call SendMessage on SQS';
    await expect(createFunction(cloud, failing, { DeadLetterConfig: { TargetArn: arn } })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message,
    });
    const name = await createFunction(cloud, failing, { Role, DeadLetterConfig: { TargetArn: arn } });
    await expect(
      call('UpdateFunctionConfiguration', { FunctionName: name, Role: await createRole(cloud) }),
    ).rejects.toMatchObject({ message });
    const TargetArn = 'arn:aws:sns:us-east-1:000000000000:topic';
    await expect(createFunction(cloud, failing, { DeadLetterConfig: { TargetArn } })).rejects.toMatchObject({
      message: 'The provided execution role does not have permissions to call Publish on SNS',
    });
    const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
    await expect(
      call('UpdateFunctionConfiguration', { FunctionName: name, DeadLetterConfig: { TargetArn: bus } }),
    ).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  test('and records go to a topic too', async () => {
    const { QueueUrl, arn: Endpoint } = await queue();
    const Statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: Endpoint };
    const Policy = JSON.stringify({ Statement });
    await cloud.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    const { TopicArn = '' } = await cloud.call('sns', 'CreateTopic', { Name: 'ends' });
    const Attributes = { RawMessageDelivery: 'true' };
    await cloud.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint, Attributes });
    const name = await createFunction(cloud, failing, { Role, DeadLetterConfig: { TargetArn: TopicArn } });
    await call('PutFunctionEventInvokeConfig', {
      FunctionName: name,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: TopicArn } },
    });
    await send(name, { order: 8 });
    const bodies = [await received(QueueUrl), await received(QueueUrl)].map((message) => message?.Body ?? '');
    expect(bodies).toContain('{"order":8}');
    expect(bodies.join()).toContain('"condition":"RetriesExhausted"');
  });

  test('of failures go to a bucket as well, by the name of the function and the time', async () => {
    const Bucket = 'failed-events';
    await cloud.call('s3', 'CreateBucket', { Bucket });
    const name = await createFunction(cloud, failing, { Role });
    const settings = { FunctionName: name, MaximumRetryAttempts: 0 };
    await call('PutFunctionEventInvokeConfig', { ...settings, ...onFailure(`arn:aws:s3:::${Bucket}`) });
    await send(name, { order: 9 });
    const found = async () => (await cloud.call('s3', 'ListObjectsV2', { Bucket })).Contents?.[0]?.Key;
    await expect.poll(found, { timeout: 20_000 }).toBeDefined();
    const Key = await found();
    const time = String.raw`(\d{4})/(\d\d)/(\d\d)/\1-\2-\3T\d\d\.\d\d\.\d\d`;
    expect(Key).toMatch(new RegExp(`^aws/lambda/async/${name}/${time}-[0-9a-f-]{36}$`));
    const { Body } = await cloud.call('s3', 'GetObject', { Bucket, Key });
    expect(JSON.parse(Buffer.from(Body as never).toString())).toMatchObject({
      requestContext: { condition: 'RetriesExhausted' },
      requestPayload: { order: 9 },
    });
  });
});

describe('settings', () => {
  test('are kept for each qualifier, updated one by one, and deleted', async () => {
    const name = await createFunction(cloud, failing, { Role });
    await call('PublishVersion', { FunctionName: name });
    await call('PutFunctionEventInvokeConfig', { FunctionName: name, MaximumRetryAttempts: 0 });
    await call('PutFunctionEventInvokeConfig', { FunctionName: `${name}:1`, MaximumEventAgeInSeconds: 90 });
    const updated = await call('UpdateFunctionEventInvokeConfig', { FunctionName: name, MaximumEventAgeInSeconds: 70 });
    expect(updated).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 70 });
    const { FunctionEventInvokeConfigs } = await call('ListFunctionEventInvokeConfigs', { FunctionName: name });
    expect(FunctionEventInvokeConfigs?.map(({ FunctionArn }) => FunctionArn?.split(':').at(-1)).sort()).toEqual([
      '$LATEST',
      '1',
    ]);
    await call('DeleteFunctionEventInvokeConfig', { FunctionName: name });
    await expect(call('GetFunctionEventInvokeConfig', { FunctionName: name })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
      message: `The function arn:aws:lambda:us-east-1:000000000000:function:${name}:$LATEST doesn't have an EventInvokeConfig`,
    });
    const again = await call('PutFunctionEventInvokeConfig', { FunctionName: `${name}:1`, MaximumRetryAttempts: 1 });
    expect(again).not.toHaveProperty('MaximumEventAgeInSeconds');
    await call('DeleteFunction', { FunctionName: `${name}:1` });
    expect(await call('ListFunctionEventInvokeConfigs', { FunctionName: name })).toEqual({
      FunctionEventInvokeConfigs: [],
    });
  });

  test.each<[string, (name: string) => object, string, RegExp]>([
    ['nothing', () => ({}), 'InvalidParameterValueException', /^You must specify at least one of error handling or/],
    ['three retries', () => ({ MaximumRetryAttempts: 3 }), 'ValidationException', /less than or equal to 2/],
    ['59 seconds', () => ({ MaximumEventAgeInSeconds: 59 }), 'ValidationException', /greater than or equal to 60/],
    [
      'a qualifier that is not there',
      () => ({ Qualifier: 'x', MaximumRetryAttempts: 0 }),
      'ResourceNotFoundException',
      /^The function doesn't exist\.$/,
    ],
    [
      'a topic that is not there',
      () => onFailure('arn:aws:sns:us-east-1:000000000000:t'),
      'InvalidParameterValueException',
      /^The destination ARN .*:t is invalid\.$/,
    ],
    [
      'a bus to which the role may not send',
      () => onFailure('arn:aws:events:us-east-1:000000000000:event-bus/default'),
      'InvalidParameterValueException',
      /^The function's execution role does not have permissions to call PutEvents on \S+:event-bus\/default$/,
    ],
    [
      'a table',
      () => onFailure('arn:aws:dynamodb:us-east-1:000000000000:table/t'),
      'InvalidParameterValueException',
      /^The provided destination config DestinationConfig\(onSuccess=null, onFailure=OnFailure\(destination=arn:aws:dynamodb\S+\)\) is invalid\.$/,
    ],
    [
      'a queue that is not there',
      () => onFailure('arn:aws:sqs:us-east-1:000000000000:none'),
      'InvalidParameterValueException',
      /^The destination ARN arn:aws:sqs:us-east-1:000000000000:none is invalid\.$/,
    ],
    [
      'itself',
      (name) => onFailure(`arn:aws:lambda:us-east-1:000000000000:function:${name}`),
      'InvalidParameterValueException',
      /^You can't specify the function as a destination for itself\.$/,
    ],
  ])('with %s are refused', async (_, settings, code, message) => {
    const name = await createFunction(cloud, failing, { Role });
    await expect(call('PutFunctionEventInvokeConfig', { FunctionName: name, ...settings(name) })).rejects.toMatchObject(
      {
        code,
        message: expect.stringMatching(message),
      },
    );
  });

  test('with a destination that the role may not send to are refused', async () => {
    const name = await createFunction(cloud, failing);
    const { arn } = await queue();
    await expect(call('PutFunctionEventInvokeConfig', { FunctionName: name, ...onFailure(arn) })).rejects.toMatchObject(
      {
        message: `The function's execution role does not have permissions to call SendMessage on ${arn}`,
      },
    );
    const Bucket = 'not-listed';
    await cloud.call('s3', 'CreateBucket', { Bucket });
    const putOnly = { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/*` };
    const other = await createFunction(cloud, failing, { Role: await createRole(cloud, putOnly) });
    await expect(
      call('PutFunctionEventInvokeConfig', { FunctionName: other, ...onFailure(`arn:aws:s3:::${Bucket}`) }),
    ).rejects.toMatchObject({
      message: `The function's execution role does not have permissions to call ListBucket on arn:aws:s3:::${Bucket}`,
    });
  });
});

const onFailure = (Destination: string) => ({ DestinationConfig: { OnFailure: { Destination } } });

// EventBridge Scheduler: schedules and groups, and what runs when.
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud, Input, OperationName } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';

const minute = 60_000;
const hour = 60 * minute;
const service = 'scheduler.amazonaws.com';
const arnOf = (kind: string, resource: string) => `arn:aws:${kind}:us-east-1:000000000000:${resource}`;

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloud: Cloud;
let RoleArn: string;
let Target: { Arn: string; RoleArn: string };
beforeAll(async () => {
  local = await startWithClock();
  cloud = local.cloud;
  RoleArn = await createRole(cloud, { Effect: 'Allow', Action: '*', Resource: '*' }, service);
  await cloud.call('sqs', 'CreateQueue', { QueueName: 'q' });
  Target = { Arn: arnOf('sqs', 'q'), RoleArn };
});
afterAll(async () => {
  await local[Symbol.asyncDispose]();
});

const call = <O extends OperationName<'scheduler'>>(operation: O, input: Input<'scheduler', O>) =>
  cloud.call('scheduler', operation, input);
const refused = (code: string, message: string) => expect.objectContaining({ code, message });
const FlexibleTimeWindow = { Mode: 'OFF' } as const;

type Settings = Partial<Input<'scheduler', 'CreateSchedule'>>;
const create = (Name: string, ScheduleExpression: string, settings: Settings = {}) =>
  call('CreateSchedule', { Name, ScheduleExpression, FlexibleTimeWindow, Target, ...settings });

/** A queue, and what arrived in it. */
async function newQueue(QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes });
  return {
    target: { Arn: arnOf('sqs', QueueName), RoleArn },
    async messages(WaitTimeSeconds = 10) {
      const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', {
        ...{ QueueUrl, WaitTimeSeconds, MaxNumberOfMessages: 10 },
        ...{ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] },
      });
      for (const { ReceiptHandle } of Messages) await cloud.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
      return Messages;
    },
  };
}

describe('schedules', () => {
  test('are created, described, listed, changed and deleted', async () => {
    const settings = { State: 'DISABLED', Description: 'd', ScheduleExpressionTimezone: 'Europe/Berlin' } as const;
    const Arn = arnOf('scheduler', 'schedule/default/life');
    expect(await create('life', 'cron(0 9 * * ? *)', settings)).toEqual({ ScheduleArn: Arn });
    const listed = {
      ...{ Arn, Name: 'life', GroupName: 'default', State: 'DISABLED' },
      ...{ CreationDate: expect.any(Date), LastModificationDate: expect.any(Date) },
    };
    const RetryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };
    expect(await call('GetSchedule', { Name: 'life' })).toEqual({
      ...{ ...listed, ...settings, FlexibleTimeWindow, ScheduleExpression: 'cron(0 9 * * ? *)' },
      ...{ ActionAfterCompletion: 'NONE', Target: { ...Target, RetryPolicy } },
    });
    expect(await call('ListSchedules', { NamePrefix: 'lif', State: 'DISABLED' })).toEqual({
      Schedules: [{ ...listed, Target: { Arn: Target.Arn } }],
    });
    await expect(create('life', 'rate(1 hour)')).rejects.toEqual(
      refused('ConflictException', 'Schedule life already exists.'),
    );
    await call('UpdateSchedule', {
      Name: 'life',
      ScheduleExpression: 'rate(1 day)',
      FlexibleTimeWindow,
      Target,
      State: 'DISABLED',
    });
    const updated = await call('GetSchedule', { Name: 'life' });
    expect(updated).toMatchObject({ ScheduleExpression: 'rate(1 day)', ScheduleExpressionTimezone: 'UTC' });
    expect(updated).not.toHaveProperty('Description');
    await call('DeleteSchedule', { Name: 'life' });
    await expect(call('GetSchedule', { Name: 'life' })).rejects.toEqual(
      refused('ResourceNotFoundException', 'Schedule life does not exist.'),
    );
  });

  test('are created once for a client token', async () => {
    const settings = { ClientToken: 'token', State: 'DISABLED' } as const;
    expect(await create('token', 'rate(1 hour)', settings)).toEqual(await create('token', 'rate(1 hour)', settings));
  });

  test.each([
    'at(2021-12-31)',
    'cron()',
    'cron(0 1 * * * *)',
    'cron(7 20 * * NOT *)',
    'rate()',
    'rate(10 seconds)',
    'rate(foo minutes)',
  ])('are refused with the expression %s', async (expression) => {
    await expect(create('wrong', expression)).rejects.toEqual(
      refused('ValidationException', `Invalid Schedule Expression ${expression}.`),
    );
  });

  test.each(['cron(*/15 * * * ? *)', 'cron(30-30 13-13 ? * 2,4,6 *)'])('accept %s', async (expression) => {
    await create('right', expression, { State: 'DISABLED' });
    await call('DeleteSchedule', { Name: 'right' });
  });

  test.each<[Settings, string]>([
    [{ ScheduleExpressionTimezone: 'Mars/Base' }, 'Invalid Schedule Expression Timezone Mars/Base.'],
    [{ StartDate: new Date('2020-01-01') }, 'The StartDate you specify cannot be earlier than 5 minutes ago.'],
    [
      { StartDate: new Date('2030-01-02'), EndDate: new Date('2030-01-01') },
      'The StartDate you specify must come before the EndDate.',
    ],
    [
      { Target: { Arn: 'queue', RoleArn: 'arn:aws:iam::000000000000:role/r' } },
      'Provided Arn is not in correct format.',
    ],
    [
      { Target: { Arn: arnOf('sqs', 'q'), RoleArn: 'arn:aws:iam::000000000000:role/none' } },
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    ],
  ])('with %j are refused', async (settings, message) => {
    await expect(create('wrong', 'rate(1 hour)', settings)).rejects.toEqual(refused('ValidationException', message));
  });

  test('need a role that trusts the scheduler for their group', async () => {
    const trusting = async (RoleName: string, Condition: object) => {
      const { Role } = await cloud.call('iam', 'CreateRole', {
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole', Condition }],
        }),
      });
      return { Target: { Arn: Target.Arn, RoleArn: Role?.Arn }, State: 'DISABLED' as const };
    };
    const group = (name: string) => ({ ArnEquals: { 'aws:SourceArn': arnOf('scheduler', `schedule-group/${name}`) } });
    const account = { StringEquals: { 'aws:SourceAccount': '000000000000' } };
    await create('trusted', 'rate(1 hour)', await trusting('trusted', { ...account, ...group('default') }));
    const other = await trusting('other', { ...account, ...group('other') });
    await expect(create('untrusted', 'rate(1 hour)', other)).rejects.toMatchObject({ code: 'ValidationException' });
  });

  test('are in groups, which have tags and take them with them', async () => {
    const Arn = arnOf('scheduler', 'schedule-group/team');
    const Tags = [{ Key: 'a', Value: '1' }];
    expect(await call('CreateScheduleGroup', { Name: 'team', Tags })).toEqual({ ScheduleGroupArn: Arn });
    await create('grouped', 'rate(1 hour)', { GroupName: 'team', State: 'DISABLED' });
    expect((await call('ListSchedules', { GroupName: 'team' })).Schedules).toHaveLength(1);
    expect(await call('GetScheduleGroup', { Name: 'team' })).toMatchObject({ Arn, Name: 'team', State: 'ACTIVE' });
    expect((await call('ListScheduleGroups', {})).ScheduleGroups?.map(({ Name }) => Name)).toEqual(['default', 'team']);
    await call('TagResource', { ResourceArn: Arn, Tags: [{ Key: 'b', Value: '2' }] });
    expect(await call('ListTagsForResource', { ResourceArn: Arn })).toEqual({
      Tags: [...Tags, { Key: 'b', Value: '2' }],
    });
    await call('UntagResource', { ResourceArn: Arn, TagKeys: ['a', 'b'] });
    expect(await call('ListTagsForResource', { ResourceArn: Arn })).toEqual({ Tags: [] });
    await expect(call('CreateScheduleGroup', { Name: 'team' })).rejects.toEqual(
      refused('ConflictException', 'Schedule group team already exists.'),
    );
    await call('DeleteScheduleGroup', { Name: 'team' });
    await expect(call('ListSchedules', { GroupName: 'team' })).rejects.toEqual(
      refused('ResourceNotFoundException', 'Schedule group team does not exist.'),
    );
  });

  test('answer over the wire', async () => {
    await create('wire', 'rate(1 hour)', { State: 'DISABLED', StartDate: new Date('2030-01-01T00:00:00Z') });
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    const client = new SchedulerClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    expect(await client.send(new GetScheduleCommand({ Name: 'wire' }))).toMatchObject({
      ...{ Name: 'wire', State: 'DISABLED', StartDate: new Date('2030-01-01T00:00:00Z') },
    });
    await expect(client.send(new GetScheduleCommand({ Name: 'none' }))).rejects.toMatchObject({
      ...{ name: 'ResourceNotFoundException', message: 'Schedule none does not exist.' },
    });
    client.destroy();
  });
});

// One test, since they share a clock: it goes from 2026-11-26T08:00Z on.
test('schedules run when they are due, in their zone, and end', async () => {
  const { clock } = local;
  const queues = {
    rate: await newQueue('rate'),
    cron: await newQueue('cron'),
    once: await newQueue('once'),
    started: await newQueue('started'),
    flexible: await newQueue('flexible.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' }),
  };
  const now = () => clock.now();
  await create('rate', 'rate(1 hour)', { Target: queues.rate.target, EndDate: new Date(now() + 1.5 * hour) });
  const zone = { ScheduleExpressionTimezone: 'Europe/Berlin' };
  await create('cron', 'cron(30 9 * * ? *)', {
    ...zone,
    Target: {
      ...queues.cron.target,
      Input: '<aws.scheduler.scheduled-time> <aws.scheduler.schedule-arn> <aws.scheduler.attempt-number>',
    },
  });
  const ActionAfterCompletion = 'DELETE';
  await create('once', 'at(2026-11-26T09:45:00)', { ...zone, ActionAfterCompletion, Target: queues.once.target });
  const startsAt = new Date(now() + 2 * hour);
  await create('started', 'rate(1 day)', { StartDate: startsAt, Target: queues.started.target });
  const SqsParameters = { MessageGroupId: 'g' };
  await create('flexible', 'at(2026-11-26T08:50:00)', {
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 },
    Target: { ...queues.flexible.target, SqsParameters, Input: '{"a":1}' },
  });

  await clock.advance(3 * hour);
  const event = JSON.parse((await queues.rate.messages())[0]?.Body ?? '') as object;
  expect(event).toMatchObject({
    ...{ source: 'aws.scheduler', 'detail-type': 'Scheduled Event', detail: '{}', account: '000000000000' },
    resources: [arnOf('scheduler', 'schedule/default/rate')],
  });
  const [cron] = await queues.cron.messages();
  expect(cron?.Body).toBe(`2026-11-26T08:30:00Z ${arnOf('scheduler', 'schedule/default/cron')} 1`);
  expect(await queues.once.messages()).toHaveLength(1);
  await expect(call('GetSchedule', { Name: 'once' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  expect(JSON.parse((await queues.started.messages())[0]?.Body ?? '')).toMatchObject({
    time: `${startsAt.toISOString().slice(0, 19)}Z`,
  });
  expect((await queues.flexible.messages())[0]).toMatchObject({ Body: '{"a":1}', Attributes: { MessageGroupId: 'g' } });
  await clock.advance(48 * hour);
  // the rate ended with its second run
  const rates = await queues.rate.messages(0);
  expect(rates.length).toBeLessThanOrEqual(1);
});

describe('a target', () => {
  test('may be a function, with the permissions of the role', async () => {
    const { target } = await newQueue('destination');
    const FunctionName = await createFunction(cloud, 'export const handler = async (event) => event;', {
      Role: await createRole(cloud, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }),
    });
    const { FunctionArn = '' } = await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName });
    const dead = await newQueue('dead');
    const only = await createRole(cloud, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }, service);
    const DeadLetterConfig = { Arn: dead.target.Arn };
    await create('denied', 'rate(1 day)', { Target: { Arn: FunctionArn, RoleArn: only, DeadLetterConfig } });
    const [letter] = await dead.messages();
    expect(letter?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'AccessDeniedException' },
      SCHEDULE_ARN: { StringValue: arnOf('scheduler', 'schedule/default/denied') },
      TARGET_ARN: { StringValue: FunctionArn },
    });
    const DestinationConfig = { OnSuccess: { Destination: target.Arn } };
    await cloud.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName, DestinationConfig });
    await create('allowed', 'rate(1 day)', { Target: { Arn: FunctionArn, RoleArn, Input: '{"report":"daily"}' } });
    const QueueUrl = `${cloud.endpoint}/000000000000/destination`;
    const { Messages } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({ requestPayload: { report: 'daily' } });
  });

  test('may be an event bus, or any call', async () => {
    const queue = await newQueue('called', {
      Policy: JSON.stringify({
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: '*',
        },
      }),
    });
    await cloud.call('events', 'PutRule', { Name: 'scheduled', EventPattern: '{"source":["mine"]}' });
    await cloud.call('events', 'PutTargets', {
      Rule: 'scheduled',
      Targets: [{ Id: 'q', Arn: queue.target.Arn, InputPath: '$.detail' }],
    });
    const EventBridgeParameters = { Source: 'mine', DetailType: 'Due' };
    const bus = { Arn: arnOf('events', 'event-bus/default'), RoleArn, EventBridgeParameters, Input: '{"from":"bus"}' };
    await create('bus', 'rate(1 day)', { Target: bus });
    expect((await queue.messages()).map(({ Body }) => Body)).toEqual(['{"from":"bus"}']);

    const universal = (call: string) => `arn:aws:scheduler:::aws-sdk:${call}`;
    const QueueUrl = `${cloud.endpoint}/000000000000/called`;
    const Input = JSON.stringify({ QueueUrl, MessageBody: 'from a call' });
    await create('universal', 'rate(1 day)', { Target: { Arn: universal('sqs:sendMessage'), RoleArn, Input } });
    expect((await queue.messages()).map(({ Body }) => Body)).toEqual(['from a call']);
    await expect(
      create('x', 'rate(1 day)', { Target: { Arn: universal('sqs:listQueues'), RoleArn } }),
    ).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const stack = (description: string, source: string) => ({
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'orders', Description: description } },
  Policy: {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: { Ref: 'Bus' },
      StatementId: 'other',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: '111122223333' },
        Action: 'events:PutEvents',
        Resource: { 'Fn::GetAtt': ['Bus', 'Arn'] },
      },
    },
  },
  Archive: {
    Type: 'AWS::Events::Archive',
    Properties: { SourceArn: { 'Fn::GetAtt': ['Bus', 'Arn'] }, RetentionDays: 7 },
  },
  Connection: {
    Type: 'AWS::Events::Connection',
    Properties: {
      AuthorizationType: 'BASIC',
      AuthParameters: { BasicAuthParameters: { Username: 'u', Password: description } },
    },
  },
  Destination: {
    Type: 'AWS::Events::ApiDestination',
    Properties: {
      Name: 'hook',
      Description: description,
      ConnectionArn: { 'Fn::GetAtt': ['Connection', 'Arn'] },
      HttpMethod: 'POST',
      InvocationEndpoint: 'http://127.0.0.1:1/',
    },
  },
  Queue: { Type: 'AWS::SQS::Queue' },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventBusName: { Ref: 'Bus' },
      EventPattern: { source: [source] },
      Targets: [{ Id: 'q', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, InputPath: '$.detail' }],
    },
  },
});

async function run(operation: 'CreateStack' | 'UpdateStack', resources: object): Promise<string> {
  await rig.run(operation, { StackName: 's', TemplateBody: template(resources) });
  return rig.status('s');
}

it('buses, their policies, archives, rules and API destinations are created, updated and deleted', async () => {
  expect(await run('CreateStack', stack('Orders', 'shop'))).toBe('CREATE_COMPLETE');
  const bus = await rig.cloud.call('events', 'DescribeEventBus', { Name: 'orders' });
  expect(bus).toMatchObject({ Description: 'Orders' });
  expect(JSON.parse(bus.Policy ?? '')).toMatchObject({ Statement: [{ Sid: 'other' }] });
  expect(await rig.cloud.call('events', 'ListArchives', {})).toMatchObject({
    Archives: [{ RetentionDays: 7, EventSourceArn: bus.Arn }],
  });
  expect(await run('UpdateStack', stack('All orders', 'web'))).toBe('UPDATE_COMPLETE');
  const hook = await rig.cloud.call('events', 'DescribeApiDestination', { Name: 'hook' });
  expect(hook).toMatchObject({ Description: 'All orders' });
  const { Rules = [] } = await rig.cloud.call('events', 'ListRules', { EventBusName: 'orders' });
  expect(Rules.map(({ EventPattern }) => EventPattern)).toEqual(['{"source":["web"]}']);
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('events', 'ListArchives', {})).Archives).toEqual([]);
  await expect(rig.cloud.call('events', 'DescribeEventBus', { Name: 'orders' })).rejects.toThrow('does not exist');
});

const schedules = (expression: string, group: string) => ({
  Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: group } },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    },
  },
  Queue: { Type: 'AWS::SQS::Queue' },
  Schedule: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: 'daily',
      GroupName: { Ref: 'Group' },
      ScheduleExpression: expression,
      StartDate: '2030-01-01T00:00:00Z',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] }, Input: 'x' },
    },
  },
});

it('schedules and their groups are created, updated and deleted', async () => {
  const input = { StackName: 's', Capabilities: ['CAPABILITY_IAM' as const] };
  for (const [operation, expression] of [
    ['CreateStack', 'rate(1 day)'],
    ['UpdateStack', 'cron(0 9 * * ? *)'],
  ] as const) {
    await rig.run(operation, { ...input, TemplateBody: template(schedules(expression, 'team')) });
    expect(await rig.status('s')).toBe(operation === 'CreateStack' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE');
    expect(await rig.cloud.call('scheduler', 'GetSchedule', { Name: 'daily', GroupName: 'team' })).toMatchObject({
      ...{ ScheduleExpression: expression, StartDate: new Date('2030-01-01T00:00:00Z') },
    });
  }
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('scheduler', 'ListSchedules', {})).Schedules).toEqual([]);
});

// Scheduled rules: when they fire, and what their targets must allow.
import { describe, expect, test } from 'vitest';
import { AdjustableClock } from '../clock.ts';
import type { Cloud } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

describe('EventBridge', () => {
  /** A rule with a function whose destination is a queue. Returns a function that reads the queue. */
  async function ruleWithTarget(cloud: Cloud, ScheduleExpression: string) {
    const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName: 'fired' });
    const Role = await createRole(cloud, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' });
    const name = await createFunction(cloud, 'export const handler = async (event) => event;', { Role });
    const Destination = `arn:aws:sqs:us-east-1:000000000000:fired`;
    const DestinationConfig = { OnSuccess: { Destination } };
    await cloud.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName: name, DestinationConfig });
    const { RuleArn = '' } = await cloud.call('events', 'PutRule', { Name: 'rule', ScheduleExpression });
    const { FunctionArn = '' } = await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: name });
    await cloud.call('events', 'PutTargets', { Rule: 'rule', Targets: [{ Id: 'a', Arn: FunctionArn }] });
    await cloud.call('lambda', 'AddPermission', {
      FunctionName: name,
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: RuleArn,
    });
    return async (): Promise<{ time: string; source: string; resources: string[] }> => {
      const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
      await cloud.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle });
      return (JSON.parse(Messages[0]?.Body ?? '{}') as { requestPayload: never }).requestPayload;
    };
  }

  test('a rule with a rate fires after each period', async () => {
    await using local = await startWithClock(new AdjustableClock('2026-11-26T08:00:00Z'));
    const fired = await ruleWithTarget(local.cloud, 'rate(5 minutes)');
    await local.clock.advance(5 * minute);
    const first = await fired();
    expect(first).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/rule'],
    });
    await local.clock.advance(5 * minute);
    const second = await fired();
    expect(Date.parse(second.time) - Date.parse(first.time)).toBe(5 * minute);
  });

  test('a rule with a cron expression fires when it is due, unless it is disabled', async () => {
    await using local = await startWithClock(new AdjustableClock('2026-11-26T08:00:00Z'));
    const fired = await ruleWithTarget(local.cloud, 'cron(0 12 ? * MON-FRI *)');
    await local.cloud.call('events', 'DisableRule', { Name: 'rule' });
    await local.clock.advance(day);
    await local.cloud.call('events', 'EnableRule', { Name: 'rule' });
    // Friday: the rule skips the weekend
    await local.clock.advance(day);
    expect((await fired()).time).toBe('2026-11-27T12:00:00Z');
    await local.clock.advance(2 * day);
    await local.clock.advance(day);
    expect((await fired()).time).toBe('2026-11-30T12:00:00Z');
  });
});

describe('EventBridge and queues', () => {
  test('a rule sends only to queues whose policy allows it', async () => {
    await using local = await startWithClock();
    const { cloud, clock } = local;
    const { RuleArn = '' } = await cloud.call('events', 'PutRule', {
      Name: 'rule',
      ScheduleExpression: 'rate(1 minute)',
    });
    const open = await cloud.call('sqs', 'CreateQueue', {
      QueueName: 'open',
      Attributes: {
        Policy: JSON.stringify({
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: '*',
              Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } },
            },
          ],
        }),
      },
    });
    const closed = await cloud.call('sqs', 'CreateQueue', { QueueName: 'closed' });
    const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
    await cloud.call('events', 'PutTargets', {
      Rule: 'rule',
      Targets: [
        { Id: 'a', Arn: arn('closed') },
        { Id: 'b', Arn: arn('open'), Input: '{"from":"rule"}' },
      ],
    });
    const warned = new Promise<Error>((done) => process.once('warning', done));
    await clock.advance(minute);
    expect((await warned).message).toMatch(
      /^the event of rule rule for arn:aws:sqs:us-east-1:000000000000:closed was dropped: /,
    );
    const received = async (QueueUrl: string | undefined) =>
      (await cloud.call('sqs', 'ReceiveMessage', { QueueUrl })).Messages?.map(({ Body }) => Body);
    expect(await received(open.QueueUrl)).toEqual(['{"from":"rule"}']);
    expect(await received(closed.QueueUrl)).toBeUndefined();
  });
});

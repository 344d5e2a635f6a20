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

it('buses, their policies, archives and rules are created, updated and deleted', async () => {
  expect(await run('CreateStack', stack('Orders', 'shop'))).toBe('CREATE_COMPLETE');
  const bus = await rig.cloud.call('events', 'DescribeEventBus', { Name: 'orders' });
  expect(bus).toMatchObject({ Description: 'Orders' });
  expect(JSON.parse(bus.Policy ?? '')).toMatchObject({ Statement: [{ Sid: 'other' }] });
  expect(await rig.cloud.call('events', 'ListArchives', {})).toMatchObject({
    Archives: [{ RetentionDays: 7, EventSourceArn: bus.Arn }],
  });
  expect(await run('UpdateStack', stack('All orders', 'web'))).toBe('UPDATE_COMPLETE');
  const { Rules = [] } = await rig.cloud.call('events', 'ListRules', { EventBusName: 'orders' });
  expect(Rules.map(({ EventPattern }) => EventPattern)).toEqual(['{"source":["web"]}']);
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('events', 'ListArchives', {})).Archives).toEqual([]);
  await expect(rig.cloud.call('events', 'DescribeEventBus', { Name: 'orders' })).rejects.toThrow('does not exist');
});

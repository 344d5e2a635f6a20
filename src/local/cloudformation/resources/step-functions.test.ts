// State machines, versions, aliases and activities in a stack, and rules that start them.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig } from '../test-rig.ts';
import { allow, deploysTo } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy, outputs } = deploysTo(() => rig);

const role = (Service: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'all', PolicyDocument: allow('*') }],
  },
});
const machine = (properties: object) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: { RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] }, StateMachineName: 'flow', ...properties },
});
const version = {
  Type: 'AWS::StepFunctions::StateMachineVersion',
  Properties: {
    StateMachineArn: { Ref: 'Flow' },
    StateMachineRevisionId: { 'Fn::GetAtt': ['Flow', 'StateMachineRevisionId'] },
  },
};
const alias = (id: string) => ({
  Type: 'AWS::StepFunctions::StateMachineAlias',
  Properties: { Name: 'live', RoutingConfiguration: [{ StateMachineVersionArn: { Ref: id }, Weight: 100 }] },
});
const stateMachineArn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:flow';

it('a state machine is created, updated in place, and started by a rule', async () => {
  const definition = (Result: unknown) => ({
    StartAt: 'Only',
    States: { Only: { Type: 'Pass', Result, End: true } },
  });
  const DefinitionSubstitutions = { Queue: { 'Fn::GetAtt': ['Q', 'Arn'] } };
  const resources = {
    Role: role('states.amazonaws.com'),
    RuleRole: role('events.amazonaws.com'),
    Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q' } },
    Work: { Type: 'AWS::StepFunctions::Activity', Properties: { Name: 'work' } },
  };
  const first = await deploy(
    {
      ...resources,
      Flow: machine({ Definition: definition('${Queue}'), DefinitionSubstitutions }),
      One: version,
      Live: alias('One'),
    },
    { Outputs: { Revision: { Value: { 'Fn::GetAtt': ['Flow', 'StateMachineRevisionId'] } } } },
  );
  expect(first).toMatchObject({
    ...{ Flow: stateMachineArn, One: `${stateMachineArn}:1`, Live: `${stateMachineArn}:live` },
    Work: 'arn:aws:states:eu-west-1:000000000000:activity:work',
  });
  expect(await outputs()).toEqual({ Revision: 'INITIAL' });
  const states = rig.cloud;
  const described = () => states.call('states', 'DescribeStateMachine', { stateMachineArn });
  expect((await described()).definition).toContain('arn:aws:sqs:eu-west-1:000000000000:q');

  const second = await deploy({
    ...resources,
    Flow: machine({
      DefinitionString: JSON.stringify(definition(2)),
      Tags: [{ Key: 'a', Value: '1' }],
      TracingConfiguration: { Enabled: true },
    }),
    One: version,
    Two: version,
    Live: alias('Two'),
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['shop'] },
        Targets: [{ Id: 't', Arn: { Ref: 'Live' }, RoleArn: { 'Fn::GetAtt': ['RuleRole', 'Arn'] } }],
      },
    },
  });
  expect(second['Two']).toBe(`${stateMachineArn}:2`);
  expect(await described()).toMatchObject({ tracingConfiguration: { enabled: true } });
  expect(await states.call('states', 'ListTagsForResource', { resourceArn: stateMachineArn })).toEqual({
    tags: expect.arrayContaining([{ key: 'a', value: '1' }]),
  });
  const Entries = [{ Source: 'shop', DetailType: 'order', Detail: '{"id":1}' }];
  await states.call('events', 'PutEvents', { Entries });
  for (;;) {
    const { executions = [] } = await states.call('states', 'ListExecutions', {
      ...{ stateMachineArn, statusFilter: 'SUCCEEDED' },
    });
    const [execution] = executions;
    if (execution !== undefined) {
      const { input } = await states.call('states', 'DescribeExecution', { executionArn: execution.executionArn });
      expect(JSON.parse(input ?? '')).toMatchObject({ source: 'shop', detail: { id: 1 } });
      break;
    }
    await new Promise((done) => setTimeout(done, 2));
  }
});

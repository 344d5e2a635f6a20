// AWS::StepFunctions in stacks: definitions with substitutions, versions, aliases, activities.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rig, startRig } from '../test-rig.ts';
import { allow, deploysTo } from './test-deploy.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());
const { deploy, outputs } = deploysTo(() => rig);

const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'all', PolicyDocument: allow('*') }],
  },
};
const RoleArn = { 'Fn::GetAtt': ['Role', 'Arn'] };
const pass = (Result: string) => ({ StartAt: 'Only', States: { Only: { Type: 'Pass', Result, End: true } } });

test('a state machine, its versions and its alias', async () => {
  const resources = (machine: object, version: string) => ({
    Role: role,
    Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { RoleArn, ...machine } },
    [version]: {
      Type: 'AWS::StepFunctions::StateMachineVersion',
      DeletionPolicy: 'Retain',
      Properties: {
        StateMachineArn: { Ref: 'Machine' },
        StateMachineRevisionId: { 'Fn::GetAtt': ['Machine', 'StateMachineRevisionId'] },
      },
    },
    Live: {
      Type: 'AWS::StepFunctions::StateMachineAlias',
      Properties: { Name: 'live', RoutingConfiguration: [{ StateMachineVersionArn: { Ref: version }, Weight: 100 }] },
    },
    Work: { Type: 'AWS::StepFunctions::Activity', Properties: { Name: 'work', Tags: [{ Key: 'a', Value: 'b' }] } },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/states/s' } },
  });
  const sections = {
    Outputs: {
      Name: { Value: { 'Fn::GetAtt': ['Machine', 'Name'] } },
      Activity: { Value: { 'Fn::GetAtt': ['Work', 'Name'] } },
    },
  };
  const { Machine = '', Live = '' } = await deploy(
    resources(
      { DefinitionString: JSON.stringify(pass(`\${who} \${other}`)), DefinitionSubstitutions: { who: 'you' } },
      'Version1',
    ),
    sections,
  );
  expect(Live).toBe(`${Machine}:live`);
  expect((await outputs())['Name']).toMatch(/^s-Machine-/);
  expect((await outputs())['Activity']).toBe('work');
  const end = async () => {
    const { executionArn } = await rig.cloud.call('states', 'StartExecution', { stateMachineArn: Live });
    for (;;) {
      const { status, output } = await rig.cloud.call('states', 'DescribeExecution', { executionArn });
      if (status !== 'RUNNING') return output;
      await new Promise((done) => setImmediate(done));
    }
  };
  expect(await end()).toBe(`"you \${other}"`);
  const LogGroupArn = { 'Fn::GetAtt': ['Logs', 'Arn'] };
  const logged = {
    LoggingConfiguration: { Level: 'ALL', Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn } }] },
    TracingConfiguration: { Enabled: true },
    Tags: [{ Key: 'team', Value: 'x' }],
  };
  await deploy(resources({ Definition: pass('second'), ...logged }, 'Version2'), sections);
  expect(await end()).toBe('"second"');
  const described = await rig.cloud.call('states', 'DescribeStateMachine', { stateMachineArn: Machine });
  expect(described).toMatchObject({ loggingConfiguration: { level: 'ALL' }, tracingConfiguration: { enabled: true } });
  const { tags } = await rig.cloud.call('states', 'ListTagsForResource', { resourceArn: Machine });
  expect(tags).toEqual(expect.arrayContaining([{ key: 'team', value: 'x' }]));
});

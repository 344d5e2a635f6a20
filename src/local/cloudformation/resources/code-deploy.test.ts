// CodeDeploy in stacks: its resources, and aliases that it moves while the stack is updated.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reporting } from '../../codedeploy/test-code-deploy.ts';
import { type Rig, startRig, template, thing } from '../test-rig.ts';
import { deploysTo, released, trust } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy } = deploysTo(() => rig);
const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
const minute = 60_000;
const allows = (Action: string) => [
  {
    PolicyName: 'p',
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
  },
];
const code = (ZipFile: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { ZipFile },
  },
});

interface Variant {
  readonly hook?: 'Succeeded' | 'Failed';
  readonly policy?: object;
  readonly group?: object;
  readonly more?: object;
}

/** The n-th release of a function, moved by a canary of 20 % for 3 minutes. */
function stack(release: number, { hook, policy, group = {}, more = {} }: Variant = {}) {
  const update = {
    ApplicationName: { Ref: 'App' },
    DeploymentGroupName: { Ref: 'Group' },
    ...(hook === undefined ? {} : { BeforeAllowTrafficHook: { Ref: 'Hook' } }),
  };
  return {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust,
        Policies: allows('codedeploy:PutLifecycleEventHookExecutionStatus'),
      },
    },
    Mover: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Principal: { Service: 'codedeploy.amazonaws.com' }, Action: 'sts:AssumeRole' },
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited'],
        Policies: allows('lambda:InvokeFunction'),
      },
    },
    App: { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } },
    Config: {
      Type: 'AWS::CodeDeploy::DeploymentConfig',
      Properties: {
        ComputePlatform: 'Lambda',
        TrafficRoutingConfig: {
          Type: 'TimeBasedCanary',
          TimeBasedCanary: { CanaryPercentage: 20, CanaryInterval: 3 },
        },
      },
    },
    Group: {
      Type: 'AWS::CodeDeploy::DeploymentGroup',
      Properties: {
        ApplicationName: { Ref: 'App' },
        ServiceRoleArn: { 'Fn::GetAtt': ['Mover', 'Arn'] },
        DeploymentConfigName: { Ref: 'Config' },
        DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
        AutoRollbackConfiguration: { Enabled: true, Events: ['DEPLOYMENT_FAILURE'] },
        ...group,
      },
    },
    ...(hook === undefined ? {} : { Hook: code(reporting(hook).replace('export const handler', 'exports.handler')) }),
    F: code(`exports.handler = async () => ${release};`),
    ...released(`V${release}`, {}, { UpdatePolicy: policy ?? { CodeDeployLambdaAliasUpdate: update } }),
    ...more,
  };
}

async function alias(FunctionName = '') {
  const { FunctionVersion, RoutingConfig } = await rig.cloud.call('lambda', 'GetAlias', { FunctionName, Name: 'live' });
  return [FunctionVersion, RoutingConfig?.AdditionalVersionWeights ?? {}] as const;
}

async function shifting(FunctionName = ''): Promise<void> {
  while (Object.keys((await alias(FunctionName))[1]).length === 0) await new Promise((done) => setTimeout(done, 5));
}

const update = (resources: object) =>
  rig.run('UpdateStack', { StackName: 's', TemplateBody: template(resources), Capabilities });
const aliasEvents = async () => {
  const events = await rig.events('s', 'last');
  return events
    .filter((event) => event.startsWith('Live'))
    .map((event) => event.replaceAll(/d-[A-Z0-9]{9}/g, 'd-ID').replace(/RequestToken: [^,]+/, 'RequestToken: …'));
};
const deployments = async () => (await rig.cloud.call('codedeploy', 'ListDeployments', {})).deployments;

test('the first alias is created at once; an update waits for the deployment', async () => {
  const ids = await deploy(stack(1));
  expect([ids['App'], ids['Group'], ids['Config']]).toEqual([
    expect.stringMatching(/^s-App-/),
    expect.stringMatching(/^s-Group-/),
    expect.stringMatching(/^s-Config-/),
  ]);
  expect(await deployments()).toEqual([]);
  const updated = update(stack(2));
  await shifting(ids['F']);
  expect(await alias(ids['F'])).toEqual(['1', { 2: 0.2 }]);
  expect(await rig.status('s')).toMatch(/^UPDATE_IN_PROGRESS/);
  await rig.clock.advance(3 * minute);
  await updated;
  expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
  expect(await alias(ids['F'])).toEqual(['2', {}]);
  expect(await aliasEvents()).toEqual([
    'Live UPDATE_IN_PROGRESS',
    'Live UPDATE_IN_PROGRESS CodeDeploy deployment started: d-ID',
    'Live UPDATE_COMPLETE',
  ]);
  expect(await deployments()).toHaveLength(1);
});

test('a hook that fails rolls the stack back, and the next update is moved again', async () => {
  const ids = await deploy(stack(1, { hook: 'Failed' }));
  await update(stack(2, { hook: 'Failed' }));
  expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await aliasEvents()).toEqual([
    'Live UPDATE_IN_PROGRESS',
    'Live UPDATE_IN_PROGRESS CodeDeploy deployment started: d-ID',
    'Live UPDATE_IN_PROGRESS CodeDeploy rollback deployment started: d-ID',
    'Live UPDATE_FAILED Resource handler returned message: "d-ID failed. The deployment failed because one or more of the lifecycle event validation functions failed." (RequestToken: …, HandlerErrorCode: InternalFailure)',
    'Live UPDATE_IN_PROGRESS',
    'Live UPDATE_COMPLETE',
  ]);
  expect(await alias(ids['F'])).toEqual(['1', {}]);
  const updated = update(stack(3, { hook: 'Succeeded' }));
  await shifting(ids['F']);
  await rig.clock.advance(3 * minute);
  await updated;
  expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
  expect((await alias(ids['F']))[1]).toEqual({});
});

test('an alias that was moved outside the stack fails the update', async () => {
  const ids = await deploy(stack(1));
  await rig.cloud.call('lambda', 'UpdateAlias', { FunctionName: ids['F'], Name: 'live', FunctionVersion: '$LATEST' });
  await update(stack(2));
  expect((await aliasEvents()).find((event) => event.includes('FAILED'))).toContain(
    'The Lambda function alias version does not match the current version in AppSpec file.',
  );
  expect(await alias(ids['F'])).toEqual(['1', {}]);
});

test('a cancelled update stops the deployment, and the alias goes back', async () => {
  const ids = await deploy(stack(1));
  const updated = update(stack(2));
  await shifting(ids['F']);
  await rig.call('CancelUpdateStack', { StackName: 's' });
  await updated;
  expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await alias(ids['F'])).toEqual(['1', {}]);
  const [rollback = '', stopped = ''] = (await deployments()) ?? [];
  const infoOf = async (deploymentId: string) =>
    (await rig.cloud.call('codedeploy', 'GetDeployment', { deploymentId })).deploymentInfo;
  expect([await infoOf(stopped), await infoOf(rollback)]).toMatchObject([
    { status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } },
    { status: 'Succeeded', creator: 'codeDeployRollback' },
  ]);
});

test('a failure after the deployment puts the alias back at once, without CodeDeploy', async () => {
  const ids = await deploy(stack(1));
  rig.failAt = ({ logicalId }) => (logicalId === 'Later' ? 'no' : undefined);
  const updated = update(stack(2, { more: { Later: thing({}, { DependsOn: 'Live' }) } }));
  await shifting(ids['F']);
  await rig.clock.advance(3 * minute);
  await updated;
  expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await alias(ids['F'])).toEqual(['1', {}]);
  expect(await deployments()).toHaveLength(1);
});

test('without the policy, an alias moves at once; the policy alone is no change', async () => {
  const ids = await deploy(stack(1));
  await deploy(stack(2, { policy: {} }));
  expect(await alias(ids['F'])).toEqual(['2', {}]);
  await expect(update(stack(2))).rejects.toMatchObject({ message: 'No updates are to be performed.' });
  expect(await deployments()).toEqual([]);
});

test('a group is updated in place, and loses what the template no longer has', async () => {
  const alarms = { Enabled: true, Alarms: [{ Name: 'a' }] };
  const triggers = [{ TriggerName: 't', TriggerTargetArn: 'arn:aws:sns:eu-west-1:000000000000:t', TriggerEvents: [] }];
  const tags = (Value: string) => [{ Key: 'team', Value }];
  const ids = await deploy(
    stack(1, { group: { AlarmConfiguration: alarms, TriggerConfigurations: triggers, Tags: tags('one') } }),
  );
  const named = { applicationName: ids['App'], deploymentGroupName: ids['Group'] };
  const group = async () => (await rig.cloud.call('codedeploy', 'GetDeploymentGroup', named)).deploymentGroupInfo;
  expect(await group()).toMatchObject({
    alarmConfiguration: { enabled: true, alarms: [{ name: 'a' }] },
    triggerConfigurations: [{ triggerName: 't' }],
  });
  expect((await deploy(stack(1, { group: { Tags: tags('two') } })))['Group']).toBe(ids['Group']);
  expect(await group()).toMatchObject({ alarmConfiguration: {}, triggerConfigurations: [] });
  const ResourceArn = `arn:aws:codedeploy:eu-west-1:000000000000:deploymentgroup:${ids['App']}/${ids['Group']}`;
  expect((await rig.cloud.call('codedeploy', 'ListTagsForResource', { ResourceArn })).Tags).toEqual(tags('two'));
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('codedeploy', 'ListApplications', {})).applications).toEqual([]);
});

test('a changed configuration is a new one, which the group gets before the old one is deleted', async () => {
  const TrafficRoutingConfig = {
    Type: 'TimeBasedLinear',
    TimeBasedLinear: { LinearPercentage: 50, LinearInterval: 1 },
  };
  const Config = {
    Type: 'AWS::CodeDeploy::DeploymentConfig',
    Properties: { ComputePlatform: 'Lambda', TrafficRoutingConfig },
  };
  const before = await deploy(stack(1));
  const after = await deploy(stack(1, { more: { Config } }));
  expect(after['Config']).not.toBe(before['Config']);
  const { deploymentConfigsList } = await rig.cloud.call('codedeploy', 'ListDeploymentConfigs', {});
  expect(deploymentConfigsList?.filter((name) => name.startsWith('s-'))).toEqual([after['Config']]);
  const named = { applicationName: after['App'], deploymentGroupName: after['Group'] };
  const { deploymentGroupInfo } = await rig.cloud.call('codedeploy', 'GetDeploymentGroup', named);
  expect(deploymentGroupInfo?.deploymentConfigName).toBe(after['Config']);
});

test.each([
  [{ CodeDeployLambdaAliasUpdate: { ApplicationName: 'a' } }, 'DeploymentGroupName is required'],
  [{ CodeDeployLambdaAliasUpdate: { Other: 'a' } }, 'does not support Other in the UpdatePolicy (of Live)'],
  [{ AutoScalingRollingUpdate: {} }, 'does not support AutoScalingRollingUpdate in the UpdatePolicy (of Live)'],
  [
    { CodeDeployLambdaAliasUpdate: { ApplicationName: { Ref: 'Nothing' }, DeploymentGroupName: 'b' } },
    'Unresolved resource dependencies [Nothing]',
  ],
])('the update policy %j is refused', async (policy, message) => {
  const TemplateBody = template(stack(1, { policy }));
  await expect(rig.call('CreateStack', { StackName: 's', TemplateBody, Capabilities })).rejects.toMatchObject({
    message: expect.stringContaining(message),
  });
});

// Deployments of Lambda functions: weights by the clock, hooks that report over HTTP, alarms, and the way back.
import { expect, test } from 'vitest';
import { createFunction } from '../lambda/fixture.ts';
import { codeDeployRole, reporting, rollbackOfAll, startCodeDeploy } from './test-code-deploy.ts';

const { aliasOf, clock, cloud, deploy, deploymentOf, ended, events, group, hook, shifting, twoVersions, until } =
  await startCodeDeploy();
const minute = 60_000;
const hookFailure = {
  code: 'HOOK_EXECUTION_FAILURE',
  message: 'The deployment failed because one or more of the lifecycle event validation functions failed.',
};

test('a canary gets its share, and after its time everything', async () => {
  const name = await twoVersions();
  const id = await deploy(await group(), name);
  await shifting(name);
  expect(await aliasOf(name)).toEqual(['1', { 2: 0.1 }]);
  expect(await events(id)).toEqual(['Succeeded', 'InProgress', 'Pending']);
  await clock.advance(4 * minute);
  expect(await aliasOf(name)).toEqual(['1', { 2: 0.1 }]);
  await clock.advance(minute);
  expect(await ended(id)).toMatchObject({ status: 'Succeeded', creator: 'user', computePlatform: 'Lambda' });
  expect(await aliasOf(name)).toEqual(['2', {}]);
});

test('linear steps of a custom configuration', async () => {
  const name = await twoVersions();
  const timeBasedLinear = { linearPercentage: 40, linearInterval: 2 };
  await cloud.call('codedeploy', 'CreateDeploymentConfig', {
    deploymentConfigName: 'steps',
    computePlatform: 'Lambda',
    trafficRoutingConfig: { type: 'TimeBasedLinear', timeBasedLinear },
  });
  const id = await deploy(await group({ deploymentConfigName: 'steps' }), name);
  await shifting(name);
  const seen = [await aliasOf(name)];
  for (let step = 0; step < 2; step++) {
    await clock.advance(2 * minute);
    seen.push(await aliasOf(name));
  }
  expect(seen).toEqual([
    ['1', { 2: 0.4 }],
    ['1', { 2: 0.8 }],
    ['2', {}],
  ]);
  expect((await ended(id)).status).toBe('Succeeded');
});

test('all at once, with both hooks', async () => {
  const name = await twoVersions();
  const checks = await hook(reporting('Succeeded'));
  const id = await deploy(await group({ deploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce' }), name, {
    hooks: { BeforeAllowTraffic: checks, AfterAllowTraffic: checks },
  });
  expect((await ended(id)).status).toBe('Succeeded');
  expect(await events(id)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
  expect(await aliasOf(name)).toEqual(['2', {}]);
});

test('an alias that is elsewhere than the AppSpec says stays there', async () => {
  const name = await twoVersions();
  const of = await group({ autoRollbackConfiguration: rollbackOfAll });
  const { status, errorInformation, rollbackInfo } = await ended(await deploy(of, name, { from: '2', to: '1' }));
  expect([status, errorInformation, rollbackInfo]).toEqual([
    'Failed',
    {
      code: 'INVALID_LAMBDA_CONFIGURATION',
      message:
        'The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or has an invalid configuration. The Lambda function alias version does not match the current version in AppSpec file.',
    },
    undefined,
  ]);
  expect((await ended(await deploy(of, name, { from: '1', to: '9' }))).errorInformation?.code).toBe(
    'INVALID_LAMBDA_FUNCTION',
  );
  expect((await ended(await deploy(of, 'nothing'))).errorInformation?.code).toBe('INVALID_LAMBDA_FUNCTION');
  expect(await aliasOf(name)).toEqual(['1', {}]);
});

const all = { autoRollbackConfiguration: rollbackOfAll };

test('a hook that reports a failure before the traffic ends the deployment', async () => {
  const name = await twoVersions();
  const of = await group(all);
  const id = await deploy(of, name, { hooks: { BeforeAllowTraffic: await hook(reporting('Failed')) } });
  expect(await ended(id)).toMatchObject({ status: 'Failed', errorInformation: hookFailure });
  expect(await events(id)).toEqual(['Failed', 'Skipped', 'Skipped']);
  expect(await aliasOf(name)).toEqual(['1', {}]);
});

test('one after the traffic takes it back, by a deployment of its own', async () => {
  const name = await twoVersions();
  const of = await group({ ...all, deploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce' });
  const id = await deploy(of, name, { hooks: { AfterAllowTraffic: await hook(reporting('Failed')) } });
  const { errorInformation, rollbackInfo } = await ended(id);
  const back = rollbackInfo?.rollbackDeploymentId ?? '';
  expect([errorInformation, rollbackInfo?.rollbackMessage]).toEqual([
    hookFailure,
    `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${back}.`,
  ]);
  expect(await deploymentOf(back)).toMatchObject({
    status: 'Succeeded',
    creator: 'codeDeployRollback',
    rollbackInfo: { rollbackTriggeringDeploymentId: id },
  });
  expect(await aliasOf(name)).toEqual(['1', {}]);
  const { deployments } = await cloud.call('codedeploy', 'ListDeployments', {
    applicationName: 'app',
    deploymentGroupName: of,
  });
  expect(deployments).toEqual([back, id]);
});

test('a hook that throws, and one that is silent for an hour, have failed', async () => {
  const throws = await hook('export const handler = async () => { throw new Error("no"); };');
  const silent = await hook('export const handler = async () => {};');
  const name = await twoVersions();
  const first = await deploy(await group(), name, { hooks: { BeforeAllowTraffic: throws } });
  expect((await ended(first)).errorInformation).toEqual(hookFailure);
  const second = await deploy(await group(), name, { hooks: { BeforeAllowTraffic: silent } });
  await until(async () => (await events(second))?.[0] === 'InProgress');
  await clock.advance(59 * minute);
  expect((await deploymentOf(second)).status).toBe('InProgress');
  await clock.advance(minute);
  expect((await ended(second)).errorInformation).toEqual(hookFailure);
});

test('a hook needs the permission to report, and reports one of two results', async () => {
  const name = await twoVersions();
  const stranger = await createFunction(cloud, reporting('Succeeded'));
  const denied = await deploy(await group(), name, { hooks: { BeforeAllowTraffic: stranger } });
  expect((await ended(denied)).errorInformation).toEqual(hookFailure);
  const report = (lifecycleEventHookExecutionId: string, status: 'Succeeded' | 'Skipped') =>
    cloud.call('codedeploy', 'PutLifecycleEventHookExecutionStatus', {
      deploymentId: denied,
      lifecycleEventHookExecutionId,
      status,
    });
  await expect(report('x', 'Skipped')).rejects.toMatchObject({
    code: 'InvalidLifecycleEventHookExecutionStatusException',
  });
  await expect(report('x', 'Succeeded')).rejects.toMatchObject({
    code: 'InvalidLifecycleEventHookExecutionIdException',
  });
});

test('an alarm during the shift takes the traffic back', async () => {
  const name = await twoVersions();
  const metric = { Namespace: 'app', MetricName: 'lost' };
  await cloud.call('monitoring', 'PutMetricAlarm', {
    ...metric,
    AlarmName: 'lost',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
  const of = await group({
    ...all,
    alarmConfiguration: { enabled: true, alarms: [{ name: 'lost' }, { name: 'none' }] },
  });
  const id = await deploy(of, name);
  await shifting(name);
  await clock.advance(minute);
  expect((await deploymentOf(id)).status).toBe('InProgress');
  await cloud.call('monitoring', 'PutMetricData', { Namespace: 'app', MetricData: [{ MetricName: 'lost', Value: 1 }] });
  await clock.advance(minute + 10_000);
  expect(await ended(id)).toMatchObject({
    status: 'Stopped',
    errorInformation: {
      code: 'ALARM_ACTIVE',
      message:
        'One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <lost>',
    },
  });
  expect(await events(id)).toEqual(['Succeeded', 'Failed', 'Skipped']);
  expect(await aliasOf(name)).toEqual(['1', {}]);
  // an alarm that is active at the start stops the next one at once
  await cloud.call('monitoring', 'SetAlarmState', { AlarmName: 'lost', StateValue: 'ALARM', StateReason: 'a test' });
  expect((await ended(await deploy(of, name))).errorInformation?.code).toBe('ALARM_ACTIVE');
});

test('a deployment that is stopped goes back only if a rollback is configured', async () => {
  const name = await twoVersions();
  const of = await group();
  const id = await deploy(of, name);
  await shifting(name);
  await expect(deploy(of, name)).rejects.toMatchObject({
    code: 'DeploymentLimitExceededException',
    message: `The Deployment Group '${of}' already has an active Deployment '${id}'`,
  });
  await cloud.call('codedeploy', 'StopDeployment', { deploymentId: id });
  expect(await ended(id)).toMatchObject({ status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } });
  expect(await aliasOf(name)).toEqual(['1', { 2: 0.1 }]);
  await expect(cloud.call('codedeploy', 'StopDeployment', { deploymentId: id })).rejects.toMatchObject({
    code: 'DeploymentAlreadyCompletedException',
  });
  // https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-deployments-lambda.html
  expect((await ended(await deploy(of, name))).errorInformation?.code).toBe('INVALID_LAMBDA_CONFIGURATION');
  const RoutingConfig = { AdditionalVersionWeights: {} };
  await cloud.call('lambda', 'UpdateAlias', { FunctionName: name, Name: 'live', RoutingConfig });
  const next = await deploy(of, name);
  await shifting(name);
  await cloud.call('codedeploy', 'StopDeployment', { deploymentId: next, autoRollbackEnabled: true });
  expect((await ended(next)).rollbackInfo?.rollbackDeploymentId).toMatch(/^d-/);
  expect(await aliasOf(name)).toEqual(['1', {}]);
});

test("the group's role must allow what CodeDeploy does", async () => {
  const name = await twoVersions();
  const serviceRoleArn = await codeDeployRole(cloud, 'limited');
  const of = await group({ serviceRoleArn });
  const checks = await hook(reporting('Succeeded'));
  const { errorInformation } = await ended(await deploy(of, name, { hooks: { BeforeAllowTraffic: checks } }));
  expect(errorInformation).toEqual({
    code: 'IAM_ROLE_PERMISSIONS',
    message: `The IAM role ${serviceRoleArn} does not give you permission to perform operations in the following AWS service: AWSLambda. Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to your users or groups by creating IAM policies.`,
  });
  await cloud.call('iam', 'DetachRolePolicy', {
    RoleName: 'limited',
    PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited',
  });
  await cloud.call('iam', 'DeleteRole', { RoleName: 'limited' });
  expect((await ended(await deploy(of, name))).errorInformation?.code).toBe('IAM_ROLE_MISSING');
});

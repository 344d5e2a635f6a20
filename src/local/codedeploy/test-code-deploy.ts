// For tests: a local AWS with a clock, an application, its role, and functions with two versions and an alias.
import type { AutoRollbackConfiguration, DeploymentInfo } from '@aws-sdk/client-codedeploy';
import { afterAll } from 'vitest';
import type { Cloud, Input } from '../cloud.ts';
import { startTestAws, testClock } from '../fixture.ts';
import { createFunction, createRole, waitUntilReady, zipOf } from '../lambda/fixture.ts';
import { answering } from '../lambda/test-lambda.ts';

const limited = 'arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited';

export const rollbackOfAll: AutoRollbackConfiguration = {
  enabled: true,
  events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
};

/** The ARN of a new role that CodeDeploy may assume, with AWS's policy and that statement. */
export async function codeDeployRole(cloud: Cloud, RoleName: string, statement?: object): Promise<string> {
  const { Role } = await cloud.call('iam', 'CreateRole', {
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'codedeploy.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  });
  await cloud.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn: limited });
  if (statement !== undefined) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await cloud.call('iam', 'PutRolePolicy', { RoleName, PolicyName: 'more', PolicyDocument });
  }
  return Role?.Arn ?? '';
}

/** Reports over plain HTTP, as a function without the SDK does; the event is in its answer. */
export const reporting = (status: string) => `export const handler = async (event) => {
  const body = JSON.stringify({
    deploymentId: event.DeploymentId,
    lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
    status: '${status}',
  });
  const { AWS_ACCESS_KEY_ID: key, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = process.env;
  const answer = await fetch(endpoint, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
      authorization: \`AWS4-HMAC-SHA256 Credential=\${key}/20261126/\${region}/codedeploy/aws4_request, SignedHeaders=host, Signature=0\`,
    },
  });
  if (!answer.ok) throw new Error(await answer.text());
};`;

export async function startCodeDeploy() {
  const clock = testClock();
  const aws = await startTestAws({ clock });
  afterAll(() => aws.stop());
  const cloud = await aws.cloud();
  await cloud.call('codedeploy', 'CreateApplication', { applicationName: 'app', computePlatform: 'Lambda' });
  const invokes = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' };
  const role = await codeDeployRole(cloud, 'moves', invokes);
  const functionRole = await createRole(cloud, {
    Effect: 'Allow',
    Action: 'codedeploy:PutLifecycleEventHookExecutionStatus',
    Resource: 'arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:app/*',
  });

  const deploymentOf = async (deploymentId: string): Promise<DeploymentInfo> =>
    (await cloud.call('codedeploy', 'GetDeployment', { deploymentId })).deploymentInfo ?? {};
  const aliasOf = async (FunctionName: string) => {
    const alias = await cloud.call('lambda', 'GetAlias', { FunctionName, Name: 'live' });
    return [alias.FunctionVersion, alias.RoutingConfig?.AdditionalVersionWeights ?? {}] as const;
  };
  /** Asks until it is so: functions run in real time. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((done) => setTimeout(done, 5));
  };
  let count = 0;

  return {
    aws,
    cloud,
    clock,
    role,
    deploymentOf,
    aliasOf,
    until,
    hook: (source: string) => createFunction(cloud, source, { Role: functionRole }),
    /** The name of a function whose alias `live` is at version 1 of 2. */
    async twoVersions(): Promise<string> {
      const FunctionName = await createFunction(cloud, answering(1), { Role: functionRole, Publish: true });
      await cloud.call('lambda', 'CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
      await cloud.call('lambda', 'UpdateFunctionCode', { FunctionName, ZipFile: zipOf({ 'index.mjs': answering(2) }) });
      await waitUntilReady(cloud, FunctionName);
      await cloud.call('lambda', 'PublishVersion', { FunctionName });
      return FunctionName;
    },
    async group(settings: Partial<Input<'codedeploy', 'CreateDeploymentGroup'>> = {}): Promise<string> {
      const deploymentGroupName = `group-${count++}`;
      const defaults = {
        serviceRoleArn: role,
        deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      };
      const input = { applicationName: 'app', deploymentGroupName, ...defaults, ...settings };
      await cloud.call('codedeploy', 'CreateDeploymentGroup', input);
      return deploymentGroupName;
    },
    async deploy(
      deploymentGroupName: string,
      Name: string,
      {
        from = '1',
        to = '2',
        hooks = {},
      }: { from?: string; to?: string; hooks?: Readonly<Record<string, string>> } = {},
    ): Promise<string> {
      const Properties = { Name, Alias: 'live', CurrentVersion: from, TargetVersion: to };
      const content = JSON.stringify({
        version: 0.0,
        Resources: [{ it: { Type: 'AWS::Lambda::Function', Properties } }],
        Hooks: Object.entries(hooks).map(([event, hook]) => ({ [event]: hook })),
      });
      const { deploymentId = '' } = await cloud.call('codedeploy', 'CreateDeployment', {
        applicationName: 'app',
        deploymentGroupName,
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
      });
      return deploymentId;
    },
    async ended(id: string): Promise<DeploymentInfo> {
      await until(async () => !['Created', 'InProgress'].includes((await deploymentOf(id)).status ?? ''));
      return deploymentOf(id);
    },
    async shifting(FunctionName: string): Promise<void> {
      await until(async () => Object.keys((await aliasOf(FunctionName))[1]).length > 0);
    },
    async events(deploymentId: string) {
      const { targetIds = [] } = await cloud.call('codedeploy', 'ListDeploymentTargets', { deploymentId });
      const input = { deploymentId, targetId: targetIds[0] };
      const { deploymentTarget } = await cloud.call('codedeploy', 'GetDeploymentTarget', input);
      return deploymentTarget?.lambdaTarget?.lifecycleEvents?.map(({ status }) => status);
    },
  };
}

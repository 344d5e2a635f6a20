// Applications, groups and configurations over the wire, and deployments across a restart.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  type CreateDeploymentGroupCommandInput,
  DeleteApplicationCommand,
  GetApplicationCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import { expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { createFunction } from '../lambda/fixture.ts';
import { codeDeployRole, rollbackOfAll, startCodeDeploy } from './test-code-deploy.ts';

const { aws, cloud, role, group } = await startCodeDeploy();
const client = new CodeDeployClient({
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const arn = (rest: string) => `arn:aws:codedeploy:us-east-1:000000000000:${rest}`;

test('an application and its groups', async () => {
  const applicationName = 'shop';
  const tags = [{ Key: 'team', Value: 'one' }];
  await client.send(new CreateApplicationCommand({ applicationName, computePlatform: 'Lambda', tags }));
  const { application } = await client.send(new GetApplicationCommand({ applicationName }));
  expect(application).toMatchObject({ applicationName, computePlatform: 'Lambda', linkedToGitHub: false });
  const ResourceArn = arn('application:shop');
  await client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'stage', Value: 'test' }] }));
  await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['team'] }));
  const tagged = await client.send(new ListTagsForResourceCommand({ ResourceArn }));
  expect(tagged.Tags).toEqual([{ Key: 'stage', Value: 'test' }]);

  const named = { applicationName, deploymentGroupName: 'orders' };
  await client.send(new CreateDeploymentGroupCommand({ ...named, serviceRoleArn: role, tags }));
  await client.send(
    new UpdateDeploymentGroupCommand({
      applicationName,
      currentDeploymentGroupName: 'orders',
      deploymentConfigName: 'CodeDeployDefault.LambdaLinear10PercentEvery2Minutes',
      alarmConfiguration: { enabled: true, alarms: [{ name: 'a' }] },
    }),
  );
  const { deploymentGroupInfo } = await client.send(new GetDeploymentGroupCommand(named));
  expect(deploymentGroupInfo).toMatchObject({
    deploymentConfigName: 'CodeDeployDefault.LambdaLinear10PercentEvery2Minutes',
    serviceRoleArn: role,
    alarmConfiguration: { enabled: true, alarms: [{ name: 'a' }] },
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
  });
  const ofGroup = await client.send(
    new ListTagsForResourceCommand({ ResourceArn: arn('deploymentgroup:shop/orders') }),
  );
  expect(ofGroup.Tags).toEqual(tags);

  await client.send(new DeleteApplicationCommand({ applicationName }));
  await expect(client.send(new GetApplicationCommand({ applicationName }))).rejects.toMatchObject({
    name: 'ApplicationDoesNotExistException',
  });
});

test.each<[Partial<CreateDeploymentGroupCommandInput>, string]>([
  [{ applicationName: 'none' }, 'ApplicationDoesNotExistException'],
  [{ deploymentConfigName: 'none' }, 'DeploymentConfigDoesNotExistException'],
  [{ serviceRoleArn: 'arn:aws:iam::000000000000:role/none' }, 'InvalidRoleException'],
  [{ deploymentStyle: { deploymentType: 'IN_PLACE' } }, 'InvalidDeploymentStyleException'],
  [{ alarmConfiguration: { enabled: true } }, 'InvalidAlarmConfigException'],
  [{ deploymentGroupName: '' }, 'InvalidDeploymentGroupNameException'],
  [{ ecsServices: [{ serviceName: 'x' }] }, 'NotImplemented'],
])('a group with %j is refused: %s', async (wrong, name) => {
  const right = { applicationName: 'app', deploymentGroupName: 'wrong', serviceRoleArn: role };
  await expect(client.send(new CreateDeploymentGroupCommand({ ...right, ...wrong }))).rejects.toMatchObject({ name });
});

test('configurations of AWS and of the account', async () => {
  const deploymentConfigName = 'CodeDeployDefault.LambdaCanary10Percent5Minutes';
  const { deploymentConfigInfo } = await client.send(new GetDeploymentConfigCommand({ deploymentConfigName }));
  expect(deploymentConfigInfo?.trafficRoutingConfig).toEqual({
    type: 'TimeBasedCanary',
    timeBasedCanary: { canaryPercentage: 10, canaryInterval: 5 },
  });
  const named = { deploymentConfigName: 'mine', computePlatform: 'Lambda' } as const;
  const create = (canaryPercentage: number) =>
    cloud.call('codedeploy', 'CreateDeploymentConfig', {
      ...named,
      trafficRoutingConfig: { type: 'TimeBasedCanary', timeBasedCanary: { canaryPercentage, canaryInterval: 1 } },
    });
  await expect(create(100)).rejects.toMatchObject({ code: 'InvalidTrafficRoutingConfigurationException' });
  await create(50);
  await expect(create(50)).rejects.toMatchObject({ code: 'DeploymentConfigAlreadyExistsException' });
  const deploymentGroupName = await group({ deploymentConfigName: 'mine' });
  const remove = (name: string) => cloud.call('codedeploy', 'DeleteDeploymentConfig', { deploymentConfigName: name });
  await expect(remove('mine')).rejects.toMatchObject({ code: 'DeploymentConfigInUseException' });
  await expect(remove(deploymentConfigName)).rejects.toMatchObject({ code: 'InvalidOperationException' });
  await cloud.call('codedeploy', 'DeleteDeploymentGroup', { applicationName: 'app', deploymentGroupName });
  await remove('mine');
  const { deploymentConfigsList } = await cloud.call('codedeploy', 'ListDeploymentConfigs', {});
  expect(deploymentConfigsList).not.toContain('mine');
});

test.each([
  ['{', 'it is neither JSON nor YAML'],
  ['version: 0.0', 'it must have one resource'],
  ['Resources: [{a: {Type: AWS::Lambda::Function}}]', 'the property Name of its resource is missing'],
  ['Resources: [{a: {Type: Other}}]', 'the type of its resource must be AWS::Lambda::Function'],
  ['Resources: {}', 'its section Resources must be a list'],
])('the AppSpec %s is refused: %s', async (content, why) => {
  const input = {
    applicationName: 'app',
    deploymentGroupName: await group(),
    revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
  } as const;
  await expect(cloud.call('codedeploy', 'CreateDeployment', input)).rejects.toMatchObject({
    code: 'InvalidRevisionException',
    message: `The AppSpec file is not valid: ${why}`,
  });
});

test('a deployment that was under way when the local AWS stopped has failed, and the traffic is back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fx-codedeploy-'));
  const first = await startTestAws({ folder });
  const before = await first.cloud();
  const FunctionName = await createFunction(before, 'export const handler = async () => 1;', { Publish: true });
  await before.call('lambda', 'CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
  await before.call('lambda', 'UpdateFunctionConfiguration', { FunctionName, Timeout: 4 });
  const settled = async () => {
    const { LastUpdateStatus } = await before.call('lambda', 'GetFunctionConfiguration', { FunctionName });
    return LastUpdateStatus === 'Successful';
  };
  while (!(await settled())) await new Promise((done) => setTimeout(done, 5));
  await before.call('lambda', 'PublishVersion', { FunctionName });
  await before.call('codedeploy', 'CreateApplication', { applicationName: 'app', computePlatform: 'Lambda' });
  const named = { applicationName: 'app', deploymentGroupName: 'g' };
  await before.call('codedeploy', 'CreateDeploymentGroup', {
    ...named,
    serviceRoleArn: await codeDeployRole(before, 'moves'),
    deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
    autoRollbackConfiguration: rollbackOfAll,
  });
  const content = `Resources: [{f: {Type: AWS::Lambda::Function, Properties: {Name: ${FunctionName}, Alias: live, CurrentVersion: 1, TargetVersion: 2}}}]`;
  const { deploymentId } = await before.call('codedeploy', 'CreateDeployment', {
    ...named,
    revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
  });
  const aliasOf = async (of: typeof before) => of.call('lambda', 'GetAlias', { FunctionName, Name: 'live' });
  while ((await aliasOf(before)).RoutingConfig === undefined) await new Promise((done) => setTimeout(done, 5));
  await first.stop();

  const second = await startTestAws({ folder });
  const after = await second.cloud();
  const { deploymentInfo } = await after.call('codedeploy', 'GetDeployment', { deploymentId });
  expect(deploymentInfo).toMatchObject({ status: 'Failed', errorInformation: { code: 'INTERNAL_ERROR' } });
  const { FunctionVersion, RoutingConfig } = await aliasOf(after);
  expect([FunctionVersion, RoutingConfig]).toEqual(['1', undefined]);
  await second.stop();
});

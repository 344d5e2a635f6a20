// AWS::CodeDeploy, for the compute platform Lambda, and the update of an alias by a deployment.
import { AwsError, type Cloud, type Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers, type Update } from './provider.ts';
import { pause, pick, tagChanges, tagList, text } from './values.ts';

type GroupInput = Partial<Input<'codedeploy', 'UpdateDeploymentGroup'>>;

const groupProperties = [
  'AlarmConfiguration',
  'AutoRollbackConfiguration',
  'DeploymentConfigName',
  'DeploymentStyle',
  'ServiceRoleArn',
  'TriggerConfigurations',
];

/** The API has the same members as the properties, in lower case. */
function lowerCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.slice(0, 1).toLowerCase() + key.slice(1), lowerCased(item)]),
  );
}

async function updateTags(cloud: Cloud, resource: string, before: Properties, after: Properties): Promise<void> {
  const ResourceArn = `arn:aws:codedeploy:${cloud.region}:${cloud.accountId}:${resource}`;
  const { remove } = tagChanges(before, after);
  if (remove.length > 0) await cloud.call('codedeploy', 'UntagResource', { ResourceArn, TagKeys: remove });
  await cloud.call('codedeploy', 'TagResource', { ResourceArn, Tags: tagList(after) });
}

export const codeDeployProviders: Providers = {
  'AWS::CodeDeploy::Application': {
    service: 'CodeDeploy',
    properties: ['ApplicationName', 'ComputePlatform', 'Tags'],
    name: { property: 'ApplicationName', limit: 100 },
    async create({ cloud, name, properties }) {
      const computePlatform = text(properties, 'ComputePlatform') as 'Lambda' | undefined;
      const input = { applicationName: name, tags: tagList(properties), ...(computePlatform && { computePlatform }) };
      await cloud.call('codedeploy', 'CreateApplication', input);
      return { physicalId: name, attributes: {} };
    },
    async update({ cloud, physicalId, before, after }) {
      await updateTags(cloud, `application:${physicalId}`, before, after);
      return { physicalId, attributes: {} };
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('codedeploy', 'DeleteApplication', { applicationName: physicalId });
    },
  },

  'AWS::CodeDeploy::DeploymentConfig': {
    service: 'CodeDeploy',
    properties: ['ComputePlatform', 'DeploymentConfigName', 'TrafficRoutingConfig'],
    name: { property: 'DeploymentConfigName', limit: 100 },
    async create({ cloud, name, properties }) {
      await cloud.call('codedeploy', 'CreateDeploymentConfig', {
        ...(lowerCased(pick(properties, ['ComputePlatform', 'TrafficRoutingConfig'])) as object),
        deploymentConfigName: name,
      });
      return { physicalId: name, attributes: {} };
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('codedeploy', 'DeleteDeploymentConfig', { deploymentConfigName: physicalId });
    },
  },

  'AWS::CodeDeploy::DeploymentGroup': {
    service: 'CodeDeploy',
    properties: ['ApplicationName', 'DeploymentGroupName', ...groupProperties, 'Tags'],
    name: { property: 'DeploymentGroupName', limit: 100 },
    async create({ cloud, name, properties }) {
      await cloud.call('codedeploy', 'CreateDeploymentGroup', {
        ...(lowerCased(pick(properties, groupProperties)) as GroupInput),
        applicationName: text(properties, 'ApplicationName'),
        deploymentGroupName: name,
        serviceRoleArn: text(properties, 'ServiceRoleArn'),
        tags: tagList(properties),
      });
      return { physicalId: name, attributes: {} };
    },
    async update({ cloud, physicalId, before, after, changed }) {
      const applicationName = text(after, 'ApplicationName');
      // What the template no longer has is cleared.
      const cleared = { AlarmConfiguration: {}, AutoRollbackConfiguration: {}, TriggerConfigurations: [] };
      await cloud.call('codedeploy', 'UpdateDeploymentGroup', {
        ...(lowerCased({ ...cleared, ...pick(after, groupProperties) }) as GroupInput),
        applicationName,
        currentDeploymentGroupName: physicalId,
      });
      if (changed.has('Tags')) {
        await updateTags(cloud, `deploymentgroup:${applicationName}/${physicalId}`, before, after);
      }
      return { physicalId, attributes: {} };
    },
    async delete({ cloud, physicalId, properties }) {
      const applicationName = text(properties, 'ApplicationName');
      await cloud.call('codedeploy', 'DeleteDeploymentGroup', { applicationName, deploymentGroupName: physicalId });
    },
  },
};

/** The members of https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html#cfn-attributes-updatepolicy-codedeploylambdaaliasupdate */
export interface CodeDeployLambdaAliasUpdate {
  readonly ApplicationName: string;
  readonly DeploymentGroupName: string;
  readonly BeforeAllowTrafficHook?: string;
  readonly AfterAllowTrafficHook?: string;
}

/**
 * Lets CodeDeploy move an alias, and waits for the end of the deployment and of its rollback. The events are those that AWS reports:
 * `CodeDeploy deployment started: d-…`, and on failure `d-… failed. ` with CodeDeploy's message.
 */
export async function moveByCodeDeploy(request: Update, policy: CodeDeployLambdaAliasUpdate): Promise<void> {
  const { cloud, progress, signal, isCalledOff } = request;
  const deploymentId = await startDeployment(request, policy);
  progress(`CodeDeploy deployment started: ${deploymentId}`);
  let isStopped = false;
  for (;;) {
    const info = await deploymentOf(cloud, deploymentId);
    if (info.status === 'Succeeded') return;
    if (info.status === 'Failed' || info.status === 'Stopped') {
      const rollback = info.rollbackInfo?.rollbackDeploymentId;
      if (rollback !== undefined) progress(`CodeDeploy rollback deployment started: ${rollback}`);
      throw new HandlerError('InternalFailure', `${deploymentId} failed. ${info.errorInformation?.message ?? ''}`);
    }
    if (isCalledOff() && !isStopped) {
      isStopped = true;
      await cloud
        .call('codedeploy', 'StopDeployment', { deploymentId, autoRollbackEnabled: true })
        .catch((error: unknown) => {
          // it has just ended
          if (!(error instanceof AwsError && error.code === 'DeploymentAlreadyCompletedException')) throw error;
        });
    }
    await pause(signal);
  }
}

async function deploymentOf(cloud: Cloud, deploymentId: string) {
  const { deploymentInfo = {} } = await cloud.call('codedeploy', 'GetDeployment', { deploymentId });
  return deploymentInfo;
}

async function startDeployment(
  { cloud, before, after }: Update,
  { ApplicationName, DeploymentGroupName, ...policy }: CodeDeployLambdaAliasUpdate,
): Promise<string> {
  const Properties = {
    Name: text(after, 'FunctionName'),
    Alias: text(after, 'Name'),
    CurrentVersion: text(before, 'FunctionVersion'),
    TargetVersion: text(after, 'FunctionVersion'),
  };
  const hooks = [
    ['BeforeAllowTraffic', policy.BeforeAllowTrafficHook],
    ['AfterAllowTraffic', policy.AfterAllowTrafficHook],
  ] as const;
  const content = JSON.stringify({
    version: 0.0,
    Resources: [{ function: { Type: 'AWS::Lambda::Function', Properties } }],
    Hooks: hooks.flatMap(([event, hook]) => (hook === undefined ? [] : [{ [event]: hook }])),
  });
  try {
    const { deploymentId = '' } = await cloud.call('codedeploy', 'CreateDeployment', {
      applicationName: ApplicationName,
      deploymentGroupName: DeploymentGroupName,
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
    });
    return deploymentId;
  } catch (error) {
    if (!(error instanceof AwsError) || error.status === 501) throw error;
    // https://github.com/aws/serverless-application-model/issues/291
    const isConflict = error.code === 'DeploymentLimitExceededException';
    throw new HandlerError('InvalidRequest', isConflict ? 'A conflicting deployment is in progress' : error.message);
  }
}

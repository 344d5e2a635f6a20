// CodeDeploy's operations on deployment groups.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html
import { randomUUID } from 'node:crypto';
import type {
  AlarmConfiguration,
  DeploymentGroupInfo,
  DeploymentStyle,
  LastDeploymentInfo,
} from '@aws-sdk/client-codedeploy';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { trusts } from '../role-trust.ts';
import { tagMap } from './applications.ts';
import { allAtOnce, findConfig } from './configs.ts';
import {
  arnOf,
  type CodeDeployContext,
  checkName,
  type Deployment,
  findApplication,
  findGroup,
  type Group,
  groupKey,
} from './state.ts';

const gradual: DeploymentStyle = { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' };
/** https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html */
const mostAlarms = 10;

export function groupOperations(context: CodeDeployContext): Operations<'codedeploy'> {
  const { cloud, groups } = context;
  const onGroup = (application = '', group = '') => arnOf(cloud, 'deploymentgroup', `${application}/${group}`);
  return {
    CreateDeploymentGroup: {
      members: [
        'alarmConfiguration',
        'applicationName',
        'autoRollbackConfiguration',
        'deploymentConfigName',
        'deploymentGroupName',
        'deploymentStyle',
        'serviceRoleArn',
        'tags',
        'triggerConfigurations',
      ],
      authorize: {
        resource: ({ applicationName, deploymentGroupName }) => onGroup(applicationName, deploymentGroupName),
      },
      async run(input) {
        const application = findApplication(context, input.applicationName).name;
        const name = checkName(input.deploymentGroupName, 'InvalidDeploymentGroupNameException');
        if (groups.has(groupKey(application, name))) {
          throw new AwsError('DeploymentGroupAlreadyExistsException', `The deployment group ${name} already exists`);
        }
        if (input.serviceRoleArn === undefined) throw new AwsError('RoleRequiredException', 'Service role is required');
        const group: Group = {
          id: randomUUID(),
          application,
          name,
          config: input.deploymentConfigName ?? allAtOnce,
          role: input.serviceRoleArn,
          style: input.deploymentStyle ?? gradual,
          alarms: input.alarmConfiguration ?? {},
          rollback: input.autoRollbackConfiguration ?? {},
          triggers: input.triggerConfigurations ?? [],
          tags: tagMap(input.tags ?? []),
        };
        await checkGroup(context, group);
        groups.set(groupKey(application, name), group);
        return { deploymentGroupId: group.id };
      },
    },
    UpdateDeploymentGroup: {
      members: [
        'alarmConfiguration',
        'applicationName',
        'autoRollbackConfiguration',
        'currentDeploymentGroupName',
        'deploymentConfigName',
        'deploymentStyle',
        'serviceRoleArn',
        'triggerConfigurations',
      ],
      authorize: {
        resource: ({ applicationName, currentDeploymentGroupName }) =>
          onGroup(applicationName, currentDeploymentGroupName),
      },
      async run(input) {
        const old = findGroup(context, input.applicationName, input.currentDeploymentGroupName);
        const group: Group = {
          ...old,
          config: input.deploymentConfigName ?? old.config,
          role: input.serviceRoleArn ?? old.role,
          style: input.deploymentStyle ?? old.style,
          alarms: input.alarmConfiguration ?? old.alarms,
          rollback: input.autoRollbackConfiguration ?? old.rollback,
          triggers: input.triggerConfigurations ?? old.triggers,
        };
        await checkGroup(context, group);
        groups.set(groupKey(group.application, group.name), group);
        return { hooksNotCleanedUp: [] };
      },
    },
    GetDeploymentGroup: {
      members: ['applicationName', 'deploymentGroupName'],
      authorize: {
        resource: ({ applicationName, deploymentGroupName }) => onGroup(applicationName, deploymentGroupName),
      },
      run: ({ applicationName, deploymentGroupName }) => ({
        deploymentGroupInfo: shown(context, findGroup(context, applicationName, deploymentGroupName)),
      }),
    },
    ListDeploymentGroups: {
      members: ['applicationName'],
      authorize: { resource: ({ applicationName = '' }) => arnOf(cloud, 'application', applicationName) },
      run({ applicationName }) {
        const { name } = findApplication(context, applicationName);
        const own = groups.filter(({ application }) => application === name);
        return { applicationName: name, deploymentGroups: own.map((group) => group.name).sort() };
      },
    },
    DeleteDeploymentGroup: {
      members: ['applicationName', 'deploymentGroupName'],
      authorize: {
        resource: ({ applicationName, deploymentGroupName }) => onGroup(applicationName, deploymentGroupName),
      },
      // deleting one that does not exist succeeds
      run({ applicationName = '', deploymentGroupName = '' }) {
        groups.delete(groupKey(applicationName, deploymentGroupName));
        return { hooksNotCleanedUp: [] };
      },
    },
  };
}

async function checkGroup(context: CodeDeployContext, { config, role, style, alarms }: Group): Promise<void> {
  findConfig(context, config);
  await checkRole(context.cloud, role);
  if (style.deploymentType !== gradual.deploymentType || style.deploymentOption !== gradual.deploymentOption) {
    throw new AwsError(
      'InvalidDeploymentStyleException',
      'Only blue/green deployments with traffic control are supported for the Lambda compute platform.',
    );
  }
  checkAlarms(alarms);
}

async function checkRole(cloud: Cloud, role: string): Promise<void> {
  if (await trusts(cloud, role, 'codedeploy.amazonaws.com')) return;
  throw new AwsError(
    'InvalidRoleException',
    `AWS CodeDeploy does not have the permissions required to assume the role ${role}.`,
  );
}

export function checkAlarms({ enabled = false, alarms = [] }: AlarmConfiguration): void {
  if (enabled && alarms.length === 0) {
    throw new AwsError('InvalidAlarmConfigException', 'The alarm configuration is enabled, but has no alarms');
  }
  if (alarms.length > mostAlarms) {
    throw new AwsError('AlarmsLimitExceededException', `A deployment group has at most ${mostAlarms} alarms`);
  }
}

function shown({ deployments }: CodeDeployContext, group: Group): DeploymentGroupInfo {
  const own = deployments.filter(
    ({ application, group: of }) => application === group.application && of === group.name,
  );
  const last = own.at(-1);
  const lastGood = own.findLast(({ status }) => status === 'Succeeded');
  return {
    applicationName: group.application,
    deploymentGroupId: group.id,
    deploymentGroupName: group.name,
    deploymentConfigName: group.config,
    serviceRoleArn: group.role,
    deploymentStyle: group.style,
    alarmConfiguration: group.alarms,
    autoRollbackConfiguration: group.rollback,
    triggerConfigurations: [...group.triggers],
    computePlatform: 'Lambda',
    ...(last === undefined ? {} : { lastAttemptedDeployment: brief(last) }),
    ...(lastGood === undefined ? {} : { lastSuccessfulDeployment: brief(lastGood) }),
  };
}

function brief({ id, status, created, completed }: Deployment): LastDeploymentInfo {
  return {
    deploymentId: id,
    status,
    createTime: new Date(created),
    ...(completed === undefined ? {} : { endTime: new Date(completed) }),
  };
}

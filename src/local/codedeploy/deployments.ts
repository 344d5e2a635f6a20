// CodeDeploy's operations on deployments of Lambda functions.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
import { createHash } from 'node:crypto';
import type { DeploymentInfo, LambdaTarget, LifecycleEvent } from '@aws-sdk/client-codedeploy';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { pageAfter } from '../paging.ts';
import { parseAppSpec } from './app-spec.ts';
import { findConfig } from './configs.ts';
import type { Deployer } from './deployer.ts';
import { stoppedByUser } from './failure.ts';
import { checkAlarms } from './groups.ts';
import {
  arnOf,
  type CodeDeployContext,
  type Deployment,
  type Event,
  findDeployment,
  findGroup,
  type Group,
  isUnderWay,
  lifecycle,
  newDeploymentId,
} from './state.ts';

const pageSize = 100;

export function deploymentOperations(context: CodeDeployContext, deployer: Deployer): Operations<'codedeploy'> {
  const { cloud, deployments } = context;
  const onGroup = (application = '', group = '') => arnOf(cloud, 'deploymentgroup', `${application}/${group}`);
  /** A role may do something with a deployment if it may do it with the deployment's group. */
  const onGroupOf = {
    resource: ({ deploymentId = '' }: { readonly deploymentId?: string | undefined }) => {
      const deployment = deployments.get(deploymentId);
      return onGroup(deployment?.application, deployment?.group);
    },
  };
  return {
    CreateDeployment: {
      members: [
        'applicationName',
        'autoRollbackConfiguration',
        'deploymentConfigName',
        'deploymentGroupName',
        'description',
        'overrideAlarmConfiguration',
        'revision',
      ],
      authorize: {
        resource: ({ applicationName, deploymentGroupName }) => onGroup(applicationName, deploymentGroupName),
      },
      run(input) {
        const group = findGroup(context, input.applicationName, input.deploymentGroupName);
        const active = deployments.find((other) => isOf(other, group) && isUnderWay(other));
        if (active !== undefined) {
          throw new AwsError(
            'DeploymentLimitExceededException',
            `The Deployment Group '${group.name}' already has an active Deployment '${active.id}'`,
          );
        }
        const deployment = newDeployment(context, group, input);
        deployments.set(deployment.id, deployment);
        deployer.start(deployment.id);
        return { deploymentId: deployment.id };
      },
    },
    GetDeployment: {
      members: ['deploymentId'],
      authorize: onGroupOf,
      run: ({ deploymentId }) => ({ deploymentInfo: shown(findDeployment(context, deploymentId)) }),
    },
    ListDeployments: {
      members: ['applicationName', 'deploymentGroupName', 'includeOnlyStatuses', 'nextToken'],
      authorize: {
        resource: ({ applicationName, deploymentGroupName }) => onGroup(applicationName, deploymentGroupName),
      },
      run({ applicationName, deploymentGroupName, includeOnlyStatuses = [], nextToken: token }) {
        const group =
          applicationName === undefined ? undefined : findGroup(context, applicationName, deploymentGroupName);
        const ids = deployments
          .filter((deployment) => group === undefined || isOf(deployment, group))
          .filter(({ status }) => includeOnlyStatuses.length === 0 || includeOnlyStatuses.includes(status))
          .map(({ id }) => id)
          .reverse();
        const page = pageAfter(ids, (id) => id, { token, most: pageSize });
        if (page === undefined) throw new AwsError('InvalidNextTokenException', 'The next token is not valid');
        const { items, nextToken } = page;
        return { deployments: items, ...(nextToken === undefined ? {} : { nextToken }) };
      },
    },
    StopDeployment: {
      members: ['autoRollbackEnabled', 'deploymentId'],
      authorize: onGroupOf,
      run({ deploymentId, autoRollbackEnabled }) {
        const { id, rollback } = underWay(findDeployment(context, deploymentId));
        if (autoRollbackEnabled === true) {
          const events = [...(rollback.events ?? []), 'DEPLOYMENT_STOP_ON_REQUEST' as const];
          deployments.set(id, { ...findDeployment(context, id), rollback: { enabled: true, events } });
        }
        deployer.halt(id, stoppedByUser());
        return { status: 'Pending', statusMessage: 'Stopping the deployment.' };
      },
    },
    PutLifecycleEventHookExecutionStatus: {
      members: ['deploymentId', 'lifecycleEventHookExecutionId', 'status'],
      authorize: onGroupOf,
      run({ deploymentId, lifecycleEventHookExecutionId: hookId = '', status }) {
        const { id, events } = findDeployment(context, deploymentId);
        if (status !== 'Succeeded' && status !== 'Failed') {
          throw new AwsError(
            'InvalidLifecycleEventHookExecutionStatusException',
            `The status of a lifecycle event hook must be Succeeded or Failed, not ${status}`,
          );
        }
        if (!Object.values(events).some((event: Event) => event.hookId === hookId)) {
          throw new AwsError(
            'InvalidLifecycleEventHookExecutionIdException',
            'The lifecycle event hook execution ID is not valid',
          );
        }
        if (!deployer.reported(id, hookId, status)) {
          throw new AwsError('LifecycleEventAlreadyCompletedException', 'The lifecycle event is already complete');
        }
        return { lifecycleEventHookExecutionId: hookId };
      },
    },
    ListDeploymentTargets: {
      members: ['deploymentId'],
      authorize: onGroupOf,
      run: ({ deploymentId }) => ({ targetIds: [targetId(findDeployment(context, deploymentId))] }),
    },
    GetDeploymentTarget: {
      members: ['deploymentId', 'targetId'],
      authorize: onGroupOf,
      run(input) {
        const deployment = findDeployment(context, input.deploymentId);
        if (input.targetId === targetId(deployment)) {
          return { deploymentTarget: { deploymentTargetType: 'LambdaTarget', lambdaTarget: targetOf(deployment) } };
        }
        throw new AwsError('DeploymentTargetDoesNotExistException', `There is no target ${input.targetId}`);
      },
    },
  };
}

function isOf({ application, group }: Deployment, of: Group): boolean {
  return application === of.application && group === of.name;
}

function underWay(deployment: Deployment): Deployment {
  if (isUnderWay(deployment)) return deployment;
  throw new AwsError('DeploymentAlreadyCompletedException', `The deployment ${deployment.id} is already complete`);
}

function newDeployment(
  context: CodeDeployContext,
  group: Group,
  input: Input<'codedeploy', 'CreateDeployment'>,
): Deployment {
  const { revision, description } = input;
  if (revision === undefined) throw new AwsError('RevisionRequiredException', 'Revision is required');
  if (revision.revisionType !== 'AppSpecContent') {
    throw notImplemented(`codedeploy:CreateDeployment with a revision of the type ${revision.revisionType}`);
  }
  const { content = '', sha256 = sha256Of(content) } = revision.appSpecContent ?? {};
  if (sha256 !== sha256Of(content)) {
    throw new AwsError('InvalidRevisionException', 'The sha256 of the AppSpec does not match its content');
  }
  const alarms = input.overrideAlarmConfiguration ?? group.alarms;
  checkAlarms(alarms);
  return {
    id: newDeploymentId(),
    application: group.application,
    group: group.name,
    config: findConfig(context, input.deploymentConfigName ?? group.config).name,
    ...(description === undefined ? {} : { description }),
    content,
    spec: parseAppSpec(content),
    creator: 'user',
    rollback: input.autoRollbackConfiguration ?? group.rollback,
    alarms,
    status: 'Created',
    events: {
      BeforeAllowTraffic: { status: 'Pending' },
      AllowTraffic: { status: 'Pending' },
      AfterAllowTraffic: { status: 'Pending' },
    },
    created: context.cloud.now(),
  };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function shown(deployment: Deployment): DeploymentInfo {
  const { content, started, completed, description, error, rollbackInfo } = deployment;
  return {
    applicationName: deployment.application,
    deploymentGroupName: deployment.group,
    deploymentConfigName: deployment.config,
    deploymentId: deployment.id,
    revision: { revisionType: 'AppSpecContent', appSpecContent: { content, sha256: sha256Of(content) } },
    status: deployment.status,
    creator: deployment.creator,
    computePlatform: 'Lambda',
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    autoRollbackConfiguration: deployment.rollback,
    overrideAlarmConfiguration: deployment.alarms,
    createTime: new Date(deployment.created),
    ...(started === undefined ? {} : { startTime: new Date(started) }),
    ...(completed === undefined ? {} : { completeTime: new Date(completed) }),
    ...(description === undefined ? {} : { description }),
    ...(error === undefined ? {} : { errorInformation: error }),
    ...(rollbackInfo === undefined ? {} : { rollbackInfo }),
  };
}

function targetId({ spec }: Deployment): string {
  return `${spec.functionName}:${spec.alias}`;
}

function targetOf(deployment: Deployment): LambdaTarget {
  const { id, spec, status, events } = deployment;
  return {
    deploymentId: id,
    targetId: targetId(deployment),
    status: status === 'Stopped' ? 'Failed' : isUnderWay(deployment) ? 'InProgress' : (status as 'Succeeded'),
    lifecycleEvents: lifecycle.map((name): LifecycleEvent => {
      const { status: of, started, ended } = events[name];
      return {
        lifecycleEventName: name,
        status: of,
        ...(started === undefined ? {} : { startTime: new Date(started) }),
        ...(ended === undefined ? {} : { endTime: new Date(ended) }),
      };
    }),
    lambdaFunctionInfo: {
      functionName: spec.functionName,
      functionAlias: spec.alias,
      currentVersion: spec.currentVersion,
      targetVersion: spec.targetVersion,
    },
  };
}

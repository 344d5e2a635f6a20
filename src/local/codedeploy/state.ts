// The state of CodeDeploy: applications, deployment groups, deployment configurations and deployments of Lambda functions.
import { randomInt } from 'node:crypto';
import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  DeploymentCreator,
  DeploymentStatus,
  DeploymentStyle,
  ErrorCode,
  LifecycleEventStatus,
  RollbackInfo,
  TrafficRoutingConfig,
  TriggerConfig,
} from '@aws-sdk/client-codedeploy';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import type { AppSpec } from './app-spec.ts';

export type Tags = Readonly<Record<string, string>>;

export interface Application {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly tags: Tags;
}

export interface Group {
  readonly id: string;
  readonly application: string;
  readonly name: string;
  readonly config: string;
  readonly role: string;
  readonly style: DeploymentStyle;
  readonly alarms: AlarmConfiguration;
  readonly rollback: AutoRollbackConfiguration;
  /** Stored without effect: there is no SNS here. */
  readonly triggers: readonly TriggerConfig[];
  readonly tags: Tags;
}

export interface Config {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly routing: TrafficRoutingConfig;
}

export const lifecycle = ['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'] as const;
export type LifecycleEventName = (typeof lifecycle)[number];

/** What is done of a deployment. */
export interface Event {
  readonly status: LifecycleEventStatus;
  readonly started?: number;
  readonly ended?: number;
  /** The id with which a hook reports its result. */
  readonly hookId?: string;
}

export interface Deployment {
  readonly id: string;
  readonly application: string;
  readonly group: string;
  readonly config: string;
  readonly description?: string;
  /** The text of the AppSpec, and what it says. */
  readonly content: string;
  readonly spec: AppSpec;
  readonly creator: DeploymentCreator;
  readonly rollback: AutoRollbackConfiguration;
  readonly alarms: AlarmConfiguration;
  readonly status: DeploymentStatus;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly rollbackInfo?: RollbackInfo;
  readonly events: Readonly<Record<LifecycleEventName, Event>>;
  readonly created: number;
  readonly started?: number;
  readonly completed?: number;
}

export interface CodeDeployContext {
  readonly cloud: Cloud;
  readonly applications: Collection<Application>;
  /** By groupKey. */
  readonly groups: Collection<Group>;
  readonly configs: Collection<Config>;
  readonly deployments: Collection<Deployment>;
}

export function codeDeployContext(cloud: Cloud): CodeDeployContext {
  return {
    cloud,
    applications: cloud.collection('codedeploy.applications'),
    groups: cloud.collection('codedeploy.groups'),
    configs: cloud.collection('codedeploy.configs'),
    deployments: cloud.collection('codedeploy.deployments'),
  };
}

export const groupKey = (application: string, name: string): string => `${application}\n${name}`;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html#awscodedeploy-resources-for-iam-policies */
export function arnOf(
  { region, accountId }: Cloud,
  kind: 'application' | 'deploymentgroup' | 'deploymentconfig',
  name: string,
) {
  return `arn:aws:codedeploy:${region}:${accountId}:${kind}:${name}`;
}

export function findApplication({ applications }: CodeDeployContext, name: string | undefined): Application {
  if (name === undefined) throw new AwsError('ApplicationNameRequiredException', 'Application name is required');
  const application = applications.get(name);
  if (application !== undefined) return application;
  throw new AwsError('ApplicationDoesNotExistException', `No application found for name: ${name}`);
}

export function findGroup(
  context: CodeDeployContext,
  application: string | undefined,
  name: string | undefined,
): Group {
  findApplication(context, application);
  if (name === undefined)
    throw new AwsError('DeploymentGroupNameRequiredException', 'Deployment group name is required');
  const group = context.groups.get(groupKey(application ?? '', name));
  if (group !== undefined) return group;
  throw new AwsError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`);
}

export function findDeployment({ deployments }: CodeDeployContext, id: string | undefined): Deployment {
  if (id === undefined) throw new AwsError('DeploymentIdRequiredException', 'Deployment ID is required');
  const deployment = deployments.get(id);
  if (deployment !== undefined) return deployment;
  throw new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`);
}

export function isUnderWay({ status }: Deployment): boolean {
  return !['Succeeded', 'Failed', 'Stopped'].includes(status);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export function newDeploymentId(): string {
  return `d-${Array.from({ length: 9 }, () => alphabet[randomInt(alphabet.length)]).join('')}`;
}

export function checkName(name: string | undefined, code: string): string {
  if (name !== undefined && name.length >= 1 && name.length <= 100) return name;
  throw new AwsError(code, `The name "${name ?? ''}" must have 1 to 100 characters.`);
}

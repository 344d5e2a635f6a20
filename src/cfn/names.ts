// All names that fx generates, logical ids and physical names, in one place.
import { sha256 } from '../base/hash.ts';

/** The alias that all triggers call and that deploy and rollback move. */
export const liveAlias = 'live';
/** The template parameter that carries the bucket of the account, so that one template serves every account. */
export const artifactBucketParameter = 'FxArtifactBucket';
/** The template parameter that carries the name of the account's repository of images; only if the project builds one. */
export const imageRepositoryParameter = 'FxImageRepository';

/** Lambda's function names and IAM's role names end at 64 characters.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const longestName = 64;
const hashLength = 8;

/** A name of at most 64 characters: unchanged if it fits, else a readable prefix and a hash of the whole. */
export function fitted(name: string, longest: number = longestName): string {
  if (name.length <= longest) return name;
  const hash = sha256(name).slice(0, hashLength);
  return `${name.slice(0, longest - hashLength - 1).replace(/-+$/, '')}-${hash}`;
}

/** `get-user` → `GetUser`: logical ids contain only letters and digits. */
export function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

export interface EnvironmentNames {
  readonly project: string;
  readonly environment: string;
  readonly region: string;
}

export const stackName = (names: EnvironmentNames): string => `${names.project}-${names.environment}`;
export const functionName = (names: EnvironmentNames, name: string): string =>
  fitted(`${names.project}-${names.environment}-${name}`);
/** IAM has one namespace for all regions, so a role's name includes the region. */
export const roleName = (names: EnvironmentNames, name: string): string =>
  fitted(`${names.project}-${names.environment}-${name}-${names.region}`);
/** Outside `/aws/lambda/`: there, Lambda creates groups on its own, and one left by a removed stack would make the next deploy fail. */
export const logGroupName = (names: EnvironmentNames, name: string): string =>
  `/fx/${names.project}/${names.environment}/${name}`;

/**
 * Where a function writes that has no group of its own: Lambda creates this one.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
 */
export const lambdaLogGroup = (functionName: string): string => `/aws/lambda/${functionName}`;

/** The logical ids of the resources that every function has. */
export interface FunctionIds {
  readonly function: string;
  readonly role: string;
  readonly logGroup: string;
  readonly alias: string;
  /** The prefix of the version's logical id; a hash of what Lambda snapshots follows. */
  readonly version: string;
}

/** The logical id of a resource of one function. */
export const functionResourceId = (name: string, suffix: string): string => `${pascalCase(name)}${suffix}`;

export function functionIds(name: string): FunctionIds {
  return {
    function: functionResourceId(name, 'Function'),
    role: functionResourceId(name, 'Role'),
    logGroup: functionResourceId(name, 'LogGroup'),
    alias: functionResourceId(name, 'Alias'),
    version: functionResourceId(name, 'Version'),
  };
}

/** The logical ids of the resources that every state machine has. */
export function stateMachineIds(name: string): {
  readonly machine: string;
  readonly role: string;
  readonly logGroup: string;
  /** The role with which events start it. */
  readonly startRole: string;
} {
  const machine = `${pascalCase(name)}StateMachine`;
  return { machine, role: `${machine}Role`, logGroup: `${machine}LogGroup`, startRole: `${machine}StartRole` };
}

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
export const stateMachineName = (names: EnvironmentNames, name: string): string =>
  fitted(`${names.project}-${names.environment}-${name}`, 80);
/** Another name than that of a function's role. */
export const stateMachineRoleName = (names: EnvironmentNames, name: string): string =>
  fitted(`${names.project}-${names.environment}-${name}-states-${names.region}`);
/** With this prefix, the resource policy of the account's logs does not grow with each group.
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
export const stateMachineLogGroup = (names: EnvironmentNames, name: string): string =>
  `/aws/vendedlogs/states/${names.project}-${names.environment}-${name}`;

/** Lambda's layer names: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html */
export const layerName = (names: EnvironmentNames, name: string): string =>
  fitted(`${names.project}-${names.environment}-${name}`, 140);

/** The key of an artifact in the artifact bucket. */
export function artifactObjectKey(project: string, key: string): string {
  return `${artifactPrefix(project)}${key}.zip`;
}

export function artifactPrefix(project: string): string {
  return `${project}/artifacts/`;
}

/** The tag of an image in the repository, which all projects share; https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html. */
export function imageTag(project: string, key: string): string {
  return `${project}-${key}`;
}

/** Whether a tag belongs to the project: another one's name may begin with its name. */
export function isImageTagOf(project: string, tag: string): boolean {
  return tag.startsWith(`${project}-`) && /^[0-9a-f]{64}$/.test(tag.slice(project.length + 1));
}

/** Lambda resolves the tag to a digest once, for a version. The host name is ECR's in every partition.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
export function imageUri(tag: string): { readonly 'Fn::Sub': string } {
  return {
    'Fn::Sub': `\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}/\${${imageRepositoryParameter}}:${tag}`,
  };
}

/** A file of a site, by its content. */
export const siteFilePrefix = (project: string): string => `${project}/site/files/`;
/** What a site consists of, by its hash. */
export const siteManifestKey = (project: string, hash: string): string => `${project}/site/manifests/${hash}.json`;

/** Where leases are in the artifact bucket. Below no project's prefix: names of projects begin with a letter. */
export const leasePrefix = '_leases/';

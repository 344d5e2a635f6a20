// The state of IAM: roles with their policies, and managed policies with their versions.
import { randomBytes } from 'node:crypto';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export interface Role {
  RoleName: string;
  RoleId: string;
  Arn: string;
  Path: string;
  created: number;
  AssumeRolePolicyDocument: string;
  Description?: string;
  MaxSessionDuration: number;
  PermissionsBoundary?: string;
  Tags: { Key: string; Value: string }[];
  inline: Record<string, string>;
  attached: string[];
}

export interface PolicyVersion {
  VersionId: string;
  document: string;
  created: number;
}

export interface Policy {
  PolicyName: string;
  PolicyId: string;
  Arn: string;
  Path: string;
  created: number;
  Description?: string;
  defaultVersion: string;
  /** A version number is never reused. */
  nextVersion: number;
  versions: PolicyVersion[];
  Tags: { Key: string; Value: string }[];
}

export interface IamState {
  readonly cloud: Cloud;
  readonly roles: Collection<Role>;
  readonly policies: Collection<Policy>;
}

export function openState(cloud: Cloud): IamState {
  return {
    cloud,
    roles: cloud.globalCollection<Role>('iam-roles'),
    policies: cloud.globalCollection<Policy>('iam-policies'),
  };
}

export function findRole(state: IamState, name: string | undefined): Role {
  const role = state.roles.get(name ?? '');
  if (role !== undefined) return role;
  throw new AwsError('NoSuchEntityException', `The role with name ${name} cannot be found.`, 404);
}

export function findPolicy(state: IamState, arn: string | undefined): Policy {
  const policy = state.policies.get(arn ?? '');
  if (policy !== undefined) return policy;
  throw new AwsError('NoSuchEntityException', `Policy ${arn} was not found.`, 404);
}

export function defaultDocument(policy: Policy): string {
  return policy.versions.find(({ VersionId }) => VersionId === policy.defaultVersion)?.document ?? '';
}

export function uniqueId(prefix: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + [...randomBytes(17)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

export function plainTags(tags: readonly { Key: string | undefined; Value: string | undefined }[] | undefined) {
  return (tags ?? []).map((tag) => ({ Key: tag.Key ?? '', Value: tag.Value ?? '' }));
}

/** IAM omits an empty list of tags. */
export function shownTags({ Tags }: Pick<Role, 'Tags'>): { Tags?: Role['Tags'] } {
  return Tags.length === 0 ? {} : { Tags };
}

export function mergeTags(old: Role['Tags'], added: Role['Tags']): Role['Tags'] {
  return [...old.filter((tag) => !added.some((other) => other.Key === tag.Key)), ...added];
}

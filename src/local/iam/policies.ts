// Managed policies and their versions.
import type { Policy as IamPolicy } from '@aws-sdk/client-iam';
import { AwsError, type Operations } from '../cloud.ts';
import { checkedDocument, managedPolicyLimit, validName } from './checks.ts';
import { findPolicy, type IamState, type Policy, type PolicyVersion, plainTags, shownTags, uniqueId } from './state.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const versionLimit = 5;

export function policyOperations(state: IamState): Operations<'iam'> {
  const { cloud, policies } = state;
  const attachments = (arn: string) => state.roles.filter((role) => role.attached.includes(arn)).length;
  const boundaries = (arn: string) => state.roles.filter((role) => role.PermissionsBoundary === arn).length;
  const summary = (policy: Policy): IamPolicy => ({
    PolicyName: policy.PolicyName,
    PolicyId: policy.PolicyId,
    Arn: policy.Arn,
    Path: policy.Path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachments(policy.Arn),
    PermissionsBoundaryUsageCount: boundaries(policy.Arn),
    IsAttachable: true,
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.versions[0]?.created ?? policy.created),
  });
  const described = (policy: Policy): IamPolicy => ({
    ...summary(policy),
    ...shownTags(policy),
    ...(policy.Description === undefined ? {} : { Description: policy.Description }),
  });
  const checked = (document: string | undefined) =>
    checkedDocument(document, managedPolicyLimit, 'PolicySize', 'identity');
  const findVersion = (policy: Policy, id: string | undefined): PolicyVersion => {
    const version = policy.versions.find(({ VersionId }) => VersionId === id);
    if (version !== undefined) return version;
    throw new AwsError(
      'NoSuchEntityException',
      `Policy ${policy.Arn} version ${id} does not exist or is not attachable.`,
      404,
    );
  };

  return {
    CreatePolicy: {
      members: ['PolicyName', 'PolicyDocument', 'Path', 'Description', 'Tags'],
      run(input) {
        const name = validName(input.PolicyName, 'policyName', 128);
        const path = input.Path ?? '/';
        const arn = `arn:aws:iam::${cloud.accountId}:policy${path}${name}`;
        if (policies.has(arn)) {
          throw new AwsError(
            'EntityAlreadyExistsException',
            `A policy called ${name} already exists. Duplicate names are not allowed.`,
            409,
          );
        }
        const created: Policy = {
          PolicyName: name,
          PolicyId: uniqueId('ANPA'),
          Arn: arn,
          Path: path,
          created: cloud.now(),
          defaultVersion: 'v1',
          nextVersion: 2,
          versions: [{ VersionId: 'v1', document: checked(input.PolicyDocument), created: cloud.now() }],
          Tags: plainTags(input.Tags),
          ...(input.Description === undefined ? {} : { Description: input.Description }),
        };
        policies.set(arn, created);
        return { Policy: described(created) };
      },
    },
    GetPolicy: {
      members: ['PolicyArn'],
      run(input) {
        const policy = findPolicy(state, input.PolicyArn);
        // unlike other operations, GetPolicy returns an empty list of tags
        return { Policy: { ...described(policy), Tags: policy.Tags } };
      },
    },
    // without tags and descriptions: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html
    ListPolicies: {
      members: [],
      run: () => ({ Policies: [...policies.values()].map(summary), IsTruncated: false }),
    },
    DeletePolicy: {
      members: ['PolicyArn'],
      run(input) {
        const policy = findPolicy(state, input.PolicyArn);
        if (attachments(policy.Arn) > 0) {
          throw new AwsError('DeleteConflictException', 'Cannot delete a policy attached to entities.', 409);
        }
        if (policy.versions.length > 1) {
          throw new AwsError(
            'DeleteConflictException',
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
            409,
          );
        }
        policies.delete(policy.Arn);
        return {};
      },
    },
    CreatePolicyVersion: {
      members: ['PolicyArn', 'PolicyDocument', 'SetAsDefault'],
      run(input) {
        const policy = findPolicy(state, input.PolicyArn);
        if (policy.versions.length >= versionLimit) {
          throw new AwsError(
            'LimitExceededException',
            `A managed policy can have up to ${versionLimit} versions. Before you create a new version, you must delete an existing version.`,
            409,
          );
        }
        const version = {
          VersionId: `v${policy.nextVersion}`,
          document: checked(input.PolicyDocument),
          created: cloud.now(),
        };
        const changed: Policy = {
          ...policy,
          nextVersion: policy.nextVersion + 1,
          versions: [version, ...policy.versions],
          defaultVersion: input.SetAsDefault ? version.VersionId : policy.defaultVersion,
        };
        policies.set(policy.Arn, changed);
        return { PolicyVersion: shownVersion(changed, version) };
      },
    },
    GetPolicyVersion: {
      members: ['PolicyArn', 'VersionId'],
      run(input) {
        const policy = findPolicy(state, input.PolicyArn);
        const version = findVersion(policy, input.VersionId);
        return { PolicyVersion: { ...shownVersion(policy, version), Document: encodeURIComponent(version.document) } };
      },
    },
    ListPolicyVersions: {
      members: ['PolicyArn'],
      run(input) {
        const policy = findPolicy(state, input.PolicyArn);
        return { Versions: policy.versions.map((version) => shownVersion(policy, version)), IsTruncated: false };
      },
    },
    SetDefaultPolicyVersion: {
      members: ['PolicyArn', 'VersionId'],
      run(input) {
        const policy = findPolicy(state, input.PolicyArn);
        policies.set(policy.Arn, { ...policy, defaultVersion: findVersion(policy, input.VersionId).VersionId });
        return {};
      },
    },
    DeletePolicyVersion: {
      members: ['PolicyArn', 'VersionId'],
      run(input) {
        const policy = findPolicy(state, input.PolicyArn);
        const { VersionId } = findVersion(policy, input.VersionId);
        if (VersionId === policy.defaultVersion) {
          throw new AwsError('DeleteConflictException', 'Cannot delete the default version of a policy.', 409);
        }
        policies.set(policy.Arn, {
          ...policy,
          versions: policy.versions.filter((version) => version.VersionId !== VersionId),
        });
        return {};
      },
    },
  };
}

function shownVersion(policy: Policy, version: PolicyVersion) {
  return {
    VersionId: version.VersionId,
    IsDefaultVersion: version.VersionId === policy.defaultVersion,
    CreateDate: new Date(version.created),
  };
}

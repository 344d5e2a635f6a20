// AWS::IAM: roles, their inline policies, and managed policies.
import { AwsError, type Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers } from './provider.ts';
import { defined, json, tagChanges, tagList, text, textList } from './values.ts';

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}

const inlinePolicies = (properties: Properties) =>
  (properties['Policies'] as readonly InlinePolicy[] | undefined) ?? [];

/** Deleting what is missing succeeds. */
async function ignoringAbsence(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NoSuchEntityException') throw error;
  }
}

async function describeRole(cloud: Cloud, RoleName: string) {
  const { Role } = await cloud.call('iam', 'GetRole', { RoleName });
  return { physicalId: RoleName, attributes: { Arn: Role?.Arn, RoleId: Role?.RoleId } };
}

/** Puts the policies of `after` into the role and removes those that only `before` has. */
async function updateInlinePolicies(
  cloud: Cloud,
  RoleName: string,
  before: Properties,
  after: Properties,
): Promise<void> {
  const names = inlinePolicies(after).map(({ PolicyName }) => PolicyName);
  for (const { PolicyName, PolicyDocument } of inlinePolicies(after)) {
    await cloud.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: json(PolicyDocument) });
  }
  for (const { PolicyName } of inlinePolicies(before)) {
    if (names.includes(PolicyName)) continue;
    await ignoringAbsence(cloud.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }));
  }
}

async function updateAttachments(cloud: Cloud, RoleName: string, before: Properties, after: Properties): Promise<void> {
  const arns = textList(after, 'ManagedPolicyArns');
  for (const PolicyArn of arns) await cloud.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  for (const PolicyArn of textList(before, 'ManagedPolicyArns')) {
    if (arns.includes(PolicyArn)) continue;
    await ignoringAbsence(cloud.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
  }
}

/** AWS::IAM::Policy exists only inside roles, so it needs at least one. */
function policyRoles(properties: Properties): readonly string[] {
  const roles = textList(properties, 'Roles');
  if (roles.length === 0) {
    throw new HandlerError('InvalidRequest', 'At least one of [Groups,Roles,Users] must be non-empty.');
  }
  return roles;
}

async function describePolicy(cloud: Cloud, PolicyArn: string) {
  const { Policy } = await cloud.call('iam', 'GetPolicy', { PolicyArn });
  return {
    physicalId: PolicyArn,
    attributes: {
      PolicyArn,
      PolicyId: Policy?.PolicyId,
      DefaultVersionId: Policy?.DefaultVersionId,
      AttachmentCount: Policy?.AttachmentCount,
      PermissionsBoundaryUsageCount: Policy?.PermissionsBoundaryUsageCount ?? 0,
      IsAttachable: Policy?.IsAttachable,
      CreateDate: Policy?.CreateDate?.toISOString(),
      UpdateDate: Policy?.UpdateDate?.toISOString(),
    },
  };
}

export const iamProviders: Providers = {
  'AWS::IAM::Role': {
    service: 'Iam',
    properties: [
      'AssumeRolePolicyDocument',
      'Description',
      'ManagedPolicyArns',
      'MaxSessionDuration',
      'Path',
      'PermissionsBoundary',
      'Policies',
      'RoleName',
      'Tags',
    ],
    name: { property: 'RoleName', limit: 64 },
    async create({ cloud, name, properties, initiated }) {
      await cloud.call('iam', 'CreateRole', {
        RoleName: name,
        AssumeRolePolicyDocument: json(properties['AssumeRolePolicyDocument']),
        ...defined({
          Description: text(properties, 'Description'),
          MaxSessionDuration: properties['MaxSessionDuration'] as number | undefined,
          Path: text(properties, 'Path'),
          PermissionsBoundary: text(properties, 'PermissionsBoundary'),
        }),
        Tags: tagList(properties),
      });
      initiated(name);
      await updateInlinePolicies(cloud, name, {}, properties);
      await updateAttachments(cloud, name, {}, properties);
      return describeRole(cloud, name);
    },
    async update({ cloud, physicalId: RoleName, before, after, changed }) {
      if (changed.has('AssumeRolePolicyDocument')) {
        const PolicyDocument = json(after['AssumeRolePolicyDocument']);
        await cloud.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
      }
      if (changed.has('Description') || changed.has('MaxSessionDuration')) {
        await cloud.call('iam', 'UpdateRole', {
          RoleName,
          Description: text(after, 'Description') ?? '',
          MaxSessionDuration: (after['MaxSessionDuration'] as number | undefined) ?? 3600,
        });
      }
      if (changed.has('PermissionsBoundary')) {
        const PermissionsBoundary = text(after, 'PermissionsBoundary');
        if (PermissionsBoundary === undefined) await cloud.call('iam', 'DeleteRolePermissionsBoundary', { RoleName });
        else await cloud.call('iam', 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
      }
      if (changed.has('Policies')) await updateInlinePolicies(cloud, RoleName, before, after);
      if (changed.has('ManagedPolicyArns')) await updateAttachments(cloud, RoleName, before, after);
      if (changed.has('Tags')) {
        await cloud.call('iam', 'UntagRole', { RoleName, TagKeys: tagChanges(before, after).remove });
        await cloud.call('iam', 'TagRole', { RoleName, Tags: tagList(after) });
      }
      return describeRole(cloud, RoleName);
    },
    /** Policies from elsewhere stay in the role, and then the role can't be deleted. */
    async delete({ cloud, physicalId: RoleName, properties }) {
      await updateInlinePolicies(cloud, RoleName, properties, {});
      await updateAttachments(cloud, RoleName, properties, {});
      await cloud.call('iam', 'DeleteRole', { RoleName });
    },
  },

  'AWS::IAM::Policy': {
    service: 'Iam',
    properties: ['PolicyDocument', 'PolicyName', 'Roles'],
    async create({ cloud, name, properties, initiated }) {
      const roles = policyRoles(properties);
      initiated(name);
      const PolicyName = text(properties, 'PolicyName');
      const PolicyDocument = json(properties['PolicyDocument']);
      for (const RoleName of roles) await cloud.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument });
      return { physicalId: name, attributes: { Id: name } };
    },
    async update({ cloud, physicalId, before, after }) {
      const roles = policyRoles(after);
      const PolicyName = text(after, 'PolicyName');
      const PolicyDocument = json(after['PolicyDocument']);
      for (const RoleName of roles) await cloud.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument });
      const oldName = text(before, 'PolicyName');
      for (const RoleName of textList(before, 'Roles')) {
        if (roles.includes(RoleName) && oldName === PolicyName) continue;
        await ignoringAbsence(cloud.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName: oldName }));
      }
      return { physicalId, attributes: { Id: physicalId } };
    },
    async delete({ cloud, properties }) {
      const PolicyName = text(properties, 'PolicyName');
      for (const RoleName of textList(properties, 'Roles')) {
        await ignoringAbsence(cloud.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }));
      }
    },
  },

  'AWS::IAM::ManagedPolicy': {
    service: 'Iam',
    properties: ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'],
    name: { property: 'ManagedPolicyName', limit: 128 },
    async create({ cloud, name, properties, initiated }) {
      const { Policy } = await cloud.call('iam', 'CreatePolicy', {
        PolicyName: name,
        PolicyDocument: json(properties['PolicyDocument']),
        ...defined({ Description: text(properties, 'Description'), Path: text(properties, 'Path') }),
      });
      const PolicyArn = Policy?.Arn ?? '';
      initiated(PolicyArn);
      for (const RoleName of textList(properties, 'Roles')) {
        await cloud.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
      }
      return describePolicy(cloud, PolicyArn);
    },
    async update({ cloud, physicalId: PolicyArn, before, after, changed }) {
      if (changed.has('PolicyDocument')) {
        const PolicyDocument = json(after['PolicyDocument']);
        await cloud.call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
      }
      const roles = textList(after, 'Roles');
      for (const RoleName of roles) await cloud.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
      for (const RoleName of textList(before, 'Roles')) {
        if (roles.includes(RoleName)) continue;
        await ignoringAbsence(cloud.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
      }
      return describePolicy(cloud, PolicyArn);
    },
    async delete({ cloud, physicalId: PolicyArn, properties }) {
      for (const RoleName of textList(properties, 'Roles')) {
        await ignoringAbsence(cloud.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
      }
      await cloud.call('iam', 'DeletePolicy', { PolicyArn });
    },
  },
};

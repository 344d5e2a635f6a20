// IAM: roles with their trust, inline and attached policies, and the evaluation of what a role may do.
// Error codes are the SDK's names; texts as AWS prints them: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
import { randomBytes } from 'node:crypto';
import type { Policy as IamPolicy, Role as IamRole } from '@aws-sdk/client-iam';
import { AwsError, type Cloud, type Operations, type Service } from './cloud.ts';
import { evaluate, parsePolicy } from './iam-policy.ts';

interface Role {
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

interface Policy {
  PolicyName: string;
  PolicyId: string;
  Arn: string;
  Path: string;
  created: number;
  Description?: string;
  document: string;
  Tags: { Key: string; Value: string }[];
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
const inlinePolicyLimit = 10_240;
const trustPolicyLimit = 2_048;
const managedPolicyLimit = 6_144;

export function createIam(cloud: Cloud): Service<'iam'> {
  const roles = cloud.globalCollection<Role>('iam-roles');
  const policies = cloud.globalCollection<Policy>('iam-policies');

  const role = (name: string | undefined): Role => {
    const found = roles.get(name ?? '');
    if (found === undefined) {
      throw new AwsError('NoSuchEntityException', `The role with name ${name} cannot be found.`, 404);
    }
    return found;
  };
  const policy = (arn: string | undefined): Policy => {
    const found = policies.get(arn ?? '');
    if (found === undefined) {
      throw new AwsError('NoSuchEntityException', `Policy ${arn} was not found.`, 404);
    }
    return found;
  };
  const attachments = (arn: string) => roles.values().filter((entry) => entry.attached.includes(arn)).length;

  const roleOperations: Operations<'iam'> = {
    CreateRole(input) {
      const name = validName(input.RoleName, 'roleName', 64);
      if (roles.has(name))
        throw new AwsError('EntityAlreadyExistsException', `Role with name ${name} already exists.`, 409);
      const path = input.Path ?? '/';
      const created: Role = {
        RoleName: name,
        RoleId: uniqueId('AROA'),
        Arn: `arn:aws:iam::${cloud.accountId}:role${path}${name}`,
        Path: path,
        created: cloud.now(),
        AssumeRolePolicyDocument: checkedDocument(
          input.AssumeRolePolicyDocument,
          trustPolicyLimit,
          'ACLSizePerRole',
          'trust',
        ),
        MaxSessionDuration: input.MaxSessionDuration ?? 3600,
        Tags: plainTags(input.Tags),
        inline: {},
        attached: [],
        ...(input.Description === undefined ? {} : { Description: input.Description }),
        ...(input.PermissionsBoundary === undefined ? {} : { PermissionsBoundary: input.PermissionsBoundary }),
      };
      roles.set(name, created);
      return { Role: shownRole(created) };
    },
    GetRole: (input) => ({ Role: shownRole(role(input.RoleName)) }),
    ListRoles: (input) => ({
      Roles: roles
        .values()
        .filter((entry) => entry.Path.startsWith(input.PathPrefix ?? '/'))
        .map(shownRole),
      IsTruncated: false,
    }),
    UpdateRole(input) {
      const found = role(input.RoleName);
      if (input.Description !== undefined) found.Description = input.Description;
      if (input.MaxSessionDuration !== undefined) found.MaxSessionDuration = input.MaxSessionDuration;
      roles.set(found.RoleName, found);
      return {};
    },
    UpdateAssumeRolePolicy(input) {
      const found = role(input.RoleName);
      found.AssumeRolePolicyDocument = checkedDocument(
        input.PolicyDocument,
        trustPolicyLimit,
        'ACLSizePerRole',
        'trust',
      );
      roles.set(found.RoleName, found);
      return {};
    },
    PutRolePermissionsBoundary(input) {
      const found = role(input.RoleName);
      found.PermissionsBoundary = input.PermissionsBoundary ?? '';
      roles.set(found.RoleName, found);
      return {};
    },
    DeleteRolePermissionsBoundary(input) {
      const found = role(input.RoleName);
      delete found.PermissionsBoundary;
      roles.set(found.RoleName, found);
      return {};
    },
    DeleteRole(input) {
      const found = role(input.RoleName);
      if (found.attached.length > 0) {
        throw new AwsError('DeleteConflictException', 'Cannot delete entity, must detach all policies first.', 409);
      }
      if (Object.keys(found.inline).length > 0) {
        throw new AwsError('DeleteConflictException', 'Cannot delete entity, must delete policies first.', 409);
      }
      roles.delete(found.RoleName);
      return {};
    },
    TagRole(input) {
      const found = role(input.RoleName);
      found.Tags = mergeTags(found.Tags, plainTags(input.Tags));
      roles.set(found.RoleName, found);
      return {};
    },
    UntagRole(input) {
      const found = role(input.RoleName);
      found.Tags = found.Tags.filter((tag) => !input.TagKeys?.includes(tag.Key));
      roles.set(found.RoleName, found);
      return {};
    },
    ListRoleTags: (input) => ({ Tags: role(input.RoleName).Tags, IsTruncated: false }),
    PutRolePolicy(input) {
      const found = role(input.RoleName);
      const name = validName(input.PolicyName, 'policyName', 128);
      const document = checkedDocument(input.PolicyDocument, Number.POSITIVE_INFINITY, '', 'identity');
      const others = Object.entries(found.inline).filter(([other]) => other !== name);
      const size = [...others.map(([, text]) => text), document].reduce((sum, text) => sum + withoutSpace(text), 0);
      if (size > inlinePolicyLimit) {
        throw new AwsError(
          'LimitExceededException',
          `Maximum policy size of ${inlinePolicyLimit} bytes exceeded for role ${found.RoleName}`,
          409,
        );
      }
      found.inline[name] = document;
      roles.set(found.RoleName, found);
      return {};
    },
    GetRolePolicy(input) {
      const document = role(input.RoleName).inline[input.PolicyName ?? ''];
      if (document === undefined) {
        throw new AwsError(
          'NoSuchEntityException',
          `The role policy with name ${input.PolicyName} cannot be found.`,
          404,
        );
      }
      return { RoleName: input.RoleName, PolicyName: input.PolicyName, PolicyDocument: encodeURIComponent(document) };
    },
    DeleteRolePolicy(input) {
      const found = role(input.RoleName);
      if (!Object.hasOwn(found.inline, input.PolicyName ?? '')) {
        throw new AwsError(
          'NoSuchEntityException',
          `The role policy with name ${input.PolicyName} cannot be found.`,
          404,
        );
      }
      delete found.inline[input.PolicyName ?? ''];
      roles.set(found.RoleName, found);
      return {};
    },
    ListRolePolicies: (input) => ({ PolicyNames: Object.keys(role(input.RoleName).inline), IsTruncated: false }),
    AttachRolePolicy(input) {
      const found = role(input.RoleName);
      const arn = input.PolicyArn ?? '';
      if (!isAwsManaged(arn)) policy(arn);
      if (!found.attached.includes(arn)) found.attached.push(arn);
      roles.set(found.RoleName, found);
      return {};
    },
    DetachRolePolicy(input) {
      const found = role(input.RoleName);
      if (!found.attached.includes(input.PolicyArn ?? '')) {
        throw new AwsError('NoSuchEntityException', `Policy ${input.PolicyArn} was not found.`, 404);
      }
      found.attached = found.attached.filter((arn) => arn !== input.PolicyArn);
      roles.set(found.RoleName, found);
      return {};
    },
    ListAttachedRolePolicies: (input) => ({
      AttachedPolicies: role(input.RoleName).attached.map((arn) => ({
        PolicyArn: arn,
        PolicyName: arn.split('/').at(-1),
      })),
      IsTruncated: false,
    }),
  };

  const policyOperations: Operations<'iam'> = {
    CreatePolicy(input) {
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
        document: checkedDocument(input.PolicyDocument, managedPolicyLimit, 'PolicySize', 'identity'),
        Tags: plainTags(input.Tags),
        ...(input.Description === undefined ? {} : { Description: input.Description }),
      };
      policies.set(arn, created);
      return { Policy: shownPolicy(created, 0) };
    },
    GetPolicy: (input) => ({ Policy: shownPolicy(policy(input.PolicyArn), attachments(input.PolicyArn ?? '')) }),
    ListPolicies: () => ({
      Policies: policies.values().map((entry) => shownPolicy(entry, attachments(entry.Arn))),
      IsTruncated: false,
    }),
    DeletePolicy(input) {
      const found = policy(input.PolicyArn);
      if (attachments(found.Arn) > 0) {
        throw new AwsError('DeleteConflictException', 'Cannot delete a policy attached to entities.', 409);
      }
      policies.delete(found.Arn);
      return {};
    },
  };

  return {
    name: 'iam',
    operations: {
      ...roleOperations,
      ...policyOperations,
      SimulatePrincipalPolicy(input) {
        const name = input.PolicySourceArn?.split('/').at(-1);
        const found = role(name);
        const documents = [
          ...Object.values(found.inline),
          ...found.attached.flatMap((arn) => policies.get(arn)?.document ?? awsManagedDocument(arn) ?? []),
        ].map(parsePolicy);
        const resources = input.ResourceArns ?? ['*'];
        return {
          EvaluationResults: (input.ActionNames ?? []).flatMap((action) =>
            resources.map((resource) => ({
              EvalActionName: action,
              EvalResourceName: resource,
              EvalDecision: evaluate(documents, action, resource),
            })),
          ),
          IsTruncated: false,
        };
      },
    },
  };
}

function validName(name: string | undefined, field: string, longest: number): string {
  const constraint =
    name === undefined || name.length < 1
      ? 'Member must have length greater than or equal to 1'
      : name.length > longest
        ? `Member must have length less than or equal to ${longest}`
        : /^[\w+=,.@-]+$/.test(name)
          ? undefined
          : 'Member must satisfy regular expression pattern: [\\w+=,.@-]+';
  if (constraint !== undefined) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${name}' at '${field}' failed to satisfy constraint: ${constraint}`,
    );
  }
  return name ?? '';
}

function checkedDocument(text: string | undefined, limit: number, quota: string, kind: 'trust' | 'identity'): string {
  const problem = policyProblem(text ?? '', kind);
  if (problem !== undefined) throw new AwsError('MalformedPolicyDocumentException', problem);
  const size = withoutSpace(text ?? '');
  if (size > limit) throw new AwsError('LimitExceededException', `Cannot exceed quota for ${quota}: ${limit}`, 409);
  return text ?? '';
}

function policyProblem(text: string, kind: 'trust' | 'identity'): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return 'This policy contains invalid Json';
  }
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    return 'Syntax errors in policy.';
  }
  const { Statement } = document as { Statement: unknown };
  for (const statement of Array.isArray(Statement) ? Statement : [Statement]) {
    const has = (key: string) => Object.hasOwn(statement as object, key);
    if (typeof statement !== 'object' || statement === null || !has('Effect')) return 'Syntax errors in policy.';
    if (!has('Action') && !has('NotAction')) return 'Policy statement must contain actions.';
    if (kind === 'trust') {
      if (has('Resource')) return 'Has prohibited field Resource';
      if (!has('Principal') && !has('NotPrincipal')) return 'Missing required field Principal';
    } else {
      if (has('Principal')) return 'Policy document should not specify a principal.';
      if (!has('Resource') && !has('NotResource')) return 'Policy statement must contain resources.';
    }
  }
  return undefined;
}

/** IAM does not count white space against its quotas. */
function withoutSpace(text: string): number {
  return text.replace(/\s/g, '').length;
}

function uniqueId(prefix: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + [...randomBytes(17)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

function plainTags(tags: readonly { Key: string | undefined; Value: string | undefined }[] | undefined) {
  return (tags ?? []).map((tag) => ({ Key: tag.Key ?? '', Value: tag.Value ?? '' }));
}

function mergeTags(old: Role['Tags'], added: Role['Tags']): Role['Tags'] {
  return [...old.filter((tag) => !added.some((other) => other.Key === tag.Key)), ...added];
}

function isAwsManaged(arn: string): boolean {
  return arn.startsWith('arn:aws:iam::aws:policy/');
}

/** AWS's own policies that local functions meet; what others would allow is not known here, so they allow nothing.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaSQSQueueExecutionRole.html */
function awsManagedDocument(arn: string): string | undefined {
  const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
  const actions: Record<string, readonly string[]> = {
    'service-role/AWSLambdaBasicExecutionRole': logs,
    'service-role/AWSLambdaSQSQueueExecutionRole': [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      ...logs,
    ],
    AdministratorAccess: ['*'],
  };
  const allowed = actions[arn.replace('arn:aws:iam::aws:policy/', '')];
  if (allowed === undefined) return undefined;
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: allowed, Resource: '*' }] });
}

// Documents go out percent-encoded: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
function shownRole(role: Role): IamRole {
  return {
    RoleName: role.RoleName,
    RoleId: role.RoleId,
    Arn: role.Arn,
    Path: role.Path,
    CreateDate: new Date(role.created),
    AssumeRolePolicyDocument: encodeURIComponent(role.AssumeRolePolicyDocument),
    MaxSessionDuration: role.MaxSessionDuration,
    Tags: role.Tags,
    ...(role.Description === undefined ? {} : { Description: role.Description }),
    ...(role.PermissionsBoundary === undefined
      ? {}
      : {
          PermissionsBoundary: {
            PermissionsBoundaryType: 'Policy' as never,
            PermissionsBoundaryArn: role.PermissionsBoundary,
          },
        }),
  };
}

function shownPolicy(policy: Policy, attachmentCount: number): IamPolicy {
  return {
    PolicyName: policy.PolicyName,
    PolicyId: policy.PolicyId,
    Arn: policy.Arn,
    Path: policy.Path,
    DefaultVersionId: 'v1',
    AttachmentCount: attachmentCount,
    IsAttachable: true,
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.created),
    Tags: policy.Tags,
    ...(policy.Description === undefined ? {} : { Description: policy.Description }),
  };
}

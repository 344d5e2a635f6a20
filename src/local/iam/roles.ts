// Roles: trust, inline policies, attached policies, tags.
import type { Role as IamRole } from '@aws-sdk/client-iam';
import { AwsError, type Operations } from '../cloud.ts';
import { isAwsManaged } from './aws-managed.ts';
import { checkedDocument, inlinePolicyLimit, trustPolicyLimit, validName, withoutSpace } from './checks.ts';
import { findRole, type IamState, mergeTags, plainTags, type Role, shownTags, uniqueId } from './state.ts';

export function roleOperations(state: IamState): Operations<'iam'> {
  return {
    CreateRole: {
      members: [
        'RoleName',
        'AssumeRolePolicyDocument',
        'Path',
        'Description',
        'MaxSessionDuration',
        'PermissionsBoundary',
        'Tags',
      ],
      run(input) {
        const name = validName(input.RoleName, 'roleName', 64);
        if (state.roles.has(name))
          throw new AwsError('EntityAlreadyExistsException', `Role with name ${name} already exists.`, 409);
        const path = input.Path ?? '/';
        const created: Role = {
          RoleName: name,
          RoleId: uniqueId('AROA'),
          Arn: `arn:aws:iam::${state.cloud.accountId}:role${path}${name}`,
          Path: path,
          created: state.cloud.now(),
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
        state.roles.set(name, created);
        // CreateRole does not return the session duration
        const { MaxSessionDuration: _, ...shown } = shownRole(created);
        return { Role: { ...shown, ...details(created) } };
      },
    },
    GetRole: {
      members: ['RoleName'],
      run(input) {
        const role = findRole(state, input.RoleName);
        return { Role: { ...shownRole(role), ...details(role), RoleLastUsed: {} } };
      },
    },
    ListRoles: {
      members: ['PathPrefix'],
      run: (input) => ({
        Roles: state.roles.filter((entry) => entry.Path.startsWith(input.PathPrefix ?? '/')).map(shownRole),
        IsTruncated: false,
      }),
    },
    UpdateRole: {
      members: ['RoleName', 'Description', 'MaxSessionDuration'],
      run(input) {
        const role = findRole(state, input.RoleName);
        if (input.Description !== undefined) role.Description = input.Description;
        if (input.MaxSessionDuration !== undefined) role.MaxSessionDuration = input.MaxSessionDuration;
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    UpdateAssumeRolePolicy: {
      members: ['RoleName', 'PolicyDocument'],
      run(input) {
        const role = findRole(state, input.RoleName);
        role.AssumeRolePolicyDocument = checkedDocument(
          input.PolicyDocument,
          trustPolicyLimit,
          'ACLSizePerRole',
          'trust',
        );
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    PutRolePermissionsBoundary: {
      members: ['RoleName', 'PermissionsBoundary'],
      run(input) {
        const role = findRole(state, input.RoleName);
        role.PermissionsBoundary = input.PermissionsBoundary ?? '';
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    DeleteRolePermissionsBoundary: {
      members: ['RoleName'],
      run(input) {
        const role = findRole(state, input.RoleName);
        delete role.PermissionsBoundary;
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    DeleteRole: {
      members: ['RoleName'],
      run(input) {
        const role = findRole(state, input.RoleName);
        if (role.attached.length > 0) {
          throw new AwsError('DeleteConflictException', 'Cannot delete entity, must detach all policies first.', 409);
        }
        if (Object.keys(role.inline).length > 0) {
          throw new AwsError('DeleteConflictException', 'Cannot delete entity, must delete policies first.', 409);
        }
        state.roles.delete(role.RoleName);
        return {};
      },
    },
    TagRole: {
      members: ['RoleName', 'Tags'],
      run(input) {
        const role = findRole(state, input.RoleName);
        role.Tags = mergeTags(role.Tags, plainTags(input.Tags));
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    UntagRole: {
      members: ['RoleName', 'TagKeys'],
      run(input) {
        const role = findRole(state, input.RoleName);
        role.Tags = role.Tags.filter((tag) => !input.TagKeys?.includes(tag.Key));
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    ListRoleTags: {
      members: ['RoleName'],
      run: (input) => ({ Tags: findRole(state, input.RoleName).Tags, IsTruncated: false }),
    },
    PutRolePolicy: {
      members: ['RoleName', 'PolicyName', 'PolicyDocument'],
      run(input) {
        const role = findRole(state, input.RoleName);
        const name = validName(input.PolicyName, 'policyName', 128);
        const document = checkedDocument(input.PolicyDocument, Number.POSITIVE_INFINITY, '', 'identity');
        const others = Object.entries(role.inline).filter(([other]) => other !== name);
        const size = [...others.map(([, text]) => text), document].reduce((sum, text) => sum + withoutSpace(text), 0);
        if (size > inlinePolicyLimit) {
          throw new AwsError(
            'LimitExceededException',
            `Maximum policy size of ${inlinePolicyLimit} bytes exceeded for role ${role.RoleName}`,
            409,
          );
        }
        role.inline[name] = document;
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    GetRolePolicy: {
      members: ['RoleName', 'PolicyName'],
      run(input) {
        const document = findRole(state, input.RoleName).inline[input.PolicyName ?? ''];
        if (document === undefined) {
          throw new AwsError(
            'NoSuchEntityException',
            `The role policy with name ${input.PolicyName} cannot be found.`,
            404,
          );
        }
        return { RoleName: input.RoleName, PolicyName: input.PolicyName, PolicyDocument: encodeURIComponent(document) };
      },
    },
    DeleteRolePolicy: {
      members: ['RoleName', 'PolicyName'],
      run(input) {
        const role = findRole(state, input.RoleName);
        if (!Object.hasOwn(role.inline, input.PolicyName ?? '')) {
          throw new AwsError(
            'NoSuchEntityException',
            `The role policy with name ${input.PolicyName} cannot be found.`,
            404,
          );
        }
        delete role.inline[input.PolicyName ?? ''];
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    ListRolePolicies: {
      members: ['RoleName'],
      run: (input) => ({
        PolicyNames: Object.keys(findRole(state, input.RoleName).inline),
        IsTruncated: false,
      }),
    },
    AttachRolePolicy: {
      members: ['RoleName', 'PolicyArn'],
      run(input) {
        const role = findRole(state, input.RoleName);
        const arn = input.PolicyArn ?? '';
        if (!arn.startsWith('arn:')) throw new AwsError('ValidationError', 'Invalid ARN:  Could not be parsed!');
        if (!isAwsManaged(arn) && !state.policies.has(arn)) {
          throw new AwsError('NoSuchEntityException', `Policy ${arn} does not exist or is not attachable.`, 404);
        }
        if (!role.attached.includes(arn)) role.attached.push(arn);
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    DetachRolePolicy: {
      members: ['RoleName', 'PolicyArn'],
      run(input) {
        const role = findRole(state, input.RoleName);
        if (!role.attached.includes(input.PolicyArn ?? '')) {
          throw new AwsError('NoSuchEntityException', `Policy ${input.PolicyArn} was not found.`, 404);
        }
        role.attached = role.attached.filter((arn) => arn !== input.PolicyArn);
        state.roles.set(role.RoleName, role);
        return {};
      },
    },
    ListAttachedRolePolicies: {
      members: ['RoleName'],
      run: (input) => ({
        AttachedPolicies: findRole(state, input.RoleName).attached.map((arn) => ({
          PolicyArn: arn,
          PolicyName: arn.split('/').at(-1),
        })),
        IsTruncated: false,
      }),
    },
  };
}

// What ListRoles leaves out: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
function details(role: Role): Pick<IamRole, 'Tags' | 'PermissionsBoundary'> {
  return {
    ...shownTags(role),
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

// IAM returns documents percent-encoded: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
function shownRole(role: Role): IamRole {
  return {
    RoleName: role.RoleName,
    RoleId: role.RoleId,
    Arn: role.Arn,
    Path: role.Path,
    CreateDate: new Date(role.created),
    AssumeRolePolicyDocument: encodeURIComponent(role.AssumeRolePolicyDocument),
    MaxSessionDuration: role.MaxSessionDuration,
    ...(role.Description === undefined ? {} : { Description: role.Description }),
  };
}

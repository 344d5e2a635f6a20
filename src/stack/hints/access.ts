// What to do if somebody refused the change: IAM, the organization, a hook, or the stack policy.
import type { HintRow } from './row.ts';

export const accessHints = {
  // https://github.com/aws/aws-cdk-cli/pull/970: a hook's own message may follow
  hook: {
    reason: /The following hook\(s\)(?:\/validation)? failed: ?\[([^\]]+)\]/,
    hint: 'a CloudFormation hook of the account ($1) refused it: change the resource as its message says, or ask who runs the hook',
  },
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
  'stack-policy': {
    reason: /Action denied by stack policy/,
    hint: 'the stack policy protects this resource: change the policy (stack.policy in project.yml) first, if the change is meant',
  },
  // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
  'service-control-policy': {
    reason: /explicit deny in a service control policy/,
    hint: 'the organization forbids this call in the account: its administrator can change the service control policy',
  },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
  'permissions-boundary': {
    reason: /no permissions boundary allows the (\S+) action/i,
    hint: 'the permissions boundary of the deploying role lacks $1: whoever manages the boundary can add it',
  },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
  'pass-role': {
    reason: /not authorized to perform: iam:PassRole on resource: (\S+)/,
    hint: 'who deploys needs iam:PassRole on $1: add it to the deploying user or role (assumeRole or stack.role in project.yml)',
  },
  // https://github.com/aws/serverless-application-model/issues/448
  'not-authorized': {
    reason: /not authorized to perform: (\S+)/,
    hint: 'who deploys lacks $1: add it to the deploying user or role (assumeRole or stack.role in project.yml)',
  },
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
  'access-denied': {
    reason: /^Access denied for operation '?([^'.]+)/i,
    hint: 'who deploys may not make this call ($1): CloudTrail has the denied action; add it to the deploying user or role',
  },
  // https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
  'security-token': {
    reason: /security token included in the request is (?:expired|invalid)/i,
    hint: 'the credentials ended during the change: sign in again, and deploy; stack.role in project.yml lets CloudFormation use its own',
  },
} as const satisfies Readonly<Record<string, HintRow>>;

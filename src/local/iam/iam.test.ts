import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';
import type { LocalAws } from '../host.ts';
import { evaluate, parsePolicy } from './evaluation.ts';

let local: LocalAws;
let cloud: Cloud;
beforeAll(async () => {
  local = await startTestAws();
  cloud = await local.cloud();
});
afterAll(() => local.stop());

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const allow = (action: string, resource: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: resource } });
const makeRole = (name: string) => cloud.call('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: trust });

async function decisions(role: string, actions: string[], resource: string): Promise<(string | undefined)[]> {
  const source = `arn:aws:iam::${local.accountId}:role/${role}`;
  const input = { PolicySourceArn: source, ActionNames: actions, ResourceArns: [resource] };
  const { EvaluationResults = [] } = await cloud.call('iam', 'SimulatePrincipalPolicy', input);
  return EvaluationResults.map(({ EvalDecision }) => EvalDecision);
}

test('a role may do what its inline, attached and AWS managed policies allow', async () => {
  await makeRole('worker');
  await cloud.call('iam', 'PutRolePolicy', {
    RoleName: 'worker',
    PolicyName: 'a',
    PolicyDocument: allow('sqs:Rec*', '*:jobs'),
  });
  const { Policy } = await cloud.call('iam', 'CreatePolicy', {
    PolicyName: 'p',
    PolicyDocument: allow('s3:GetObject', '*'),
  });
  await cloud.call('iam', 'AttachRolePolicy', { RoleName: 'worker', PolicyArn: Policy?.Arn });
  const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
  await cloud.call('iam', 'AttachRolePolicy', { RoleName: 'worker', PolicyArn: basic });
  const asked = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 's3:GetObject', 'logs:PutLogEvents'];
  expect(await decisions('worker', asked, 'arn:aws:sqs:us-east-1:0:jobs')).toEqual([
    'allowed',
    'implicitDeny',
    'allowed',
    'allowed',
  ]);
});

test('each operation returns its own details of a role', async () => {
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const Path = '/shown/';
  const Tags = [{ Key: 'team', Value: 'a' }];
  const input = { RoleName: 'shown', Path, AssumeRolePolicyDocument: trust, PermissionsBoundary, Tags };
  const { Role: created } = await cloud.call('iam', 'CreateRole', input);
  expect(created).toMatchObject({ Tags, PermissionsBoundary: { PermissionsBoundaryArn: PermissionsBoundary } });
  expect(created).not.toHaveProperty('MaxSessionDuration');
  const { Role } = await cloud.call('iam', 'GetRole', { RoleName: 'shown' });
  expect(Role).toEqual({ ...created, MaxSessionDuration: 3600, RoleLastUsed: {} });
  const { Roles: [listed] = [] } = await cloud.call('iam', 'ListRoles', { PathPrefix: Path });
  expect(listed).toMatchObject({ RoleName: 'shown', MaxSessionDuration: 3600 });
  for (const detail of ['Tags', 'PermissionsBoundary', 'RoleLastUsed']) expect(listed).not.toHaveProperty(detail);
  expect((await makeRole('untagged')).Role).not.toHaveProperty('Tags');
});

test('a policy counts its uses, and lists omit its description', async () => {
  const input = { PolicyName: 'counted', PolicyDocument: allow('s3:*', '*'), Description: 'counts' };
  const { Policy } = await cloud.call('iam', 'CreatePolicy', input);
  expect(Policy).toMatchObject({ Description: 'counts', AttachmentCount: 0, PermissionsBoundaryUsageCount: 0 });
  expect(Policy).not.toHaveProperty('Tags');
  const PolicyArn = Policy?.Arn;
  await makeRole('bounded');
  await cloud.call('iam', 'PutRolePermissionsBoundary', { RoleName: 'bounded', PermissionsBoundary: PolicyArn });
  expect((await cloud.call('iam', 'GetPolicy', { PolicyArn })).Policy).toMatchObject({
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 1,
    Tags: [],
  });
  const { Policies = [] } = await cloud.call('iam', 'ListPolicies', {});
  expect(Policies.find(({ Arn }) => Arn === PolicyArn)).not.toHaveProperty('Description');
});

test('a new default version of a policy replaces the old one', async () => {
  await makeRole('versioned');
  const { Policy } = await cloud.call('iam', 'CreatePolicy', {
    PolicyName: 'v',
    PolicyDocument: allow('sqs:SendMessage', '*'),
  });
  const PolicyArn = Policy?.Arn;
  await cloud.call('iam', 'AttachRolePolicy', { RoleName: 'versioned', PolicyArn });
  const second = { PolicyArn, PolicyDocument: allow('sns:Publish', '*'), SetAsDefault: true };
  expect((await cloud.call('iam', 'CreatePolicyVersion', second)).PolicyVersion).toMatchObject({
    VersionId: 'v2',
    IsDefaultVersion: true,
  });
  expect(await decisions('versioned', ['sqs:SendMessage', 'sns:Publish'], '*')).toEqual(['implicitDeny', 'allowed']);
  await expect(cloud.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId: 'v2' })).rejects.toMatchObject({
    code: 'DeleteConflictException',
  });
  await cloud.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId: 'v1' });
  const third = await cloud.call('iam', 'CreatePolicyVersion', { ...second, SetAsDefault: false });
  expect(third.PolicyVersion?.VersionId).toBe('v3');
});

test('a role cannot be deleted while it has policies', async () => {
  await makeRole('busy');
  await cloud.call('iam', 'PutRolePolicy', { RoleName: 'busy', PolicyName: 'a', PolicyDocument: allow('s3:*', '*') });
  await expect(cloud.call('iam', 'DeleteRole', { RoleName: 'busy' })).rejects.toMatchObject({
    code: 'DeleteConflictException',
    message: 'Cannot delete entity, must delete policies first.',
  });
  await cloud.call('iam', 'DeleteRolePolicy', { RoleName: 'busy', PolicyName: 'a' });
  await cloud.call('iam', 'DeleteRole', { RoleName: 'busy' });
  await expect(cloud.call('iam', 'GetRole', { RoleName: 'busy' })).rejects.toMatchObject({
    code: 'NoSuchEntityException',
    status: 404,
  });
});

test.each([
  ['invalid JSON', '{', 'This policy contains invalid Json'],
  ['no statement', '{}', 'Syntax errors in policy.'],
  ['no action', '{"Statement":[{"Effect":"Allow","Resource":"*"}]}', 'Policy statement must contain actions.'],
  ['no resource', '{"Statement":[{"Effect":"Allow","Action":"s3:*"}]}', 'Policy statement must contain resources.'],
  [
    'a principal',
    '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
    'Policy document should not specify a principal.',
  ],
])('a policy with %s is malformed', async (what, document, message) => {
  const name = `bad-${what.replaceAll(' ', '-')}`;
  await makeRole(name);
  await expect(
    cloud.call('iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'a', PolicyDocument: document }),
  ).rejects.toMatchObject({
    code: 'MalformedPolicyDocumentException',
    message,
  });
});

test('inline policies may have 10,240 characters in total, not counting white space', async () => {
  await makeRole('large');
  const put = (name: string, size: number, padding = '') =>
    cloud.call('iam', 'PutRolePolicy', {
      RoleName: 'large',
      PolicyName: name,
      PolicyDocument: padding + allow('s3:GetObject', 'x'.repeat(size)),
    });
  await put('a', 6000, ' '.repeat(9000));
  await expect(put('b', 6000)).rejects.toMatchObject({
    code: 'LimitExceededException',
    message: 'Maximum policy size of 10240 bytes exceeded for role large',
  });
  await put('b', 3000);
});

test('names are checked', async () => {
  await expect(makeRole('x'.repeat(65))).rejects.toMatchObject({
    code: 'ValidationError',
    message: expect.stringContaining('length less than or equal to 64'),
  });
  await expect(makeRole('a b')).rejects.toMatchObject({
    code: 'ValidationError',
    message: expect.stringContaining('regular expression pattern'),
  });
});

test('an explicit deny wins', () => {
  const policies = [
    parsePolicy(allow('*', '*')),
    parsePolicy('{"Statement":{"Effect":"Deny","NotAction":"s3:Get*","Resource":"arn:aws:s3:::secret/*"}}'),
  ];
  expect(evaluate(policies, 's3:PutObject', 'arn:aws:s3:::secret/x')).toBe('explicitDeny');
  expect(evaluate(policies, 's3:GetObject', 'arn:aws:s3:::secret/x')).toBe('allowed');
  expect(evaluate([], 's3:GetObject', '*')).toBe('implicitDeny');
});

test('test_role_attach_policy: rejects a policy that does not exist, and an invalid ARN', async () => {
  await cloud.call('iam', 'CreateRole', { RoleName: 'attached', AssumeRolePolicyDocument: trust });
  const attach = (PolicyArn: string) => cloud.call('iam', 'AttachRolePolicy', { RoleName: 'attached', PolicyArn });
  await expect(attach('a-policy-and-no-arn-of-it')).rejects.toMatchObject({
    code: 'ValidationError',
    message: 'Invalid ARN:  Could not be parsed!',
  });
  const missing = `arn:aws:iam::${cloud.accountId}:policy/missing`;
  await expect(attach(missing)).rejects.toMatchObject({
    status: 404,
    message: `Policy ${missing} does not exist or is not attachable.`,
  });
});

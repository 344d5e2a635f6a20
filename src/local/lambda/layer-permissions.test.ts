import { expect, test } from 'vitest';
import { zipOf } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { call } = await startTestLambda();
const arnOf = (name: string, number = 1) => `arn:aws:lambda:us-east-1:000000000000:layer:${name}:${number}`;
async function publishLayer(LayerName: string) {
  await call('PublishLayerVersion', { LayerName, Content: { ZipFile: zipOf({ 'data.txt': 'x' }) } });
  return { LayerName, VersionNumber: 1 };
}
const everyone = { StatementId: 'everyone', Action: 'lambda:GetLayerVersion', Principal: '*' };

test('a statement is added, shown in the policy and removed with the revision of the policy', async () => {
  const version = await publishLayer('lifecycle');
  await expect(call('GetLayerVersionPolicy', version)).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'No policy is associated with the given resource.',
  });
  const added = await call('AddLayerVersionPermission', { ...version, ...everyone });
  const statement = { Sid: 'everyone', Effect: 'Allow', Principal: '*', Action: 'lambda:GetLayerVersion' };
  expect(JSON.parse(added.Statement ?? '')).toEqual({ ...statement, Resource: arnOf('lifecycle') });
  const { Policy, RevisionId } = await call('GetLayerVersionPolicy', version);
  expect(RevisionId).toBe(added.RevisionId);
  expect(JSON.parse(Policy ?? '')).toEqual({
    Version: '2012-10-17',
    Id: 'default',
    Statement: [{ ...statement, Resource: arnOf('lifecycle') }],
  });
  const second = { ...version, ...everyone, StatementId: 'second' };
  const { RevisionId: latest } = await call('AddLayerVersionPermission', { ...second, RevisionId });
  expect(latest).not.toBe(RevisionId);
  await call('RemoveLayerVersionPermission', { ...version, StatementId: 'second', RevisionId: latest });
  await call('RemoveLayerVersionPermission', { ...version, StatementId: 'everyone' });
  await expect(call('GetLayerVersionPolicy', version)).rejects.toThrow('No policy is associated');
});

test('an account is named by its root, an organization by a condition', async () => {
  const version = await publishLayer('principals');
  const add = async (more: object) => {
    const { Statement } = await call('AddLayerVersionPermission', { ...version, ...everyone, ...more });
    return JSON.parse(Statement ?? '');
  };
  const root = { AWS: 'arn:aws:iam::123456789012:root' };
  expect((await add({ StatementId: 'number', Principal: '123456789012' })).Principal).toEqual(root);
  expect((await add({ StatementId: 'arn', Principal: root.AWS })).Principal).toEqual(root);
  expect(await add({ StatementId: 'organization', OrganizationId: 'o-abcdefghij' })).toMatchObject({
    Principal: '*',
    Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } },
  });
});

const missingVersion = (arn: string) =>
  ['ResourceNotFoundException', 404, `Layer version ${arn} does not exist.`] as const;
const wrongRevision = [
  'PreconditionFailedException',
  412,
  'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id',
] as const;

const refused = await publishLayer('refused');
await call('AddLayerVersionPermission', { ...refused, ...everyone, StatementId: 'existing' });

test.each<[string, object, readonly [string, number, string]]>([
  [
    'an action other than GetLayerVersion',
    { Action: '*' },
    [
      'ValidationException',
      400,
      "1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: lambda:GetLayerVersion",
    ],
  ],
  [
    'an existing statement',
    { StatementId: 'existing' },
    [
      'ResourceConflictException',
      409,
      'The statement id (existing) provided already exists. Please provide a new statement id, or remove the existing statement.',
    ],
  ],
  ['an old revision', { RevisionId: 'old' }, wrongRevision],
  ['an unknown layer', { LayerName: 'unknown' }, missingVersion(arnOf('unknown'))],
  ['an unknown version', { VersionNumber: 2 }, missingVersion(arnOf('refused', 2))],
])('adding with %s is refused', async (_, more, [code, status, message]) => {
  await expect(call('AddLayerVersionPermission', { ...refused, ...everyone, ...more })).rejects.toMatchObject({
    code,
    status,
    message,
  });
});

test('removing reports what is missing', async () => {
  const version = await publishLayer('removal');
  await call('AddLayerVersionPermission', { ...version, ...everyone });
  const remove = (more: object) =>
    expect(call('RemoveLayerVersionPermission', { ...version, StatementId: 'everyone', ...more })).rejects;
  await remove({ StatementId: 'unknown' }).toThrow('Statement unknown is not found in resource policy.');
  await remove({ RevisionId: 'old' }).toThrow(wrongRevision[2]);
  await remove({ VersionNumber: 2 }).toThrow(missingVersion(arnOf('removal', 2))[2]);
});

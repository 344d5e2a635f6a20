// What a resource policy allows, and how it is written.
import { expect, test } from 'vitest';
import { createFunction } from './fixture.ts';
import { answering, publishVersion, startTestLambda } from './test-lambda.ts';

const lambda = await startTestLambda();
const { cloud, Role, call } = lambda;

const SourceArn = 'arn:aws:execute-api:us-east-1:000000000000:abc/*/*/orders';
const caller = {
  kind: 'service',
  service: 'apigateway.amazonaws.com',
  sourceArn: 'arn:aws:execute-api:us-east-1:000000000000:abc/$default/GET/orders',
} as const;
const permission = { StatementId: 'api', Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' };

test('a service may invoke exactly the qualifier that a statement is for', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await publishVersion(lambda, name);
  await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
  const asService = (FunctionName: string) => cloud.call('lambda', 'Invoke', { FunctionName }, caller);
  await call('AddPermission', { ...permission, FunctionName: name, SourceArn });
  expect((await asService(name)).StatusCode).toBe(200);
  await expect(asService(`${name}:live`)).rejects.toMatchObject({ code: 'AccessDeniedException', status: 403 });
  await call('AddPermission', { ...permission, FunctionName: name, Qualifier: 'live', SourceArn });
  expect((await asService(`${name}:live`)).StatusCode).toBe(200);
  await call('RemovePermission', { FunctionName: name, Qualifier: 'live', StatementId: 'api' });
  await expect(asService(`${name}:live`)).rejects.toMatchObject({ status: 403 });
});

test.each([
  ['another source', { SourceArn: 'arn:aws:execute-api:us-east-1:000000000000:xyz/*/*/orders' }],
  ['another account', { SourceAccount: '111111111111' }],
  ['another action', { Action: 'lambda:GetFunction' }],
  ['another service', { Principal: 'events.amazonaws.com' }],
])('a statement for %s does not allow it', async (_, more) => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await call('AddPermission', { ...permission, FunctionName: name, ...more });
  await expect(cloud.call('lambda', 'Invoke', { FunctionName: name }, caller)).rejects.toMatchObject({ status: 403 });
});

test('the policy has AWS’s format, and a statement id is unique', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await expect(call('GetPolicy', { FunctionName: name })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: 'The resource you requested does not exist.',
  });
  await call('AddPermission', { ...permission, FunctionName: name, SourceArn, SourceAccount: '000000000000' });
  const { Policy } = await call('GetPolicy', { FunctionName: name });
  expect(JSON.parse(Policy ?? '')).toEqual({
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      {
        Sid: 'api',
        Effect: 'Allow',
        Principal: { Service: 'apigateway.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        Condition: {
          StringEquals: { 'AWS:SourceAccount': '000000000000' },
          ArnLike: { 'AWS:SourceArn': SourceArn },
        },
      },
    ],
  });
  await expect(call('AddPermission', { ...permission, FunctionName: name })).rejects.toMatchObject({
    code: 'ResourceConflictException',
    message:
      'The statement id (api) provided already exists. Please provide a new statement id, or remove the existing statement.',
  });
});

test('a policy shares the revision of its function, version or alias, and changes it', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await publishVersion(lambda, name);
  await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
  const revisions = {
    function: async () => (await call('GetFunctionConfiguration', { FunctionName: name })).RevisionId,
    version: async () => (await call('GetFunctionConfiguration', { FunctionName: name, Qualifier: '1' })).RevisionId,
    alias: async () => (await call('GetAlias', { FunctionName: name, Name: 'live' })).RevisionId,
  };
  const qualifiers = { function: undefined, version: '1', alias: 'live' };
  for (const kind of ['function', 'version', 'alias'] as const) {
    const target = { FunctionName: name, Qualifier: qualifiers[kind] };
    const RevisionId = await revisions[kind]();
    await expect(call('AddPermission', { ...permission, ...target, RevisionId: 'old' })).rejects.toMatchObject({
      code: 'PreconditionFailedException',
      status: 412,
    });
    await call('AddPermission', { ...permission, ...target, RevisionId });
    const { RevisionId: added } = await call('GetPolicy', target);
    expect(added).not.toBe(RevisionId);
    expect(await revisions[kind]()).toBe(added);
    await call('RemovePermission', { ...target, StatementId: 'api', RevisionId: added });
    expect(await revisions[kind]()).not.toBe(added);
  }
});

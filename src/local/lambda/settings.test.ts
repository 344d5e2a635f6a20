import { describe, expect, test } from 'vitest';
import { createFunction, createRole, waitUntilReady } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, Role, call } = await startTestLambda({ Effect: 'Allow', Action: ['ec2:*', 'xray:*'], Resource: '*' });
const source = 'export const handler = async () => process.env._X_AMZN_TRACE_ID;';
const VpcConfig = { SubnetIds: ['subnet-0abc'], SecurityGroupIds: ['sg-0abc'] };

test('network, key and tracing are recorded, and can be removed', async () => {
  const KMSKeyArn = 'arn:aws:kms:us-east-1:000000000000:key/1';
  const TracingConfig = { Mode: 'Active' as const };
  const name = await createFunction(cloud, source, { Role, VpcConfig, KMSKeyArn, TracingConfig });
  const shown = () => call('GetFunctionConfiguration', { FunctionName: name });
  expect(await shown()).toMatchObject({ VpcConfig, KMSKeyArn, TracingConfig });
  await call('UpdateFunctionConfiguration', {
    FunctionName: name,
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
    KMSKeyArn: '',
  });
  await waitUntilReady(cloud, name);
  expect(await shown()).not.toHaveProperty('VpcConfig');
  expect(await shown()).not.toHaveProperty('KMSKeyArn');
});

test.each<[string, object, string, RegExp]>([
  [
    'a subnet that is none',
    { VpcConfig: { ...VpcConfig, SubnetIds: ['net-1'] } },
    'ValidationException',
    /^1 validation error detected: Value '\[net-1\]' at 'vpcConfig\.subnetIds' failed to satisfy constraint: Member must satisfy constraint: \[Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-\[0-9a-z\]\*\]$/,
  ],
  [
    'subnets without a group',
    { VpcConfig: { SubnetIds: ['subnet-1'] } },
    'InvalidParameterValueException',
    /^SubnetIds and SecurityIds must coexist or be both empty list\.$/,
  ],
  [
    'SnapStart for Node.js',
    { SnapStart: { ApplyOn: 'PublishedVersions' } },
    'InvalidParameterValueException',
    /^nodejs22\.x is not supported for SnapStart enabled functions\.$/,
  ],
  ['a key that is none', { KMSKeyArn: 'key' }, 'ValidationException', /at 'kMSKeyArn'/],
])('%s is refused', async (_, settings, code, message) => {
  await expect(createFunction(cloud, source, { Role, ...settings })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

test.each([
  ['CreateNetworkInterface on EC2', { VpcConfig }],
  ['PutTraceSegments on XRAY', { TracingConfig: { Mode: 'Active' as const } }],
])('a role that may not call %s is refused, when made and when changed', async (what, settings) => {
  const message = `The provided execution role does not have permissions to call ${what}`;
  await expect(createFunction(cloud, source, settings)).rejects.toMatchObject({ message });
  const name = await createFunction(cloud, source);
  await expect(call('UpdateFunctionConfiguration', { FunctionName: name, ...settings })).rejects.toMatchObject({
    message,
  });
});

test('AWS’s own policies for networks and tracing are enough', async () => {
  const managed = await createRole(cloud);
  for (const policy of ['service-role/AWSLambdaVPCAccessExecutionRole', 'AWSXRayDaemonWriteAccess']) {
    const PolicyArn = `arn:aws:iam::aws:policy/${policy}`;
    await cloud.call('iam', 'AttachRolePolicy', { RoleName: managed.split('/').at(-1), PolicyArn });
  }
  await createFunction(cloud, source, { Role: managed, VpcConfig, TracingConfig: { Mode: 'Active' } });
});

describe('settings that no version has', () => {
  test('how the runtime is updated is recorded for each qualifier', async () => {
    const name = await createFunction(cloud, source);
    await call('PublishVersion', { FunctionName: name });
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    expect(await call('GetRuntimeManagementConfig', { FunctionName: name })).toEqual({
      FunctionArn: `${arn}:$LATEST`,
      UpdateRuntimeOn: 'Auto',
    });
    await call('PutRuntimeManagementConfig', { FunctionName: name, Qualifier: '1', UpdateRuntimeOn: 'FunctionUpdate' });
    expect(await call('GetRuntimeManagementConfig', { FunctionName: `${name}:1` })).toEqual({
      FunctionArn: `${arn}:1`,
      UpdateRuntimeOn: 'FunctionUpdate',
    });
    await expect(
      call('PutRuntimeManagementConfig', { FunctionName: name, UpdateRuntimeOn: 'Manual' }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValueException' });
  });

  test('the handling of recursive loops is recorded', async () => {
    const name = await createFunction(cloud, source);
    const get = () => call('GetFunctionRecursionConfig', { FunctionName: name });
    expect(await get()).toEqual({ RecursiveLoop: 'Terminate' });
    await call('PutFunctionRecursionConfig', { FunctionName: name, RecursiveLoop: 'Allow' });
    expect(await get()).toEqual({ RecursiveLoop: 'Allow' });
  });
});

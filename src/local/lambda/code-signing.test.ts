// Code signing configs: kept, attached to functions, and enforced.
import { expect, test } from 'vitest';
import { createFunction, zipOf } from './fixture.ts';
import { answering, startTestLambda } from './test-lambda.ts';

const { cloud, Role, call } = await startTestLambda();
const profile = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/test';
const AllowedPublishers = { SigningProfileVersionArns: [profile] };
async function createConfig(policy: 'Warn' | 'Enforce'): Promise<string> {
  const CodeSigningPolicies = { UntrustedArtifactOnDeployment: policy };
  const { CodeSigningConfig } = await call('CreateCodeSigningConfig', { AllowedPublishers, CodeSigningPolicies });
  return CodeSigningConfig?.CodeSigningConfigArn ?? '';
}

test('a config is created, updated, listed and deleted', async () => {
  const { CodeSigningConfig: created } = await call('CreateCodeSigningConfig', {
    AllowedPublishers,
    Description: 'a config',
  });
  const CodeSigningConfigArn = created?.CodeSigningConfigArn ?? '';
  expect(created).toEqual({
    CodeSigningConfigId: CodeSigningConfigArn.split(':').at(-1),
    CodeSigningConfigArn: expect.stringMatching(
      /^arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-[a-z0-9]{17}$/,
    ),
    Description: 'a config',
    AllowedPublishers,
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Warn' },
    LastModified: expect.stringMatching(/^\d{4}-.*\+0000$/),
  });
  const CodeSigningPolicies = { UntrustedArtifactOnDeployment: 'Enforce' } as const;
  await call('UpdateCodeSigningConfig', { CodeSigningConfigArn, CodeSigningPolicies });
  const { CodeSigningConfig: updated } = await call('GetCodeSigningConfig', { CodeSigningConfigArn });
  expect(updated).toMatchObject({ Description: 'a config', CodeSigningPolicies });
  expect((await call('ListCodeSigningConfigs', {})).CodeSigningConfigs).toContainEqual(updated);
  await call('DeleteCodeSigningConfig', { CodeSigningConfigArn });
  await expect(call('GetCodeSigningConfig', { CodeSigningConfigArn })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: `The Lambda code signing configuration ${CodeSigningConfigArn} can not be found.`,
  });
});

test('a function has a config until it is removed', async () => {
  const CodeSigningConfigArn = await createConfig('Warn');
  const FunctionName = await createFunction(cloud, answering(1), { Role });
  const attached = { CodeSigningConfigArn, FunctionName };
  expect(await call('PutFunctionCodeSigningConfig', attached)).toEqual(attached);
  expect(await call('GetFunctionCodeSigningConfig', { FunctionName })).toEqual(attached);
  expect(await call('ListFunctionsByCodeSigningConfig', { CodeSigningConfigArn })).toEqual({
    FunctionArns: [`arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`],
  });
  await expect(call('DeleteCodeSigningConfig', { CodeSigningConfigArn })).rejects.toMatchObject({ status: 409 });
  await call('DeleteFunctionCodeSigningConfig', { FunctionName });
  expect(await call('ListFunctionsByCodeSigningConfig', { CodeSigningConfigArn })).toEqual({ FunctionArns: [] });
  await call('DeleteCodeSigningConfig', { CodeSigningConfigArn });
  await expect(call('PutFunctionCodeSigningConfig', attached)).rejects.toMatchObject({
    code: 'CodeSigningConfigNotFoundException',
    status: 404,
    message: `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${CodeSigningConfigArn}.`,
  });
});

test('Enforce refuses code, since none is signed; Warn accepts it', async () => {
  const [warning, enforcing] = [await createConfig('Warn'), await createConfig('Enforce')];
  const FunctionName = await createFunction(cloud, answering(1), { Role, CodeSigningConfigArn: warning });
  const refusal = (name: string) => ({
    code: 'CodeVerificationFailedException',
    message: `Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not configured to accept. Check the provided signature for arn:aws:lambda:us-east-1:000000000000:function:${name}.`,
  });
  await call('PutFunctionCodeSigningConfig', { FunctionName, CodeSigningConfigArn: enforcing });
  const ZipFile = zipOf({ 'index.mjs': answering(2) });
  await expect(call('UpdateFunctionCode', { FunctionName, ZipFile })).rejects.toMatchObject(refusal(FunctionName));
  const unsigned = { Role, CodeSigningConfigArn: enforcing, FunctionName: 'unsigned' };
  await expect(createFunction(cloud, answering(1), unsigned)).rejects.toMatchObject(refusal('unsigned'));
});

test('GetFunctionCodeSigningConfig checks the region of the function', async () => {
  const FunctionName = 'arn:aws:lambda:us-west-2:000000000000:function:any';
  await expect(call('GetFunctionCodeSigningConfig', { FunctionName })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: "Functions from 'us-west-2' are not reachable in this region ('us-east-1')",
  });
});

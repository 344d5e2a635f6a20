import { afterEach, beforeEach, expect, it } from 'vitest';
import { zipOf } from '../../lambda/fixture.ts';
import { type Rig, startRig, template } from '../test-rig.ts';
import { released } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'],
  },
};
const fn = (source: string, properties: object) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'f',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { ZipFile: source },
    ...properties,
  },
});
async function run(operation: 'CreateStack' | 'UpdateStack', resources: object): Promise<void> {
  const TemplateBody = template({ Role: role, ...resources });
  await rig.run(operation, { StackName: 's', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] });
}
const succeeded = async () => {
  expect((await rig.events('s')).filter((event) => event.includes('FAILED'))).toEqual([]);
  expect(await rig.status('s')).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
};
const invoke = async (FunctionName: string): Promise<unknown> =>
  JSON.parse(Buffer.from((await rig.cloud.call('lambda', 'Invoke', { FunctionName })).Payload ?? []).toString());

it('a function’s settings are applied, and reset when the template drops them', async () => {
  const source = 'exports.handler = async () => process.env.AWS_LAMBDA_LOG_FORMAT ?? "none";';
  const settings = {
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'DEBUG', LogGroup: '/own/group' },
    VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
    KmsKeyArn: 'arn:aws:kms:eu-west-1:000000000000:key/1',
    RecursiveLoop: 'Allow',
    RuntimeManagementConfig: { UpdateRuntimeOn: 'FunctionUpdate' },
    EphemeralStorage: { Size: 1024 },
  };
  await run('CreateStack', { F: fn(source, settings) });
  await succeeded();
  const shown = () => rig.cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'f' });
  const recursion = () => rig.cloud.call('lambda', 'GetFunctionRecursionConfig', { FunctionName: 'f' });
  const management = () => rig.cloud.call('lambda', 'GetRuntimeManagementConfig', { FunctionName: 'f' });
  expect(await shown()).toMatchObject({
    LoggingConfig: settings.LoggingConfig,
    VpcConfig: settings.VpcConfig,
    KMSKeyArn: settings.KmsKeyArn,
    EphemeralStorage: { Size: 1024 },
  });
  expect(await recursion()).toEqual({ RecursiveLoop: 'Allow' });
  expect(await management()).toMatchObject({ UpdateRuntimeOn: 'FunctionUpdate' });
  expect(await invoke('f')).toBe('JSON');
  await run('UpdateStack', { F: fn(source, { LoggingConfig: { LogFormat: 'JSON' } }) });
  await succeeded();
  expect((await shown()).LoggingConfig).toEqual({
    LogFormat: 'JSON',
    ApplicationLogLevel: 'INFO',
    SystemLogLevel: 'INFO',
    LogGroup: '/aws/lambda/f',
  });
  await run('UpdateStack', { F: fn(source, {}) });
  await succeeded();
  const after = await shown();
  expect(after).toMatchObject({
    LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/f' },
    EphemeralStorage: { Size: 512 },
  });
  for (const gone of ['VpcConfig', 'KMSKeyArn']) expect(after).not.toHaveProperty(gone);
  expect(await recursion()).toEqual({ RecursiveLoop: 'Terminate' });
  expect(await management()).toMatchObject({ UpdateRuntimeOn: 'Auto' });
  expect(await invoke('f')).toBe('none');
});

it.each([
  ['FileSystemConfigs', { FileSystemConfigs: [{ Arn: 'arn:aws:elasticfilesystem:x', LocalMountPath: '/mnt/a' }] }],
  ['CodeSigningConfigArn', { CodeSigningConfigArn: 'arn' }],
  ['TenancyConfig', { TenancyConfig: { TenantIsolationMode: 'PER_TENANT' } }],
  ['DurableConfig', { DurableConfig: { ExecutionTimeout: 60 } }],
])('a function with %s is refused by name', async (property, properties) => {
  await expect(run('CreateStack', { F: fn('exports.handler = async () => 1;', properties) })).rejects.toThrow(
    `The fx local AWS does not support the property ${property} of AWS::Lambda::Function (of F).`,
  );
});

it('a function with a container image has no handler', async () => {
  await run('CreateStack', { F: fn('exports.handler = async () => 1;', { PackageType: 'Image' }) });
  expect((await rig.events('s')).find((event) => event.startsWith('F CREATE_FAILED'))).toContain(
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
  );
});

it('a changed layer gets a new version, which its function uses', async () => {
  const constraint = { LocationConstraint: 'eu-west-1' as const };
  await rig.cloud.call('s3', 'CreateBucket', { Bucket: 'layer-bucket', CreateBucketConfiguration: constraint });
  const put = (Key: string, value: string) =>
    rig.cloud.call('s3', 'PutObject', {
      Bucket: 'layer-bucket',
      Key,
      Body: zipOf({ 'nodejs/node_modules/shared/index.js': `module.exports = '${value}';` }),
    });
  await put('one.zip', 'one');
  await put('two.zip', 'two');
  const resources = (S3Key: string) => ({
    L: {
      Type: 'AWS::Lambda::LayerVersion',
      Properties: { LayerName: 'shared', Content: { S3Bucket: 'layer-bucket', S3Key } },
    },
    F: fn('exports.handler = async () => require("shared");', { Layers: [{ Ref: 'L' }] }),
  });
  await run('CreateStack', resources('one.zip'));
  await succeeded();
  expect(await invoke('f')).toBe('one');
  await run('UpdateStack', resources('two.zip'));
  await succeeded();
  expect(await invoke('f')).toBe('two');
  const { LayerVersions } = await rig.cloud.call('lambda', 'ListLayerVersions', { LayerName: 'shared' });
  expect(LayerVersions?.map(({ Version }) => Version)).toEqual([2]);
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('lambda', 'ListLayers', {})).Layers).toEqual([]);
});

it('a layer’s permission is added, replaced and removed', async () => {
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
  await rig.cloud.call('s3', 'CreateBucket', { Bucket: 'permitted-bucket', CreateBucketConfiguration });
  const object = { Bucket: 'permitted-bucket', Key: 'layer.zip' };
  await rig.cloud.call('s3', 'PutObject', { ...object, Body: zipOf({ 'data.txt': 'x' }) });
  const resources = (Principal: string) => ({
    L: {
      Type: 'AWS::Lambda::LayerVersion',
      Properties: { LayerName: 'permitted', Content: { S3Bucket: object.Bucket, S3Key: object.Key } },
    },
    P: {
      Type: 'AWS::Lambda::LayerVersionPermission',
      Properties: { LayerVersionArn: { Ref: 'L' }, Action: 'lambda:GetLayerVersion', Principal },
    },
  });
  const version = { LayerName: 'permitted', VersionNumber: 1 };
  const principals = async () => {
    const { Policy } = await rig.cloud.call('lambda', 'GetLayerVersionPolicy', version);
    return (JSON.parse(Policy ?? '') as { Statement: { Principal: unknown }[] }).Statement.map((s) => s.Principal);
  };
  await run('CreateStack', resources('123456789012'));
  await succeeded();
  expect(await principals()).toEqual([{ AWS: 'arn:aws:iam::123456789012:root' }]);
  await run('UpdateStack', resources('*'));
  await succeeded();
  expect(await principals()).toEqual(['*']);
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('lambda', 'ListLayers', {})).Layers).toEqual([]);
});

it('an alias waits for its provisioned concurrency, and fails if the function can’t be initialized', async () => {
  const resources = (source: string, version: string, provisioned: object) => ({
    F: fn(source, {}),
    ...released(version, provisioned),
  });
  const ProvisionedConcurrencyConfig = { ProvisionedConcurrentExecutions: 1 };
  const good = 'exports.handler = async () => process.env.AWS_LAMBDA_INITIALIZATION_TYPE;';
  await run('CreateStack', resources(good, 'V1', { ProvisionedConcurrencyConfig }));
  await succeeded();
  expect(await invoke('f:live')).toBe('provisioned-concurrency');
  await run('UpdateStack', resources('throw new Error("at load");', 'V2', { ProvisionedConcurrencyConfig }));
  expect((await rig.events('s')).find((event) => event.startsWith('Live UPDATE_FAILED'))).toContain(
    'Provisioned Concurrency configuration failed to be applied. Reason: FUNCTION_ERROR_INIT_FAILURE',
  );
  expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await invoke('f:live')).toBe('provisioned-concurrency');
  await run('UpdateStack', resources(good, 'V1', {}));
  const config = { FunctionName: 'f', Qualifier: 'live' };
  await expect(rig.cloud.call('lambda', 'GetProvisionedConcurrencyConfig', config)).rejects.toMatchObject({
    code: 'ProvisionedConcurrencyConfigNotFoundException',
  });
});

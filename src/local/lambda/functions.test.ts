import { describe, expect, test } from 'vitest';
import type { Input } from '../cloud.ts';
import { createFunction, invoke, waitUntilReady, zipOf } from './fixture.ts';
import { answering, publishVersion, startTestLambda, updateAnswer } from './test-lambda.ts';

const lambda = await startTestLambda();
const { cloud, Role, call } = lambda;
const create = (more: Partial<Input<'lambda', 'CreateFunction'>>) =>
  call('CreateFunction', {
    FunctionName: 'fresh',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role,
    Code: { ZipFile: zipOf({ 'index.mjs': answering(1) }) },
    ...more,
  });

describe('creating', () => {
  test('a function is Pending, then Active, and described in full', async () => {
    const created = await create({ FunctionName: 'described', Tags: { a: '1' } });
    expect(created).toMatchObject({ State: 'Pending', StateReasonCode: 'Creating', Version: '$LATEST' });
    expect(created).not.toHaveProperty('LastUpdateStatus');
    await expect(call('Invoke', { FunctionName: 'described' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      status: 409,
    });
    await waitUntilReady(cloud, 'described');
    const { Configuration, Tags } = await call('GetFunction', { FunctionName: 'described' });
    expect(Tags).toEqual({ a: '1' });
    expect(Configuration).toMatchObject({
      FunctionName: 'described',
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:described',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role,
      Timeout: 3,
      MemorySize: 128,
      CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      TracingConfig: { Mode: 'PassThrough' },
      PackageType: 'Zip',
      Architectures: ['x86_64'],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/described' },
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
    });
    await expect(create({ FunctionName: 'described' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      message: 'Function already exist: described',
    });
  });

  test.each(['nodejs26.x', 'python3.15'] as const)('the preview %s is accepted', async (Runtime) => {
    const FunctionName = `preview-${Runtime.replaceAll('.', '-')}`;
    expect(await create({ FunctionName, Runtime })).toMatchObject({ Runtime });
  });

  const env = (Variables: Record<string, string>) => ({ Environment: { Variables } });
  test.each<[string, Partial<Input<'lambda', 'CreateFunction'>>, string, RegExp]>([
    [
      'a timeout over 1,800 s',
      { Timeout: 1801 },
      'ValidationException',
      /Value '1801' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 1800/,
    ],
    ['too little memory', { MemorySize: 64 }, 'ValidationException', /greater than or equal to 128/],
    [
      'a name over 64 characters',
      { FunctionName: 'x'.repeat(65) },
      'InvalidParameterValueException',
      /length less than or equal to 64/,
    ],
    [
      'a name with a dot',
      { FunctionName: 'a.b' },
      'ValidationException',
      /at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    ],
    [
      'a variable of Lambda',
      env({ AWS_REGION: 'x' }),
      'InvalidParameterValueException',
      /Reserved keys used in this request: AWS_REGION$/,
    ],
    ['a variable of one letter', env({ A: 'x' }), 'ValidationException', /Map keys must satisfy constraint/],
    ['variables over 4 KB', env({ BIG: 'x'.repeat(4096) }), 'InvalidParameterValueException', /exceeded the 4KB limit/],
    [
      'a runtime nobody knows',
      { Runtime: 'cobol1.x' as never },
      'InvalidParameterValueException',
      /^Value cobol1.x at 'runtime'/,
    ],
    [
      'a runtime that is blocked',
      { Runtime: 'nodejs14.x' },
      'InvalidParameterValueException',
      /^The runtime parameter of nodejs14.x is no longer supported/,
    ],
    ['a runtime that can’t be run here', { Runtime: 'dotnet10' }, 'NotImplemented', /dotnet10/],
    [
      'a file system',
      { FileSystemConfigs: [{ Arn: 'arn:aws:elasticfilesystem:x', LocalMountPath: '/mnt/a' }] },
      'NotImplemented',
      /with FileSystemConfigs/,
    ],
    [
      'a zip that is none',
      { Code: { ZipFile: Buffer.from('nothing') } },
      'InvalidParameterValueException',
      /^Could not unzip uploaded file/,
    ],
    [
      'an empty zip',
      { Code: { ZipFile: Buffer.alloc(0) } },
      'InvalidParameterValueException',
      /^Uploaded file must be a non-empty zip$/,
    ],
    [
      'a zip that climbs out',
      { Code: { ZipFile: zipOf({ '../evil.js': '' }) } },
      'InvalidParameterValueException',
      /^Could not unzip/,
    ],
    [
      'a link that points outside',
      { Code: { ZipFile: zipOf({ link: { text: '../../..', mode: 0o120777 } }) } },
      'InvalidParameterValueException',
      /^Could not unzip/,
    ],
    [
      'a role that is not there',
      { Role: 'arn:aws:iam::000000000000:role/nobody' },
      'InvalidParameterValueException',
      /^The role defined for the function cannot be assumed by Lambda\.$/,
    ],
    ['no handler', { Handler: undefined }, 'InvalidParameterValueException', /^Runtime and Handler are mandatory/],
  ])('%s is refused', async (_, more, code, message) => {
    await expect(create(more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a role that trusts another service is refused', async () => {
    const { Role: other } = await cloud.call('iam', 'CreateRole', {
      RoleName: 'for-ec2',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    });
    await expect(create({ Role: other?.Arn })).rejects.toMatchObject({
      message: 'The role defined for the function cannot be assumed by Lambda.',
    });
  });

  test('the package may be in S3; a missing key is reported in the words of AWS', async () => {
    await cloud.call('s3', 'CreateBucket', { Bucket: 'code-bucket' });
    const Body = zipOf({ 'index.mjs': answering('from S3') });
    await cloud.call('s3', 'PutObject', { Bucket: 'code-bucket', Key: 'a.zip', Body });
    const name = await createFunction(cloud, '', { Role, Code: { S3Bucket: 'code-bucket', S3Key: 'a.zip' } });
    expect((await invoke(cloud, name)).result).toBe('from S3');
    await expect(create({ Code: { S3Bucket: 'code-bucket', S3Key: 'b.zip' } })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message:
        'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
    });
    await expect(create({ Code: { S3Bucket: 'no-such-bucket', S3Key: 'b.zip' } })).rejects.toMatchObject({
      message:
        'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist',
    });
  });
});

describe('updating', () => {
  test('a second change has to wait for the first', async () => {
    const name = await createFunction(cloud, answering(1), { Role });
    const first = await call('UpdateFunctionConfiguration', { FunctionName: name, Timeout: 5 });
    expect(first).toMatchObject({ State: 'Active', LastUpdateStatus: 'InProgress', Timeout: 5 });
    await expect(call('UpdateFunctionConfiguration', { FunctionName: name, Timeout: 6 })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      status: 409,
      message: `The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    });
    await expect(call('PublishVersion', { FunctionName: name })).rejects.toMatchObject({ status: 409 });
    await waitUntilReady(cloud, name);
    const kept = await call('GetFunctionConfiguration', { FunctionName: name });
    expect(kept).toMatchObject({ Timeout: 5, LastUpdateStatus: 'Successful', MemorySize: 128 });
  });

  test('a stale revision id is refused', async () => {
    const name = await createFunction(cloud, answering(1), { Role });
    const { RevisionId } = await call('GetFunctionConfiguration', { FunctionName: name });
    await updateAnswer(lambda, name, 2);
    await expect(
      call('UpdateFunctionConfiguration', { FunctionName: name, RevisionId, Timeout: 9 }),
    ).rejects.toMatchObject({ code: 'PreconditionFailedException', status: 412 });
  });

  test('variables are replaced as a whole, and kept when not given', async () => {
    const name = await createFunction(cloud, answering(1), { Role, Environment: { Variables: { AA: '1', BB: '2' } } });
    await call('UpdateFunctionConfiguration', { FunctionName: name, Description: 'x' });
    await waitUntilReady(cloud, name);
    const { Environment } = await call('GetFunctionConfiguration', { FunctionName: name });
    expect(Environment).toEqual({ Variables: { AA: '1', BB: '2' } });
    await call('UpdateFunctionConfiguration', { FunctionName: name, Environment: { Variables: { CC: '3' } } });
    await waitUntilReady(cloud, name);
    expect((await call('GetFunctionConfiguration', { FunctionName: name })).Environment).toEqual({
      Variables: { CC: '3' },
    });
  });
});

test('functions are listed page by page, on request with their versions', async () => {
  const { Functions: before } = await call('ListFunctions', {});
  await createFunction(cloud, answering('one'), { Role });
  const name = await createFunction(cloud, answering('one'), { Role, FunctionName: 'zz-listed' });
  await publishVersion(lambda, name);
  const { Functions } = await call('ListFunctions', { FunctionVersion: 'ALL', MaxItems: 50 });
  const mine = Functions?.filter(({ FunctionName }) => FunctionName === name).map(({ Version }) => Version);
  expect(before?.some(({ FunctionName }) => FunctionName === name)).toBe(false);
  expect(mine ?? []).toEqual(['$LATEST', '1']);
  const first = await call('ListFunctions', { MaxItems: 1 });
  const second = await call('ListFunctions', { MaxItems: 1, Marker: first.NextMarker });
  expect(second.Functions?.[0]?.FunctionName).not.toBe(first.Functions?.[0]?.FunctionName);
});

test('reserved concurrency must leave 100 of the account unreserved', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await expect(
    call('PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 901 }),
  ).rejects.toMatchObject({
    message:
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  });
  await call('PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 5 });
  expect(await call('GetFunctionConcurrency', { FunctionName: name })).toEqual({ ReservedConcurrentExecutions: 5 });
  await call('DeleteFunctionConcurrency', { FunctionName: name });
  expect(await call('GetFunctionConcurrency', { FunctionName: name })).toEqual({});
});

test('test_function_lifecycle: an empty list of variables is returned if it was set', async () => {
  const name = await createFunction(cloud, answering('one'), { Role, Environment: { Variables: {} } });
  expect((await call('GetFunctionConfiguration', { FunctionName: name })).Environment).toEqual({ Variables: {} });
  const bare = await createFunction(cloud, answering('one'), { Role });
  expect(await call('GetFunctionConfiguration', { FunctionName: bare })).not.toHaveProperty('Environment');
});

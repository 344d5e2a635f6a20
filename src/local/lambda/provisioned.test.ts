import { expect, test } from 'vitest';
import { metricOf } from '../monitoring/test-metrics.ts';
import { createFunction, invoke } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, Role, call } = await startTestLambda();
async function live(source: string): Promise<string> {
  const name = await createFunction(cloud, source, { Role });
  await call('PublishVersion', { FunctionName: name });
  await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
  return name;
}
const started = 'const type = process.env.AWS_LAMBDA_INITIALIZATION_TYPE; export const handler = async () => type;';
const put = (FunctionName: string, ProvisionedConcurrentExecutions: number, Qualifier = 'live') =>
  call('PutProvisionedConcurrencyConfig', { FunctionName, Qualifier, ProvisionedConcurrentExecutions });
const get = (FunctionName: string, Qualifier = 'live') =>
  call('GetProvisionedConcurrencyConfig', { FunctionName, Qualifier });

test('an alias’s environments are started before the first invocation', async () => {
  const name = await live(started);
  expect(await put(name, 2)).toMatchObject({
    RequestedProvisionedConcurrentExecutions: 2,
    AvailableProvisionedConcurrentExecutions: 0,
    Status: 'IN_PROGRESS',
  });
  await expect.poll(async () => (await get(name)).Status, { timeout: 15_000 }).toBe('READY');
  expect(await get(name)).toMatchObject({
    AllocatedProvisionedConcurrentExecutions: 2,
    AvailableProvisionedConcurrentExecutions: 2,
  });
  const { result, log } = await invoke(cloud, `${name}:live`);
  expect(result).toBe('provisioned-concurrency');
  expect(log).not.toContain('Init Duration');
  expect((await invoke(cloud, name)).result).toBe('on-demand');
  const measured = (metric: string, stat: string) => {
    const dimensions = { FunctionName: name, Resource: `${name}:live`, ExecutedVersion: '1' };
    return metricOf(cloud, metric, { namespace: 'AWS/Lambda', dimensions, stat });
  };
  expect([
    await measured('ProvisionedConcurrencyInvocations', 'Sum'),
    await measured('ProvisionedConcurrencySpilloverInvocations', 'Sum'),
    await measured('ProvisionedConcurrentExecutions', 'Maximum'),
    await measured('ProvisionedConcurrencyUtilization', 'Maximum'),
  ]).toEqual([1, undefined, 1, 0.5]);
  const { ProvisionedConcurrencyConfigs } = await call('ListProvisionedConcurrencyConfigs', { FunctionName: name });
  expect(ProvisionedConcurrencyConfigs).toEqual([
    expect.objectContaining({ FunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}:live` }),
  ]);
});

test('provisioned concurrency follows its alias to another version, and ends when it is deleted', async () => {
  const name = await live(started);
  await put(name, 1);
  await call('UpdateFunctionConfiguration', { FunctionName: name, Timeout: 9 });
  await expect
    .poll(async () => (await call('PublishVersion', { FunctionName: name })).Version, { timeout: 15_000 })
    .toBe('2');
  await call('UpdateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '2' });
  await expect.poll(async () => (await get(name)).Status, { timeout: 15_000 }).toBe('READY');
  expect(await invoke(cloud, `${name}:live`)).toMatchObject({ result: 'provisioned-concurrency', version: '2' });
  await call('DeleteProvisionedConcurrencyConfig', { FunctionName: name, Qualifier: 'live' });
  await expect(get(name)).rejects.toMatchObject({
    code: 'ProvisionedConcurrencyConfigNotFoundException',
    status: 404,
    message: 'No Provisioned Concurrency Config found for this function',
  });
});

test('it fails if the function can’t be initialized', async () => {
  const name = await live(`throw new Error('at load');`);
  await put(name, 1);
  await expect.poll(async () => (await get(name)).Status, { timeout: 15_000 }).toBe('FAILED');
  expect((await get(name)).StatusReason).toBe('FUNCTION_ERROR_INIT_FAILURE');
});

test('provisioned concurrency takes its share of the reserved one', async () => {
  const name = await live(started);
  await call('PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 1 });
  await put(name, 1);
  await expect(call('Invoke', { FunctionName: name })).rejects.toMatchObject({
    code: 'TooManyRequestsException',
    fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
  });
  expect(await call('Invoke', { FunctionName: name, Qualifier: 'live' })).toMatchObject({ StatusCode: 200 });
  await call('PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 2 });
  expect(await call('Invoke', { FunctionName: name })).toMatchObject({ StatusCode: 200 });
});

test('configurations that AWS refuses are refused in its words', async () => {
  const name = await live(started);
  await expect(put(name, 1, '$LATEST')).rejects.toMatchObject({
    message: 'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
  });
  await expect(put(name, 0)).rejects.toMatchObject({ code: 'ValidationException' });
  await expect(put(name, 1, '7')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  await expect(put(name, 901)).rejects.toMatchObject({ message: expect.stringMatching(/minimum value of \[100\]\.$/) });
  await call('PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 1 });
  await expect(put(name, 2)).rejects.toMatchObject({
    message:
      'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
  });
  await put(name, 1);
  await expect(put(name, 1, '1')).rejects.toMatchObject({
    code: 'ResourceConflictException',
    message: 'Version is pointed by a Provisioned Concurrency alias',
  });
});

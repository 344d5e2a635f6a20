// Published versions: immutable, numbered once.
import { expect, test } from 'vitest';
import { createFunction, invoke } from './fixture.ts';
import { answering, publishVersion, startTestLambda, updateAnswer } from './test-lambda.ts';

const lambda = await startTestLambda();
const { cloud, Role, call } = lambda;

test('a version keeps its code and settings when $LATEST changes', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  expect(await publishVersion(lambda, name)).toBe('1');
  await updateAnswer(lambda, name, 'two');
  expect(await publishVersion(lambda, name)).toBe('2');
  expect((await invoke(cloud, `${name}:1`)).result).toBe('one');
  expect(await invoke(cloud, `${name}:2`)).toMatchObject({ result: 'two', version: '2' });
  const { CodeSha256: first } = await call('GetFunctionConfiguration', { FunctionName: name, Qualifier: '1' });
  const { CodeSha256: second } = await call('GetFunctionConfiguration', { FunctionName: name, Qualifier: '2' });
  expect(first).not.toBe(second);
});

test('publishing without a change returns the existing version; numbers are never reused', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  expect(await publishVersion(lambda, name)).toBe('1');
  expect(await publishVersion(lambda, name)).toBe('1');
  await updateAnswer(lambda, name, 'two');
  expect(await publishVersion(lambda, name)).toBe('2');
  await call('DeleteFunction', { FunctionName: name, Qualifier: '2' });
  expect(await publishVersion(lambda, name)).toBe('3');
  const { Versions } = await call('ListVersionsByFunction', { FunctionName: name });
  expect(Versions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '3']);
});

test('publishing is refused if CodeSha256 is not that of $LATEST', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  const { CodeSha256 } = await call('GetFunctionConfiguration', { FunctionName: name });
  await expect(call('PublishVersion', { FunctionName: name, CodeSha256: 'other' })).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message: `CodeSHA256 (other) is different from current CodeSHA256 in $LATEST (${CodeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
  });
});

test('a version that an alias points to cannot be deleted', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await publishVersion(lambda, name);
  await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
  await expect(call('DeleteFunction', { FunctionName: name, Qualifier: '1' })).rejects.toMatchObject({ status: 409 });
  await call('DeleteAlias', { FunctionName: name, Name: 'live' });
  await call('DeleteFunction', { FunctionName: name, Qualifier: '1' });
  await expect(call('GetFunction', { FunctionName: name, Qualifier: '1' })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: `Function not found: arn:aws:lambda:us-east-1:000000000000:function:${name}:1`,
    status: 404,
  });
});

test('test_version_lifecycle: a list has no states and no build of the runtime', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  const { Versions } = await call('ListVersionsByFunction', { FunctionName: name });
  const { Functions } = await call('ListFunctions', {});
  for (const listed of [...(Versions ?? []), ...(Functions ?? [])]) {
    for (const member of ['State', 'LastUpdateStatus', 'RuntimeVersionConfig'])
      expect(listed).not.toHaveProperty(member);
  }
});

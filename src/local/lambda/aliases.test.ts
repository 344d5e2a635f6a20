// Aliases: what they point to, and how weights divide their invocations.
import { expect, test } from 'vitest';
import { createFunction, invoke } from './fixture.ts';
import { answering, publishVersion, startTestLambda, updateAnswer } from './test-lambda.ts';

const lambda = await startTestLambda();
const { cloud, Role, call } = lambda;

test('an alias is invoked by every form of its name and moves at once', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await publishVersion(lambda, name);
  await updateAnswer(lambda, name, 'two');
  await publishVersion(lambda, name);
  const { AliasArn } = await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' });
  expect(AliasArn).toBe(`arn:aws:lambda:us-east-1:000000000000:function:${name}:live`);
  for (const form of [`${name}:live`, AliasArn ?? '', `000000000000:function:${name}:live`]) {
    expect(await invoke(cloud, form)).toMatchObject({ result: 'one', version: '1' });
  }
  await call('UpdateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '2' });
  expect(await invoke(cloud, `${name}:live`)).toMatchObject({ result: 'two', version: '2' });
  await expect(call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1' })).rejects.toMatchObject({
    code: 'ResourceConflictException',
    message: `Alias already exists: ${AliasArn}`,
  });
  await expect(call('GetAlias', { FunctionName: name, Name: 'none' })).rejects.toMatchObject({
    message: `Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:${name}:none`,
  });
});

test('weights send a share of the invocations to the other version', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await publishVersion(lambda, name);
  await updateAnswer(lambda, name, 'two');
  await publishVersion(lambda, name);
  const RoutingConfig = { AdditionalVersionWeights: { 2: 1 } };
  await call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '1', RoutingConfig });
  expect((await invoke(cloud, `${name}:live`)).version).toBe('2');
  await call('UpdateAlias', { FunctionName: name, Name: 'live', RoutingConfig: { AdditionalVersionWeights: {} } });
  expect((await invoke(cloud, `${name}:live`)).version).toBe('1');
  expect(await call('GetAlias', { FunctionName: name, Name: 'live' })).not.toHaveProperty('RoutingConfig');
});

test('an alias of a version that is not there is refused', async () => {
  const name = await createFunction(cloud, answering('one'), { Role });
  await expect(call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion: '7' })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
});

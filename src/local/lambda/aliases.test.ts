// Aliases: what they point to, and how weights divide their invocations.
import { describe, expect, test } from 'vitest';
import { drawVersion } from './aliases.ts';
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

test('a weight is the share of the invocations that goes to the other version', () => {
  const alias = { name: 'live', version: '1', description: '', revisionId: '', weights: { 2: 0.25 } };
  expect([0, 0.2499, 0.25, 0.9999].map((draw) => drawVersion(alias, draw))).toEqual(['2', '2', '1', '1']);
  expect(drawVersion({ ...alias, weights: { 2: 0 } }, 0)).toBe('1');
});

describe('an alias with weights', () => {
  let functions = 0;
  /** A function with three versions. */
  async function createVersions(): Promise<string> {
    const FunctionName = `weighted-${functions++}`;
    const name = await createFunction(cloud, answering('one'), { Role, FunctionName });
    await publishVersion(lambda, name);
    for (const value of ['two', 'three']) {
      await updateAnswer(lambda, name, value);
      await publishVersion(lambda, name);
    }
    return name;
  }
  const split = (weights: Record<string, number>, FunctionVersion = '1') => ({
    Name: 'live',
    FunctionVersion,
    RoutingConfig: { AdditionalVersionWeights: weights },
  });

  test('returns them in every response, with a new revision for each update', async () => {
    const FunctionName = await createVersions();
    const created = await call('CreateAlias', { FunctionName, ...split({ 2: 0.25 }) });
    expect(created).toEqual({
      AliasArn: `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}:live`,
      Name: 'live',
      FunctionVersion: '1',
      Description: '',
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } },
      RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await call('GetAlias', { FunctionName, Name: 'live' })).toEqual(created);
    expect((await call('ListAliases', { FunctionName })).Aliases).toEqual([created]);
    const described = await call('UpdateAlias', { FunctionName, Name: 'live', Description: 'canary' });
    expect(described).toEqual({ ...created, Description: 'canary', RevisionId: described.RevisionId });
    expect(described.RevisionId).not.toBe(created.RevisionId);
    const unchanged = await call('UpdateAlias', { FunctionName, Name: 'live', RevisionId: described.RevisionId });
    expect(unchanged.RevisionId).not.toBe(described.RevisionId);
    await expect(
      call('UpdateAlias', { FunctionName, Name: 'live', RevisionId: described.RevisionId }),
    ).rejects.toMatchObject({ code: 'PreconditionFailedException', status: 412 });
    expect((await call('ListAliases', { FunctionName, FunctionVersion: '2' })).Aliases).toEqual([]);
  });

  const constraint = (value: string, kind: string, rules: readonly string[]) => ({
    code: 'ValidationException',
    fields: {},
    message: `1 validation error detected: Value '${value}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map ${kind} must satisfy constraint: [${rules.map((rule) => `Member must ${rule}`).join(', ')}]`,
  });
  const ofValues = ['have value less than or equal to 1.0', 'have value greater than or equal to 0.0', 'not be null'];
  const ofKeys = [
    'have length less than or equal to 1024',
    'have length greater than or equal to 1',
    'satisfy regular expression pattern: [0-9]+',
    'not be null',
  ];
  const invalid = (message: string) => ({ code: 'InvalidParameterValueException', fields: { Type: 'User' }, message });
  test.each<[string, ReturnType<typeof split>, object]>([
    ['over 1', split({ 2: 2 }), constraint('{2=2.0}', 'value', ofValues)],
    ['under 0', split({ 2: -0.5 }), constraint('{2=-0.5}', 'value', ofValues)],
    ['of an alias', split({ live: 0.5 }), constraint('{live=0.5}', 'keys', ofKeys)],
    ['of $LATEST', split({ $LATEST: 0.5 }), constraint('{$LATEST=0.5}', 'keys', ofKeys)],
    [
      'of two versions',
      split({ 2: 0.5, 3: 0.1 }),
      invalid('Number of items in AdditionalVersionWeights cannot be greater than 1'),
    ],
    [
      'of its own version',
      split({ 1: 0.5 }),
      invalid('Invalid function version 1. Function version 1 is already included in routing configuration.'),
    ],
    [
      'beside $LATEST',
      split({ 1: 0.5 }, '$LATEST'),
      invalid('$LATEST is not supported for an alias pointing to more than 1 version'),
    ],
    [
      'of an unknown version',
      split({ 9: 0.5 }),
      { code: 'ResourceNotFoundException', status: 404, message: expect.stringMatching(/^Function not found: .*:9$/) },
    ],
  ])('is refused with a weight %s', async (_, alias, error) => {
    const FunctionName = await createVersions();
    await expect(call('CreateAlias', { FunctionName, ...alias })).rejects.toMatchObject(error);
    await call('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
    await expect(call('UpdateAlias', { FunctionName, ...alias })).rejects.toMatchObject(error);
  });

  test('has no provisioned concurrency, and one with provisioned concurrency gets no weights', async () => {
    const FunctionName = await createVersions();
    const provisioned = { FunctionName, Qualifier: 'live', ProvisionedConcurrentExecutions: 1 };
    await call('CreateAlias', { FunctionName, ...split({ 2: 0.5 }) });
    await expect(call('PutProvisionedConcurrencyConfig', provisioned)).rejects.toMatchObject(
      invalid('Alias with weights can not be used with Provisioned Concurrency'),
    );
    await call('UpdateAlias', { FunctionName, Name: 'live', RoutingConfig: {} });
    await call('PutProvisionedConcurrencyConfig', provisioned);
    await expect(call('UpdateAlias', { FunctionName, ...split({ 2: 0.5 }) })).rejects.toMatchObject(
      invalid('Invalid alias configuration for Provisioned Concurrency'),
    );
  });
});

test.each(['7', 'live'])('an alias of the version %s is refused if it does not exist', async (FunctionVersion) => {
  const name = await createFunction(cloud, answering('one'), { Role });
  const pattern = '(\\$LATEST(\\.PUBLISHED)?|[0-9]+)';
  await expect(call('CreateAlias', { FunctionName: name, Name: 'live', FunctionVersion })).rejects.toMatchObject(
    FunctionVersion === '7'
      ? { code: 'ResourceNotFoundException', message: expect.stringMatching(/^Function not found: .*:7$/) }
      : {
          code: 'ValidationException',
          message: `1 validation error detected: Value 'live' at 'functionVersion' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`,
        },
  );
});

// How Lambda reports a wrong function name: its answers of November 2025.
import { expect, test } from 'vitest';
import { createFunction, zipOf } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, Role } = await startTestLambda();

const operations = {
  create: (FunctionName: string) =>
    cloud.call('lambda', 'CreateFunction', {
      FunctionName,
      Role,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: zipOf({ 'index.mjs': 'export const handler = async () => 1;' }) },
    }),
  get: (FunctionName: string, Qualifier?: string) => cloud.call('lambda', 'GetFunction', { FunctionName, Qualifier }),
  delete: (FunctionName: string, Qualifier?: string) =>
    cloud.call('lambda', 'DeleteFunction', { FunctionName, Qualifier }),
  invoke: (FunctionName: string, Qualifier?: string) => cloud.call('lambda', 'Invoke', { FunctionName, Qualifier }),
};
type OperationName = keyof typeof operations;
const others: readonly OperationName[] = ['get', 'delete', 'invoke'];
const all: readonly OperationName[] = ['create', ...others];

const front =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?';
const patterns = {
  create: `${front}([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`,
  other: `${front}([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`,
};
const constraint = (value: string, member: string, must: string) =>
  `Value '${value}' at '${member}' failed to satisfy constraint: Member must ${must}`;
const validation = (...problems: string[]) => ({
  code: 'ValidationException',
  status: 400,
  fields: {},
  message: `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`,
});
const notFound = (reference: string) => ({
  code: 'ResourceNotFoundException',
  status: 404,
  fields: { Type: 'User' },
  message: `Function not found: arn:aws:lambda:us-east-1:000000000000:function:${reference}`,
});

test.each([
  ['an account that is not a number', 'invalid-account:function:my-function'],
  ['a region that is none', 'arn:aws:lambda:invalid-region:000000000000:function:my-function'],
  ['no account', 'arn:aws:lambda:us-east-1::function:my-function'],
  ['no region', 'arn:aws:lambda::000000000000:function:my-function'],
  ['a version like $LATEST', 'arn:aws:lambda:us-east-1:000000000000:function:my-function:$LATES'],
  ['an ARN of another service', 'arn:aws:ec2:us-east-1:000000000000:instance:i-1234567890abcdef0'],
  ['two qualifiers', 'arn:aws:lambda:us-east-1:000000000000:function:my-function:1:2'],
  ['one qualifier too many', 'function:my-function:$LATEST:extra'],
  ['a mark', 'my-function!'],
  ['only a star', '*'],
])('%s breaks the pattern, which is named', async (_, name) => {
  for (const operation of all) {
    const pattern = operation === 'create' ? patterns.create : patterns.other;
    const problem = constraint(name, 'functionName', `satisfy regular expression pattern: ${pattern}`);
    await expect(operations[operation](name), operation).rejects.toMatchObject(validation(problem));
  }
});

test('a name that is too long is refused on creation, and not found elsewhere', async () => {
  const long = 'a'.repeat(65);
  await expect(operations.create(long)).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    fields: { Type: 'User' },
    message: `1 validation error detected: ${constraint(long, 'functionName', 'have length less than or equal to 64')}`,
  });
  await expect(operations.get(long)).rejects.toMatchObject(notFound(long));
  await expect(operations.delete(long)).rejects.toMatchObject(notFound(long));
  const arn = `my-function:${'a'.repeat(129)}`;
  await expect(operations.create(arn)).rejects.toMatchObject(
    validation(constraint(arn, 'functionName', 'have length less than or equal to 140')),
  );
  const wrongToo = `arn:aws:lambda:invalid-region:000000000000:function:${'a'.repeat(140)}`;
  await expect(operations.create(wrongToo)).rejects.toMatchObject(
    validation(
      constraint(wrongToo, 'functionName', 'have length less than or equal to 140'),
      constraint(wrongToo, 'functionName', `satisfy regular expression pattern: ${patterns.create}`),
    ),
  );
});

test('a qualifier has its own bounds', async () => {
  for (const operation of others) {
    const bad = constraint(
      'invalid!',
      'qualifier',
      'satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+',
    );
    await expect(operations[operation]('my-function', 'invalid!')).rejects.toMatchObject(validation(bad));
    const long = 'a'.repeat(129);
    const tooLong = constraint(long, 'qualifier', 'have length less than or equal to 128');
    await expect(operations[operation]('my-function', long)).rejects.toMatchObject(validation(tooLong));
    await expect(operations[operation]('my-function:$LATEST', '1')).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      fields: { Type: 'User' },
      message: 'The derived qualifier from the function name does not match the specified qualifier.',
    });
  }
});

test('a missing function is named with the requested qualifier', async () => {
  await expect(operations.invoke('function')).rejects.toMatchObject(notFound('function:$LATEST'));
  await expect(operations.invoke('my-function', '$latest')).rejects.toMatchObject(notFound('my-function:$latest'));
  await expect(operations.get('function')).rejects.toMatchObject(notFound('function'));
  await expect(operations.get('my-function', 'live')).rejects.toMatchObject(notFound('my-function:live'));
  await expect(operations.delete('my-function', '$latest')).rejects.toMatchObject(notFound('my-function'));
});

test('a function has the build of its runtime, and an address of its package that needs no signature', async () => {
  const { Runtime, RuntimeVersionConfig, FunctionArn } = await operations.create('shown');
  expect({ Runtime, FunctionArn }).toEqual({
    Runtime: 'nodejs24.x',
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:shown',
  });
  expect(RuntimeVersionConfig?.RuntimeVersionArn).toMatch(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/);
  const { Code } = await operations.get('shown');
  expect(Code?.RepositoryType).toBe('S3');
  const fetched = await fetch(Code?.Location ?? '');
  expect(
    Buffer.from(await fetched.arrayBuffer())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  expect((await fetch(`${cloud.endpoint}/_local/packages/${'0'.repeat(64)}`)).status).toBe(404);
});

test('a version that is published with a change settles with it', async () => {
  const created = await cloud.call('lambda', 'CreateFunction', {
    FunctionName: 'published',
    Role,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Publish: true,
    Code: { ZipFile: zipOf({ 'index.mjs': 'export const handler = async () => 1;' }) },
  });
  const FunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:published';
  expect(created).toMatchObject({ Version: '1', FunctionArn, State: 'Pending' });
  await expect
    .poll(async () => (await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: 'published' })).State)
    .toBe('Active');
  const updated = await cloud.call('lambda', 'UpdateFunctionCode', {
    FunctionName: 'published',
    Publish: true,
    ZipFile: zipOf({ 'index.mjs': 'export const handler = async () => 2;' }),
  });
  expect(updated).toMatchObject({
    Version: '2',
    FunctionArn: `${FunctionArn}:2`,
    State: 'Pending',
    StateReason: 'The function is being created.',
    StateReasonCode: 'Creating',
  });
  expect(updated).not.toHaveProperty('LastUpdateStatus');
});

test('updating a missing alias is refused', async () => {
  const FunctionName = await createFunction(cloud, 'export const handler = async () => 1;', { Role });
  await expect(
    cloud.call('lambda', 'UpdateAlias', { FunctionName, Name: 'nope', FunctionVersion: '1' }),
  ).rejects.toMatchObject({
    message: `Alias not found: arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}:nope`,
  });
});

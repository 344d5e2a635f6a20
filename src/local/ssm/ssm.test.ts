import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud, Input, OperationName } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';
import type { LocalAws } from '../host.ts';

let aws: LocalAws;
let cloud: Cloud;
beforeAll(async () => {
  aws = await startTestAws();
  cloud = await aws.cloud();
});
afterAll(() => aws.stop());

const call = <O extends OperationName<'ssm'>>(operation: O, input: Input<'ssm', O>) =>
  cloud.call('ssm', operation, input);
const put = (Name: string, Value: string, more: object = {}) =>
  call('PutParameter', { Name, Value, Type: 'String', ...more });
const read = async (Name: string, WithDecryption = false) =>
  (await call('GetParameter', { Name, WithDecryption })).Parameter?.Value;

test('a parameter is returned with its ARN and version', async () => {
  const client = new SSMClient({
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const created = await client.send(new PutParameterCommand({ Name: '/wire/url', Value: 'http://x', Type: 'String' }));
  expect(created).toMatchObject({ Version: 1, Tier: 'Standard' });
  const { Parameter } = await client.send(new GetParameterCommand({ Name: '/wire/url' }));
  expect(Parameter).toEqual({
    Name: '/wire/url',
    Type: 'String',
    Value: 'http://x',
    Version: 1,
    LastModifiedDate: expect.any(Date),
    ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/wire/url',
    DataType: 'text',
  });
  await expect(client.send(new GetParameterCommand({ Name: '/wire/none' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
  client.destroy();
});

test('a value is overwritten only with Overwrite, and each version can be read', async () => {
  await put('versioned', 'one', { Description: 'd' });
  await expect(put('versioned', 'two')).rejects.toMatchObject({
    code: 'ParameterAlreadyExists',
    message: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  });
  await expect(put('/versioned', 'two')).rejects.toMatchObject({ code: 'ParameterAlreadyExists' });
  expect(await call('PutParameter', { Name: 'versioned', Value: 'two', Overwrite: true })).toMatchObject({
    Version: 2,
  });
  expect(await read('versioned')).toBe('two');
  expect((await call('GetParameter', { Name: 'versioned:1' })).Parameter).toMatchObject({
    Name: 'versioned',
    Value: 'one',
    Version: 1,
    Selector: ':1',
  });
  expect(await read('arn:aws:ssm:us-east-1:000000000000:parameter/versioned:2')).toBe('two');
  await expect(read('versioned:3')).rejects.toMatchObject({
    code: 'ParameterVersionNotFound',
    message: 'Systems Manager could not find version 3 of versioned. Verify the version and try again.',
  });
  const { Parameters } = await call('GetParameterHistory', { Name: 'versioned' });
  expect(Parameters?.map(({ Version, Value, Description }) => [Version, Value, Description])).toEqual([
    [1, 'one', 'd'],
    [2, 'two', 'd'],
  ]);
});

test('keeps the 100 newest versions', async () => {
  await put('many', '1');
  for (let i = 2; i <= 101; i++) await put('many', String(i), { Overwrite: true });
  await expect(read('many:1')).rejects.toMatchObject({ code: 'ParameterVersionNotFound' });
  expect(await read('many:2')).toBe('2');
});

test('a SecureString is returned in plain text only with decryption', async () => {
  await put('/secret/key', 'hunter2', { Type: 'SecureString' });
  const sealed = (await read('/secret/key')) ?? '';
  expect(sealed).toMatch(/^[A-Za-z0-9+/]{100,}={0,2}$/);
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('hunter2');
  expect(await read('/secret/key')).toBe(sealed);
  expect(await read('/secret/key', true)).toBe('hunter2');
  await expect(put('/secret/key', 'x', { Overwrite: true })).rejects.toMatchObject({
    code: 'HierarchyTypeMismatchException',
  });
  const { Parameters } = await call('DescribeParameters', {
    ParameterFilters: [{ Key: 'Path', Values: ['/secret'] }],
  });
  expect(Parameters).toEqual([
    expect.objectContaining({ Name: '/secret/key', KeyId: 'alias/aws/ssm', Tier: 'Standard', Version: 1 }),
  ]);
  expect(Parameters?.[0]).not.toHaveProperty('Value');
});

test.each([
  ['awsThing', 'ValidationException', /^Parameter name: can't be prefixed with "aws" or "ssm" \(case-insensitive\)\.$/],
  ['SSM-thing', 'ValidationException', /can't be prefixed/],
  ['/aws/thing', 'AccessDeniedException', /^No access to reserved parameter name: \/aws\/thing\.$/],
  ['/ssm/thing', 'ValidationException', /can't be prefixed with "ssm"/],
  ['a b', 'ValidationException', /the following 3 symbols/],
  ['/a//b', 'ValidationException', /the following 3 symbols/],
  ['a/b', 'ValidationException', /^Parameter name must be a fully qualified name\.$/],
  [`/${'l/'.repeat(15)}x`, 'HierarchyLevelLimitExceededException', /maximum of 15 levels/],
  ['n'.repeat(1000), 'ValidationException', /1011/],
])('rejects the name %s', async (name, code, message) => {
  await expect(put(name, 'v')).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('accepts 15 levels', async () => {
  expect(await put(`/${'l/'.repeat(14)}x`, 'v')).toMatchObject({ Version: 1 });
});

test.each<[string, object, string, RegExp]>([
  ['no type', { Type: undefined }, 'ValidationException', /A parameter type is required/],
  ['an empty value', { Value: '' }, 'ValidationException', /at 'value' failed/],
  ['over 4 KB', { Value: 'x'.repeat(4097) }, 'ValidationException', /^Standard tier parameters support a maximum/],
  ['over 8 KB', { Value: 'x'.repeat(8193), Tier: 'Advanced' }, 'ValidationException', /of 8192 characters\.$/],
  [
    'a pattern that its value does not match',
    { AllowedPattern: '\\d+' },
    'ParameterPatternMismatchException',
    /allowedPattern: \\d\+$/,
  ],
  ['an invalid pattern', { AllowedPattern: '(' }, 'InvalidAllowedPatternException', /not a valid regular/],
  ['tags while overwriting', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }, 'ValidationException', /^Invalid/],
  ['a policy', { Policies: '[]' }, 'NotImplemented', /ssm:PutParameter with Policies/],
  ['the data type of images', { DataType: 'aws:ec2:image' }, 'NotImplemented', /aws:ec2:image/],
])('rejects a parameter with %s', async (_, more, code, message) => {
  await expect(put('refused', 'v', more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('intelligent tiering chooses the smallest tier, and no parameter returns to the standard tier', async () => {
  const Tier = 'Intelligent-Tiering';
  expect(await put('tiered', 'small', { Tier })).toMatchObject({ Tier: 'Standard' });
  expect(await put('tiered', 'x'.repeat(5000), { Tier, Overwrite: true })).toMatchObject({ Tier: 'Advanced' });
  expect(await put('tiered', 'small', { Overwrite: true })).toMatchObject({ Tier: 'Advanced' });
  await expect(put('tiered', 'small', { Tier: 'Standard', Overwrite: true })).rejects.toMatchObject({
    message: expect.stringContaining("You can't downgrade a parameter"),
  });
});

test('reads several at once, and lists those that do not exist', async () => {
  await put('/several/a', '1');
  await put('/several/b', '2,3', { Type: 'StringList' });
  const { Parameters, InvalidParameters } = await call('GetParameters', {
    Names: ['/several/a', '/several/none', '/several/b:9', '/several/b'],
  });
  expect(Parameters?.map(({ Name, Value }) => [Name, Value])).toEqual([
    ['/several/a', '1'],
    ['/several/b', '2,3'],
  ]);
  expect(InvalidParameters).toEqual(['/several/none', '/several/b:9']);
  const tooMany = Array.from({ length: 11 }, (_, i) => `n${i}`);
  await expect(call('GetParameters', { Names: tooMany })).rejects.toMatchObject({ code: 'ValidationException' });
  expect(await call('DeleteParameters', { Names: ['/several/a', '/several/none'] })).toEqual({
    DeletedParameters: ['/several/a'],
    InvalidParameters: ['/several/none'],
  });
  await call('DeleteParameter', { Name: '/several/b' });
  await expect(call('DeleteParameter', { Name: '/several/b' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
});

test('lists the parameters directly below a path, or all of them, page by page', async () => {
  for (const name of ['/path/b', '/path/a', '/path/deep/c', '/pathology']) await put(name, name);
  const below = async (more: object) => {
    const { Parameters, NextToken } = await call('GetParametersByPath', { Path: '/path', ...more });
    return { names: Parameters?.map(({ Name }) => Name), NextToken };
  };
  expect((await below({})).names).toEqual(['/path/a', '/path/b']);
  const first = await below({ Recursive: true, MaxResults: 2 });
  expect(first.names).toEqual(['/path/a', '/path/b']);
  const second = await below({ Recursive: true, MaxResults: 2, NextToken: first.NextToken });
  expect(second).toEqual({ names: ['/path/deep/c'], NextToken: undefined });
  await expect(below({ Path: 'path' })).rejects.toMatchObject({
    code: 'ValidationException',
    message: expect.stringMatching(/^The parameter doesn't meet the parameter name requirements\./),
  });
  await expect(below({ MaxResults: 11 })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('finds parameters by tag and by name', async () => {
  await put('tagged', 'v', { Tags: [{ Key: 'team', Value: 'a' }] });
  const resource = { ResourceType: 'Parameter', ResourceId: 'tagged' } as const;
  await call('AddTagsToResource', { ...resource, Tags: [{ Key: 'env', Value: 'prod' }] });
  const namesBy = async (Key: string, ...Values: string[]) => {
    const { Parameters } = await call('DescribeParameters', { ParameterFilters: [{ Key, Values }] });
    return Parameters?.map(({ Name }) => Name);
  };
  expect(await namesBy('tag:env', 'prod')).toEqual(['tagged']);
  expect(await namesBy('Name', 'tagged')).toEqual(['tagged']);
  await call('RemoveTagsFromResource', { ...resource, TagKeys: ['team'] });
  expect(await call('ListTagsForResource', resource)).toEqual({ TagList: [{ Key: 'env', Value: 'prod' }] });
  await expect(call('ListTagsForResource', { ...resource, ResourceId: 'none' })).rejects.toMatchObject({
    code: 'InvalidResourceId',
  });
});

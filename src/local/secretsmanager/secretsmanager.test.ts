import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const call = <O extends OperationName<'secretsmanager'>>(operation: O, input: Input<'secretsmanager', O>) =>
  cloud.call('secretsmanager', operation, input);
const get = async (SecretId: string, more: object = {}) =>
  (await call('GetSecretValue', { SecretId, ...more })).SecretString;

test('a secret is text or bytes', async () => {
  const client = new SecretsManagerClient({
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const { ARN, VersionId } = await client.send(new CreateSecretCommand({ Name: 'wire/text', SecretString: 's' }));
  expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:wire\/text-[A-Za-z0-9]{6}$/);
  expect(await client.send(new GetSecretValueCommand({ SecretId: ARN }))).toMatchObject({
    ARN,
    Name: 'wire/text',
    VersionId,
    SecretString: 's',
    VersionStages: ['AWSCURRENT'],
    CreatedDate: expect.any(Date),
  });
  await client.send(new CreateSecretCommand({ Name: 'wire/bytes', SecretBinary: new Uint8Array([0, 255]) }));
  const { SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: 'wire/bytes' }));
  expect([...(SecretBinary ?? [])]).toEqual([0, 255]);
  await expect(client.send(new GetSecretValueCommand({ SecretId: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
  client.destroy();
});

test('finds a secret by its name, its ARN and its ARN without the six letters, but not by a name that ends like an ARN', async () => {
  const { ARN = '' } = await call('CreateSecret', { Name: 'found', SecretString: 's' });
  expect(await get(ARN)).toBe('s');
  expect(await get(ARN.slice(0, -7))).toBe('s');
  await expect(get('found-abcdef')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  await expect(get(`${ARN.slice(0, -6)}zzzzzz`)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
});

describe('versions', () => {
  test('take over the labels of the previous version', async () => {
    const { VersionId: first = '' } = await call('CreateSecret', { Name: 'labelled', SecretString: '1' });
    const { VersionId: second = '' } = await call('PutSecretValue', { SecretId: 'labelled', SecretString: '2' });
    expect(await get('labelled')).toBe('2');
    expect(await get('labelled', { VersionStage: 'AWSPREVIOUS' })).toBe('1');
    const { VersionId: third = '' } = await call('PutSecretValue', {
      SecretId: 'labelled',
      SecretString: '3',
      VersionStages: ['mine'],
    });
    expect(await get('labelled')).toBe('2');
    expect(await get('labelled', { VersionId: third })).toBe('3');
    expect((await call('DescribeSecret', { SecretId: 'labelled' })).VersionIdsToStages).toEqual({
      [first]: ['AWSPREVIOUS'],
      [second]: ['AWSCURRENT'],
      [third]: ['mine'],
    });
    await call('UpdateSecret', { SecretId: 'labelled', SecretString: '4' });
    expect(await get('labelled', { VersionStage: 'AWSPREVIOUS' })).toBe('2');
    await expect(get('labelled', { VersionStage: 'none' })).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret value for staging label: none",
    });
    await expect(get('labelled', { VersionId: third, VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
      code: 'InvalidRequestException',
    });
  });

  test('are created once per token', async () => {
    const ClientRequestToken = 'a'.repeat(32);
    await call('CreateSecret', { Name: 'once', SecretString: '1' });
    const put = (SecretString: string) =>
      call('PutSecretValue', { SecretId: 'once', SecretString, ClientRequestToken });
    expect(await put('2')).toMatchObject({ VersionId: ClientRequestToken, VersionStages: ['AWSCURRENT'] });
    await put('2');
    await expect(put('3')).rejects.toMatchObject({ code: 'ResourceExistsException' });
    expect(await get('once', { VersionStage: 'AWSPREVIOUS' })).toBe('1');
  });

  test('may be absent', async () => {
    await call('CreateSecret', { Name: 'empty' });
    await expect(get('empty')).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
    await expect(call('PutSecretValue', { SecretId: 'empty' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
    await call('PutSecretValue', { SecretId: 'empty', SecretString: 's', VersionStages: ['mine'] });
    expect(await get('empty')).toBe('s');
  });
});

describe('deleting', () => {
  test('schedules the deletion, and the secret can be restored', async () => {
    await call('CreateSecret', { Name: 'marked', SecretString: 's' });
    const { DeletionDate } = await call('DeleteSecret', { SecretId: 'marked', RecoveryWindowInDays: 7 });
    expect(DeletionDate?.getTime()).toBeGreaterThan(cloud.now());
    await expect(get('marked')).rejects.toMatchObject({
      code: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
    await expect(call('CreateSecret', { Name: 'marked' })).rejects.toMatchObject({
      message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
    const names = async (more: object) =>
      (await call('ListSecrets', more)).SecretList?.map(({ Name }) => Name).filter((name) => name === 'marked');
    expect(await names({})).toEqual([]);
    expect(await names({ IncludePlannedDeletion: true })).toEqual(['marked']);
    await call('RestoreSecret', { SecretId: 'marked' });
    expect(await get('marked')).toBe('s');
  });

  test('without recovery frees the name at once', async () => {
    const { ARN } = await call('CreateSecret', { Name: 'gone', SecretString: '1' });
    await call('DeleteSecret', { SecretId: 'gone', ForceDeleteWithoutRecovery: true });
    await expect(get('gone')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    expect((await call('CreateSecret', { Name: 'gone', SecretString: '2' })).ARN).not.toBe(ARN);
  });
});

test.each<[string, object, string, RegExp]>([
  ['a name with a space', { Name: 'a b' }, 'ValidationException', /^Invalid name\./],
  ['over 64 KB', { SecretString: 'x'.repeat(65_537) }, 'ValidationException', /65536 bytes/],
  ['text and bytes', { SecretString: 's', SecretBinary: Buffer.from('b') }, 'InvalidParameterException', /both/],
  ['replicas', { AddReplicaRegions: [{ Region: 'eu-west-1' }] }, 'NotImplemented', /with AddReplicaRegions/],
  ['a name that exists', { Name: 'taken' }, 'ResourceExistsException', /the secret taken already exists\.$/],
])('rejects a secret with %s', async (_, more, code, message) => {
  if ((more as { Name?: string }).Name === 'taken') await call('CreateSecret', { Name: 'taken' });
  await expect(call('CreateSecret', { Name: 'refused', ...more })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

test('a parameter may reference a secret', async () => {
  const { ARN, VersionId: first = '' } = await call('CreateSecret', { Name: 'referred', SecretString: '1' });
  await call('PutSecretValue', { SecretId: 'referred', SecretString: '2' });
  const Name = '/aws/reference/secretsmanager/referred';
  const read = async (name: string, WithDecryption = true) =>
    (await cloud.call('ssm', 'GetParameter', { Name: name, WithDecryption })).Parameter;
  const parameter = await read(Name);
  expect(parameter).toMatchObject({ Name, Type: 'SecureString', Value: '2', ARN });
  expect(JSON.parse(parameter?.SourceResult ?? '')).toMatchObject({
    ARN,
    Name: 'referred',
    SecretString: '2',
    VersionStages: ['AWSCURRENT'],
  });
  expect(await read(`${Name}:${first}`)).toMatchObject({ Name, Value: '1', Selector: `:${first}` });
  expect(await read(`${Name}:AWSPREVIOUS`)).toMatchObject({ Value: '1' });
  await expect(read(Name, false)).rejects.toMatchObject({
    code: 'ValidationException',
    message: 'WithDecryption flag must be True for retrieving a Secret Manager secret.',
  });
  await expect(read('/aws/reference/secretsmanager/none')).rejects.toMatchObject({
    code: 'ParameterNotFound',
    message:
      'An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret /aws/reference/secretsmanager/none not found.',
  });
  const names = [Name, '/aws/reference/secretsmanager/none'];
  const { Parameters, InvalidParameters } = await cloud.call('ssm', 'GetParameters', {
    Names: names,
    WithDecryption: true,
  });
  expect([Parameters?.map(({ Value }) => Value), InvalidParameters]).toEqual([['2'], [names[1]]]);
});

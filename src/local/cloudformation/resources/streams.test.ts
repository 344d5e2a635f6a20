// Tables and Kinesis streams in stacks: made, changed in place, replaced and deleted, and mapped to a function.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

async function deploy(resources: object, outputs: Record<string, unknown> = {}): Promise<Record<string, string>> {
  const sections = { Outputs: Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }])) };
  const { Stacks: before = [] } = await rig.call('DescribeStacks', {});
  const input = {
    StackName: 's',
    TemplateBody: template(resources, Object.keys(outputs).length === 0 ? {} : sections),
  };
  await rig.run(before.length === 0 ? 'CreateStack' : 'UpdateStack', input);
  const { Stacks = [] } = await rig.call('DescribeStacks', { StackName: 's' });
  expect([Stacks[0]?.StackStatus, await rig.events('s', 'last')]).toEqual([
    expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/),
    expect.anything(),
  ]);
  return Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

const table = (properties: object = {}, attributes: readonly string[] = ['id']) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    ...properties,
  },
});
const index = (name: string) => ({
  IndexName: `by-${name}`,
  KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
});

test('a table gets its stream, index, expiry and tags in place, and loses them again', async () => {
  const outputs = { Name: { Ref: 'T' }, Arn: { 'Fn::GetAtt': ['T', 'Arn'] } };
  const { Name: TableName = '', Arn } = await deploy({ T: table() }, outputs);
  expect([TableName, Arn]).toEqual([
    expect.stringMatching(/^s-T-/),
    `arn:aws:dynamodb:${rig.cloud.region}:${rig.cloud.accountId}:table/${TableName}`,
  ]);
  await rig.cloud.call('dynamodb', 'PutItem', { TableName, Item: { id: { S: 'a' }, city: { S: 'Ulm' } } });
  const more = {
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    GlobalSecondaryIndexes: [index('city')],
    TimeToLiveSpecification: { AttributeName: 'end', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    DeletionProtectionEnabled: true,
    Tags: [{ Key: 'a', Value: '1' }],
  };
  const { Stream } = await deploy(
    { T: table(more, ['id', 'city']) },
    { ...outputs, Stream: { 'Fn::GetAtt': ['T', 'StreamArn'] } },
  );
  expect(Stream).toMatch(new RegExp(`^${Arn}/stream/`));
  const found = await rig.cloud.call('dynamodb', 'Scan', { TableName, IndexName: 'by-city' });
  expect(found.Count).toBe(1);
  await deploy({ T: table() }, outputs);
  const { Table } = await rig.cloud.call('dynamodb', 'DescribeTable', { TableName });
  expect(Table).toMatchObject({ DeletionProtectionEnabled: false, TableStatus: 'ACTIVE', ItemCount: 1 });
  expect([Table?.StreamSpecification, Table?.GlobalSecondaryIndexes]).toEqual([undefined, undefined]);
  const { TimeToLiveDescription } = await rig.cloud.call('dynamodb', 'DescribeTimeToLive', { TableName });
  expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('dynamodb', 'ListTables', {})).TableNames).toEqual([]);
});

test('two new indexes in one update are refused, as by CloudFormation, and the table stays as it was', async () => {
  await deploy({ T: table() });
  const two = table({ GlobalSecondaryIndexes: [index('a'), index('b')] }, ['id', 'a', 'b']);
  await rig.run('UpdateStack', { StackName: 's', TemplateBody: template({ T: two }) });
  expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect((await rig.events('s', 'last')).join('\n')).toContain(
    'Cannot perform more than one GSI creation or deletion in a single update',
  );
});

test('a global table with one replica is a table; with another region it is refused', async () => {
  const global = (...regions: string[]) => ({
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: { ...table().Properties, Replicas: regions.map((Region) => ({ Region })) },
  });
  const { Name: TableName } = await deploy({ G: global(rig.cloud.region) }, { Name: { Ref: 'G' } });
  expect((await rig.cloud.call('dynamodb', 'ListTables', {})).TableNames).toEqual([TableName]);
  await rig.run('UpdateStack', {
    StackName: 's',
    TemplateBody: template({ G: global(rig.cloud.region, 'ap-south-1') }),
  });
  expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
});

test('a Kinesis stream is resharded and kept longer in place, and has consumers', async () => {
  const stream = (properties: object) => ({ Type: 'AWS::Kinesis::Stream', Properties: properties });
  const consumer = {
    Type: 'AWS::Kinesis::StreamConsumer',
    Properties: { ConsumerName: 'c', StreamARN: { 'Fn::GetAtt': ['S', 'Arn'] } },
  };
  const { Name: StreamName } = await deploy({ S: stream({ ShardCount: 1 }), C: consumer }, { Name: { Ref: 'S' } });
  await deploy({
    S: stream({
      ShardCount: 2,
      RetentionPeriodHours: 48,
      StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
    }),
    C: consumer,
  });
  const { StreamDescriptionSummary } = await rig.cloud.call('kinesis', 'DescribeStreamSummary', { StreamName });
  expect(StreamDescriptionSummary).toMatchObject({
    OpenShardCount: 2,
    RetentionPeriodHours: 48,
    EncryptionType: 'KMS',
    ConsumerCount: 1,
  });
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('kinesis', 'ListStreams', {})).StreamNames).toEqual([]);
});

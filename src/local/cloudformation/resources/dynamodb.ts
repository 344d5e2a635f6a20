// AWS::DynamoDB: tables, and global tables whose only replica is in the stack's region.
import { canonicalJson } from '../../../cfn/resource.ts';
import { AwsError, type Cloud, type Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { type Create, type Delete, HandlerError, type Providers, type Provisioned, type Update } from './provider.ts';
import { defined, json, pick, tagChanges, tagList } from './values.ts';

type CreateInput = Input<'dynamodb', 'CreateTable'>;
type Index = NonNullable<CreateInput['GlobalSecondaryIndexes']>[number];

/** Properties that CreateTable has under the same name. */
const same = [
  'AttributeDefinitions',
  'BillingMode',
  'DeletionProtectionEnabled',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'LocalSecondaryIndexes',
  'OnDemandThroughput',
  'ProvisionedThroughput',
  'TableClass',
  'WarmThroughput',
];
/** Those that UpdateTable has too. */
const changeable = [
  'BillingMode',
  'DeletionProtectionEnabled',
  'OnDemandThroughput',
  'ProvisionedThroughput',
  'TableClass',
  'WarmThroughput',
];

/** What a property that is taken away becomes. */
const defaults: Properties = { DeletionProtectionEnabled: false, TableClass: 'STANDARD' };

interface Specifications {
  readonly PointInTimeRecoverySpecification?: Input<
    'dynamodb',
    'UpdateContinuousBackups'
  >['PointInTimeRecoverySpecification'];
  readonly ResourcePolicy?: { readonly PolicyDocument: unknown };
  readonly SSESpecification?: {
    readonly SSEEnabled: boolean;
    readonly SSEType?: 'KMS';
    readonly KMSMasterKeyId?: string;
  };
  readonly StreamSpecification?: {
    readonly StreamViewType: NonNullable<CreateInput['StreamSpecification']>['StreamViewType'];
  };
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled: boolean };
}

const streamOf = ({ StreamSpecification: wanted }: Specifications) =>
  wanted === undefined ? undefined : { StreamEnabled: true, StreamViewType: wanted.StreamViewType };
const encryptionOf = ({ SSESpecification: wanted }: Specifications) =>
  wanted === undefined
    ? undefined
    : defined({ Enabled: wanted.SSEEnabled, SSEType: wanted.SSEType, KMSMasterKeyId: wanted.KMSMasterKeyId });

async function described(cloud: Cloud, TableName: string): Promise<Provisioned> {
  const { Table } = await cloud.call('dynamodb', 'DescribeTable', { TableName });
  const { TableArn: Arn, LatestStreamArn: StreamArn, TableId } = Table ?? {};
  return { physicalId: TableName, attributes: { Arn, StreamArn, TableId } };
}

async function create({ cloud, name: TableName, properties }: Create): Promise<Provisioned> {
  const wanted = properties as Specifications;
  const input = {
    TableName,
    ...pick(properties, same),
    ...defined({ StreamSpecification: streamOf(wanted), SSESpecification: encryptionOf(wanted) }),
    ...(wanted.ResourcePolicy === undefined ? {} : { ResourcePolicy: json(wanted.ResourcePolicy.PolicyDocument) }),
    Tags: tagList(properties),
  };
  await cloud.call('dynamodb', 'CreateTable', input as CreateInput);
  await applySettings(cloud, TableName, {}, wanted);
  return described(cloud, TableName);
}

async function update({ cloud, physicalId: TableName, before, after, changed }: Update): Promise<Provisioned> {
  const [was, wanted] = [before as Specifications, after as Specifications];
  const simple = pick(
    { ...defaults, ...after },
    changeable.filter((name) => changed.has(name)),
  );
  if (Object.keys(simple).length > 0 || changed.has('SSESpecification')) {
    const encryption = changed.has('SSESpecification')
      ? { SSESpecification: encryptionOf(wanted) ?? { Enabled: false } }
      : {};
    await cloud.call('dynamodb', 'UpdateTable', { TableName, ...simple, ...encryption });
  }
  if (changed.has('StreamSpecification')) {
    if (was.StreamSpecification !== undefined) {
      await cloud.call('dynamodb', 'UpdateTable', { TableName, StreamSpecification: { StreamEnabled: false } });
    }
    const StreamSpecification = streamOf(wanted);
    if (StreamSpecification !== undefined)
      await cloud.call('dynamodb', 'UpdateTable', { TableName, StreamSpecification });
  }
  if (changed.has('GlobalSecondaryIndexes')) await changeIndexes(cloud, TableName, after);
  await applySettings(cloud, TableName, was, wanted);
  const provisioned = await described(cloud, TableName);
  const { set, remove } = tagChanges(before, after);
  const ResourceArn = String(provisioned.attributes?.['Arn']);
  if (remove.length > 0) await cloud.call('dynamodb', 'UntagResource', { ResourceArn, TagKeys: remove });
  const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length > 0) await cloud.call('dynamodb', 'TagResource', { ResourceArn, Tags });
  return provisioned;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html: one index is made or deleted in
 * an update, and nothing but the throughput of one changes. */
async function changeIndexes(cloud: Cloud, TableName: string, after: Properties): Promise<void> {
  const wanted = (after['GlobalSecondaryIndexes'] ?? []) as Index[];
  // a rollback finds what the failed update has left
  const { Table } = await cloud.call('dynamodb', 'DescribeTable', { TableName });
  const now = new Map((Table?.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName ?? '', index]));
  const made = wanted.filter(({ IndexName = '' }) => !now.has(IndexName));
  const gone = [...now.keys()].filter((name) => !wanted.some(({ IndexName }) => IndexName === name));
  if (made.length + gone.length > 1) {
    throw new HandlerError(
      'InvalidRequest',
      'Cannot perform more than one GSI creation or deletion in a single update',
    );
  }
  const keys = ({ KeySchema, Projection }: Pick<Index, 'KeySchema' | 'Projection'>) =>
    canonicalJson([KeySchema, Projection]);
  for (const index of wanted) {
    const other = now.get(index.IndexName ?? '');
    if (other === undefined || keys(other as Index) === keys(index)) continue;
    throw new HandlerError(
      'InvalidRequest',
      "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. You can create a new GSI with a different name.",
    );
  }
  const AttributeDefinitions = after['AttributeDefinitions'] as CreateInput['AttributeDefinitions'];
  for (const Create of made) {
    await cloud.call('dynamodb', 'UpdateTable', {
      TableName,
      AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [
        { Create: Create as Required<Pick<Index, 'IndexName' | 'KeySchema' | 'Projection'>> },
      ],
    });
  }
  for (const IndexName of gone) {
    await cloud.call('dynamodb', 'UpdateTable', {
      TableName,
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }],
    });
  }
}

async function applySettings(
  cloud: Cloud,
  TableName: string,
  before: Specifications,
  after: Specifications,
): Promise<void> {
  const isSame = (name: keyof Specifications) => JSON.stringify(before[name]) === JSON.stringify(after[name]);
  if (!isSame('TimeToLiveSpecification')) {
    const was = before.TimeToLiveSpecification;
    if (was?.Enabled === true) {
      const TimeToLiveSpecification = { AttributeName: was.AttributeName ?? '', Enabled: false };
      await cloud.call('dynamodb', 'UpdateTimeToLive', { TableName, TimeToLiveSpecification });
    }
    const wanted = after.TimeToLiveSpecification;
    if (wanted?.Enabled === true) {
      const TimeToLiveSpecification = { AttributeName: wanted.AttributeName ?? '', Enabled: true };
      await cloud.call('dynamodb', 'UpdateTimeToLive', { TableName, TimeToLiveSpecification });
    }
  }
  if (!isSame('PointInTimeRecoverySpecification')) {
    const PointInTimeRecoverySpecification = after.PointInTimeRecoverySpecification ?? {
      PointInTimeRecoveryEnabled: false,
    };
    await cloud.call('dynamodb', 'UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification });
  }
  const policy = after.ResourcePolicy;
  if (Object.keys(before).length > 0 && !isSame('ResourcePolicy')) {
    const { attributes } = await described(cloud, TableName);
    const ResourceArn = String(attributes?.['Arn']);
    if (policy === undefined) await cloud.call('dynamodb', 'DeleteResourcePolicy', { ResourceArn });
    else await cloud.call('dynamodb', 'PutResourcePolicy', { ResourceArn, Policy: json(policy.PolicyDocument) });
  }
}

async function remove({ cloud, physicalId: TableName }: Delete): Promise<void> {
  try {
    await cloud.call('dynamodb', 'DeleteTable', { TableName });
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error;
  }
}

/** The properties of the only replica, and of the table, as those of a table. */
function ofGlobal(properties: Properties, region: string): Properties {
  const { Replicas: replicas, WriteProvisionedThroughputSettings: _, ...table } = properties;
  const replica = ((replicas ?? []) as (Properties & { readonly Region: string })[]).find(
    (one) => one.Region === region,
  );
  if (replica === undefined) return table;
  const { Region: __, SSESpecification: ___, ...rest } = replica;
  return { ...table, ...rest };
}

function checkGlobal({ Replicas: replicas }: Properties, region: string): void {
  const [replica, ...others] = (replicas ?? []) as { readonly Region: string }[];
  if (replica?.Region === region && others.length === 0) return;
  throw new HandlerError(
    'InvalidRequest',
    'The fx local AWS has global tables with one replica, in the region of the stack, only.',
  );
}

const specifications = [
  'PointInTimeRecoverySpecification',
  'ResourcePolicy',
  'SSESpecification',
  'StreamSpecification',
  'TableName',
  'Tags',
  'TimeToLiveSpecification',
];

export const dynamoDbProviders: Providers = {
  'AWS::DynamoDB::Table': {
    service: 'DynamoDb',
    properties: [...same, ...specifications],
    name: { property: 'TableName', limit: 255 },
    create,
    update,
    delete: remove,
  },
  'AWS::DynamoDB::GlobalTable': {
    service: 'DynamoDb',
    properties: [
      'AttributeDefinitions',
      'BillingMode',
      'GlobalSecondaryIndexes',
      'KeySchema',
      'LocalSecondaryIndexes',
      'Replicas',
      'SSESpecification',
      'StreamSpecification',
      'TableName',
      'TimeToLiveSpecification',
    ],
    name: { property: 'TableName', limit: 255 },
    async create({ properties, ...context }) {
      checkGlobal(properties, context.cloud.region);
      return create({ ...context, properties: ofGlobal(properties, context.cloud.region) });
    },
    async update({ before, after, ...context }) {
      checkGlobal(after, context.cloud.region);
      const [was, wanted] = [ofGlobal(before, context.cloud.region), ofGlobal(after, context.cloud.region)];
      const names = new Set([...Object.keys(was), ...Object.keys(wanted)]);
      const changed = new Set([...names].filter((name) => canonicalJson(was[name]) !== canonicalJson(wanted[name])));
      return update({ ...context, before: was, after: wanted, changed });
    },
    delete: remove,
  },
};

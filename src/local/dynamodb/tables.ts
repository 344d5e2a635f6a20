// Tables: made, described, changed and deleted. They are ready at once.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
import { randomUUID } from 'node:crypto';
import type { GlobalSecondaryIndexDescription, TableDescription } from '@aws-sdk/client-dynamodb';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { checkedRequest } from './dynalite.ts';
import { toWire } from './item.ts';
import type { Table, Tables } from './state.ts';
import type { Streams } from './streams.ts';

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** Requests may name a table by its ARN. */
export const tableName = (named: string | undefined): string => (named ?? '').split(':table/').at(-1) ?? '';

export function onTable(tables: Tables) {
  return { resource: ({ TableName }: { TableName?: string | undefined }) => tables.arn(tableName(TableName)) };
}

export function tableOperations(tables: Tables, streams: Streams): Operations<'dynamodb'> {
  const authorize = onTable(tables);
  return {
    CreateTable: {
      members: [
        'AttributeDefinitions',
        'BillingMode',
        'DeletionProtectionEnabled',
        'GlobalSecondaryIndexes',
        'KeySchema',
        'LocalSecondaryIndexes',
        'OnDemandThroughput',
        'ProvisionedThroughput',
        'ResourcePolicy',
        'SSESpecification',
        'StreamSpecification',
        'TableClass',
        'TableName',
        'Tags',
        'WarmThroughput',
      ],
      authorize,
      run(input) {
        // a table is ready at once; the answer is as on AWS
        const { WarmThroughput: _, ...description } = described(tables, createTable(tables, streams, input));
        const { BillingModeSummary: billing } = description;
        const mode = billing === undefined ? {} : { BillingModeSummary: { BillingMode: billing.BillingMode } };
        return { TableDescription: { ...description, ...mode, TableStatus: 'CREATING' } };
      },
    },
    DescribeTable: {
      members: ['TableName'],
      authorize,
      run: ({ TableName }) => ({ Table: described(tables, tables.existing(tableName(TableName))) }),
    },
    ListTables: {
      members: ['ExclusiveStartTableName', 'Limit'],
      run({ ExclusiveStartTableName: after = '', Limit = 100 }) {
        const names = [...tables.records.keys()].sort().filter((name) => name > after);
        const TableNames = names.slice(0, Limit);
        return { TableNames, ...(names.length > Limit ? { LastEvaluatedTableName: TableNames.at(-1) } : {}) };
      },
    },
    UpdateTable: {
      members: [
        'AttributeDefinitions',
        'BillingMode',
        'DeletionProtectionEnabled',
        'GlobalSecondaryIndexUpdates',
        'OnDemandThroughput',
        'ProvisionedThroughput',
        'SSESpecification',
        'StreamSpecification',
        'TableClass',
        'TableName',
        'WarmThroughput',
      ],
      authorize,
      run: (input) => ({
        TableDescription: { ...described(tables, updateTable(tables, streams, input)), TableStatus: 'UPDATING' },
      }),
    },
    DeleteTable: {
      members: ['TableName'],
      authorize,
      run({ TableName }) {
        const table = tables.existing(tableName(TableName));
        if (table.DeletionProtectionEnabled === true) {
          throw invalid(
            `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
          );
        }
        const description = { ...described(tables, table), TableStatus: 'DELETING' as const };
        streams.close(table.LatestStreamArn);
        tables.delete(table);
        return { TableDescription: description };
      },
    },
    DescribeEndpoints: {
      members: [],
      run: () => ({
        Endpoints: [{ Address: new URL(tables.cloud.endpoint).host, CachePeriodInMinutes: 1440 }],
      }),
    },
    DescribeLimits: {
      members: [],
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
      run: () => ({
        AccountMaxReadCapacityUnits: 80_000,
        AccountMaxWriteCapacityUnits: 80_000,
        TableMaxReadCapacityUnits: 40_000,
        TableMaxWriteCapacityUnits: 40_000,
      }),
    },
  };
}

function createTable(tables: Tables, streams: Streams, input: Input<'dynamodb', 'CreateTable'>): Table {
  const named = { ...input, TableName: tableName(input.TableName) };
  checkedRequest('CreateTable', toWire(named) as Record<string, unknown>, tables);
  if (tables.records.has(named.TableName)) {
    throw new AwsError('ResourceInUseException', `Table already exists: ${named.TableName}`);
  }
  const TableArn = tables.arn(named.TableName);
  const now = tables.cloud.now();
  const isOnDemand = input.BillingMode === 'PAY_PER_REQUEST';
  const table: Table = {
    TableName: named.TableName,
    TableArn,
    TableId: randomUUID(),
    TableStatus: 'ACTIVE',
    AttributeDefinitions: input.AttributeDefinitions,
    KeySchema: input.KeySchema,
    ProvisionedThroughput: throughput(input.ProvisionedThroughput),
    GlobalSecondaryIndexes: input.GlobalSecondaryIndexes?.map((index) => globalIndex(TableArn, index)),
    LocalSecondaryIndexes: input.LocalSecondaryIndexes?.map((index) => ({
      ...index,
      IndexArn: `${TableArn}/index/${index.IndexName}`,
    })),
    DeletionProtectionEnabled: input.DeletionProtectionEnabled ?? false,
    OnDemandThroughput: input.OnDemandThroughput,
    WarmThroughput: input.WarmThroughput,
    isOnDemand,
    tableClass: input.TableClass,
    kmsKeyArn: encryption(tables, input.SSESpecification),
    createdAt: now,
    tags: Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    expiry: undefined,
    recovery: { ContinuousBackupsStatus: 'ENABLED' },
    policy: input.ResourcePolicy === undefined ? undefined : { text: input.ResourcePolicy, revision: String(now) },
  };
  const streamed = withStream(streams, table, input.StreamSpecification);
  tables.save(streamed);
  return streamed;
}

function updateTable(tables: Tables, streams: Streams, input: Input<'dynamodb', 'UpdateTable'>): Table {
  const before = tables.existing(tableName(input.TableName));
  const { TableName: _, ...changes } = input;
  if (Object.values(changes).every((value) => value === undefined)) {
    throw invalid(
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
    );
  }
  const isOnDemand = input.BillingMode === undefined ? before.isOnDemand : input.BillingMode === 'PAY_PER_REQUEST';
  if (!isOnDemand && before.isOnDemand && input.ProvisionedThroughput === undefined) {
    throw invalid(
      'One or more parameter values were invalid: ProvisionedThroughput must be specified when BillingMode is PROVISIONED',
    );
  }
  let table: Table = {
    ...before,
    isOnDemand,
    AttributeDefinitions: withDefinitions(before, input.AttributeDefinitions),
    ProvisionedThroughput: isOnDemand
      ? throughput(undefined)
      : input.ProvisionedThroughput === undefined
        ? before.ProvisionedThroughput
        : throughput(input.ProvisionedThroughput),
    DeletionProtectionEnabled: input.DeletionProtectionEnabled ?? before.DeletionProtectionEnabled,
    OnDemandThroughput: input.OnDemandThroughput ?? before.OnDemandThroughput,
    WarmThroughput: input.WarmThroughput ?? before.WarmThroughput,
    tableClass: input.TableClass ?? before.tableClass,
    kmsKeyArn: input.SSESpecification === undefined ? before.kmsKeyArn : encryption(tables, input.SSESpecification),
  };
  for (const update of input.GlobalSecondaryIndexUpdates ?? []) table = withIndex(tables, table, update);
  if (input.StreamSpecification !== undefined) {
    const wants = input.StreamSpecification.StreamEnabled === true;
    const has = before.StreamSpecification?.StreamEnabled === true;
    if (wants && has) throw invalid(`Table already has an enabled stream: TableName: ${before.TableName}`);
    if (!wants && !has) throw invalid(`Table is already disabled for stream: TableName: ${before.TableName}`);
    if (!wants) {
      streams.close(before.LatestStreamArn);
      table = { ...table, StreamSpecification: undefined };
    } else table = withStream(streams, table, input.StreamSpecification);
  }
  tables.save(table);
  return table;
}

/** Those of a new index are enough. */
function withDefinitions(
  { AttributeDefinitions: before = [] }: Table,
  added: Table['AttributeDefinitions'] = [],
): Table['AttributeDefinitions'] {
  const names = new Set(added.map(({ AttributeName }) => AttributeName));
  return [...before.filter(({ AttributeName }) => !names.has(AttributeName)), ...added];
}

type IndexUpdate = NonNullable<Input<'dynamodb', 'UpdateTable'>['GlobalSecondaryIndexUpdates']>[number];

function withIndex(tables: Tables, table: Table, { Create, Update, Delete }: IndexUpdate): Table {
  const indexes = table.GlobalSecondaryIndexes ?? [];
  const name = Create?.IndexName ?? Update?.IndexName ?? Delete?.IndexName;
  const existing = indexes.find(({ IndexName }) => IndexName === name);
  if (Create !== undefined) {
    if (existing !== undefined) throw invalid(`Attempting to create an index which already exists`);
    const missing = Create.KeySchema?.find(
      ({ AttributeName }) => !table.AttributeDefinitions?.some((one) => one.AttributeName === AttributeName),
    );
    if (missing !== undefined) {
      throw invalid(
        'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions.',
      );
    }
    return { ...table, GlobalSecondaryIndexes: [...indexes, globalIndex(table.TableArn ?? '', Create)] };
  }
  if (existing === undefined) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found`);
  }
  const others = indexes.filter(({ IndexName }) => IndexName !== name);
  if (Delete !== undefined) {
    tables.dropIndex(table.TableName, name ?? '');
    return { ...table, GlobalSecondaryIndexes: others.length === 0 ? undefined : others };
  }
  const changed = { ...existing, ProvisionedThroughput: throughput(Update?.ProvisionedThroughput) };
  return { ...table, GlobalSecondaryIndexes: indexes.map((index) => (index === existing ? changed : index)) };
}

function withStream(streams: Streams, table: Table, wanted: Table['StreamSpecification']): Table {
  if (wanted?.StreamEnabled !== true) {
    if (wanted?.StreamViewType !== undefined) {
      throw invalid(
        'One or more parameter values were invalid: StreamViewType is not allowed if StreamEnabled is false',
      );
    }
    return table;
  }
  if (wanted.StreamViewType === undefined) {
    throw invalid('One or more parameter values were invalid: StreamViewType is required if StreamEnabled is true');
  }
  const { arn, label } = streams.open(table, wanted.StreamViewType);
  return { ...table, StreamSpecification: wanted, LatestStreamArn: arn, LatestStreamLabel: label };
}

type Throughput = { readonly ReadCapacityUnits?: number | undefined; readonly WriteCapacityUnits?: number | undefined };

const throughput = ({ ReadCapacityUnits = 0, WriteCapacityUnits = 0 }: Throughput = {}) => ({
  NumberOfDecreasesToday: 0,
  ReadCapacityUnits,
  WriteCapacityUnits,
});

type NewIndex = Pick<
  GlobalSecondaryIndexDescription,
  'IndexName' | 'KeySchema' | 'OnDemandThroughput' | 'Projection' | 'WarmThroughput'
> & { readonly ProvisionedThroughput?: Throughput | undefined };

function globalIndex(tableArn: string, index: NewIndex): GlobalSecondaryIndexDescription {
  return {
    ...index,
    IndexArn: `${tableArn}/index/${index.IndexName}`,
    IndexStatus: 'ACTIVE',
    ProvisionedThroughput: throughput(index.ProvisionedThroughput),
  };
}

/** There is no KMS: the key is recorded. Undefined for the key that DynamoDB owns. */
function encryption(tables: Tables, wanted: Input<'dynamodb', 'CreateTable'>['SSESpecification']): string | undefined {
  if (wanted?.Enabled !== true) return undefined;
  if (wanted.SSEType === 'AES256') throw notImplemented('dynamodb: SSEType AES256');
  return wanted.KMSMasterKeyId ?? `arn:aws:kms:${tables.cloud.region}:${tables.cloud.accountId}:alias/aws/dynamodb`;
}

/** What a table or one of its indexes serves at once: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html */
function warmThroughput(
  { isOnDemand }: Table,
  {
    ProvisionedThroughput: provisioned,
    WarmThroughput: asked,
  }: Pick<Table, 'ProvisionedThroughput' | 'WarmThroughput'>,
) {
  return {
    ReadUnitsPerSecond: asked?.ReadUnitsPerSecond ?? (isOnDemand ? 12_000 : provisioned?.ReadCapacityUnits),
    WriteUnitsPerSecond: asked?.WriteUnitsPerSecond ?? (isOnDemand ? 4000 : provisioned?.WriteCapacityUnits),
    Status: 'ACTIVE' as const,
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html */
export function described(tables: Tables, table: Table): TableDescription {
  const {
    isOnDemand,
    tableClass,
    kmsKeyArn,
    createdAt,
    tags: _,
    expiry: __,
    recovery: ___,
    policy: ____,
    ...shown
  } = table;
  const CreationDateTime = new Date(createdAt);
  return {
    ...shown,
    CreationDateTime,
    ItemCount: tables.items(table.TableName).size,
    TableSizeBytes: 0,
    ...(isOnDemand
      ? { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: CreationDateTime } }
      : {}),
    WarmThroughput: warmThroughput(table, table),
    ...(tableClass === undefined ? {} : { TableClassSummary: { TableClass: tableClass } }),
    ...(kmsKeyArn === undefined
      ? {}
      : { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: kmsKeyArn } }),
    ...(table.GlobalSecondaryIndexes === undefined
      ? {}
      : {
          GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map((index) => ({
            ...index,
            WarmThroughput: warmThroughput(table, index),
            ItemCount: tables.index(table.TableName, index.IndexName ?? '').size,
            IndexSizeBytes: 0,
          })),
        }),
    ...(table.LocalSecondaryIndexes === undefined
      ? {}
      : {
          LocalSecondaryIndexes: table.LocalSecondaryIndexes.map((index) => ({
            ...index,
            ItemCount: tables.index(table.TableName, index.IndexName ?? '').size,
            IndexSizeBytes: 0,
          })),
        }),
  };
}

// Items: read and written one by one, in batches, by query and by scan. dynalite checks and performs them (dynalite.ts).
import { AwsError, type Operations } from '../cloud.ts';
import { checkedRequest, createKey, type ItemAction, perform, performNow, validateKey, type Wire } from './dynalite.ts';
import { fromItem, type Item, toWire } from './item.ts';
import type { Tables } from './state.ts';
import { onTable, tableName } from './tables.ts';

const expression = ['ExpressionAttributeNames', 'ExpressionAttributeValues'] as const;
const condition = [
  ...expression,
  'ConditionExpression',
  'ConditionalOperator',
  'Expected',
  'ReturnConsumedCapacity',
  'ReturnItemCollectionMetrics',
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
  'TableName',
] as const;
const reading = [
  ...expression,
  'AttributesToGet',
  'ConditionalOperator',
  'ConsistentRead',
  'ExclusiveStartKey',
  'FilterExpression',
  'IndexName',
  'Limit',
  'ProjectionExpression',
  'ReturnConsumedCapacity',
  'Select',
  'TableName',
] as const;

export function itemOperations(tables: Tables): Operations<'dynamodb'> {
  const authorize = onTable(tables);
  const onIndex = {
    resource: (input: { TableName?: string | undefined; IndexName?: string | undefined }) =>
      `${tables.arn(tableName(input.TableName))}${input.IndexName === undefined ? '' : `/index/${input.IndexName}`}`,
  };
  return {
    GetItem: {
      members: [
        'AttributesToGet',
        'ConsistentRead',
        'ExpressionAttributeNames',
        'Key',
        'ProjectionExpression',
        'ReturnConsumedCapacity',
        'TableName',
      ],
      authorize,
      run: (input) => read(tables, 'GetItem', input),
    },
    PutItem: { members: [...condition, 'Item'], authorize, run: (input) => write(tables, 'PutItem', input) },
    DeleteItem: { members: [...condition, 'Key'], authorize, run: (input) => write(tables, 'DeleteItem', input) },
    UpdateItem: {
      members: [...condition, 'AttributeUpdates', 'Key', 'UpdateExpression'],
      authorize,
      run: (input) => write(tables, 'UpdateItem', input),
    },
    Query: {
      members: [...reading, 'KeyConditionExpression', 'KeyConditions', 'QueryFilter', 'ScanIndexForward'],
      authorize: onIndex,
      run: (input) => read(tables, 'Query', input),
    },
    Scan: {
      members: [...reading, 'ScanFilter', 'Segment', 'TotalSegments'],
      authorize: onIndex,
      run(input) {
        // dynalite takes the segment 0 for none
        if (input.Segment !== undefined && input.TotalSegments === undefined) {
          throw new AwsError(
            'ValidationException',
            'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
          );
        }
        return read(tables, 'Scan', input);
      },
    },
    BatchGetItem: {
      members: ['RequestItems', 'ReturnConsumedCapacity'],
      run: (input) => read(tables, 'BatchGetItem', input),
    },
    BatchWriteItem: {
      members: ['RequestItems', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'],
      run: (input) => read(tables, 'BatchWriteItem', input),
    },
  };
}

/** The request as dynalite reads it, with names in place of ARNs. */
export function wireRequest(input: object): Wire {
  const wire = toWire(input) as Wire;
  const { TableName: named, RequestItems: items } = wire;
  if (typeof named === 'string') wire['TableName'] = tableName(named);
  if (typeof items === 'object' && items !== null) {
    wire['RequestItems'] = Object.fromEntries(Object.entries(items).map(([name, value]) => [tableName(name), value]));
  }
  return wire;
}

async function read(tables: Tables, action: ItemAction, input: object): Promise<Record<string, never>> {
  const data = checkedRequest(action, wireRequest(input), tables);
  return fromAnswer(await perform(action, data, tables));
}

function write(
  tables: Tables,
  action: 'DeleteItem' | 'PutItem' | 'UpdateItem',
  input: { readonly ReturnValuesOnConditionCheckFailure?: string | undefined },
): Record<string, never> {
  const data = checkedRequest(action, wireRequest(input), tables);
  try {
    return fromAnswer(performNow(action, data, tables));
  } catch (error) {
    const isFailed = error instanceof AwsError && error.code === 'ConditionalCheckFailedException';
    if (!isFailed || input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') throw error;
    const item = existingItem(tables, data);
    throw item === undefined ? error : new AwsError(error.code, error.message, 400, { Item: fromItem(item) });
  }
}

/** The item that a checked request names, by its key or by that of the item that it puts. */
export function existingItem(tables: Tables, data: Wire): Item | undefined {
  const table = tables.existing(String(data['TableName']));
  const key = (data['Key'] ?? data['Item']) as Item;
  return data['Key'] !== undefined && validateKey(key, table)
    ? undefined
    : tables.items(table.TableName).get(createKey(key, table));
}

/** Members of answers that are items, lists of items, or items by table. The types of the operations' outputs name them. */
function fromAnswer(answer: Wire): Record<string, never> {
  const converted = Object.entries(answer).map(([name, value]) => [
    name,
    value === undefined ? undefined : convert(name, value),
  ]);
  return Object.fromEntries(converted);
}

function convert(name: string, value: unknown): unknown {
  if (name === 'Item' || name === 'Attributes' || name === 'LastEvaluatedKey') return fromItem(value as Item);
  if (name === 'Items') return (value as Item[]).map(fromItem);
  if (name === 'Responses') return byTable(value, (items) => (items as Item[]).map(fromItem));
  if (name === 'UnprocessedKeys') {
    return byTable(value, (request) => {
      const { Keys, ...rest } = request as { readonly Keys: Item[] };
      return { ...rest, Keys: Keys.map(fromItem) };
    });
  }
  return value;
}

function byTable(value: unknown, convertOne: (value: unknown) => unknown) {
  return Object.fromEntries(Object.entries(value as object).map(([table, one]) => [table, convertOne(one)]));
}

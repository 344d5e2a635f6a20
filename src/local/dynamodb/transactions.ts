// Transactions: all of it or nothing, in one turn of the event loop, so that nothing comes in between.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
import { createHash } from 'node:crypto';
import type { CancellationReason, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import {
  checkCondition,
  checkedRequest,
  createKey,
  type DynaliteStore,
  type ItemStore,
  perform,
  performNow,
  type Wire,
} from './dynalite.ts';
import { fromItem, type Item, toWire } from './item.ts';
import { existingItem, wireRequest } from './items.ts';
import type { Tables } from './state.ts';
import { invalid, tableName } from './tables.ts';

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const mostItems = 100;
const tokenMs = 10 * 60_000;

export function transactionOperations(tables: Tables): Operations<'dynamodb'> {
  const tokens = new Map<string, { readonly hash: string; readonly at: number }>();
  return {
    TransactWriteItems: {
      members: ['ClientRequestToken', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics', 'TransactItems'],
      run(input) {
        checkCount(input.TransactItems);
        if (isRepeated(tables, tokens, input)) return {};
        const writes = (input.TransactItems ?? []).map((item) => readWrite(tables, item));
        const keys = writes.map(({ place }) => place);
        if (new Set(keys).size < keys.length) {
          throw invalid('Transaction request cannot include multiple operations on one item');
        }
        const reasons = writes.map((write) => tried(tables, write));
        if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
        for (const { action, data } of writes) if (action !== undefined) performNow(action, data, tables);
        return {};
      },
    },
    TransactGetItems: {
      members: ['ReturnConsumedCapacity', 'TransactItems'],
      async run({ TransactItems = [] }) {
        checkCount(TransactItems);
        const requests = TransactItems.map(({ Get = {} }) => {
          const data = checkedRequest('GetItem', wireRequest(Get), tables);
          tables.existing(String(data['TableName']));
          return data;
        });
        const answers = await Promise.all(requests.map((data) => perform('GetItem', data, tables)));
        return {
          Responses: answers.map(({ Item }) => (Item === undefined ? {} : { Item: fromItem(Item as Item) })),
        };
      },
    },
  };
}

function checkCount(items: readonly unknown[] | undefined): void {
  checkConstraints('ValidationException', [['transactItems', items ?? [], { min: 1, max: mostItems }]]);
}

interface Write {
  /** Undefined for a check alone. */
  readonly action: 'DeleteItem' | 'PutItem' | 'UpdateItem' | undefined;
  readonly data: Wire;
  /** The table and key. */
  readonly place: string;
  readonly returnsItem: boolean;
}

function readWrite(tables: Tables, { Put, Update, Delete, ConditionCheck }: TransactWriteItem): Write {
  const kinds = [
    ['PutItem', Put],
    ['UpdateItem', Update],
    ['DeleteItem', Delete],
    [undefined, ConditionCheck],
  ] as const;
  const given = kinds.filter(([, request]) => request !== undefined);
  const [action, request] = given[0] ?? [];
  if (given.length !== 1 || request === undefined) {
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const { ReturnValuesOnConditionCheckFailure: returns, ...rest } = request;
  const data = checkedRequest(action ?? 'DeleteItem', wireRequest(rest), tables);
  const name = tableName(request.TableName);
  const table = tables.existing(name);
  const key = (data['Key'] ?? data['Item']) as Item;
  const isWhole = (table.KeySchema ?? []).every(({ AttributeName = '' }) => key[AttributeName] !== undefined);
  return {
    action,
    data,
    place: `${name} ${isWhole ? createKey(key, table) : JSON.stringify(key)}`,
    returnsItem: returns === 'ALL_OLD',
  };
}

/** Why the write could not happen, without doing it. */
function tried(tables: Tables, { action, data, returnsItem }: Write): CancellationReason {
  try {
    if (action === undefined) checkCondition(data, existingItem(tables, data));
    else performNow(action, data, readOnly(tables));
    return { Code: 'None' };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code !== 'ConditionalCheckFailedException') return { Code: 'ValidationError', Message: error.message };
    const item = returnsItem ? existingItem(tables, data) : undefined;
    return {
      Code: 'ConditionalCheckFailed',
      Message: error.message,
      ...(item === undefined ? {} : { Item: fromItem(item) }),
    };
  }
}

/** The tables, but writes are lost. */
function readOnly(tables: Tables): DynaliteStore {
  const without = (items: ItemStore): ItemStore => ({
    ...items,
    put: (_key, _item, callback) => callback(null),
    del: (_key, callback) => callback(null),
  });
  return {
    options: tables.options,
    getTable: (name, checkStatus, callback) => tables.getTable(name, checkStatus, callback),
    getItemDb: (name) => without(tables.getItemDb(name)),
    getIndexDb: (kind, name, index) => without(tables.getIndexDb(kind, name, index)),
  };
}

function cancelled(reasons: readonly CancellationReason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError('TransactionCanceledException', message, 400, { CancellationReasons: reasons });
}

function isRepeated(
  tables: Tables,
  tokens: Map<string, { readonly hash: string; readonly at: number }>,
  { ClientRequestToken: token, TransactItems }: Input<'dynamodb', 'TransactWriteItems'>,
): boolean {
  const now = tables.cloud.now();
  for (const [old, { at }] of tokens) if (now - at > tokenMs) tokens.delete(old);
  if (token === undefined) return false;
  const hash = createHash('sha256')
    .update(JSON.stringify(toWire(TransactItems)))
    .digest('hex');
  const before = tokens.get(token);
  if (before === undefined) {
    tokens.set(token, { hash, at: now });
    return false;
  }
  if (before.hash === hash) return true;
  throw new AwsError(
    'IdempotentParameterMismatchException',
    'The provided client request token does not match the original request',
  );
}

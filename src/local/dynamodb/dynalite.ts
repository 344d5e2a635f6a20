// The part of dynalite that the local DynamoDB stands on: its checks of requests, whose messages are DynamoDB's, and its actions on items.
// Tables, streams, transactions, expiry and storage are ours. https://github.com/architect/dynalite
import batchGetItem from 'dynalite/actions/batchGetItem.js';
import batchWriteItem from 'dynalite/actions/batchWriteItem.js';
import deleteItem from 'dynalite/actions/deleteItem.js';
import getItem from 'dynalite/actions/getItem.js';
import putItem from 'dynalite/actions/putItem.js';
import query from 'dynalite/actions/query.js';
import scan from 'dynalite/actions/scan.js';
import updateItem from 'dynalite/actions/updateItem.js';
import functions from 'dynalite/db/index.js';
import batchGetItemRules from 'dynalite/validations/batchGetItem.js';
import batchWriteItemRules from 'dynalite/validations/batchWriteItem.js';
import createTableRules from 'dynalite/validations/createTable.js';
import deleteItemRules from 'dynalite/validations/deleteItem.js';
import getItemRules from 'dynalite/validations/getItem.js';
import checks from 'dynalite/validations/index.js';
import putItemRules from 'dynalite/validations/putItem.js';
import queryRules from 'dynalite/validations/query.js';
import scanRules from 'dynalite/validations/scan.js';
import updateItemRules from 'dynalite/validations/updateItem.js';
import { AwsError } from '../cloud.ts';
import type { Item, TableShape } from './item.ts';

/** A request or answer as on the wire. */
export type Wire = Record<string, unknown>;
type Callback<T> = (error: Error | null, value?: T) => void;

/** Where dynalite reads and writes items, of a table or an index, by keys that sort as DynamoDB sorts. */
export interface ItemStore {
  get(key: string, callback: Callback<Item>): void;
  put(key: string, item: Item, callback: Callback<void>): void;
  del(key: string, callback: Callback<void>): void;
  createValueStream(range: Range): NodeJS.EventEmitter;
  /** Our operations end before the next one begins, so there is nothing to wait for. */
  lock(key: string, work: (release: <C>(callback: C) => C) => void): void;
}

export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  /** -1 for all. */
  readonly limit?: number;
}

export interface DynaliteStore {
  readonly options: { readonly maxItemSize: number };
  getTable(name: string, checkStatus: boolean | Callback<TableShape>, callback?: Callback<TableShape>): void;
  getItemDb(table: string): ItemStore;
  getIndexDb(kind: string, table: string, index: string): ItemStore;
}

const actions = {
  BatchGetItem: [batchGetItem, batchGetItemRules],
  BatchWriteItem: [batchWriteItem, batchWriteItemRules],
  DeleteItem: [deleteItem, deleteItemRules],
  GetItem: [getItem, getItemRules],
  PutItem: [putItem, putItemRules],
  Query: [query, queryRules],
  Scan: [scan, scanRules],
  UpdateItem: [updateItem, updateItemRules],
} as const;
export type ItemAction = keyof typeof actions;

/** Checks a request. Returns it with its expressions parsed; throws DynamoDB's errors. */
export function checkedRequest(action: ItemAction | 'CreateTable', data: Wire, store: DynaliteStore): Wire {
  const { types, custom } = action === 'CreateTable' ? createTableRules : actions[action][1];
  try {
    const typed = checks.checkTypes(data, types);
    checks.checkValidations(typed, types, custom, store);
    return typed;
  } catch (error) {
    throw toAwsError(error);
  }
}

/** Performs a checked request. */
export function perform(action: ItemAction, data: Wire, store: DynaliteStore): Promise<Wire> {
  const [run] = actions[action];
  return new Promise((done, fail) => {
    run(store, data, (error, answer) =>
      error === null || error === undefined ? done(answer ?? {}) : fail(toAwsError(error)),
    );
  });
}

/** Performs a checked write, which ends at once in our store. */
export function performNow(action: 'DeleteItem' | 'PutItem' | 'UpdateItem', data: Wire, store: DynaliteStore): Wire {
  const [run] = actions[action];
  let ended: Wire | undefined;
  let failed: unknown;
  run(store, data, (error, answer) => {
    failed = error ?? undefined;
    ended = answer ?? {};
  });
  if (failed !== undefined) throw toAwsError(failed);
  if (ended === undefined) throw new Error('a write did not end at once');
  return ended;
}

const { createKey, getIndexActions, itemSize, validateItem, validateKey } = functions;

export { createKey, getIndexActions, itemSize, validateItem, validateKey };

/** Throws ConditionalCheckFailedException unless a checked request's condition holds for the item. */
export function checkCondition(data: Wire, existing: Item | undefined): void {
  const error = functions.checkConditional(data, existing);
  if (error !== undefined && error !== null) throw toAwsError(error);
}

interface DynaliteError extends Error {
  readonly body?: { readonly __type?: string; readonly message?: string; readonly Message?: string };
}

/** An error that is none of DynamoDB's is a fault of ours. */
export function toAwsError(error: unknown): unknown {
  const { body } = error as DynaliteError;
  const type = body?.__type;
  if (type === undefined) return error;
  return new AwsError(type.split('#').at(-1) ?? '', body?.message ?? body?.Message ?? '');
}

// Tables with their items, as dynalite's store sees them, and who follows their changes.
import { Stream } from 'node:stream';
import type { ContinuousBackupsDescription, TableDescription } from '@aws-sdk/client-dynamodb';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import { type DynaliteStore, getIndexActions, type ItemStore, type Range } from './dynalite.ts';
import type { Item, TableShape } from './item.ts';
import { SortedMap } from './sorted.ts';

/** A table as it is described, with times in milliseconds. */
export interface Table
  extends Pick<
    TableDescription,
    | 'AttributeDefinitions'
    | 'DeletionProtectionEnabled'
    | 'GlobalSecondaryIndexes'
    | 'KeySchema'
    | 'LatestStreamArn'
    | 'LatestStreamLabel'
    | 'LocalSecondaryIndexes'
    | 'OnDemandThroughput'
    | 'ProvisionedThroughput'
    | 'StreamSpecification'
    | 'TableArn'
    | 'TableId'
    | 'TableStatus'
    | 'WarmThroughput'
  > {
  readonly TableName: string;
  readonly isOnDemand: boolean;
  readonly tableClass: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS' | undefined;
  readonly kmsKeyArn: string | undefined;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The attribute with the time of expiry. */
  readonly expiry: string | undefined;
  readonly recovery: Pick<ContinuousBackupsDescription, 'ContinuousBackupsStatus'> & {
    readonly days?: number | undefined;
  };
  readonly policy: { readonly text: string; readonly revision: string } | undefined;
}

/** Called after each change of an item, once per change. */
export type Follower = (table: Table, before: Item | undefined, after: Item | undefined) => void;

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items
const largestItem = 400 * 1024;

interface Data {
  readonly items: SortedMap<Item>;
  readonly indexes: Map<string, SortedMap<Item>>;
  readonly saved: Collection<Item>;
}

export class Tables implements DynaliteStore {
  readonly options = { maxItemSize: largestItem };
  readonly cloud: Cloud;
  readonly records: Collection<Table>;
  readonly #data = new Map<string, Data>();
  readonly #follow: Follower;

  constructor(cloud: Cloud, follow: Follower) {
    this.cloud = cloud;
    this.records = cloud.collection('dynamodb.tables');
    this.#follow = follow;
  }

  arn(name: string): string {
    return `arn:aws:dynamodb:${this.cloud.region}:${this.cloud.accountId}:table/${name}`;
  }

  existing(name: string): Table {
    const table = this.records.get(name);
    if (table !== undefined) return table;
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
  }

  save(table: Table): void {
    this.records.set(table.TableName, table);
  }

  /** With everything in it. */
  delete({ TableName }: Table): void {
    const { saved } = this.#dataOf(TableName);
    for (const key of [...saved.keys()]) saved.delete(key);
    this.#data.delete(TableName);
    this.records.delete(TableName);
  }

  items(name: string): SortedMap<Item> {
    return this.#dataOf(name).items;
  }

  /** The items of an index; of one that is new, all that belong into it. */
  index(name: string, index: string): SortedMap<Item> {
    const data = this.#dataOf(name);
    const found = data.indexes.get(index);
    if (found !== undefined) return found;
    const made = new SortedMap<Item>();
    data.indexes.set(index, made);
    const table = this.existing(name);
    const definition = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].find(
      ({ IndexName }) => IndexName === index,
    );
    if (definition === undefined) return made;
    for (const item of data.items.range({})) {
      const { puts } = getIndexActions([definition], undefined, item, table);
      for (const put of puts) made.set(put.key, put.item);
    }
    return made;
  }

  dropIndex(name: string, index: string): void {
    this.#dataOf(name).indexes.delete(index);
  }

  getTable(
    name: string,
    checkStatus: boolean | ((error: Error | null, table?: TableShape) => void),
    callback?: (error: Error | null, table?: TableShape) => void,
  ): void {
    const answer = typeof checkStatus === 'function' ? checkStatus : callback;
    const table = this.records.get(name);
    if (table === undefined) answer?.(new AwsError('ResourceNotFoundException', 'Requested resource not found'));
    else answer?.(null, table);
  }

  getItemDb(name: string): ItemStore {
    const { items, saved } = this.#dataOf(name);
    const changed = (before: Item | undefined, after: Item | undefined) =>
      this.#follow(this.existing(name), before, after);
    return storeOf(items, {
      put(key, item) {
        const before = items.get(key);
        items.set(key, item);
        saved.set(key, item);
        changed(before, item);
      },
      delete(key) {
        const before = items.get(key);
        if (before === undefined) return;
        items.delete(key);
        saved.delete(key);
        changed(before, undefined);
      },
    });
  }

  getIndexDb(_kind: string, name: string, index: string): ItemStore {
    const items = this.index(name, index);
    return storeOf(items, { put: (key, item) => items.set(key, item), delete: (key) => items.delete(key) });
  }

  #dataOf(name: string): Data {
    const found = this.#data.get(name);
    if (found !== undefined) return found;
    const saved = this.cloud.collection<Item>(`dynamodb.items.${name}`);
    const items = new SortedMap<Item>();
    for (const [key, item] of saved.entries()) items.set(key, item);
    const data = { items, indexes: new Map(), saved };
    this.#data.set(name, data);
    return data;
  }
}

interface Writes {
  put(key: string, item: Item): void;
  delete(key: string): void;
}

function storeOf(items: SortedMap<Item>, writes: Writes): ItemStore {
  return {
    get(key, callback) {
      const item = items.get(key);
      if (item !== undefined) return callback(null, item);
      callback(Object.assign(new Error('no such item'), { name: 'NotFoundError' }));
    },
    put(key, item, callback) {
      writes.put(key, item);
      callback(null);
    },
    del(key, callback) {
      writes.delete(key);
      callback(null);
    },
    createValueStream: (range) => streamOf(items, range),
    lock: (_key, work) => work((callback) => callback),
  };
}

/** All values in one turn of the event loop: no write comes in between. */
function streamOf(items: SortedMap<Item>, range: Range): NodeJS.EventEmitter {
  let isDestroyed = false;
  // dynalite listens twice to what is not a stream
  const stream = Object.assign(new Stream(), {
    destroy() {
      isDestroyed = true;
    },
  });
  setImmediate(() => {
    for (const item of items.range(range)) {
      if (isDestroyed) break;
      stream.emit('data', item);
    }
    stream.emit('end');
  });
  return stream;
}

// DynamoDB on the local AWS, through the SDK: tables, items, transactions, streams, time to live.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestAws, testClock } from '../fixture.ts';

const clock = testClock();
const aws = await startTestAws({ clock });
const config = { endpoint: aws.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'a' } };
const client = new DynamoDBClient(config);
const streams = new DynamoDBStreamsClient(config);
afterAll(async () => {
  client.destroy();
  streams.destroy();
  await aws.stop();
});

test('a table is being created and updated according to the answers, and ready at once', async () => {
  const TableName = 'answers';
  const created = await client.send(
    new CreateTableCommand({
      ...{ TableName, BillingMode: 'PAY_PER_REQUEST' },
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  expect(created.TableDescription).toMatchObject({
    TableStatus: 'CREATING',
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  });
  expect(created.TableDescription?.WarmThroughput).toBeUndefined();
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const };
  const updated = await client.send(new UpdateTableCommand({ TableName, StreamSpecification }));
  expect(updated.TableDescription).toMatchObject({
    TableStatus: 'UPDATING',
    WarmThroughput: { ReadUnitsPerSecond: 12_000, Status: 'ACTIVE', WriteUnitsPerSecond: 4000 },
  });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.TableStatus).toBe('ACTIVE');
});

let tables = 0;
/** A table of orders by customer and number, with an index by state. */
async function orders(more: object = {}): Promise<string> {
  const TableName = `orders-${tables++}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'customer', AttributeType: 'S' },
        { AttributeName: 'number', AttributeType: 'N' },
        { AttributeName: 'state', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'customer', KeyType: 'HASH' },
        { AttributeName: 'number', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-state',
          KeySchema: [
            { AttributeName: 'state', KeyType: 'HASH' },
            { AttributeName: 'number', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      ...more,
    }),
  );
  return TableName;
}
const order = (customer: string, number: number, state = 'new', more: object = {}) => ({
  customer: { S: customer },
  number: { N: String(number) },
  state: { S: state },
  ...more,
});
const put = (TableName: string, Item: ReturnType<typeof order>) => client.send(new PutItemCommand({ TableName, Item }));
const numbers = (items: readonly { number?: { N?: string } }[] = []) => items.map(({ number }) => Number(number?.N));

describe('tables', () => {
  test('are ready at once, listed, and refused twice', async () => {
    const TableName = await orders({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } });
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4000, Status: 'ACTIVE' },
      GlobalSecondaryIndexes: [{ IndexName: 'by-state', IndexStatus: 'ACTIVE' }],
      LatestStreamArn: expect.stringMatching(new RegExp(`table/${TableName}/stream/2026-11-26T`)),
      ItemCount: 0,
    });
    expect((await client.send(new ListTablesCommand({}))).TableNames).toContain(TableName);
    const same = new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
    });
    await expect(client.send(same)).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: `Table already exists: ${TableName}`,
    });
    await client.send(new DeleteTableCommand({ TableName }));
    await expect(client.send(new DescribeTableCommand({ TableName }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Table: ${TableName} not found`,
    });
  });

  test('get further indexes, which have what is there already, and lose them', async () => {
    const TableName = await orders();
    await put(TableName, order('ann', 1, 'new', { city: { S: 'Ulm' } }));
    await client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'city', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'by-city',
              KeySchema: [{ AttributeName: 'city', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          },
        ],
      }),
    );
    const query = new QueryCommand({
      TableName,
      IndexName: 'by-city',
      KeyConditionExpression: 'city = :c',
      ExpressionAttributeValues: { ':c': { S: 'Ulm' } },
    });
    expect((await client.send(query)).Items).toEqual([order('ann', 1, 'new', { city: { S: 'Ulm' } })]);
    const drop = { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-city' } }] };
    await client.send(new UpdateTableCommand({ TableName, ...drop }));
    await expect(client.send(query)).rejects.toThrow('The table does not have the specified index: by-city');
  });

  test('are refused with what DynamoDB says', async () => {
    const KeySchema = [{ AttributeName: 'a', KeyType: 'HASH' as const }];
    const create = (more: object) =>
      client.send(new CreateTableCommand({ TableName: 'wrong', KeySchema, AttributeDefinitions: [], ...more }));
    await expect(create({ BillingMode: 'PAY_PER_REQUEST' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      client.send(new CreateTableCommand({ TableName: 'a', KeySchema, AttributeDefinitions: [] })),
    ).rejects.toThrow('TableName must be at least 3 characters long and at most 255 characters long');
  });
});

describe('items', () => {
  test('keep every type, and come back by key', async () => {
    const TableName = await orders();
    const Item = order('ann', 1, 'new', {
      picture: { B: new Uint8Array([0, 255]) },
      pictures: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
      sizes: { NS: ['1', '2.5'] },
      list: { L: [{ S: 'a' }, { NULL: true }, { M: { deep: { BOOL: false } } }] },
      empty: { S: '' },
    });
    await put(TableName, Item);
    const Key = { customer: { S: 'ann' }, number: { N: '1.0' } };
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Item);
    const ProjectionExpression = '#l[2].deep, picture';
    const part = new GetItemCommand({
      TableName,
      Key,
      ProjectionExpression,
      ExpressionAttributeNames: { '#l': 'list' },
    });
    expect((await client.send(part)).Item).toEqual({
      list: { L: [{ M: { deep: { BOOL: false } } }] },
      picture: { B: new Uint8Array([0, 255]) },
    });
    expect(
      (await client.send(new GetItemCommand({ TableName, Key: { ...Key, number: { N: '2' } } }))).Item,
    ).toBeUndefined();
    await expect(client.send(new GetItemCommand({ TableName, Key: { customer: { S: 'a' } } }))).rejects.toThrow(
      'The provided key element does not match the schema',
    );
  });

  test('change by expressions, under conditions', async () => {
    const TableName = await orders();
    const Key = { customer: { S: 'ann' }, number: { N: '1' } };
    const update = (UpdateExpression: string, values: object = {}, more: object = {}) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression,
          ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: { ...values } }),
          ReturnValues: 'ALL_NEW',
          ...more,
        }),
      );
    await update('SET amount = :t, tags = :l', { ':t': { N: '5' }, ':l': { L: [{ S: 'a' }] } });
    const { Attributes } = await update('SET amount = amount + :one, tags = list_append(tags, :l) ADD visits :one', {
      ':one': { N: '1' },
      ':l': { L: [{ S: 'b' }] },
    });
    expect(Attributes).toEqual({
      ...Key,
      amount: { N: '6' },
      tags: { L: [{ S: 'a' }, { S: 'b' }] },
      visits: { N: '1' },
    });
    const failing = update(
      'SET amount = :t',
      { ':t': { N: '9' }, ':most': { N: '5' } },
      {
        ConditionExpression: 'amount < :most',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    );
    await expect(failing).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { amount: { N: '6' } },
    });
    await expect(update('SET amount == :t', { ':t': { N: '1' } })).rejects.toThrow(
      'Invalid UpdateExpression: Syntax error; ',
    );
    await expect(update('SET customer = :t', { ':t': { S: 'x' } })).rejects.toThrow(
      'This attribute is part of the key',
    );
    const old = await client.send(new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }));
    expect(old.Attributes?.['amount']).toEqual({ N: '6' });
  });

  test('are queried in the order of their numbers, page by page, from both ends', async () => {
    const TableName = await orders();
    for (const number of [10, 9, -3, 100, 2.5]) await put(TableName, order('ann', number));
    await put(TableName, order('bob', 1));
    const query = (more: object = {}) =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'customer = :c',
          ExpressionAttributeValues: { ':c': { S: 'ann' } },
          ...more,
        }),
      );
    expect(numbers((await query()).Items as never)).toEqual([-3, 2.5, 9, 10, 100]);
    const first = await query({ Limit: 2, ScanIndexForward: false });
    expect([numbers(first.Items as never), first.LastEvaluatedKey]).toEqual([
      [100, 10],
      { customer: { S: 'ann' }, number: { N: '10' } },
    ]);
    const ExclusiveStartKey = first.LastEvaluatedKey;
    const rest = await query({ ScanIndexForward: false, ExclusiveStartKey });
    expect(numbers(rest.Items as never)).toEqual([9, 2.5, -3]);
    const between = await query({
      KeyConditionExpression: 'customer = :c and #n between :a and :b',
      FilterExpression: 'attribute_exists(#s) and #n <> :nine',
      ExpressionAttributeNames: { '#n': 'number', '#s': 'state' },
      ExpressionAttributeValues: { ':c': { S: 'ann' }, ':a': { N: '2' }, ':b': { N: '10' }, ':nine': { N: '9' } },
    }).catch((error: Error) => error.message);
    expect(between).toContain('Filter Expression can only contain non-primary key attributes');
    const count = await query({ Select: 'COUNT' });
    expect([count.Count, count.Items]).toEqual([5, undefined]);
  });

  test('are in indexes with what those project, and leave them', async () => {
    const TableName = await orders();
    await put(TableName, order('ann', 1, 'new', { city: { S: 'Ulm' } }));
    await put(TableName, order('bob', 2, 'new'));
    const byState = (state: string) =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName: 'by-state',
          KeyConditionExpression: '#s = :s',
          ExpressionAttributeNames: { '#s': 'state' },
          ExpressionAttributeValues: { ':s': { S: state } },
        }),
      );
    expect((await byState('new')).Items).toEqual([order('ann', 1), order('bob', 2)]);
    await put(TableName, order('ann', 1, 'sent'));
    expect(numbers((await byState('new')).Items as never)).toEqual([2]);
    expect(numbers((await byState('sent')).Items as never)).toEqual([1]);
  });

  test('are scanned whole, by segments, and in batches', async () => {
    const TableName = await orders();
    const items = Array.from({ length: 60 }, (_, index) => order(`c${index}`, index));
    for (let start = 0; start < items.length; start += 25) {
      const requests = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
    const whole = await client.send(new ScanCommand({ TableName }));
    await expect(client.send(new ScanCommand({ TableName, Segment: 0 }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(numbers(whole.Items as never).sort((a, b) => a - b)).toEqual(items.map((_, index) => index));
    const parts = await Promise.all(
      [0, 1, 2].map((Segment) => client.send(new ScanCommand({ TableName, Segment, TotalSegments: 3 }))),
    );
    expect(parts.flatMap(({ Items }) => numbers(Items as never)).sort((a, b) => a - b)).toHaveLength(60);
    const Keys = [1, 2].map((index) => ({ customer: { S: `c${index}` }, number: { N: String(index) } }));
    const found = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect(numbers(found.Responses?.[TableName] as never).sort()).toEqual([1, 2]);
    const twice = [{ DeleteRequest: { Key: Keys[0] } }, { DeleteRequest: { Key: Keys[0] } }];
    await expect(client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: twice } }))).rejects.toThrow(
      'Provided list of item keys contains duplicates',
    );
  });
});

describe('a transaction', () => {
  test('happens as a whole or not at all', async () => {
    const TableName = await orders();
    const Key = (number: number) => ({ customer: { S: 'ann' }, number: { N: String(number) } });
    await put(TableName, order('ann', 1, 'new', { amount: { N: '5' } }));
    const spend = (most: string, more: object = {}) =>
      client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: order('ann', 2) } },
            {
              Update: {
                TableName,
                Key: Key(1),
                UpdateExpression: 'SET amount = amount - :one',
                ConditionExpression: 'amount <= :most',
                ExpressionAttributeValues: { ':one': { N: '1' }, ':most': { N: most } },
                ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
              },
            },
            { ConditionCheck: { TableName, Key: Key(3), ConditionExpression: 'attribute_not_exists(customer)' } },
          ],
          ...more,
        }),
      );
    await expect(spend('4')).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None]',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { amount: { N: '5' } } },
        { Code: 'None' },
      ],
    });
    expect((await client.send(new GetItemCommand({ TableName, Key: Key(2) }))).Item).toBeUndefined();
    await spend('5', { ClientRequestToken: 'once' });
    // the same request again changes nothing
    await spend('5', { ClientRequestToken: 'once' });
    await expect(spend('6', { ClientRequestToken: 'once' })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
    const gets = [1, 2, 3].map((number) => ({ Get: { TableName, Key: Key(number) } }));
    const { Responses } = await client.send(new TransactGetItemsCommand({ TransactItems: gets }));
    expect(Responses?.map(({ Item }) => Item?.['amount']?.N ?? Item?.['state']?.S)).toEqual(['4', 'new', undefined]);
    const twice = [{ Delete: { TableName, Key: Key(1) } }, { Put: { TableName, Item: order('ann', 1) } }];
    await expect(client.send(new TransactWriteItemsCommand({ TransactItems: twice }))).rejects.toThrow(
      'Transaction request cannot include multiple operations on one item',
    );
  });
});

describe('a stream', () => {
  const records = async (StreamArn: string | undefined, from: object = { ShardIteratorType: 'TRIM_HORIZON' }) => {
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
    const ask = new GetShardIteratorCommand({ StreamArn, ShardId, ...(from as { ShardIteratorType: 'LATEST' }) });
    return streams.send(new GetRecordsCommand({ ShardIterator: (await streams.send(ask)).ShardIterator }));
  };

  test('has every change in order, with the images that it was asked for', async () => {
    const TableName = await orders({
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    const { Streams = [] } = await streams.send(new ListStreamsCommand({ TableName }));
    const StreamArn = Streams[0]?.StreamArn;
    await put(TableName, order('ann', 1));
    await put(TableName, order('ann', 1, 'sent'));
    // no change, no record
    await put(TableName, order('ann', 1, 'sent'));
    const Key = { customer: { S: 'ann' }, number: { N: '1' } };
    await client.send(new DeleteItemCommand({ TableName, Key }));
    const { Records = [] } = await records(StreamArn);
    expect(
      Records.map(({ eventName, dynamodb }) => [
        eventName,
        dynamodb?.OldImage?.['state']?.S,
        dynamodb?.NewImage?.['state']?.S,
      ]),
    ).toEqual([
      ['INSERT', undefined, 'new'],
      ['MODIFY', 'new', 'sent'],
      ['REMOVE', 'sent', undefined],
    ]);
    expect(Records[0]).toMatchObject({
      eventSource: 'aws:dynamodb',
      eventVersion: '1.1',
      awsRegion: 'us-east-1',
      dynamodb: { Keys: Key, StreamViewType: 'NEW_AND_OLD_IMAGES', SizeBytes: expect.any(Number) },
    });
    const SequenceNumber = Records[0]?.dynamodb?.SequenceNumber;
    const later = await records(StreamArn, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
    expect(later.Records).toEqual(Records.slice(1));
    expect((await records(StreamArn, { ShardIteratorType: 'LATEST' })).Records).toEqual([]);
    await client.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
    await put(TableName, order('ann', 2));
    const closed = await records(StreamArn);
    expect([closed.Records?.length, closed.NextShardIterator]).toEqual([3, undefined]);
  });

  test('that does not exist is refused', async () => {
    const StreamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2024-11-18T14:36:44.149';
    await expect(streams.send(new DescribeStreamCommand({ StreamArn }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Stream: ${StreamArn} not found`,
    });
  });

  test('says which items expired', async () => {
    const TableName = await orders({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } });
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const end = Math.floor(clock.now() / 1000) + 3600;
    await put(TableName, order('ann', 1, 'new', { end: { N: String(end) } }));
    await put(TableName, order('ann', 2, 'new', { end: { N: String(end + 86_400) } }));
    const TimeToLiveSpecification = { AttributeName: 'end', Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    await put(TableName, order('ann', 3, 'new', { end: { N: String(end - 60) } }));
    await clock.advance(3_601_000);
    const left = await client.send(new ScanCommand({ TableName }));
    expect(numbers(left.Items as never)).toEqual([2]);
    const { Records = [] } = await records(Table?.LatestStreamArn);
    expect(
      Records.filter(({ eventName }) => eventName === 'REMOVE').map(({ dynamodb, userIdentity }) => [
        dynamodb?.Keys?.['number']?.N,
        userIdentity,
      ]),
    ).toEqual(['3', '1'].map((number) => [number, { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' }]));
  });
});

test('tables and items outlast a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fx-dynamodb-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await startTestAws({ folder });
  const cloud = await first.cloud();
  const TableName = 'kept';
  await cloud.call('dynamodb', 'CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
  await cloud.call('dynamodb', 'PutItem', { TableName, Item: { id: { S: 'a' }, b: { B: new Uint8Array([1]) } } });
  await first.stop();
  const second = await startTestAws({ folder });
  onTestFinished(() => second.stop());
  const { Items } = await (await second.cloud()).call('dynamodb', 'Scan', { TableName });
  expect(Items).toEqual([{ id: { S: 'a' }, b: { B: Buffer.from([1]) } }]);
});

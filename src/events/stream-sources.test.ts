// Streams as event sources: what users may write, what is refused before a deploy, and what turns a stream on.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const tables =
  'resources:\n  Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}]}}\n' +
  '  Carts: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}], StreamSpecification: {StreamViewType: KEYS_ONLY}}}\n' +
  '  Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}\n  Jobs: {Type: AWS::SQS::Queue}\n';
const project = (...events: string[]) =>
  `name: s\nregion: eu-west-1\nfunctions:\n  a:\n    handler: a.handler\n    events:\n${events.map((event) => `      - ${event}\n`).join('')}${tables}`;

async function problems(...events: string[]): Promise<readonly string[]> {
  try {
    await projectOf(project(...events));
    return [];
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

describe('is refused', () => {
  test.each([
    ['dynamodb: Ordrs', 'there is no table "Ordrs" under resources'],
    ['dynamodb: Jobs', '"Jobs" is AWS::SQS::Queue, not AWS::DynamoDB::Table'],
    ['dynamodb: {view: KEYS_ONLY}', 'write either `table` or `stream`'],
    ['dynamodb: {table: Carts, view: NEW_IMAGE}', 'the stream of "Carts" has KEYS_ONLY, so view cannot be NEW_IMAGE'],
    [
      'dynamodb: "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000"',
      'the stream is in us-east-1, but the function is in eu-west-1: Lambda reads only streams of its region',
    ],
    [
      'dynamodb: {table: Orders, filters: [{body: {a: [1]}}]}',
      'no record has "body", so the filter {"body":{"a":[1]}} would drop all of them',
    ],
    ['dynamodb: {table: Orders, maximumRecordAge: 10s}', 'expected a time from 1m to 7d, found "10s"'],
    ['dynamodb: {table: Orders, maximumConcurrency: 5}', 'unknown key "maximumConcurrency"'],
    [
      'dynamodb: {table: Orders, onFailure: Clicks}',
      '"Clicks" is AWS::Kinesis::Stream; a failed batch goes to a queue, a topic or a bucket',
    ],
    ['dynamodb: {table: Orders, onFailure: Jbs}', 'there is no queue, topic or bucket "Jbs" under resources'],
    [
      'dynamodb: {table: Orders, tumblingWindow: 30, parallelization: 2}',
      'tumblingWindow and parallelization exclude each other',
    ],
    ['kinesis: Orders', '"Orders" is AWS::DynamoDB::Table, not AWS::Kinesis::Stream'],
    [
      'kinesis: {stream: Clicks, startingPosition: AT_TIMESTAMP}',
      'startingPosition: AT_TIMESTAMP and startingTimestamp need each other',
    ],
    [
      'kinesis: arn:aws:kinesis:eu-west-1:1:stream/a',
      '"arn:aws:kinesis:eu-west-1:1:stream/a" is not the ARN of a stream',
    ],
  ])('%s', async (event, message) => {
    expect(await problems(event)).toEqual([message]);
  });

  test('a stream that one function reads twice', async () => {
    expect(await problems('dynamodb: Orders', 'dynamodb: {table: Orders}')).toEqual(['"a" reads this stream twice']);
    expect(await problems('kinesis: Clicks', 'kinesis: {stream: Clicks, consumer: true}')).toEqual([
      '"a" reads this stream twice',
    ]);
  });
});

test('a batch that always fails is warned of, unless its retries end', async () => {
  const warnings = async (event: string) => (await projectOf(project(event))).warnings.map(({ message }) => message);
  expect(await warnings('dynamodb: Orders')).toEqual(['a batch that always fails stops its shard for 24 hours']);
  expect(await warnings('dynamodb: {table: Orders, maximumRetryAttempts: 2}')).toEqual([]);
  expect(await warnings('kinesis: {stream: Clicks, maximumRecordAge: 1h}')).toEqual([]);
});

test('the stream of a table is turned on, and one that is there stays as it is', async () => {
  const { template } = await compiled(project('dynamodb: {table: Orders, view: NEW_IMAGE}', 'dynamodb: Carts'));
  const streamOf = (id: string) => template.Resources[id]?.Properties?.['StreamSpecification'];
  expect([streamOf('Orders'), streamOf('Carts')]).toEqual([
    { StreamViewType: 'NEW_IMAGE' },
    { StreamViewType: 'KEYS_ONLY' },
  ]);
});

// Short links in a table: what they lead to, how often they were followed, and until when they are kept.
import { randomInt } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient();
const TableName = process.env['LINKS'];
const keptSeconds = 365 * 86_400;
/** Without those that look alike. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const codeLength = 6;

export interface Link {
  readonly url: string;
  readonly visits: number;
}

/** The code of a new link. */
export async function keep(url: string): Promise<string> {
  for (;;) {
    const code = Array.from({ length: codeLength }, () => letters[randomInt(letters.length)]).join('');
    const expires = Math.floor(Date.now() / 1000) + keptSeconds;
    const Item = { code: { S: code }, url: { S: url }, visits: { N: '0' }, expires: { N: String(expires) } };
    const taken = await unlessMissed(
      client.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(code)' })),
    );
    if (taken !== undefined) return code;
  }
}

/** Where a link leads, which counts as a visit. */
export async function visit(code: string): Promise<string | undefined> {
  const updated = await unlessMissed(
    client.send(
      new UpdateItemCommand({
        TableName,
        Key: { code: { S: code } },
        // DynamoDB deletes what has expired within some days
        ConditionExpression: 'expires > :now',
        UpdateExpression: 'ADD visits :one',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':now': { N: String(Math.floor(Date.now() / 1000)) } },
        ReturnValues: 'ALL_NEW',
      }),
    ),
  );
  return updated?.Attributes?.['url']?.S;
}

export async function find(code: string): Promise<Link | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: { code: { S: code } } }));
  return Item === undefined ? undefined : { url: Item['url']?.S ?? '', visits: Number(Item['visits']?.N) };
}

/** Undefined if the condition does not hold. */
async function unlessMissed<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

import { randomUUID } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient();

interface Sale {
  readonly item: string;
  readonly cents: number;
  /** Such as 2027-01-31; default: today. */
  readonly day?: string;
}

export const handler = async ({ item, cents, day = new Date().toISOString().slice(0, 10) }: Sale) => {
  const Item = { day: { S: day }, id: { S: randomUUID() }, item: { S: item }, cents: { N: String(cents) } };
  await client.send(new PutItemCommand({ TableName: process.env['SALES'], Item }));
  return { day };
};

// Writes an order: {"id": "17", "customer": "ann", "cents": 1250}.
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient();

export const handler = async ({ id, customer, cents }: { id: string; customer: string; cents: number }) => {
  await client.send(
    new PutItemCommand({
      TableName: process.env['TABLE'],
      Item: { id: { S: id }, customer: { S: customer }, cents: { N: String(cents) } },
    }),
  );
  return { id };
};

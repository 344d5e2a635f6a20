import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';

const client = new DynamoDBClient();

export const handler: APIGatewayProxyHandlerV2 = async ({ body, pathParameters }) => {
  const customer = pathParameters?.customer;
  if (customer !== undefined) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: process.env.TOTALS, Key: { customer: { S: customer } } }),
    );
    return { customer, cents: Number(Item?.cents?.N ?? 0) };
  }
  const order = JSON.parse(body ?? '{}') as { customer?: string; cents?: number };
  if (typeof order.customer !== 'string' || typeof order.cents !== 'number') {
    return { statusCode: 400, body: JSON.stringify({ error: 'an order has a customer and cents' }) };
  }
  const id = randomUUID();
  const Item = { id: { S: id }, customer: { S: order.customer }, cents: { N: String(order.cents) } };
  await client.send(new PutItemCommand({ TableName: process.env.ORDERS, Item }));
  return { statusCode: 201, body: JSON.stringify({ id }) };
};

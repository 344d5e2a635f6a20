import { randomUUID } from 'node:crypto';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import type { Order } from './order.ts';

const client = new EventBridgeClient();

export const handler: APIGatewayProxyHandlerV2 = async ({ body }) => {
  const { total } = JSON.parse(body ?? '{}') as { total?: number };
  if (typeof total !== 'number') return { statusCode: 400, body: JSON.stringify({ error: 'an order has a total' }) };
  const order: Order = { id: randomUUID(), total };
  const event = { Source: 'shop', DetailType: 'OrderPlaced', Detail: JSON.stringify(order) };
  const { Entries = [] } = await client.send(
    new PutEventsCommand({ Entries: [{ ...event, EventBusName: process.env.BUS }] }),
  );
  // PutEvents succeeds even if an entry did not
  const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
  if (refused !== undefined) throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage}`);
  return { statusCode: 202, body: JSON.stringify(order) };
};

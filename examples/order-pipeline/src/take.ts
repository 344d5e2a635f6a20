import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Order } from './order.ts';

const client = new SQSClient();

export const handler = async ({ body = '{}' }: { readonly body?: string }) => {
  const { customer, lines } = JSON.parse(body) as Partial<Order>;
  if (customer === undefined || !Array.isArray(lines)) {
    return { statusCode: 400, body: JSON.stringify({ error: 'an order has a customer and lines' }) };
  }
  const order: Order = { id: randomUUID(), customer, lines };
  await client.send(new SendMessageCommand({ QueueUrl: process.env['ORDERS'], MessageBody: JSON.stringify(order) }));
  return { statusCode: 202, body: JSON.stringify({ id: order.id }) };
};

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Order, totalOf } from './order.ts';
import { type Batch, forEach } from './queue.ts';

const client = new SQSClient();

export const handler = (batch: Batch) =>
  forEach<Order>(batch, async (order) => {
    const total = totalOf(order);
    console.log(`${order.customer} pays ${(total / 100).toFixed(2)}`);
    // an order that comes twice is one parcel: the queue drops the same message for five minutes
    const MessageBody = JSON.stringify(order);
    const MessageGroupId = order.customer;
    await client.send(new SendMessageCommand({ QueueUrl: process.env['PARCELS'], MessageBody, MessageGroupId }));
  });

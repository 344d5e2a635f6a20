import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import type { Mail } from '../../../shared/mail.ts';

const client = new SQSClient();

export const handler: APIGatewayProxyHandlerV2 = async ({ body }) => {
  const { email, item } = JSON.parse(body ?? '{}') as { email?: string; item?: string };
  if (email === undefined || item === undefined) {
    return { statusCode: 400, body: JSON.stringify({ error: 'an order has an email and an item' }) };
  }
  const mail: Mail = { to: email, subject: `You ordered ${item}` };
  await client.send(new SendMessageCommand({ QueueUrl: process.env.MAILS, MessageBody: JSON.stringify(mail) }));
  return { statusCode: 202, body: JSON.stringify({ item }) };
};

// Takes webhooks that are signed as GitHub signs them: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
import { createHmac, timingSafeEqual } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

interface Request {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  /** Their names are in small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const client = new SQSClient();

export const handler = async ({ body = '', isBase64Encoded = false, headers }: Request) => {
  // the signature is of the bytes, as they were sent
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (!isSigned(bytes, headers['x-hub-signature-256'] ?? '')) return { statusCode: 401, body: 'wrong signature' };
  const delivery = { id: headers['x-github-delivery'], event: headers['x-github-event'], payload: bytes.toString() };
  if (delivery.id === undefined) return { statusCode: 400, body: 'x-github-delivery is missing' };
  await client.send(
    new SendMessageCommand({ QueueUrl: process.env['DELIVERIES'], MessageBody: JSON.stringify(delivery) }),
  );
  return { statusCode: 202 };
};

function isSigned(bytes: Buffer, signature: string): boolean {
  const right = Buffer.from(
    `sha256=${createHmac('sha256', process.env['SECRET'] ?? '')
      .update(bytes)
      .digest('hex')}`,
  );
  const given = Buffer.from(signature);
  // in a time that tells nothing about the right one
  return given.length === right.length && timingSafeEqual(given, right);
}

// Welcomes a new customer: the mail is a job for the mailer.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const sqs = new SQSClient();

export async function handler({ email }: { readonly email: string }) {
  const QueueUrl = process.env['EMAILS_QUEUE_URL'];
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ to: email, kind: 'welcome' }) }));
  return { queued: true, version: process.env['VERSION'] };
}

import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseMail } from '../../../shared/mail.ts';

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const { messageId, body } of Records) {
    try {
      const { to, subject } = parseMail(body);
      console.log(`mail to ${to}: ${subject}`);
    } catch (error) {
      console.error(`message ${messageId} failed`, error);
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

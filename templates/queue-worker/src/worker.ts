import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

interface Job {
  readonly kind: string;
}

/** Works on a batch of messages, and says which of them failed. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const { messageId, body } of Records) {
    try {
      await work(JSON.parse(body) as Job);
    } catch (error) {
      console.error(`message ${messageId} failed`, error);
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

async function work({ kind }: Job): Promise<void> {
  if (kind === undefined) throw new Error('a job has a kind');
  console.log(`did a job of kind ${kind}`);
}

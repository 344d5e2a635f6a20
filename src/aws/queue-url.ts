// The URL of a queue, which most calls of SQS take.
import type { SQSClient } from '@aws-sdk/client-sqs';

interface Sqs {
  readonly sdk: typeof import('./clients/sqs.ts');
  readonly client: SQSClient;
}

/** `queue`: its URL, or its ARN: then SQS is asked. */
export async function queueUrl(queue: string, load: () => Promise<Sqs>): Promise<string> {
  if (!queue.startsWith('arn:')) return queue;
  const { sdk, client } = await load();
  const [, , , , account = '', QueueName = ''] = queue.split(':');
  const input = { QueueName, QueueOwnerAWSAccountId: account };
  return (await client.send(new sdk.GetQueueUrlCommand(input))).QueueUrl ?? '';
}

// For the tests of EventBridge: queues that rules may send to.
import type { Message } from '@aws-sdk/client-sqs';
import type { Cloud } from '../cloud.ts';

export const arnOf = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;

/** Makes a queue to which all rules may send. */
export async function openQueue(cloud: Cloud, QueueName: string, attributes: Record<string, string> = {}) {
  const Policy = JSON.stringify({
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
    },
  });
  const Attributes = { Policy, ...attributes };
  const { QueueUrl } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes });
  /** The messages that have arrived; waits until there are as many as that. */
  const messages = async (least = 1): Promise<Message[]> => {
    const all: Message[] = [];
    while (all.length < least) {
      const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', {
        ...{ QueueUrl, WaitTimeSeconds: 10, MaxNumberOfMessages: 10 },
        ...{ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] },
      });
      for (const { ReceiptHandle } of Messages) await cloud.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
      all.push(...Messages);
    }
    return all;
  };
  return {
    arn: arnOf('sqs', QueueName),
    messages,
    async bodies(least?: number): Promise<string[]> {
      return (await messages(least)).map(({ Body = '' }) => Body);
    },
  };
}

export const event = (source: string, detail: object = { kind: 'order' }) => ({
  Source: source,
  DetailType: 'Placed',
  Detail: JSON.stringify(detail),
});

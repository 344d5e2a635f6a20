// For tests: a local SNS for the tests of one file, with queues that its topics may send to.
import { afterAll } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';

/** Ends after the last test of the file. */
export async function startTestSns() {
  const aws = await startTestAws();
  afterAll(() => aws.stop());
  const cloud = await aws.cloud();
  const call = <O extends OperationName<'sns'>>(operation: O, input: Input<'sns', O>) =>
    cloud.call('sns', operation, input);
  const sqs = <O extends OperationName<'sqs'>>(operation: O, input: Input<'sqs', O>) =>
    cloud.call('sqs', operation, input);
  let created = 0;
  return {
    aws,
    cloud,
    call,
    /** The ARN of a new topic. */
    topic: async (Attributes: Record<string, string> = {}): Promise<string> => {
      const Name = `topic-${created++}${Attributes['FifoTopic'] ? '.fifo' : ''}`;
      return (await call('CreateTopic', { Name, Attributes })).TopicArn ?? '';
    },
    /** A new queue, to which topics may send unless `isOpen` is false. */
    queue: async (Attributes: Record<string, string> = {}, isOpen = true) => {
      const QueueName = `queue-${created++}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
      const arn = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
      const Statement = [
        { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn },
      ];
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: isOpen ? Statement : [] });
      const { QueueUrl } = await sqs('CreateQueue', { QueueName, Attributes: { ...Attributes, Policy } });
      return { arn, url: QueueUrl ?? '' };
    },
    /** The next messages of a queue, as soon as there are any; none after `WaitTimeSeconds`. */
    receive: async (QueueUrl: string, WaitTimeSeconds = 10) => {
      const { Messages = [] } = await sqs('ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds,
        AttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      for (const { ReceiptHandle } of Messages) await sqs('DeleteMessage', { QueueUrl, ReceiptHandle });
      return Messages;
    },
  };
}

// For tests: a local SQS for the tests of one file, with short forms of its calls.
import { afterAll } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';

/** Ends after the last test of the file. */
export async function startTestSqs() {
  const aws = await startTestAws();
  afterAll(() => aws.stop());
  const cloud = await aws.cloud();
  const call = <O extends OperationName<'sqs'>>(operation: O, input: Input<'sqs', O>) =>
    cloud.call('sqs', operation, input);
  const receive = async (QueueUrl: string, more: object = {}) => {
    const { Messages = [] } = await call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...more });
    return Messages;
  };
  let created = 0;
  return {
    aws,
    cloud,
    call,
    receive,
    /** The URL of a new queue. */
    queue: async (Attributes: Record<string, string> = {}): Promise<string> => {
      const QueueName = `queue-${created++}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
      return (await call('CreateQueue', { QueueName, Attributes })).QueueUrl ?? '';
    },
    send: (QueueUrl: string, MessageBody: string, more: object = {}) =>
      call('SendMessage', { QueueUrl, MessageBody, ...more }),
    /** The bodies of the messages that can be received now. */
    bodies: async (QueueUrl: string, more: object = {}) => (await receive(QueueUrl, more)).map(({ Body }) => Body),
    arnOf: async (QueueUrl: string): Promise<string> => {
      const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
      return Attributes?.QueueArn ?? '';
    },
  };
}

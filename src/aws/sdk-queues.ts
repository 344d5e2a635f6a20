// Queues and their dead letters through the SDK.
import type { MessageMove, QueueState, Queues } from './aws.ts';
import { queueUrl } from './queue-url.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

const mostMessages = 10;
const described = ['QueueArn', 'ApproximateNumberOfMessages', 'RedrivePolicy', 'VisibilityTimeout'] as const;

export function sdkQueues(config: Config, ask: Ask): Queues {
  const load = once(async () => {
    const sdk = await import('./clients/sqs.ts');
    return { sdk, client: new sdk.SQSClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    describe: (queue) =>
      ask<QueueState | undefined>(
        'sqs:GetQueueAttributes',
        async () => {
          const { sdk, client } = await load();
          const url = await queueUrl(queue, load);
          const { Attributes = {} } = await client.send(
            new sdk.GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...described] }),
          );
          const policy = JSON.parse(Attributes['RedrivePolicy'] ?? '{}') as { readonly deadLetterTargetArn?: string };
          return {
            url,
            arn: Attributes['QueueArn'] ?? '',
            messages: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
            visibilityTimeout: Number(Attributes['VisibilityTimeout'] ?? 0),
            deadLetters: policy.deadLetterTargetArn,
          };
        },
        { QueueDoesNotExist: () => undefined, 'AWS.SimpleQueueService.NonExistentQueue': () => undefined },
      ),
    receive: (url, hideSeconds) =>
      ask('sqs:ReceiveMessage', async () => {
        const { sdk, client } = await load();
        const input = {
          QueueUrl: url,
          MaxNumberOfMessages: mostMessages,
          VisibilityTimeout: hideSeconds,
          WaitTimeSeconds: 1,
        };
        const { Messages = [] } = await client.send(new sdk.ReceiveMessageCommand(input));
        return Messages.map(({ Body: body = '', ReceiptHandle: receipt = '' }) => ({ body, receipt }));
      }),
    delete: (url, receipts) =>
      ask('sqs:DeleteMessage', async () => {
        const { sdk, client } = await load();
        const Entries = receipts.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        await client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      }),
    startMove: (SourceArn, perSecond) =>
      ask('sqs:StartMessageMoveTask', async () => {
        const { sdk, client } = await load();
        const rate = perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: perSecond };
        await client.send(new sdk.StartMessageMoveTaskCommand({ SourceArn, ...rate }));
      }),
    move: (SourceArn) =>
      ask<MessageMove | undefined>('sqs:ListMessageMoveTasks', async () => {
        const { sdk, client } = await load();
        const { Results = [] } = await client.send(new sdk.ListMessageMoveTasksCommand({ SourceArn }));
        const [newest] = Results;
        if (newest === undefined) return undefined;
        const { Status, ApproximateNumberOfMessagesMoved: moved = 0, FailureReason: failure } = newest;
        const status = Status === 'RUNNING' ? 'running' : Status === 'COMPLETED' ? 'done' : 'failed';
        return { status, moved, failure };
      }),
  };
}

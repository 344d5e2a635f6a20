// SQS's operations on messages: send (see sending.ts), receive, delete, and change visibility.
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { redrivePolicy } from './attributes.ts';
import { runBatch } from './batch.ts';
import { describeMessage, invalid, isInFlight, type StoredMessage } from './message.ts';
import { isFifoQueue, noSuchQueue, type Queue, type Queues } from './queues.ts';
import { checkFifoIds, checkSender, notForThisType, requestedSize, send } from './sending.ts';

const batchBytes = 1_048_576;

export function deliveryOperations(queues: Queues, stopping: AbortSignal): Operations<'sqs'> {
  const { onQueue } = queues;
  return {
    SendMessage: {
      members: [
        'QueueUrl',
        'MessageBody',
        'DelaySeconds',
        'MessageAttributes',
        'MessageSystemAttributes',
        'MessageDeduplicationId',
        'MessageGroupId',
      ],
      authorize: onQueue,
      run(input, { principal, traceHeader }) {
        const queue = queues.byUrl(input.QueueUrl);
        checkSender(queues, queue, principal);
        return send(queues, queue, input, { traceHeader });
      },
    },
    SendMessageBatch: {
      members: ['QueueUrl', 'Entries'],
      authorize: { ...onQueue, action: 'sqs:SendMessage' },
      run(input, { principal, traceHeader }) {
        const queue = queues.byUrl(input.QueueUrl);
        checkSender(queues, queue, principal);
        const size = (input.Entries ?? []).reduce((sum, entry) => sum + requestedSize(entry), 0);
        if (size > batchBytes) {
          throw new AwsError(
            'BatchRequestTooLong',
            `Batch requests cannot be longer than ${batchBytes} bytes. You have sent ${size} bytes.`,
          );
        }
        if (isFifoQueue(queue)) for (const entry of input.Entries ?? []) checkFifoIds(queue, entry);
        return runBatch('SendMessageBatch', input.Entries, (entry) =>
          send(queues, queue, entry, { traceHeader, problem: 'cannot be validated' }),
        );
      },
    },
    ReceiveMessage: {
      members: [
        'QueueUrl',
        'AttributeNames',
        'MessageSystemAttributeNames',
        'MessageAttributeNames',
        'MaxNumberOfMessages',
        'VisibilityTimeout',
        'WaitTimeSeconds',
        'ReceiveRequestAttemptId',
      ],
      authorize: onQueue,
      run: (input, { signal }) => receive(queues, input, AbortSignal.any([signal, stopping])),
    },
    DeleteMessage: {
      members: ['QueueUrl', 'ReceiptHandle'],
      authorize: onQueue,
      run(input) {
        remove(queues, queues.byUrl(input.QueueUrl), input.ReceiptHandle);
        return {};
      },
    },
    DeleteMessageBatch: {
      members: ['QueueUrl', 'Entries'],
      authorize: { ...onQueue, action: 'sqs:DeleteMessage' },
      run(input) {
        const queue = queues.byUrl(input.QueueUrl);
        return runBatch('DeleteMessageBatch', input.Entries, ({ ReceiptHandle }) =>
          remove(queues, queue, ReceiptHandle),
        );
      },
    },
    ChangeMessageVisibility: {
      members: ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'],
      authorize: onQueue,
      run(input) {
        changeVisibility(queues, queues.byUrl(input.QueueUrl), input);
        return {};
      },
    },
    ChangeMessageVisibilityBatch: {
      members: ['QueueUrl', 'Entries'],
      authorize: { ...onQueue, action: 'sqs:ChangeMessageVisibility' },
      run(input) {
        const queue = queues.byUrl(input.QueueUrl);
        return runBatch('ChangeMessageVisibilityBatch', input.Entries, (entry) =>
          changeVisibility(queues, queue, entry),
        );
      },
    },
  };
}

async function receive(queues: Queues, input: Input<'sqs', 'ReceiveMessage'>, signal: AbortSignal) {
  const { name } = checkReceive(queues, input);
  const attemptId = input.ReceiveRequestAttemptId;
  const limit = inRange(
    'MaxNumberOfMessages',
    input.MaxNumberOfMessages ?? 1,
    1,
    10,
    'Must be between 1 and 10, if provided.',
  );
  const wait = input.WaitTimeSeconds;
  if (wait !== undefined) inRange('WaitTimeSeconds', wait, 0, 20, 'Must be >= 0 and <= 20, if provided.');
  const visibility = input.VisibilityTimeout;
  if (visibility !== undefined) checkVisibility(visibility);
  let deadline: number | undefined;
  for (;;) {
    // look it up again: it may have been changed or deleted during the wait
    const queue = queues.records.get(name);
    if (queue === undefined) throw noSuchQueue();
    const { attributes } = queue;
    const seconds = wait ?? Number(attributes['ReceiveMessageWaitTimeSeconds']);
    deadline ??= queues.cloud.now() + seconds * 1000;
    const received = queues.messages(name).receive({
      limit,
      visibilityMs: (visibility ?? Number(attributes['VisibilityTimeout'])) * 1000,
      retentionMs: Number(attributes['MessageRetentionPeriod']) * 1000,
      redrive: redrive(queues, queue),
      attemptId,
    });
    const remainingMs = deadline - queues.cloud.now();
    if (received.length > 0 || remainingMs <= 0 || signal.aborted) return describeAll(received, input);
    await queues.messages(name).change(remainingMs, signal);
  }
}

const systemNames = new Set([
  'All',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
  'SqsManagedSseEnabled',
]);

function checkReceive(queues: Queues, input: Input<'sqs', 'ReceiveMessage'>): Queue {
  const queue = queues.byUrl(input.QueueUrl);
  const unknown = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])].find(
    (name) => !systemNames.has(name),
  );
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const { ReceiveRequestAttemptId: attempt } = input;
  if (attempt !== undefined && !isFifoQueue(queue)) throw notForThisType('ReceiveRequestAttemptId', attempt);
  return queue;
}

/** The account's user: every local message has it as its sender. */
const senderId = 'AIDALOCALUSER00000000';

function describeAll(messages: readonly StoredMessage[], input: Input<'sqs', 'ReceiveMessage'>) {
  if (messages.length === 0) return {};
  const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const names = { system, attributes: input.MessageAttributeNames ?? [] };
  return { Messages: messages.map((message) => describeMessage(message, senderId, names)) };
}

function redrive(queues: Queues, queue: Queue) {
  const policy = redrivePolicy(queue.attributes);
  const target = policy === undefined ? undefined : queues.byArn(policy.deadLetterTargetArn);
  // if its dead-letter queue is gone, a queue keeps delivering
  if (policy === undefined || target === undefined) return undefined;
  const source = queues.arn(queue.name);
  return {
    maxReceiveCount: policy.maxReceiveCount,
    take: (message: StoredMessage) => queues.messages(target.name).moveIn(message, source),
  };
}

function inRange(name: string, value: number, min: number, max: number, reason: string): number {
  if (value >= min && value <= max) return value;
  throw invalid(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
}

function checkVisibility(seconds: number): void {
  inRange('VisibilityTimeout', seconds, 0, 43_200, 'VisibilityTimeout must be an integer between 0 and 43200.');
}

function byReceipt(queues: Queues, queue: Queue, receipt: string | undefined): StoredMessage | undefined {
  const message = queues.messages(queue.name).byReceipt(receipt ?? '');
  if (message === null) {
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    );
  }
  return message;
}

// Deleting with an older receipt succeeds without effect, as it may on AWS:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
function remove(queues: Queues, queue: Queue, receipt: string | undefined): object {
  const message = byReceipt(queues, queue, receipt);
  if (message === undefined) return {};
  if (isFifoQueue(queue) && !isInFlight(message, queues.cloud.now())) {
    throw invalid(`Value ${receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`);
  }
  queues.messages(queue.name).delete(message);
  return {};
}

function changeVisibility(
  queues: Queues,
  queue: Queue,
  input: { ReceiptHandle: string | undefined; VisibilityTimeout?: number | undefined },
): object {
  const seconds = input.VisibilityTimeout ?? 0;
  checkVisibility(seconds);
  const message = byReceipt(queues, queue, input.ReceiptHandle);
  // after its timeout, a message can be hidden again until another consumer receives it
  if (message === undefined || message.receiveCount === 0) {
    throw new AwsError(
      'MessageNotInflight',
      `Value ${input.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  queues.messages(queue.name).changeVisibility(message, seconds * 1000);
  return {};
}

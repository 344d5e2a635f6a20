// SQS's operations on messages: send, receive, delete, and change visibility.
import { AwsError, type Input, type Operations, type Principal } from '../cloud.ts';
import { allowsServiceCall, type ResourceStatement } from '../resource-policy.ts';
import { redrivePolicy } from './attributes.ts';
import { runBatch } from './batch.ts';
import {
  attributesMd5,
  checkBody,
  describeMessage,
  invalid,
  isInFlight,
  md5,
  readAttributes,
  type StoredMessage,
  sizeOf,
} from './message.ts';
import { contentDeduplicationId, type NewMessage } from './messages.ts';
import { isFifoQueue, noSuchQueue, type Queue, type Queues } from './queues.ts';

const batchBytes = 1_048_576;

type SendInput = Omit<Input<'sqs', 'SendMessage'>, 'QueueUrl'>;

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
      run(input, { principal }) {
        const queue = queues.byUrl(input.QueueUrl);
        checkSender(queues, queue, principal);
        return send(queues, queue, input);
      },
    },
    SendMessageBatch: {
      members: ['QueueUrl', 'Entries'],
      authorize: { ...onQueue, action: 'sqs:SendMessage' },
      run(input, { principal }) {
        const queue = queues.byUrl(input.QueueUrl);
        checkSender(queues, queue, principal);
        const size = (input.Entries ?? []).reduce(
          (sum, { MessageBody = '' }) => sum + Buffer.byteLength(MessageBody),
          0,
        );
        if (size > batchBytes) {
          throw new AwsError(
            'BatchRequestTooLong',
            `Batch requests cannot be longer than ${batchBytes} bytes. You have sent ${size} bytes.`,
          );
        }
        if (isFifoQueue(queue)) for (const entry of input.Entries ?? []) checkFifoIds(queue, entry);
        return runBatch(input.Entries, (entry) => send(queues, queue, entry, 'cannot be validated'));
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
        return runBatch(input.Entries, ({ ReceiptHandle }) => remove(queues, queue, ReceiptHandle));
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
        return runBatch(input.Entries, (entry) => changeVisibility(queues, queue, entry));
      },
    },
  };
}

function checkSender(queues: Queues, queue: Queue, principal: Principal): void {
  if (principal.kind !== 'service') return;
  const policy = JSON.parse(queue.attributes['Policy'] ?? '{}') as {
    Statement?: ResourceStatement | ResourceStatement[];
  };
  const resource = queues.arn(queue.name);
  const call = { principal, action: 'sqs:SendMessage', resource, accountId: queues.cloud.accountId };
  if (allowsServiceCall([policy.Statement ?? []].flat(), call)) return;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${principal.service} is not authorized to perform: sqs:sendmessage on resource: ${resource} because no resource-based policy allows the sqs:sendmessage action`,
    403,
  );
}

function send(queues: Queues, queue: Queue, input: SendInput, problem = 'are invalid') {
  const message = readMessage(queue, input);
  const limit = Number(queue.attributes['MaximumMessageSize']);
  if (sizeOf(message) > limit) {
    throw invalid(`One or more parameters ${problem}. Reason: Message must be shorter than ${limit} bytes.`);
  }
  const scope = queue.attributes['DeduplicationScope'] === 'messageGroup' ? 'messageGroup' : 'queue';
  const stored = queues.messages(queue.name).send(message, isFifoQueue(queue), scope);
  const digest = attributesMd5(message.attributes);
  const systemDigest =
    message.traceHeader === undefined
      ? undefined
      : attributesMd5({ AWSTraceHeader: { dataType: 'String', text: message.traceHeader } });
  return {
    MD5OfMessageBody: md5(message.body),
    ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
    ...(systemDigest === undefined ? {} : { MD5OfMessageSystemAttributes: systemDigest }),
    MessageId: stored.id,
    ...(stored.sequenceNumber === undefined ? {} : { SequenceNumber: stored.sequenceNumber }),
  };
}

function readMessage(queue: Queue, input: SendInput): NewMessage {
  const body = input.MessageBody ?? '';
  checkBody(body);
  const seconds = input.DelaySeconds;
  if (seconds !== undefined && !(seconds >= 0 && seconds <= 900)) {
    throw invalid(
      `Value ${seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  if (input.MessageGroupId !== undefined) checkId('MessageGroupId', input.MessageGroupId);
  const traceHeader = input.MessageSystemAttributes?.AWSTraceHeader?.StringValue;
  return {
    body,
    attributes: readAttributes(input.MessageAttributes),
    ...(traceHeader === undefined ? {} : { traceHeader }),
    ...(input.MessageGroupId === undefined ? {} : { groupId: input.MessageGroupId }),
    ...(isFifoQueue(queue) ? { deduplicationId: deduplicationId(queue, input, body) } : standardOnly(input)),
    delayMs: (seconds ?? Number(queue.attributes['DelaySeconds'])) * 1000,
  };
}

function notForThisType(parameter: string, value: unknown): AwsError {
  return invalid(
    `Value ${value} for parameter ${parameter} is invalid. Reason: The request include parameter that is not valid for this queue type.`,
  );
}

// Standard queues also accept a group id, for fair queues:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
function standardOnly({ MessageDeduplicationId }: SendInput): object {
  if (MessageDeduplicationId !== undefined) throw notForThisType('MessageDeduplicationId', MessageDeduplicationId);
  return {};
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_RequestParameters
function checkId(parameter: string, value: string): void {
  if (/^[a-zA-Z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/.test(value)) return;
  throw invalid(
    `Value ${value} for parameter ${parameter} is invalid. Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

// A batch with an entry that lacks an id fails as a whole.
function checkFifoIds({ attributes }: Queue, { MessageGroupId, MessageDeduplicationId }: Partial<SendInput>): void {
  if (MessageGroupId === undefined) throw invalid('The request must contain the parameter MessageGroupId.');
  if (MessageDeduplicationId === undefined && attributes['ContentBasedDeduplication'] !== 'true') {
    throw invalid(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

function deduplicationId(queue: Queue, input: SendInput, body: string): string {
  checkFifoIds(queue, input);
  const { MessageDeduplicationId, DelaySeconds } = input;
  if (MessageDeduplicationId !== undefined) checkId('MessageDeduplicationId', MessageDeduplicationId);
  if (DelaySeconds !== undefined && DelaySeconds > 0) throw notForThisType('DelaySeconds', DelaySeconds);
  return MessageDeduplicationId ?? contentDeduplicationId(body);
}

async function receive(queues: Queues, input: Input<'sqs', 'ReceiveMessage'>, signal: AbortSignal) {
  const { name } = queues.byUrl(input.QueueUrl);
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
    });
    const remainingMs = deadline - queues.cloud.now();
    if (received.length > 0 || remainingMs <= 0 || signal.aborted) return describeAll(received, input);
    await queues.messages(name).change(remainingMs, signal);
  }
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

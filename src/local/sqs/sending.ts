// Sends a message to an SQS queue: who may send, the form of the message, and the ids of FIFO queues.
import { AwsError, type Input, type Principal } from '../cloud.ts';
import { allowsServiceCall, type ResourceStatement } from '../resource-policy.ts';
import { attributesMd5, checkBody, invalid, md5, missing, readAttributes, sizeOf } from './message.ts';
import { contentDeduplicationId, type NewMessage } from './messages.ts';
import { isFifoQueue, type Queue, type Queues } from './queues.ts';

type SendInput = Omit<Input<'sqs', 'SendMessage'>, 'QueueUrl'>;

export function checkSender(queues: Queues, queue: Queue, principal: Principal): void {
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

interface Sending {
  /** The trace of the request, for messages that name none. */
  readonly traceHeader: string | undefined;
  readonly problem?: string;
}

export function send(
  queues: Queues,
  queue: Queue,
  input: SendInput,
  { traceHeader, problem = 'are invalid' }: Sending,
) {
  const message = readMessage(queue, input);
  const limit = Number(queue.attributes['MaximumMessageSize']);
  if (sizeOf(message) > limit) {
    throw invalid(`One or more parameters ${problem}. Reason: Message must be shorter than ${limit} bytes.`);
  }
  const scope = queue.attributes['DeduplicationScope'] === 'messageGroup' ? 'messageGroup' : 'queue';
  const traced = traceHeader === undefined ? message : { traceHeader, ...message };
  const stored = queues.messages(queue.name).send(traced, isFifoQueue(queue), scope);
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

/** The bytes of an entry of a batch, which may not be valid. */
export function requestedSize({ MessageBody = '', MessageAttributes = {} }: Partial<SendInput>): number {
  const sizes = Object.entries(MessageAttributes).map(
    ([name, { DataType = '', StringValue = '', BinaryValue = [] }]) =>
      Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + BinaryValue.length,
  );
  return sizes.reduce((sum, size) => sum + size, Buffer.byteLength(MessageBody));
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
    // messages of a FIFO queue have its delay, even if the request says 0 (recorded in July 2025)
    delayMs: ((isFifoQueue(queue) ? undefined : seconds) ?? Number(queue.attributes['DelaySeconds'])) * 1000,
  };
}

export function notForThisType(parameter: string, value: unknown): AwsError {
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
export function checkFifoIds(
  { attributes }: Queue,
  { MessageGroupId, MessageDeduplicationId }: Partial<SendInput>,
): void {
  if (MessageGroupId === undefined) throw invalid(missing('MessageGroupId').message);
  if (MessageDeduplicationId === undefined && attributes['ContentBasedDeduplication'] !== 'true') {
    throw invalid(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

function deduplicationId(queue: Queue, input: SendInput, body: string): string {
  // alone, but not in a batch, a message without a group gets the code of a missing parameter: https://github.com/aws/aws-sdk-js-v3/issues/5031
  if (input.MessageGroupId === undefined) throw missing('MessageGroupId');
  checkFifoIds(queue, input);
  const { MessageDeduplicationId, DelaySeconds } = input;
  if (MessageDeduplicationId !== undefined) checkId('MessageDeduplicationId', MessageDeduplicationId);
  if (DelaySeconds !== undefined && DelaySeconds > 0) throw notForThisType('DelaySeconds', DelaySeconds);
  return MessageDeduplicationId ?? contentDeduplicationId(body);
}

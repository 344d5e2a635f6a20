// An SQS message: its record, the digests that clients verify, and its form in ReceiveMessage.
import { createHash } from 'node:crypto';
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { AwsError } from '../cloud.ts';

export interface StoredAttribute {
  readonly dataType: string;
  readonly text?: string;
  /** Base64. */
  readonly bytes?: string;
}
export type StoredAttributes = Readonly<Record<string, StoredAttribute>>;

export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: StoredAttributes;
  readonly traceHeader?: string;
  readonly sentAt: number;
  /** The message cannot be received before this time. */
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt?: number;
  /** The receipt handle of the last receive. */
  readonly receipt?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  /** The ARN of the queue whose redrive policy moved it here. */
  readonly deadLetterSource?: string;
}

/** Whether it has been received and not returned, so that its visibility can be changed. */
export function isInFlight(message: StoredMessage, now: number): boolean {
  return message.receiveCount > 0 && message.visibleAt > now;
}

export function md5(data: string | Uint8Array): string {
  return createHash('md5').update(data).digest('hex');
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
export function attributesMd5(attributes: StoredAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const { dataType, text, bytes } = attributes[name] ?? { dataType: '' };
    const value = bytes === undefined ? Buffer.from(text ?? '') : Buffer.from(bytes, 'base64');
    return [
      ...prefixed(Buffer.from(name)),
      ...prefixed(Buffer.from(dataType)),
      Buffer.of(bytes === undefined ? 1 : 2),
      ...prefixed(value),
    ];
  });
  return md5(Buffer.concat(parts));
}

function prefixed(value: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return [length, value];
}

export function readAttributes(
  attributes: Readonly<Record<string, MessageAttributeValue>> | undefined,
): StoredAttributes {
  const entries = Object.entries(attributes ?? {});
  if (entries.length > 10) {
    throw invalid(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, readAttribute(name, value)]));
}

function readAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttributeValue): StoredAttribute {
  if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name)) {
    throw invalid(`Message attribute name '${name}' is invalid.`);
  }
  if (!DataType) throw invalid(`The message attribute '${name}' must contain non-empty message attribute type.`);
  const kind = DataType.split('.')[0];
  if (kind !== 'String' && kind !== 'Number' && kind !== 'Binary') {
    throw invalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const isEmpty = kind === 'Binary' ? !BinaryValue?.length : !StringValue;
  if (isEmpty) {
    throw invalid(`Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`);
  }
  if (kind === 'Number' && Number.isNaN(Number(StringValue))) {
    throw invalid(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return kind === 'Binary'
    ? { dataType: DataType, bytes: Buffer.from(BinaryValue ?? []).toString('base64') }
    : { dataType: DataType, text: StringValue ?? '' };
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

/** For a required parameter that is absent, or a list without entries. */
export function missing(parameter: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

/** The bytes that count against the size of a message. */
export function sizeOf({ body, attributes }: Pick<StoredMessage, 'body' | 'attributes'>): number {
  const sizes = Object.entries(attributes).map(
    ([name, { dataType, text = '', bytes = '' }]) =>
      Buffer.byteLength(name) +
      Buffer.byteLength(dataType) +
      Buffer.byteLength(text) +
      Buffer.from(bytes, 'base64').length,
  );
  return sizes.reduce((sum, size) => sum + size, Buffer.byteLength(body));
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_RequestParameters
// Lone surrogates cannot be encoded as UTF-8 either.
const refused =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the characters that SQS rejects
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export function checkBody(body: string): void {
  if (body === '') throw missing('MessageBody');
  if (refused.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
}

/** The attributes that ReceiveMessage returns. */
export interface AttributeNames {
  readonly system: readonly string[];
  readonly attributes: readonly string[];
}

/** A message as ReceiveMessage shows it. */
export function describeMessage(message: StoredMessage, senderId: string, names: AttributeNames): Message {
  const system = Object.entries(systemAttributes(message, senderId)).filter(
    ([name, value]) => value !== undefined && (names.system.includes('All') || names.system.includes(name)),
  ) as [string, string][];
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => matchesAny(name, names.attributes)),
  );
  const digest = attributesMd5(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system.length > 0 ? { Attributes: Object.fromEntries(system) } : {}),
    ...(digest === undefined
      ? {}
      : {
          MD5OfMessageAttributes: digest,
          MessageAttributes: Object.fromEntries(Object.entries(attributes).map(showAttribute)),
        }),
  };
}

function systemAttributes(message: StoredMessage, senderId: string): Readonly<Record<string, string | undefined>> {
  return {
    SenderId: senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp:
      message.firstReceivedAt === undefined ? undefined : String(message.firstReceivedAt),
    SequenceNumber: message.sequenceNumber,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html: `bar.*` is each name
// that starts with `bar`.
function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (pattern) =>
      ['All', '*', name].includes(pattern) || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -2))),
  );
}

function showAttribute([name, { dataType, text, bytes }]: [string, StoredAttribute]): [string, MessageAttributeValue] {
  const value = bytes === undefined ? { StringValue: text } : { BinaryValue: Buffer.from(bytes, 'base64') };
  return [name, { ...value, DataType: dataType }];
}

// A message as it is published: the checks of its parts, with SNS's words, and what a subscriber's protocol receives of it.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { AwsError } from '../cloud.ts';
import { invalid, isFifo, type Protocol, type Topic } from './state.ts';

export interface PublishedAttribute {
  readonly type: string;
  /** Text; of a binary value, its base64. */
  readonly value: string;
}

export interface Published {
  readonly id: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** By protocol, and `default`. */
  readonly bodies: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, PublishedAttribute>>;
  readonly timestamp: string;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  readonly traceHeader: string | undefined;
}

export interface MessageInput {
  readonly Message?: string | undefined;
  readonly Subject?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttributeValue>> | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageGroupId?: string | undefined;
}

const usualSize = 262_144;

export function bodyFor({ bodies }: Published, protocol: Protocol): string {
  return bodies[protocol] ?? bodies['default'] ?? '';
}

/** `path` leads to the attributes in the request, for the messages of constraints. */
export function readMessage(topic: Topic, input: MessageInput, path: string) {
  const { Message: message = '', Subject: subject } = input;
  const attributes = readAttributes(input.MessageAttributes ?? {}, path);
  if (message === '') throw invalid('Empty message');
  // one line of printable ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  if (subject !== undefined && !/^(?=[!-~])[ -~]{1,100}$/.test(subject)) throw invalid('Subject');
  const bodies = readBodies(message, input.MessageStructure);
  const limit = Number(topic.attributes['MaximumMessageSize'] ?? usualSize);
  if (Buffer.byteLength(message) + attributesSize(attributes) > limit) throw invalid('Message too long');
  checkIds(topic, input);
  return { subject, bodies, attributes, groupId: input.MessageGroupId };
}

function readBodies(message: string, structure: string | undefined): Record<string, string> {
  if (structure === undefined) return { default: message };
  if (structure !== 'json') throw invalid('MessageStructure');
  let bodies: unknown;
  try {
    bodies = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  if (typeof bodies !== 'object' || bodies === null || Array.isArray(bodies)) {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const texts = Object.entries(bodies).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!texts.some(([protocol]) => protocol === 'default')) {
    throw invalid('Message Structure - No default entry in JSON message body');
  }
  return Object.fromEntries(texts);
}

export function checkIds(topic: Topic, { MessageGroupId: group, MessageDeduplicationId: id }: MessageInput): void {
  const isId = (value: string) => /^[a-zA-Z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/.test(value);
  if (group !== undefined && !isId(group)) {
    throw invalid(
      'MessageGroupId Reason: The MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length',
    );
  }
  if (!isFifo(topic)) {
    if (id === undefined) return;
    throw invalid(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (group === undefined) throw invalid('The MessageGroupId parameter is required for FIFO topics');
  if (id !== undefined && !isId(id)) {
    throw invalid(
      'MessageDeduplicationId Reason: The MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length',
    );
  }
  if (id === undefined && topic.attributes['ContentBasedDeduplication'] !== 'true') {
    throw invalid(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

export function attributesSize(attributes: Readonly<Record<string, PublishedAttribute>>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { type, value }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(type) +
      (type.startsWith('Binary') ? Buffer.from(value, 'base64').length : Buffer.byteLength(value)),
    0,
  );
}

// The messages for attributes were recorded in 2026.
function wrong(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}

function readAttributes(
  given: Readonly<Record<string, MessageAttributeValue>>,
  path: string,
): Record<string, PublishedAttribute> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      checkName(name);
      return [name, readAttribute(name, value, path)];
    }),
  );
}

function checkName(name: string): void {
  if (name.length > 256) throw wrong('Length of message attribute name must be less than 256 bytes.');
  const bad = /[^A-Za-z0-9_.-]/.exec(name)?.[0];
  if (bad !== undefined) {
    const code = bad.charCodeAt(0).toString(16).toUpperCase();
    throw wrong(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.startsWith('.')) throw wrong("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith('.')) throw wrong("Invalid message attribute name ending with character '.' was found.");
  if (name.includes('..')) throw wrong("Message attribute name can not have successive '.' character.");
}

function readAttribute(
  name: string,
  { DataType: type, StringValue: text, BinaryValue: bytes }: MessageAttributeValue,
  path: string,
): PublishedAttribute {
  if (type === undefined) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value null at '${path}.${name}.member.dataType' failed to satisfy constraint: Member must not be null`,
    );
  }
  const kind = type.split('.')[0];
  if (kind !== 'String' && kind !== 'Number' && kind !== 'Binary') {
    throw wrong(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const field = kind === 'Binary' ? 'Binary' : 'String';
  if (field === 'Binary' ? text !== undefined : bytes !== undefined) {
    throw wrong(`The message attribute '${name}' with type '${type}' must use field '${field}'.`);
  }
  const value = field === 'Binary' ? Buffer.from(bytes ?? []).toString('base64') : (text ?? '');
  if (value === '') {
    throw wrong(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  }
  if (kind === 'Number' && Number.isNaN(Number(value))) {
    throw wrong(`Could not cast message attribute '${name}' value to number.`);
  }
  if (type === 'String.Array' && !isArray(value)) {
    throw wrong(`Invalid value for message attribute '${name}': it must be a JSON array.`);
  }
  return { type, value };
}

function isArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/** What a filter policy of the attributes compares: text, numbers, and the values of arrays. */
export function filterable(attributes: Readonly<Record<string, PublishedAttribute>>): Record<string, unknown> {
  const entries = Object.entries(attributes).flatMap(([name, { type, value }]): [string, unknown][] => {
    if (type.startsWith('Binary')) return [];
    if (type.startsWith('Number')) return [[name, Number(value)]];
    return [[name, type === 'String.Array' ? (JSON.parse(value) as unknown) : value]];
  });
  return Object.fromEntries(entries);
}

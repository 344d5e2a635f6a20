// Publish and PublishBatch: who may publish, what, and the order and deduplication of FIFO topics.
// https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
import { createHash, randomUUID } from 'node:crypto';
import { AwsError, type Input, type Operations, type Request } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import type { Delivery } from './delivery.ts';
import { attributesSize, checkIds, type MessageInput, type Published, readMessage } from './message.ts';
import { checkPublisher } from './policy.ts';
import { hasEndpoint } from './push.ts';
import {
  arnParts,
  existingTopic,
  invalid,
  isFifo,
  type State,
  subscriptionsOf,
  type Topic,
  topicArn,
} from './state.ts';

// https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
const deduplicationMs = 5 * 60_000;
const mostEntries = 10;
const batchBytes = 262_144;

interface Answer {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

export class Publisher {
  readonly #state: State;
  readonly #delivery: Delivery;
  /** What FIFO topics remember, oldest first. */
  readonly #sent = new Map<string, { readonly answer: Answer; readonly at: number }>();
  #lastSequence = 0n;

  constructor(state: State, delivery: Delivery) {
    this.#state = state;
    this.#delivery = delivery;
  }

  operations(): Operations<'sns'> {
    return {
      Publish: {
        members: [
          'TopicArn',
          'TargetArn',
          'PhoneNumber',
          'Message',
          'Subject',
          'MessageStructure',
          'MessageAttributes',
          'MessageDeduplicationId',
          'MessageGroupId',
        ],
        authorize: { resource: ({ TopicArn, TargetArn }) => TopicArn ?? TargetArn },
        run: (input, request) => this.#publish(input, request),
      },
      PublishBatch: {
        members: ['TopicArn', 'PublishBatchRequestEntries'],
        authorize: { action: 'sns:Publish', resource: ({ TopicArn }) => TopicArn },
        run: (input, request) => this.#publishBatch(input, request),
      },
    };
  }

  #publish(input: Input<'sns', 'Publish'>, { principal, traceHeader }: Request): Answer {
    const { TopicArn, TargetArn, PhoneNumber } = input;
    if (PhoneNumber !== undefined) throw notImplemented('sns:Publish to a phone number');
    if (TopicArn === undefined && TargetArn === undefined) {
      throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
    }
    const parameter = TopicArn === undefined ? 'TargetArn' : 'TopicArn';
    const arn = TopicArn ?? TargetArn ?? '';
    if (arnParts(arn, parameter)[5]?.startsWith('endpoint/')) {
      if (hasEndpoint(this.#state, arn)) throw notImplemented('sns:Publish to a phone');
      throw invalid(`${parameter} Reason: No endpoint found for the target arn specified`);
    }
    const topic = existingTopic(this.#state, arn, parameter);
    checkPublisher(this.#state, topic, principal);
    return this.#accept(topic, input, 'messageAttributes', traceHeader);
  }

  #publishBatch(input: Input<'sns', 'PublishBatch'>, { principal, traceHeader }: Request) {
    const topic = existingTopic(this.#state, input.TopicArn);
    checkPublisher(this.#state, topic, principal);
    const entries = input.PublishBatchRequestEntries ?? [];
    checkEntries(entries);
    if (isFifo(topic)) for (const entry of entries) checkIds(topic, entry);
    const path = (index: number) => `publishBatchRequestEntries.${index + 1}.member.messageAttributes`;
    const read = entries.map((entry, index) => readMessage(topic, entry, path(index)));
    const size = read.reduce(
      (sum, { attributes }, index) =>
        sum + Buffer.byteLength(entries[index]?.Message ?? '') + attributesSize(attributes),
      0,
    );
    if (size > Number(topic.attributes['MaximumMessageSize'] ?? batchBytes)) {
      throw new AwsError(
        'BatchRequestTooLongException',
        'The length of all the messages put together is more than the limit.',
      );
    }
    return {
      Successful: entries.map((entry, index) => ({
        Id: entry.Id,
        ...this.#accept(topic, entry, path(index), traceHeader),
      })),
      Failed: [],
    };
  }

  #accept(topic: Topic, input: MessageInput, path: string, traceHeader: string | undefined): Answer {
    const { cloud } = this.#state;
    const message = readMessage(topic, input, path);
    const arn = topicArn(cloud, topic.name);
    const deduplicationId = isFifo(topic)
      ? (input.MessageDeduplicationId ??
        createHash('sha256')
          .update(input.Message ?? '')
          .digest('hex'))
      : undefined;
    const group = topic.attributes['FifoThroughputScope'] === 'MessageGroup' ? `\n${message.groupId}` : '';
    const key = deduplicationId === undefined ? undefined : `${arn}\n${deduplicationId}${group}`;
    const earlier = key === undefined ? undefined : this.#remembered(key);
    if (earlier !== undefined) return earlier;
    const sequenceNumber = key === undefined ? undefined : this.#nextSequence();
    const published: Published = {
      ...message,
      id: randomUUID(),
      topicArn: arn,
      timestamp: new Date(cloud.now()).toISOString(),
      deduplicationId,
      sequenceNumber,
      traceHeader,
    };
    const answer = {
      MessageId: published.id,
      ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    };
    if (key !== undefined) this.#sent.set(key, { answer, at: cloud.now() });
    this.#delivery.publish(topic, subscriptionsOf(this.#state, arn), published);
    return answer;
  }

  #remembered(key: string): Answer | undefined {
    const now = this.#state.cloud.now();
    for (const [old, { at }] of this.#sent) {
      if (now - at < deduplicationMs) break;
      this.#sent.delete(old);
    }
    return this.#sent.get(key)?.answer;
  }

  // 20 digits that increase over time, even across restarts
  #nextSequence(): string {
    const floor = BigInt(this.#state.cloud.now()) * 10_000_000n;
    this.#lastSequence = floor > this.#lastSequence ? floor : this.#lastSequence + 1n;
    return String(this.#lastSequence);
  }
}

function checkEntries(entries: readonly { readonly Id: string | undefined }[]): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequestException', "The batch request doesn't contain any entries.");
  }
  if (entries.length > mostEntries) {
    throw new AwsError(
      'TooManyEntriesInBatchRequestException',
      'The batch request contains more entries than permissible.',
    );
  }
  for (const { Id = '' } of entries) {
    const wrong =
      Id.length > 80 ? 'is too long' : /^[\w-]+$/.test(Id) ? undefined : 'contains an impermissible character';
    if (wrong === undefined) continue;
    throw new AwsError('InvalidBatchEntryIdException', `The Id of a batch entry in the batch request ${wrong}: ${Id}`);
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError(
      'BatchEntryIdsNotDistinctException',
      'Two or more batch entries in the request have the same Id.',
    );
  }
}

// The SQS queues of a region: their records, and how requests find them.
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import { type Attributes, allowsRedrive, redrivePolicy } from './attributes.ts';
import type { StoredMessage } from './message.ts';
import { Messages } from './messages.ts';

export interface Queue {
  readonly name: string;
  readonly attributes: Attributes;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly purgedAt?: number;
}

export class Queues {
  readonly cloud: Cloud;
  readonly records: Collection<Queue>;
  readonly #stored: Collection<StoredMessage>;
  readonly #messages = new Map<string, Messages>();

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.records = cloud.collection('sqs.queues');
    this.#stored = cloud.collection('sqs.messages');
  }

  url(name: string): string {
    return `${this.cloud.endpoint}/${this.cloud.accountId}/${name}`;
  }

  arn(name: string): string {
    return `arn:aws:sqs:${this.cloud.region}:${this.cloud.accountId}:${name}`;
  }

  /** The queue's ARN, which the role's policy must allow. For operations on one queue. */
  readonly onQueue = {
    resource: ({ QueueUrl }: { readonly QueueUrl: string | undefined }): string =>
      this.arn(QueueUrl?.split('/').at(-1) ?? ''),
  };

  byArn(arn: string): Queue | undefined {
    const prefix = this.arn('');
    return arn.startsWith(prefix) ? this.records.get(arn.slice(prefix.length)) : undefined;
  }

  /** Only the path of a queue URL matters: clients may reach the local AWS under another host name. */
  byUrl(url: string | undefined): Queue {
    const [, account, name] = /^(?:https?:\/\/[^/]+)?\/?(\d{12})\/([\w.-]+)$/.exec(url ?? '') ?? [];
    const queue = account === this.cloud.accountId ? this.records.get(name ?? '') : undefined;
    if (queue === undefined) throw noSuchQueue();
    return queue;
  }

  messages(name: string): Messages {
    let messages = this.#messages.get(name);
    if (messages === undefined) {
      const isFifo = name.endsWith('.fifo');
      messages = new Messages(this.cloud, name, { in: this.#stored, isFifo });
      this.#messages.set(name, messages);
    }
    return messages;
  }

  delete({ name }: Queue): void {
    const messages = this.messages(name);
    this.records.delete(name);
    this.#messages.delete(name);
    messages.purge();
  }

  /** Wakes the receivers that wait for a message. */
  wakeAll(): void {
    for (const messages of this.#messages.values()) messages.wake();
  }

  /** How many messages can be received now. */
  visibleMessages({ name, attributes }: Queue): number {
    return this.messages(name).counts(Number(attributes['MessageRetentionPeriod']) * 1000).visible;
  }

  /** Throws unless the redrive policy names an existing queue of the same type, which allows it. */
  checkRedrive(attributes: Attributes, name: string, isFifo: boolean): void {
    const policy = redrivePolicy(attributes);
    if (policy === undefined) return;
    const target = this.byArn(policy.deadLetterTargetArn);
    const invalid = (reason: string) =>
      new AwsError(
        'InvalidParameterValue',
        `Value ${attributes['RedrivePolicy']} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
      );
    if (target === undefined) throw invalid('Dead letter target does not exist.');
    if (isFifoQueue(target) !== isFifo) throw invalid('Dead-letter queue must be same type of queue as the source.');
    if (!allowsRedrive(target.attributes, this.arn(name))) {
      throw invalid("The dead-letter queue's redrive allow policy does not allow this source queue.");
    }
  }
}

export function isFifoQueue({ attributes }: Queue): boolean {
  return attributes['FifoQueue'] === 'true';
}

export function noSuchQueue(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}

// A queue that fx makes for an event, with its dead-letter queue: the keys in project.yml, and the resources.
import { duration } from '../base/duration.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, flag, integer, object, type Schema, text } from '../base/schema.ts';
import { arnOf } from '../cfn/arn.ts';
import { type EnvironmentNames, fitted } from '../cfn/names.ts';
import type { Part, Statement } from '../cfn/part.ts';
import { allow } from '../cfn/part.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import { ref } from '../cfn/resource.ts';
import { kmsKey } from '../cfn/value-schema.ts';
import { makeKey } from './_made.ts';

// Bounds: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
export const longestVisibility = 43_200;
const longestRetention = 1_209_600;
const defaultRetention = 345_600;
const longestQueueName = 80;
/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: at least five, and six times the function's timeout. */
const defaultReceives = 5;
export const visibilityPerTimeout = 6;

export interface DeadLetters {
  readonly maxReceives: number;
  /** Seconds. */
  readonly retention: number;
}

export interface MadeQueue {
  /** The logical id; true if fx derives it from the function. */
  readonly make: true | string;
  readonly name?: string;
  /** Undefined if it is not written: false, or like the topic that sends to it. */
  readonly fifo: boolean | undefined;
  readonly contentBasedDeduplication?: boolean;
  readonly highThroughput?: boolean;
  /** Seconds, as are all times. */
  readonly visibilityTimeout?: number;
  readonly retention?: number;
  readonly delay?: number;
  readonly waitTime?: number;
  readonly maximumMessageSize?: number;
  readonly kmsKey?: Plain;
  readonly kmsKeyReuse?: number;
  readonly deadLetters: DeadLetters | false;
}

const make = makeKey('true, or the logical id of the queue. Other resources and permissions refer to it.', 'Orders');

const retention = duration({ least: 60, most: longestRetention, expected: 'a time from 1m to 14d' });
const deadLetterKeys = {
  maxReceives: described(
    'How often a message may be received before it moves there.',
    integer({ least: 1, most: 1000 }),
    {
      default: defaultReceives,
    },
  ),
  retention: described('How long it stays there.', retention, { default: '14d' }),
};
const usualDeadLetters: DeadLetters = { maxReceives: defaultReceives, retention: longestRetention };
const deadLetters: Schema<DeadLetters | false> = byKind<DeadLetters | false>({
  scalar: converted(flag, (on) => ({ value: on ? usualDeadLetters : false })),
  map: converted(object({ required: {}, optional: deadLetterKeys }), (written) => ({
    value: { ...usualDeadLetters, ...written },
  })),
  expected: 'true, false or a map with maxReceives, retention',
});

/** The keys besides `make`. */
const settings = {
  name: described(
    'The end of its name, after the project and the environment. Without it, AWS chooses a name.',
    text({ pattern: /^[A-Za-z0-9_-]{1,75}$/, expected: 'letters, digits, - and _' }),
    { examples: ['orders'] },
  ),
  fifo: described('A FIFO queue: in order by group, without duplicates.', flag, { default: false }),
  contentBasedDeduplication: described('FIFO: a message without an id of its own has the hash of its body.', flag, {
    default: false,
  }),
  highThroughput: described('FIFO: deduplicates within each group, and limits each group instead of the queue.', flag, {
    default: false,
  }),
  visibilityTimeout: described(
    'How long a received message stays hidden. The default is six times the timeout of the function, and the batchWindow.',
    duration({ least: 0, most: longestVisibility, expected: 'a time up to 12h' }),
    { examples: ['2m'] },
  ),
  retention: described('How long a message stays in the queue.', retention, { default: '4d' }),
  delay: described(
    'How long a new message is hidden.',
    duration({ least: 0, most: 900, expected: 'a time up to 15m' }),
    {
      default: 0,
    },
  ),
  waitTime: described(
    'How long other receivers wait for a message. Lambda itself always waits.',
    duration({ least: 0, most: 20, expected: 'a time up to 20s' }),
    { default: 0 },
  ),
  maximumMessageSize: described('The largest message, in bytes.', integer({ least: 1024, most: 1_048_576 }), {
    default: 1_048_576,
  }),
  kmsKey: described(
    'The KMS key that encrypts the messages, instead of the key of SQS. The function may decrypt with it.',
    kmsKey,
    { examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'] },
  ),
  kmsKeyReuse: described(
    'How long SQS reuses a data key.',
    duration({ least: 60, most: 86_400, expected: 'a time from 1m to 24h' }),
    { default: '5m' },
  ),
  deadLetters: described('The dead-letter queue, <logical id>DeadLetters. false makes none.', deadLetters, {
    default: true,
  }),
};

export const madeQueue: Schema<MadeQueue> = converted(
  object({
    required: { make },
    optional: settings,
    elsewhere: {
      dlq: 'deadLetters',
      redrivePolicy: 'deadLetters',
      maxReceiveCount: 'deadLetters.maxReceives',
      messageRetentionPeriod: 'retention',
      delaySeconds: 'delay',
      kmsMasterKeyId: 'kmsKey',
    },
  }),
  ({ fifo, deadLetters: dead = usualDeadLetters, ...written }) => {
    const fifoOnly = (['contentBasedDeduplication', 'highThroughput'] as const).find((key) => written[key] && !fifo);
    if (fifoOnly !== undefined) {
      return { wrong: `${fifoOnly} is for FIFO queues only`, hint: 'add fifo: true' };
    }
    if (written.kmsKeyReuse !== undefined && written.kmsKey === undefined) {
      return { wrong: 'kmsKeyReuse needs kmsKey' };
    }
    return { value: { ...written, fifo, deadLetters: dead } };
  },
);

/** The queue's logical id, for a function's own id of the suffix `Queue`. */
export function madeQueueId({ make: written }: MadeQueue, derived: string): string {
  return written === true ? derived : written;
}

export const deadLettersId = (id: string): string => `${id}DeadLetters`;

/** What the consumer of the queue needs: the timeout of the function, and how long Lambda gathers a batch. */
export interface Consumer {
  readonly timeout: number;
  readonly batchWindow: number;
}

export function visibilityOf(queue: MadeQueue, { timeout, batchWindow }: Consumer): number {
  return queue.visibilityTimeout ?? Math.min(longestVisibility, visibilityPerTimeout * timeout + batchWindow);
}

/** The queue, its dead-letter queue, the output of its URL, and the right to decrypt. */
export function queuePart(id: string, queue: MadeQueue, consumer: Consumer, names: EnvironmentNames): Part {
  const { deadLetters: dead, fifo, retention: kept = defaultRetention } = queue;
  const suffix = fifo ? '.fifo' : '';
  const nameOf = (more: string): Record<string, Value> => {
    if (queue.name === undefined) return {};
    const whole = `${names.project}-${names.environment}-${queue.name}${more}`;
    return { QueueName: `${fitted(whole, longestQueueName - suffix.length)}${suffix}` };
  };
  const common: Record<string, Value> = {
    ...(fifo ? { FifoQueue: true } : {}),
    ...(queue.kmsKey === undefined ? {} : { KmsMasterKeyId: queue.kmsKey }),
    ...(queue.kmsKeyReuse === undefined ? {} : { KmsDataKeyReusePeriodSeconds: queue.kmsKeyReuse }),
  };
  const resources: Record<string, Resource> = {
    [id]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        ...nameOf(''),
        ...common,
        VisibilityTimeout: visibilityOf(queue, consumer),
        ...(queue.contentBasedDeduplication ? { ContentBasedDeduplication: true } : {}),
        ...(queue.highThroughput
          ? { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }
          : {}),
        ...(kept === defaultRetention ? {} : { MessageRetentionPeriod: kept }),
        ...(queue.delay ? { DelaySeconds: queue.delay } : {}),
        ...(queue.waitTime ? { ReceiveMessageWaitTimeSeconds: queue.waitTime } : {}),
        ...(queue.maximumMessageSize === undefined ? {} : { MaximumMessageSize: queue.maximumMessageSize }),
        ...(dead === false
          ? {}
          : {
              RedrivePolicy: {
                deadLetterTargetArn: arnOf(deadLettersId(id), 'AWS::SQS::Queue'),
                maxReceiveCount: dead.maxReceives,
              },
            }),
      },
    },
  };
  if (dead !== false) {
    resources[deadLettersId(id)] = {
      Type: 'AWS::SQS::Queue',
      Properties: { ...nameOf('-dead-letters'), ...common, MessageRetentionPeriod: dead.retention },
    };
  }
  return {
    resources,
    outputs: { [`${id}Url`]: { Description: `The queue ${id}`, Value: ref(id) } },
    statements: decryptWith(queue.kmsKey),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-cross-account-example.html and
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html: a consumer decrypts. */
export function decryptWith(key: Value | undefined): readonly Statement[] {
  return key === undefined ? [] : [allow('kms:Decrypt', key)];
}

/** A message moves to the dead-letter queue with its age: there it must stay longer than in the queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
export function losesDeadLetters({ deadLetters: dead, fifo, retention: kept = defaultRetention }: MadeQueue): boolean {
  return dead !== false && !fifo && dead.retention <= kept;
}

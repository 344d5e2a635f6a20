// Checks of `sqs` entries: rules that depend on the queue, the function or the region.
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';
import type { Resource } from '../cfn/resource.ts';
import { checkMapping } from './_mapping.ts';
import { losesDeadLetters, visibilityOf, visibilityPerTimeout } from './_queue.ts';
import { describedQueue, logicalIdOf, type NamedQueue, queueArn, queueId } from './_queue-name.ts';
import { batchWithoutWindow, keyOf, largestFifoBatch, type QueueSettings } from './_sqs-mapping.ts';
import type { SourceContext, Use } from './source.ts';

const defaultVisibilityTimeout = 30; // seconds, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
const recordKeys = [
  'messageId',
  'receiptHandle',
  'body',
  'attributes',
  'messageAttributes',
  'md5OfBody',
  'md5OfMessageAttributes',
  'eventSource',
  'eventSourceARN',
  'awsRegion',
];

/** What the checks read of an entry; a queue between a topic and a function has the same. */
export interface CheckedQueue extends QueueSettings {
  readonly queue: NamedQueue;
  readonly kmsKey?: Plain | undefined;
}

/** What fx knows of a mapping's queue before the deploy. */
interface KnownQueue {
  /** Its name in messages. */
  readonly label: string;
  readonly isFifo: boolean;
  readonly visibilityTimeout: unknown;
}

export function checkUse(use: Use<CheckedQueue>, context: SourceContext): Problem[] {
  const { config, at } = use;
  return [...checkMapping(config, { record: 'message', keys: recordKeys, at }), ...checkQueue(use, context)];
}

function checkQueue(use: Use<CheckedQueue>, context: SourceContext): Problem[] {
  const { config, at, function: target } = use;
  const { queue } = config;
  if (queue.kind === 'made') {
    const visibilityTimeout = visibilityOf(queue.made, {
      timeout: target.timeout,
      batchWindow: config.batchWindow ?? 0,
    });
    return checkBatches(use, {
      label: `"${queueId(queue, target)}"`,
      isFifo: queue.made.fifo === true,
      visibilityTimeout,
    });
  }
  const { named } = queue;
  const id = logicalIdOf(named);
  if (id !== undefined) {
    const resource = context.resources.get(id);
    if (resource?.Type !== 'AWS::SQS::Queue') return [notAQueue(id, resource, use, context)];
    const { FifoQueue: fifo, VisibilityTimeout: visibilityTimeout = defaultVisibilityTimeout } =
      resource.Properties ?? {};
    return [
      ...checkKey(use, resource, context),
      ...checkBatches(use, { label: `"${id}"`, isFifo: String(fifo) === 'true', visibilityTimeout }),
    ];
  }
  if (typeof named !== 'string') return checkBatches(use, undefined);
  const [, , , region, , name = ''] = named.split(':');
  const known = { label: `"${name}"`, isFifo: name.endsWith('.fifo'), visibilityTimeout: undefined };
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: one region for function and queue
  const far: Problem[] =
    region === context.names.region
      ? []
      : [
          {
            at,
            message: `the queue "${name}" is in ${region}, but the function is in ${context.names.region}: Lambda polls only queues in its region`,
            hint: `use a queue in ${context.names.region}, or deploy to ${region}`,
          },
        ];
  return [...far, ...checkBatches(use, known)];
}

function notAQueue(
  id: string,
  resource: Resource | undefined,
  { at }: Use<CheckedQueue>,
  { resources }: SourceContext,
): Problem {
  if (resource !== undefined) return { at, message: `"${id}" is ${resource.Type}, not AWS::SQS::Queue` };
  const suggestion = nearest(id, [...resources.keys()]);
  const hint =
    suggestion === undefined
      ? `let fx make it: sqs: {queue: {make: ${id}}}, or declare it: resources: {${id}: {Type: AWS::SQS::Queue}}`
      : `did you mean "${suggestion}"?`;
  return { at, message: `there is no queue "${id}" under resources`, hint };
}

/** `queue` is undefined if an intrinsic names it: then the rules of standard queues apply, which are less strict. */
function checkBatches({ function: target, config, at }: Use<CheckedQueue>, queue: KnownQueue | undefined): Problem[] {
  const { batchSize, batchWindow = 0 } = config;
  const problems: Problem[] = [];
  if (queue?.isFifo === true) {
    if (batchWindow > 0) {
      problems.push({
        at,
        message: `batchWindow is ${batchWindow}, but ${queue.label} is a FIFO queue, which does not support it`,
        hint: 'remove batchWindow',
      });
    }
    if (batchSize > largestFifoBatch) {
      problems.push({
        at,
        message: `batchSize is ${batchSize}, but ${queue.label} is a FIFO queue, which takes at most ${largestFifoBatch}`,
        hint: `set batchSize to ${largestFifoBatch} or less`,
      });
    }
  } else if (batchSize > batchWithoutWindow && batchWindow === 0) {
    problems.push({
      at,
      message: `a batchSize of ${batchSize} needs a batchWindow of at least 1 second`,
      hint: `add batchWindow: 1, or set batchSize to ${batchWithoutWindow} or less`,
    });
  }
  const visibility = queue?.visibilityTimeout;
  if (queue !== undefined && typeof visibility === 'number' && visibility < target.timeout) {
    problems.push({
      at,
      message: `messages of the queue ${queue.label} become visible again after ${visibility} seconds, but "${target.name}" may run for ${target.timeout}`,
      hint:
        config.queue.kind === 'made'
          ? 'remove visibilityTimeout: by default, it is six times the timeout'
          : `set VisibilityTimeout of ${queue.label} to ${target.timeout * visibilityPerTimeout} (six times the timeout, as AWS advises)`,
    });
  }
  return problems;
}

/** IAM matches a key only by its ARN; without the right to decrypt, Lambda reads nothing.
 * https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html */
function checkKey({ config, at }: Use<CheckedQueue>, queue: Resource, { resources }: SourceContext): Problem[] {
  const key = queue.Properties?.['KmsMasterKeyId'];
  // the policy of AWS's own key lets everyone who may read the queue decrypt
  if (key === undefined || key === 'alias/aws/sqs' || config.kmsKey !== undefined) return [];
  if (config.queue.kind === 'made' || keyOf(config.queue.named, resources) !== undefined) return [];
  return [
    {
      at,
      message: `${describedQueue(config.queue)} has a KMS key, and fx cannot tell its ARN, which the function's role needs`,
      hint: 'give the ARN of the key: sqs: {queue: …, kmsKey: arn:aws:kms:…:key/…}',
    },
  ];
}

/** A queue twice on one function, and two queues with one logical id. */
export function duplicates(uses: readonly Use<CheckedQueue>[]): Problem[] {
  const seen = new Set<string>();
  const made = new Map<string, string>();
  return uses.flatMap(({ function: target, config, at }) => {
    const { name } = target;
    const id = config.queue.kind === 'made' ? queueId(config.queue, target) : undefined;
    if (id !== undefined) {
      const other = made.get(id);
      made.set(id, name);
      return other === undefined
        ? []
        : [{ at, message: `two queues would have the logical id "${id}"`, hint: 'give one another: make: Orders' }];
    }
    const key = `${name} ${JSON.stringify(queueArn(config.queue, target))}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ at, message: `"${name}" polls this queue twice`, hint: 'remove one of the two events' }];
  });
}

/** AWS accepts that several functions poll a queue: each message goes to one of them. */
export function shared(uses: readonly Use<CheckedQueue>[]): Problem[] {
  const first = new Map<string, string>();
  return uses.flatMap(({ function: target, config, at }) => {
    if (!config.enabled) return [];
    const key = JSON.stringify(queueArn(config.queue, target));
    const other = first.get(key);
    if (other === undefined) first.set(key, target.name);
    if (other === undefined || other === target.name) return [];
    return [
      {
        at,
        message: `"${other}" and "${target.name}" both poll ${describedQueue(config.queue)}: each message reaches one of them, and a filter deletes what it does not let pass`,
        hint: 'to give each its own copy, publish to a topic',
      },
    ];
  });
}

/** Queues whose dead letters expire as soon as they arrive, or before. */
export function losing(uses: readonly Use<CheckedQueue>[]): Problem[] {
  return uses.flatMap(({ config: { queue }, at }) =>
    queue.kind === 'made' && losesDeadLetters(queue.made)
      ? [
          {
            at,
            message: `dead letters of ${describedQueue(queue)} may expire early: their age counts from when they were sent`,
            hint: 'set deadLetters.retention above retention',
          },
        ]
      : [],
  );
}

// `sqs`: batches of messages from a queue, polled by Lambda for the function's live alias.
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, type Schema, text, verbatim } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { pascalCase } from '../cfn/names.ts';
import { canonicalJson, type Resource, type Value } from '../cfn/resource.ts';
import { eventSourceMapping, type MappingSettings, mappingDefaults, mappingFields } from './_mapping.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export interface QueueSource extends MappingSettings {
  /** A logical id of `resources`, or an ARN (text or intrinsic). */
  readonly queue: Plain;
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
const defaultBatchSize = 10;
const largestFifoBatch = 10;
const batchWithoutWindow = 10;
const defaultVisibilityTimeout = 30; // seconds, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html

const defaults = { ...mappingDefaults, batchSize: defaultBatchSize } as const;

const short: Schema<QueueSource> = converted(text({ expected: 'the logical id or ARN of a queue' }), (queue) => ({
  value: { ...defaults, queue },
}));
const long: Schema<QueueSource> = converted(
  object({
    required: {
      queue: described('The logical id of a queue under resources, or an ARN.', verbatim, { examples: ['Jobs'] }),
    },
    optional: mappingFields({
      record: 'message',
      batchSize: {
        default: defaultBatchSize,
        most: 10_000,
        about: `The maximum number of messages per call. Over ${batchWithoutWindow} needs a batchWindow; a FIFO queue takes ${largestFifoBatch}.`,
      },
    }),
  }),
  (written) => ({ value: { ...defaults, ...written } }),
);

export const sqs: EventSource<'sqs', QueueSource> = {
  kind: 'sqs',
  schema: byKind({ scalar: short, map: long, expected: 'a queue' }),
  docs: {
    summary: 'Calls the function with batches of messages of an SQS queue.',
    example: 'sqs: {queue: Jobs, batchSize: 10}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html',
  },

  describe: ({ queue, enabled }) =>
    `sqs ${typeof queue === 'string' ? queue : JSON.stringify(queue)}${enabled ? '' : ' (disabled)'}`,

  check: (uses, context) => [...uses.flatMap((use) => checkUse(use, context)), ...duplicates(uses)],

  compile({ function: target, config }) {
    const arn = queueArn(config.queue);
    return {
      resources: {
        [target.id(`Sqs${queueIdPart(config.queue)}`)]: eventSourceMapping(target, { EventSourceArn: arn }, config),
      },
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
      statements: [
        {
          Effect: 'Allow',
          Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
          Resource: [arn],
        },
      ],
    };
  },
};

/** The logical id of a queue under resources; undefined for an ARN or an intrinsic. */
function logicalIdOf(queue: Plain): string | undefined {
  return typeof queue === 'string' && !queue.startsWith('arn:') ? queue : undefined;
}

function queueArn(queue: Plain): Value {
  const id = logicalIdOf(queue);
  return id === undefined ? queue : arnOf(id, 'AWS::SQS::Queue');
}

/** Derived from the queue alone, so that a new mapping renames no other. */
function queueIdPart(queue: Plain): string {
  const id = logicalIdOf(queue);
  if (id !== undefined) return id;
  // queues in several regions and accounts may have this name
  if (typeof queue === 'string') return `${pascalCase(queue.split(':').at(-1) ?? '')}${sha256(queue).slice(0, 8)}`;
  return `Queue${sha256(canonicalJson(queue)).slice(0, 8)}`;
}

/** What fx knows of a mapping's queue before the deploy. */
interface KnownQueue {
  /** Its name in messages. */
  readonly label: string;
  readonly isFifo: boolean;
  readonly visibilityTimeout: unknown;
}

function checkUse(use: Use<QueueSource>, context: SourceContext): Problem[] {
  const { config, at } = use;
  const id = logicalIdOf(config.queue);
  if (id !== undefined) {
    const resource = context.resources.get(id);
    if (resource?.Type !== 'AWS::SQS::Queue') return [notAQueue(id, resource, use, context)];
    const { FifoQueue: fifo, VisibilityTimeout: visibilityTimeout = defaultVisibilityTimeout } =
      resource.Properties ?? {};
    return checkBatches(use, { label: `"${id}"`, isFifo: String(fifo) === 'true', visibilityTimeout });
  }
  if (typeof config.queue !== 'string') return checkBatches(use, undefined);
  const [, , , region, , name = ''] = config.queue.split(':');
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
  { at }: Use<QueueSource>,
  { resources }: SourceContext,
): Problem {
  if (resource !== undefined) return { at, message: `"${id}" is ${resource.Type}, not AWS::SQS::Queue` };
  const suggestion = nearest(id, [...resources.keys()]);
  const hint =
    suggestion === undefined
      ? `declare it: resources: {${id}: {Type: AWS::SQS::Queue}}, or give the ARN of a queue`
      : `did you mean "${suggestion}"?`;
  return { at, message: `there is no queue "${id}" under resources`, hint };
}

/** `queue` is undefined if an intrinsic names it: then the rules of standard queues apply, which are less strict. */
function checkBatches({ function: target, config, at }: Use<QueueSource>, queue: KnownQueue | undefined): Problem[] {
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
      hint: `set VisibilityTimeout of ${queue.label} to ${target.timeout * 6} (six times the timeout, as AWS advises)`,
    });
  }
  return problems;
}

function duplicates(uses: readonly Use<QueueSource>[]): Problem[] {
  const seen = new Set<string>();
  return uses.flatMap(({ function: { name }, config, at }) => {
    const key = `${name} ${JSON.stringify(queueArn(config.queue))}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ at, message: `"${name}" polls this queue twice`, hint: 'remove one of the two events' }];
  });
}

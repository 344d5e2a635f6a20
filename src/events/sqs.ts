// `sqs`: batches of messages of a queue, polled by Lambda for the function's live alias.
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  list,
  object,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { pascalCase } from '../cfn/names.ts';
import { attribute, canonicalJson, type Grant, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { EventSource, Surroundings, Use } from './source.ts';

export interface QueueSource {
  /** A logical id of `resources`, or an ARN (text or intrinsic). */
  readonly queue: Plain;
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill. */
  readonly batchWindow: number | undefined;
  readonly enabled: boolean;
  readonly reportFailures: boolean;
  readonly maximumConcurrency: number | undefined;
  readonly filters: readonly Plain[] | undefined;
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
const defaultBatchSize = 10;
const largestFifoBatch = 10;
const batchWithoutWindow = 10;
const defaultVisibilityTimeout = 30; // seconds, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html

const defaults = {
  batchSize: defaultBatchSize,
  batchWindow: undefined,
  enabled: true,
  reportFailures: false,
  maximumConcurrency: undefined,
  filters: undefined,
} as const;

const short: Schema<QueueSource> = converted(text({ expected: 'the logical id or ARN of a queue' }), (queue) => ({
  value: { ...defaults, queue },
}));
const long: Schema<QueueSource> = converted(
  object({
    required: {
      queue: described('The logical id of a queue under resources, or an ARN.', verbatim, { examples: ['Jobs'] }),
    },
    optional: {
      batchSize: described(
        `Messages a call, at most; over ${batchWithoutWindow} only with batchWindow.`,
        integer({ least: 1, most: 10_000 }),
        { default: defaultBatchSize },
      ),
      batchWindow: described('Seconds to wait for a batch to fill.', integer({ least: 0, most: 300 }), { default: 0 }),
      enabled: described('With false, the messages stay in the queue.', flag, { default: true }),
      reportFailures: described('The function answers which messages failed, and only these come again.', flag, {
        default: false,
      }),
      maximumConcurrency: described('Batches at once, at most.', integer({ least: 2, most: 1000 }), {
        examples: [10],
      }),
      filters: described('Event patterns: a message that matches none is deleted unseen.', list(verbatim), {
        examples: [[{ body: { kind: ['order'] } }]],
      }),
    },
  }),
  (written) => {
    const batchSize = written.batchSize ?? defaultBatchSize;
    if (batchSize > batchWithoutWindow && !written.batchWindow) {
      return { wrong: `a batchSize of ${batchSize} needs a batchWindow of at least 1 second` };
    }
    return { value: { ...defaults, ...written, batchSize } };
  },
);

export const sqs: EventSource<'sqs', QueueSource> = {
  kind: 'sqs',
  schema: byKind({ scalar: short, map: long, expected: 'a queue' }),
  docs: {
    summary: 'Calls the function with batches of messages of an SQS queue.',
    example: 'sqs: {queue: Jobs, batchSize: 10}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html',
  },

  check: (uses, surroundings) => [...uses.flatMap((use) => checkOne(use, surroundings)), ...duplicates(uses)],

  compile(uses) {
    const resources = new Map<string, Resource>();
    const grants: Grant[] = [];
    for (const {
      function: { name, ids },
      config,
    } of uses) {
      const arn = queueArn(config.queue);
      resources.set(`${pascalCase(name)}Sqs${queueIdPart(config.queue)}`, {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: arn,
          FunctionName: ref(ids.alias),
          BatchSize: config.batchSize,
          Enabled: config.enabled,
          ...(config.batchWindow === undefined ? {} : { MaximumBatchingWindowInSeconds: config.batchWindow }),
          ...(config.reportFailures ? { FunctionResponseTypes: ['ReportBatchItemFailures'] } : {}),
          ...(config.maximumConcurrency === undefined
            ? {}
            : { ScalingConfig: { MaximumConcurrency: config.maximumConcurrency } }),
          ...(config.filters === undefined
            ? {}
            : { FilterCriteria: { Filters: config.filters.map((filter) => ({ Pattern: JSON.stringify(filter) })) } }),
        },
      });
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
      const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
      grants.push({ functionName: name, actions, resources: [arn] });
    }
    return { resources, outputs: new Map(), grants };
  },
};

function isArn(queue: Plain): boolean {
  return typeof queue !== 'string' || queue.startsWith('arn:');
}

function queueArn(queue: Plain): Value {
  return typeof queue === 'string' && !isArn(queue) ? attribute(queue, 'Arn') : queue;
}

/** From the queue alone, so that adding one mapping renames no other. */
function queueIdPart(queue: Plain): string {
  if (typeof queue === 'string' && !isArn(queue)) return queue;
  // queues of one name stand in several regions and accounts
  if (typeof queue === 'string') return `${pascalCase(queue.split(':').at(-1) ?? '')}${sha256(queue).slice(0, 8)}`;
  return `Queue${sha256(canonicalJson(queue)).slice(0, 8)}`;
}

function checkOne(
  { function: { name, timeout }, config, at }: Use<QueueSource>,
  { resources }: Surroundings,
): Problem[] {
  if (typeof config.queue !== 'string' || isArn(config.queue)) return [];
  const queue = resources.get(config.queue);
  if (queue === undefined) {
    const meant = nearest(config.queue, [...resources.keys()]);
    const hint =
      meant === undefined
        ? `declare it: resources: {${config.queue}: {Type: AWS::SQS::Queue}}, or give the ARN of a queue`
        : `did you mean "${meant}"?`;
    return [{ at, message: `there is no queue "${config.queue}" under resources`, hint }];
  }
  if (queue.Type !== 'AWS::SQS::Queue') {
    return [{ at, message: `"${config.queue}" is ${queue.Type}, not AWS::SQS::Queue` }];
  }
  const { VisibilityTimeout: visibility = defaultVisibilityTimeout, FifoQueue: fifo } = queue.Properties ?? {};
  if (typeof visibility === 'number' && visibility < timeout) {
    const message = `the queue "${config.queue}" shows a message again after ${visibility} seconds, but "${name}" may run for ${timeout}`;
    return [
      {
        at,
        message,
        hint: `set VisibilityTimeout of "${config.queue}" to ${timeout * 6} (six times the timeout, as AWS advises)`,
      },
    ];
  }
  if (fifo === true && config.batchSize > largestFifoBatch) {
    return [{ at, message: `a FIFO queue gives batches of at most ${largestFifoBatch}, not ${config.batchSize}` }];
  }
  return [];
}

function duplicates(uses: readonly Use<QueueSource>[]): Problem[] {
  const seen = new Set<string>();
  return uses.flatMap(({ function: { name }, config, at }) => {
    const key = `${name} ${JSON.stringify(queueArn(config.queue))}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ at, message: `"${name}" is given this queue twice` }];
  });
}

// `sqs`: batches of messages from a queue, polled by Lambda for the function's live alias.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, type Schema, text } from '../base/schema.ts';
import type { Part } from '../cfn/part.ts';
import { kmsKey } from '../cfn/value-schema.ts';
import { mappingDefaults } from './_mapping.ts';
import { decryptWith, queuePart } from './_queue.ts';
import { describedQueue, type NamedQueue, namedQueue, queueArn, queueId } from './_queue-name.ts';
import { checkUse, duplicates, losing, shared } from './_sqs-check.ts';
import { defaultBatchSize, keyOf, messageFields, type QueueSettings, queueMapping } from './_sqs-mapping.ts';
import type { EventSource, FunctionReference, SourceContext, Use } from './source.ts';

export interface QueueSource extends QueueSettings {
  readonly queue: NamedQueue;
  /** The key of an existing queue. */
  readonly kmsKey: Plain | undefined;
}

const defaults = { ...mappingDefaults, batchSize: defaultBatchSize, kmsKey: undefined } as const;

const short: Schema<QueueSource> = converted(text({ expected: 'the logical id or ARN of a queue' }), (named) => ({
  value: { ...defaults, queue: { kind: 'existing', named } },
}));
const long: Schema<QueueSource> = converted(
  object({
    required: { queue: namedQueue },
    optional: {
      ...messageFields,
      kmsKey: described(
        'The KMS key of an existing queue, which the function needs to decrypt, if fx cannot read it from resources.',
        kmsKey,
        { examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'] },
      ),
    },
  }),
  ({ queue, ...written }) =>
    queue.kind === 'made' && written.kmsKey !== undefined
      ? { wrong: 'kmsKey is for an existing queue', hint: 'write queue: {make: …, kmsKey: …}' }
      : { value: { ...defaults, ...written, queue } },
);

export const sqs: EventSource<'sqs', QueueSource> = {
  kind: 'sqs',
  schema: byKind({ scalar: short, map: long, expected: 'a queue' }),
  docs: {
    summary: 'Calls the function with batches of messages of an SQS queue, which is there or which fx makes.',
    example: 'sqs: {queue: Jobs, batchSize: 10}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html',
  },

  typeOf: () => 'lambda.SQSEvent',
  describe: ({ queue, enabled }) => `sqs ${describedQueue(queue)}${enabled ? '' : ' (disabled)'}`,

  check: (uses, context) => {
    const known = withMadeQueues(uses, context);
    return [...uses.flatMap((use) => checkUse(use, known)), ...duplicates(uses)];
  },
  warn: (uses) => [...shared(uses), ...losing(uses)],

  fire: ({ function: target, config: { queue } }) => ({ to: 'queue', at: queueArn(queue, target) }),

  compile({ function: target, config }, context, uses) {
    const { queue } = config;
    const mapping = queueMapping(target, queue, config);
    if (queue.kind === 'existing') {
      const key = config.kmsKey ?? keyOf(queue.named, withMadeQueues(uses, context).resources);
      return { ...mapping, statements: [...(mapping.statements ?? []), ...decryptWith(key)] };
    }
    const made = madePart(target, queue, config, context);
    return {
      resources: { ...made.resources, ...mapping.resources },
      outputs: made.outputs ?? {},
      statements: [...(mapping.statements ?? []), ...(made.statements ?? [])],
    };
  },
};

function madePart(
  target: FunctionReference,
  queue: NamedQueue & { readonly kind: 'made' },
  { batchWindow = 0 }: QueueSource,
  { names }: SourceContext,
): Part {
  return queuePart(queueId(queue, target) ?? '', queue.made, { timeout: target.timeout, batchWindow }, names);
}

/** Entries may name the queues that other entries make, such as a dead-letter queue. */
function withMadeQueues(uses: readonly Use<QueueSource>[], context: SourceContext): SourceContext {
  const made = uses.flatMap(({ function: target, config }) =>
    config.queue.kind === 'made' ? Object.entries(madePart(target, config.queue, config, context).resources ?? {}) : [],
  );
  return { ...context, resources: new Map([...made, ...context.resources]) };
}

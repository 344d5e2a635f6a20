// `sns`: messages of a topic, which SNS pushes to the function's live alias, or into a queue that the function polls.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, flag, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';
import { arnOf } from '../cfn/arn.ts';
import { topicPrincipal } from '../cfn/regions.ts';
import { type Resource, ref, type Value } from '../cfn/resource.ts';
import { intrinsic } from '../cfn/value-schema.ts';
import { allowInvoke } from './_invoke.ts';
import { mappingDefaults } from './_mapping.ts';
import { type MadeQueue, madeQueue, queuePart } from './_queue.ts';
import { checkUse, duplicates } from './_sns-check.ts';
import { defaultBatchSize, messageFields, queueMapping } from './_sqs-mapping.ts';
import {
  describedTopic,
  isFifoTopic,
  madeTopics,
  namedTopic,
  topicArn,
  topicId,
  topicIdPart,
  topicPart,
} from './_topic.ts';

import { type QueueBetween, queueOf, regionOf, sendPolicy, type TopicSource } from './_topic-queue.ts';
import type { EventSource } from './source.ts';

const longestRetention = 1_209_600;

const usualQueue: MadeQueue = {
  make: true,
  fifo: undefined,
  deadLetters: { maxReceives: 5, retention: longestRetention },
};
const usualBetween: QueueBetween = {
  ...mappingDefaults,
  batchSize: defaultBatchSize,
  queue: { kind: 'made', made: usualQueue },
  raw: true,
};

const between: Schema<QueueBetween | undefined> = byKind<QueueBetween | undefined>({
  scalar: converted(flag, (on) => ({ value: on ? usualBetween : undefined })),
  map: converted(
    object({
      required: {},
      optional: {
        queue: described('The queue, as in sqs: {queue: {make: …}}.', madeQueue, { default: { make: true } }),
        raw: described("The body of a queue's message is the message itself, without SNS's envelope.", flag, {
          default: true,
        }),
        ...messageFields,
      },
    }),
    ({ queue = usualQueue, ...written }) => ({
      value: { ...usualBetween, ...written, queue: { kind: 'made', made: queue } as const },
    }),
  ),
  expected: 'true, false or a map with queue, batchSize, …',
});

const deadLetters: Schema<Plain> = byKind<Plain>({
  scalar: {
    expected: 'true, or the logical id or ARN of a queue',
    json: { type: ['boolean', 'string'] },
    read: (value, reading) =>
      value.kind === 'scalar' && typeof value.value === 'boolean'
        ? value.value
        : text({ expected: 'true, or the logical id or ARN of a queue' }).read(value, reading),
  },
  map: intrinsic('true, or the logical id or ARN of a queue'),
  expected: 'true, or the logical id or ARN of a queue',
});

const defaults = {
  filterPolicy: undefined,
  filterPolicyScope: 'MessageAttributes',
  deadLetters: undefined,
  region: undefined,
  sqs: undefined,
} as const;

const short: Schema<TopicSource> = converted(text({ expected: 'the logical id or ARN of a topic' }), (named) => ({
  value: { ...defaults, topic: { kind: 'existing', named } },
}));
const long: Schema<TopicSource> = converted(
  object({
    required: { topic: namedTopic },
    optional: {
      filterPolicy: described("Which messages are delivered, by SNS's filter policies.", verbatim, {
        examples: [{ kind: ['order', 'return'] }],
        aws: 'https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html',
      }),
      filterPolicyScope: oneOf(['MessageAttributes', 'MessageBody'], 'What the filter policy looks at.', {
        default: 'MessageAttributes',
      }),
      deadLetters: described(
        'Where messages go that SNS cannot deliver. true makes a queue; else the logical id or ARN of one, whose policy must let the topic send.',
        deadLetters,
        {
          default: false,
          examples: [true],
          aws: 'https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html',
        },
      ),
      region: described(
        'The region of a topic whose ARN is an intrinsic, if it is not that of the function.',
        text({ pattern: /^[a-z]{2}(-[a-z]+)+-\d$/, expected: 'a region such as us-east-1' }),
        { examples: ['us-east-1'] },
      ),
      sqs: described(
        'A queue between the topic and the function, so that nothing is lost and messages come in batches.',
        between,
        { default: false, examples: [true] },
      ),
    },
    elsewhere: { arn: 'topic', topicName: 'topic', redrivePolicy: 'deadLetters', rawMessageDelivery: 'sqs.raw' },
  }),
  ({ deadLetters: dead, ...written }) => ({
    value: { ...defaults, ...written, deadLetters: dead === false ? undefined : dead },
  }),
);

export const sns: EventSource<'sns', TopicSource> = {
  kind: 'sns',
  schema: byKind({ scalar: short, map: long, expected: 'a topic' }),
  docs: {
    summary: 'Calls the function with the messages of an SNS topic, which is there or which fx makes.',
    example: 'sns: {topic: {make: News}, filterPolicy: {kind: [order]}}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html',
  },

  typeOf: ({ sqs }) => (sqs === undefined ? 'lambda.SNSEvent' : 'lambda.SQSEvent'),
  describe: ({ topic, sqs }) => `sns ${describedTopic(topic)}${sqs === undefined ? '' : ' through a queue'}`,

  check: (uses, context) => [...uses.flatMap((use) => checkUse(use, uses, context)), ...duplicates(uses)],

  fire: ({ function: target, config: { topic } }) => ({ to: 'topic', at: topicArn(topic, target) }),
  sampleOf: ({ sqs }) => (sqs === undefined ? 'sns' : 'sqs'),

  compile(use, context, uses) {
    const { function: to, config } = use;
    const { topic, filterPolicy, filterPolicyScope } = config;
    const arn = topicArn(topic, to);
    const id = to.id(`Sns${topicIdPart(topic)}`);
    const made = topic.kind === 'made' ? topicPart(topicId(topic, to) ?? '', topic.made, context.names) : {};
    const region = regionOf(config) ?? context.names.region;
    const queue = queueOf(use, uses, context.resources);
    const principal = topicPrincipal(region, context.names.region, queue === undefined ? 'lambda' : 'sqs') ?? '';
    const dead = deadLetterTarget(config.deadLetters, `${id}DeadLetters`);
    const isFifo = isFifoTopic(topic, { made: madeTopics(uses), resources: context.resources }) === true;
    const endpoint =
      queue === undefined
        ? { Protocol: 'lambda', Endpoint: to.alias }
        : {
            Protocol: 'sqs',
            Endpoint: arnOf(queue.id, 'AWS::SQS::Queue'),
            ...(queue.raw ? { RawMessageDelivery: true } : {}),
          };
    const subscription: Resource = {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: arn,
        ...endpoint,
        ...(region === context.names.region ? {} : { Region: region }),
        ...(filterPolicy === undefined ? {} : { FilterPolicy: filterPolicy }),
        ...(filterPolicy === undefined || filterPolicyScope === 'MessageAttributes'
          ? {}
          : { FilterPolicyScope: filterPolicyScope }),
        ...(dead === undefined ? {} : { RedrivePolicy: { deadLetterTargetArn: dead } }),
      },
    };
    const resources: Record<string, Resource> = { ...made.resources };
    if (config.deadLetters === true) {
      resources[`${id}DeadLetters`] = {
        Type: 'AWS::SQS::Queue',
        Properties: { ...(isFifo ? { FifoQueue: true } : {}), MessageRetentionPeriod: longestRetention },
      };
      resources[`${id}DeadLettersPolicy`] = sendPolicy(
        arnOf(`${id}DeadLetters`, 'AWS::SQS::Queue'),
        ref(`${id}DeadLetters`),
        arn,
        'sns.amazonaws.com',
      );
    }
    if (queue === undefined) {
      // without the permission, SNS would drop what is published meanwhile
      resources[id] = { ...subscription, DependsOn: `${id}Permission` };
      resources[`${id}Permission`] = allowInvoke(to, principal, arn);
      return { resources, outputs: made.outputs ?? {} };
    }
    const consumer = { timeout: to.timeout, batchWindow: queue.settings.batchWindow ?? 0 };
    const between = queuePart(queue.id, queue.made, consumer, context.names);
    const mapping = queueMapping(to, { kind: 'made', made: queue.made }, queue.settings);
    const policy = sendPolicy(arnOf(queue.id, 'AWS::SQS::Queue'), ref(queue.id), arn, principal);
    return {
      resources: {
        ...resources,
        ...between.resources,
        [`${queue.id}Policy`]: policy,
        // without the policy, SNS would drop what is published meanwhile
        [id]: { ...subscription, DependsOn: `${queue.id}Policy` },
        ...mapping.resources,
      },
      outputs: { ...made.outputs, ...between.outputs },
      statements: [...(mapping.statements ?? []), ...(between.statements ?? [])],
    };
  },
};

function deadLetterTarget(deadLetters: Plain | undefined, own: string): Value | undefined {
  if (deadLetters === true) return arnOf(own, 'AWS::SQS::Queue');
  if (typeof deadLetters !== 'string' || deadLetters.startsWith('arn:')) return deadLetters;
  return arnOf(deadLetters, 'AWS::SQS::Queue');
}

// The topic of an event: an existing one by logical id, ARN or intrinsic, or one that fx makes.

import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { converted, described, flag, object, oneOf, type Schema, text } from '../base/schema.ts';
import { arnOf } from '../cfn/arn.ts';
import { type EnvironmentNames, fitted, pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { canonicalJson, type Resource, ref, type Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { makeKey, type Named, namedOrMade } from './_made.ts';
import type { FunctionReference, Use } from './source.ts';

export interface MadeTopic {
  /** The logical id; true if fx derives it from the function. */
  readonly make: true | string;
  readonly name?: string;
  readonly fifo?: boolean;
  readonly contentBasedDeduplication?: boolean;
  readonly highThroughput?: boolean;
  readonly displayName?: string;
  readonly kmsKey?: Plain;
  readonly tracing?: 'Active' | 'PassThrough';
}

export type NamedTopic = Named<MadeTopic>;

const longestTopicName = 256;
const make = makeKey(
  'true, or the logical id of the topic. Other functions, resources and permissions refer to it.',
  'News',
);

const madeTopic: Schema<MadeTopic> = converted(
  object({
    required: { make },
    optional: {
      name: described(
        'The end of its name, after the project and the environment. Without it, AWS chooses a name; that of a FIFO topic ends with its logical id.',
        text({ pattern: /^[A-Za-z0-9_-]{1,200}$/, expected: 'letters, digits, - and _' }),
        { examples: ['news'] },
      ),
      fifo: described('A FIFO topic: in order by group, without duplicates. It delivers to queues only.', flag, {
        default: false,
      }),
      contentBasedDeduplication: described('FIFO: a message without an id of its own has its hash.', flag, {
        default: false,
      }),
      highThroughput: described('FIFO: deduplicates within each group, so that more messages pass.', flag, {
        default: false,
      }),
      displayName: described('The name in mails and text messages.', text({ longest: 100 }), { examples: ['News'] }),
      kmsKey: described(
        'The KMS key that encrypts the messages: an ARN, an id, alias/… or an intrinsic.',
        textOrIntrinsic(/^\S+$/, 'a KMS key, or an intrinsic'),
        { examples: ['alias/aws/sns'] },
      ),
      tracing: oneOf(['Active', 'PassThrough'], 'Whether SNS traces messages with X-Ray.', { default: 'PassThrough' }),
    },
    elsewhere: { fifoTopic: 'fifo', kmsMasterKeyId: 'kmsKey', topicName: 'name', tracingConfig: 'tracing' },
  }),
  (written) => {
    const fifoOnly = (['contentBasedDeduplication', 'highThroughput'] as const).find(
      (key) => written[key] && !written.fifo,
    );
    if (fifoOnly !== undefined) return { wrong: `${fifoOnly} is for FIFO topics only`, hint: 'add fifo: true' };
    return { value: written };
  },
);

export const namedTopic = namedOrMade('a topic', madeTopic, {
  about:
    'The logical id of a topic under resources or that another event makes, an ARN, or {make: …} for one that fx makes.',
  example: 'News',
});

/** The logical id of a topic of the template; undefined for an ARN or an intrinsic. */
export function topicId(topic: NamedTopic, to: FunctionReference): string | undefined {
  if (topic.kind === 'made') return topic.made.make === true ? to.id('Topic') : topic.made.make;
  const { named } = topic;
  return typeof named === 'string' && !named.startsWith('arn:') ? named : undefined;
}

export function topicArn(topic: NamedTopic, to: FunctionReference): Value {
  const id = topicId(topic, to);
  if (id !== undefined) return arnOf(id, 'AWS::SNS::Topic');
  return topic.kind === 'existing' ? topic.named : '';
}

/** Derived from the topic alone, so that a new subscription renames no other. */
export function topicIdPart(topic: NamedTopic): string {
  if (topic.kind === 'made') return topic.made.make === true ? 'Topic' : topic.made.make;
  const { named } = topic;
  if (typeof named !== 'string') return `Topic${sha256(canonicalJson(named)).slice(0, 8)}`;
  if (!named.startsWith('arn:')) return named;
  return `${pascalCase(named.split(':').at(-1) ?? '')}${sha256(named).slice(0, 8)}`;
}

export function describedTopic(topic: NamedTopic): string {
  if (topic.kind === 'made') return topic.made.make === true ? 'its own topic' : topic.made.make;
  return typeof topic.named === 'string' ? topic.named : JSON.stringify(topic.named);
}

/** The topics that the entries make, by logical id: other entries may name them. */
export function madeTopics(uses: readonly Use<{ readonly topic: NamedTopic }>[]): ReadonlyMap<string, MadeTopic> {
  return new Map(
    uses.flatMap(({ function: to, config: { topic } }): [string, MadeTopic][] =>
      topic.kind === 'made' ? [[topicId(topic, to) ?? '', topic.made]] : [],
    ),
  );
}

/** Undefined if fx cannot know. */
export function isFifoTopic(
  topic: NamedTopic,
  known: { readonly made: ReadonlyMap<string, MadeTopic>; readonly resources: ReadonlyMap<string, Resource> },
): boolean | undefined {
  if (topic.kind === 'made') return topic.made.fifo ?? false;
  const { named } = topic;
  if (typeof named !== 'string') return undefined;
  if (named.startsWith('arn:')) return named.endsWith('.fifo');
  const made = known.made.get(named);
  if (made !== undefined) return made.fifo ?? false;
  return String(known.resources.get(named)?.Properties?.['FifoTopic']) === 'true';
}

/** The topic, and the output of its ARN. */
export function topicPart(id: string, topic: MadeTopic, names: EnvironmentNames): Part {
  const suffix = topic.fifo ? '.fifo' : '';
  // CloudFormation chooses a name without .fifo, which SNS refuses:
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
  const end = topic.name ?? (topic.fifo ? id : undefined);
  const whole = `${names.project}-${names.environment}-${end}`;
  return {
    resources: {
      [id]: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          ...(end === undefined ? {} : { TopicName: `${fitted(whole, longestTopicName - suffix.length)}${suffix}` }),
          ...(topic.fifo ? { FifoTopic: true } : {}),
          ...(topic.contentBasedDeduplication ? { ContentBasedDeduplication: true } : {}),
          ...(topic.highThroughput ? { FifoThroughputScope: 'MessageGroup' } : {}),
          ...(topic.displayName === undefined ? {} : { DisplayName: topic.displayName }),
          ...(topic.kmsKey === undefined ? {} : { KmsMasterKeyId: topic.kmsKey }),
          ...(topic.tracing === undefined ? {} : { TracingConfig: topic.tracing }),
        },
      },
    },
    outputs: { [`${id}Arn`]: { Description: `The topic ${id}`, Value: ref(id) } },
  };
}

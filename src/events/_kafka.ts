// Shared by `kafka` and `msk`: the keys of a topic, checks, and the mapping.
import type { Problem, Span } from '../base/error.ts';
import { described, oneOf, text } from '../base/schema.ts';
import type { Part, Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import type { Access } from './_broker.ts';
import {
  type KafkaAuth,
  registryProperties,
  registryStatements,
  type SchemaRegistry,
  schemaRegistry,
  wrongAuth,
} from './_kafka-auth.ts';
import { provisionedPollers } from './_mapping.ts';
import { checkStream, type StreamSettings, streamDefaults, streamFields, streamMapping, timestamp } from './_stream.ts';
import type { FunctionReference, SourceContext } from './source.ts';

export interface TopicSettings extends StreamSettings {
  readonly topic: string;
  readonly consumerGroup: string | undefined;
  readonly schemaRegistry: SchemaRegistry | undefined;
  readonly startingTimestamp: number | undefined;
  readonly systemLogLevel: 'DEBUG' | 'INFO' | 'WARN' | undefined;
  readonly auth: KafkaAuth | undefined;
}

const {
  // Kafka has partitions in place of shards, and no windows: https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-process.html
  parallelization: _,
  tumblingWindow: __,
  ...stream
} = streamFields(['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP']);
export const topicName = text({ pattern: /^[A-Za-z0-9_.-]{1,249}$/, expected: 'the name of a topic' });
export const consumerGroup = described(
  'The consumer group that Lambda joins. Without one, a name of its own, so that a new mapping begins anew.',
  text({ pattern: /^[A-Za-z0-9\-/*:_+=.@]{1,200}$/, expected: 'the name of a consumer group' }),
  { examples: ['shop-orders'] },
);

export const topicFields = {
  ...stream,
  provisionedPollers: provisionedPollers(
    { least: 1, most: 2000 },
    {
      group: described(
        'Mappings of one group share the capacity of their pollers.',
        text({ pattern: /^[a-zA-Z0-9-_]{1,128}$/, expected: 'letters, digits, - and _' }),
        { examples: ['shop'] },
      ),
    },
  ),
  systemLogLevel: oneOf(['DEBUG', 'INFO', 'WARN'], 'What Lambda logs about the mapping itself.'),
  consumerGroup,
  schemaRegistry,
  startingTimestamp: described('Where to begin with startingPosition: AT_TIMESTAMP.', timestamp, {
    examples: ['2027-01-31T09:00:00Z'],
  }),
};

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html */
export const topicDefaults = {
  ...streamDefaults,
  auth: undefined,
  consumerGroup: undefined,
  schemaRegistry: undefined,
  startingTimestamp: undefined,
  systemLogLevel: undefined,
} as const;

const keys = ['key', 'value', 'topic', 'partition', 'offset', 'timestamp', 'timestampType', 'headers'];

export function checkTopic(settings: TopicSettings, at: Span, { resources }: SourceContext): Problem[] {
  const problems = checkStream(settings, { keys, at, resources });
  const wrong = wrongAuth(settings.auth);
  if (wrong !== undefined) problems.push({ at, message: wrong });
  const isAt = settings.startingPosition === 'AT_TIMESTAMP';
  if (isAt !== (settings.startingTimestamp !== undefined)) {
    problems.push({ at, message: 'startingPosition: AT_TIMESTAMP and startingTimestamp need each other' });
  }
  return problems;
}

export interface Cluster {
  /** The properties of the mapping that name the cluster. */
  readonly source: Readonly<Record<string, Value>>;
  /** The property with the settings of this kind of cluster. */
  readonly configuration: 'AmazonManagedKafkaEventSourceConfig' | 'SelfManagedKafkaEventSourceConfig';
  readonly more?: Readonly<Record<string, Value>>;
  readonly access: readonly Access[];
  readonly statements: readonly Statement[];
}

export function topicMapping(
  target: FunctionReference,
  id: string,
  cluster: Cluster,
  settings: TopicSettings,
  context: SourceContext,
): Part {
  const { topic, consumerGroup: group, schemaRegistry: registry, startingTimestamp, systemLogLevel } = settings;
  const configuration = {
    ...(group === undefined ? {} : { ConsumerGroupId: group }),
    ...registryProperties(registry),
    ...cluster.more,
  };
  return streamMapping(
    target,
    id,
    {
      properties: {
        ...cluster.source,
        Topics: [topic],
        ...(cluster.access.length === 0 ? {} : { SourceAccessConfigurations: [...cluster.access] as unknown as Value }),
        ...(Object.keys(configuration).length === 0 ? {} : { [cluster.configuration]: configuration }),
        ...(systemLogLevel === undefined ? {} : { LoggingConfig: { SystemLogLevel: systemLogLevel } }),
        ...(startingTimestamp === undefined ? {} : { StartingPositionTimestamp: startingTimestamp }),
      },
      statements: [...cluster.statements, ...registryStatements(registry)],
    },
    settings,
    context,
  );
}

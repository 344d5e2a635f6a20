// `kafka`: batches of records of a topic of a Kafka cluster of one's own, or of a vendor.
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { converted, described, list, object, oneOf, type Schema, text } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { networkStatement } from './_broker.ts';
import { checkTopic, type TopicSettings, topicDefaults, topicFields, topicMapping, topicName } from './_kafka.ts';
import { kafkaAccess, kafkaAuthStatements, ownClusterAuth } from './_kafka-auth.ts';
import { endlessRetries } from './_stream.ts';
import type { EventSource } from './source.ts';

interface Network {
  readonly subnetIds: readonly Plain[];
  readonly securityGroupIds: readonly Plain[];
}

export interface KafkaSource extends TopicSettings {
  readonly bootstrapServers: readonly string[];
  readonly vpc: Network | undefined;
  readonly consumptionMode: 'Queue' | 'Stream' | undefined;
}

const ids = (prefix: string, what: string) =>
  list(
    textOrIntrinsic(
      new RegExp(`^${prefix}-[0-9a-z]+$`),
      `a ${what} such as ${prefix}-0a1b2c3d4e5f67890, or an intrinsic`,
    ),
    {
      least: 1,
    },
  );

const schema: Schema<KafkaSource> = converted(
  object({
    required: {
      // https://docs.aws.amazon.com/lambda/latest/api/API_SelfManagedEventSource.html
      bootstrapServers: described(
        'The brokers to begin with, at most ten.',
        list(text({ pattern: /^[A-Za-z0-9.-]+:\d{1,5}$/, expected: 'host:port' }), { least: 1, most: 10 }),
        { examples: [['b1.kafka.example.com:9096']] },
      ),
      topic: described('The topic.', topicName, { examples: ['orders'] }),
    },
    optional: {
      auth: described('How Lambda proves itself to the brokers.', ownClusterAuth),
      vpc: described(
        'Where the brokers are, if they are in a VPC.',
        object({
          required: {
            subnetIds: described('Subnets from which Lambda reaches them.', ids('subnet', 'subnet'), {
              examples: [['subnet-0a1b2c3d4e5f67890']],
            }),
            securityGroupIds: described('Security groups of its network interfaces.', ids('sg', 'security group'), {
              examples: [['sg-0a1b2c3d4e5f67890']],
            }),
          },
          optional: {},
        }),
      ),
      consumptionMode: oneOf(['Stream', 'Queue'], 'Partitions in order, or the queues of Kafka 4 without an order.', {
        default: 'Stream',
      }),
      ...topicFields,
    },
    elsewhere: { endpoints: 'bootstrapServers', consumerGroupId: 'consumerGroup', accessConfigurations: 'auth' },
  }),
  (written): { readonly value: KafkaSource } | { readonly wrong: string; readonly hint?: string } => {
    const { consumptionMode, maximumRetryAttempts } = written;
    if (written.auth === undefined && written.vpc === undefined) {
      // Lambda answers: Required 'sourceAccessConfigurations' parameter is missing.
      return {
        wrong: 'kafka needs auth or vpc',
        hint: 'say how Lambda reaches the brokers: `auth: {saslScram512: arn:aws:secretsmanager:…}`',
      };
    }
    const base = { ...topicDefaults, vpc: undefined, consumptionMode: undefined };
    if (consumptionMode !== 'Queue') return { value: { ...base, ...written } };
    // https://docs.aws.amazon.com/lambda/latest/api/API_SelfManagedKafkaEventSourceConfig.html
    const refused = (['startingPosition', 'startingTimestamp', 'batchWindow'] as const).find(
      (key) => written[key] !== undefined,
    );
    if (refused !== undefined) return { wrong: `consumptionMode: Queue has no ${refused}` };
    if (maximumRetryAttempts === -1)
      return { wrong: 'consumptionMode: Queue ends its retries, so maximumRetryAttempts cannot be -1' };
    return { value: { ...base, ...written, startingPosition: undefined } };
  },
);

export const kafka: EventSource<'kafka', KafkaSource> = {
  kind: 'kafka',
  schema,
  docs: {
    summary: 'Calls the function with batches of records of a topic of a Kafka cluster outside of Amazon MSK.',
    example:
      'kafka: {bootstrapServers: ["b1.kafka.example.com:9096"], topic: orders, auth: {saslScram512: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-Ab12Cd"}, maximumRetryAttempts: 3}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html',
  },
  typeOf: () => 'lambda.SelfManagedKafkaEvent',
  describe: ({ topic, enabled }) => `kafka ${topic}${enabled ? '' : ' (disabled)'}`,
  check: (uses, context) => uses.flatMap(({ config, at }) => checkTopic(config, at, context)),
  warn: (uses) =>
    uses.flatMap(({ config, at }) =>
      config.consumptionMode === 'Queue' ? [] : endlessRetries(config, at, 'as long as the topic keeps them'),
    ),
  compile({ function: target, config }, context) {
    const { bootstrapServers, auth, vpc, consumptionMode } = config;
    const network = [
      ...(vpc?.subnetIds ?? []).map((id) => ({ Type: 'VPC_SUBNET', URI: prefixed('subnet', id) })),
      ...(vpc?.securityGroupIds ?? []).map((id) => ({
        Type: 'VPC_SECURITY_GROUP',
        URI: prefixed('security_group', id),
      })),
    ];
    return topicMapping(
      target,
      target.id(`Kafka${idPart(config)}`),
      {
        source: { SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: [...bootstrapServers] } } },
        configuration: 'SelfManagedKafkaEventSourceConfig',
        ...(consumptionMode === undefined ? {} : { more: { ConsumptionMode: consumptionMode } }),
        access: [...network, ...kafkaAccess(auth)],
        statements: [...kafkaAuthStatements(auth), ...(vpc === undefined ? [] : [networkStatement])],
      },
      config,
      context,
    );
  },
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html */
function prefixed(kind: string, id: Plain): Plain {
  return typeof id === 'string' ? `${kind}:${id}` : { 'Fn::Join': [':', [kind, id]] };
}

/** By cluster and topic, so that a new mapping renames no other. */
function idPart({ topic, bootstrapServers }: KafkaSource): string {
  return `${pascalCase(topic)}${sha256(JSON.stringify([topic, [...bootstrapServers].sort()])).slice(0, 8)}`;
}

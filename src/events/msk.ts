// `msk`: batches of records of a topic of an Amazon MSK cluster.
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { converted, described, object, type Schema } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import { allow, type Statement } from '../cfn/part.ts';
import { canonicalJson, type Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { networkStatement } from './_broker.ts';
import { checkTopic, type TopicSettings, topicDefaults, topicFields, topicMapping, topicName } from './_kafka.ts';
import { kafkaAccess, kafkaAuth, kafkaAuthStatements } from './_kafka-auth.ts';
import { endlessRetries } from './_stream.ts';
import type { EventSource } from './source.ts';

export interface MskSource extends TopicSettings {
  /** The ARN of a cluster or of a VPC connection to one of another account, or an intrinsic. */
  readonly cluster: Plain;
}

const clusterArn = /^(arn:[^:]+:kafka:[^:]+:\d{12}):cluster\/([^/]+)\/([^/]+)$/;
/** https://docs.aws.amazon.com/lambda/latest/dg/msk-cross-account.html */
const connectionArn = /^arn:[^:]+:kafka:[^:]+:\d{12}:vpc-connection\/\d{12}\/[^/]+\/[^/]+$/;

const schema: Schema<MskSource> = converted(
  object({
    required: {
      cluster: described(
        'The ARN of the cluster, or of a VPC connection to one of another account, or an intrinsic.',
        textOrIntrinsic(
          new RegExp(`${clusterArn.source}|${connectionArn.source}`),
          'the ARN of a cluster or of a VPC connection, or an intrinsic',
        ),
        {
          examples: ['arn:aws:kafka:eu-west-1:111122223333:cluster/shop/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-1'],
        },
      ),
      topic: described('The topic.', topicName, { examples: ['orders'] }),
    },
    optional: {
      auth: described(
        "A secret, if the cluster does not take the function's role (IAM).",
        kafkaAuth(['clientCertificate', 'saslScram512']),
      ),
      ...topicFields,
    },
    elsewhere: { arn: 'cluster', consumerGroupId: 'consumerGroup', saslScram512: 'auth.saslScram512' },
  }),
  (written) => ({ value: { ...topicDefaults, ...written } }),
);

export const msk: EventSource<'msk', MskSource> = {
  kind: 'msk',
  schema,
  docs: {
    summary: 'Calls the function with batches of records of a topic of an Amazon MSK cluster.',
    example:
      'msk: {cluster: "arn:aws:kafka:eu-west-1:111122223333:cluster/shop/0a1b2c3d-1", topic: orders, maximumRetryAttempts: 3}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html',
  },
  typeOf: () => 'lambda.MSKEvent',
  describe: ({ topic, enabled }) => `msk ${topic}${enabled ? '' : ' (disabled)'}`,
  check: (uses, context) => uses.flatMap(({ config, at }) => checkTopic(config, at, context)),
  warn: (uses) => uses.flatMap(({ config, at }) => endlessRetries(config, at, 'as long as the topic keeps them')),
  compile({ function: target, config }, context) {
    const { cluster, auth, topic } = config;
    return topicMapping(
      target,
      target.id(`Msk${pascalCase(topic)}${sha256(canonicalJson([cluster, topic])).slice(0, 8)}`),
      {
        source: { EventSourceArn: cluster },
        configuration: 'AmazonManagedKafkaEventSourceConfig',
        access: kafkaAccess(auth),
        statements: [
          // https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
          ...(isConnection(cluster)
            ? [
                allow('kafka:DescribeVpcConnection', cluster),
                allow(['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], '*'),
              ]
            : [allow(['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], cluster)]),
          networkStatement,
          ...(auth === undefined ? roleStatements(config) : kafkaAuthStatements(auth)),
        ],
      },
      config,
      context,
    );
  },
};

const isConnection = (cluster: Plain) => typeof cluster === 'string' && connectionArn.test(cluster);

/** What the role may do in a cluster that takes it for proof: https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html */
function roleStatements({ cluster, topic, consumerGroup = '*' }: MskSource): readonly Statement[] {
  const of = (kind: string, name: string): Value => {
    const [, prefix, clusterName, uuid] = typeof cluster === 'string' ? (clusterArn.exec(cluster) ?? []) : [];
    // the ARN of a topic has the cluster's name and id
    if (prefix !== undefined) return `${prefix}:${kind}/${clusterName}/${uuid}/${name}`;
    const parts = { 'Fn::Split': [':cluster/', cluster] };
    const [before, after] = [0, 1].map((index) => ({ 'Fn::Select': [index, parts] }));
    return { 'Fn::Join': ['', [before ?? '', `:${kind}/`, after ?? '', `/${name}`]] };
  };
  return [
    allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'], cluster),
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], of('topic', topic)),
    allow(['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'], of('group', consumerGroup)),
  ];
}

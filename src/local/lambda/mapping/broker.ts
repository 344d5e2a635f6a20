// Brokers and databases outside the local AWS as sources: Kafka, MSK, MQ, DocumentDB. A mapping is checked, kept and described as on AWS;
// since the local AWS has no network of its own, it reads nothing and says so, as Lambda does of a broker that it cannot reach.
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { AwsError, Cloud } from '../../cloud.ts';
import { checkConstraints } from '../../constraint.ts';
import { deniedAction } from '../../role-permissions.ts';
import type { FunctionVersion } from '../state.ts';
import { checkFilters } from './filters.ts';
import type { MappingInput, Source } from './source.ts';
import { invalidParameter } from './stream.ts';

/** The members of the request, as they were given. */
type BrokerSettings = Omit<MappingInput, 'StartingPositionTimestamp'> & { readonly startTime?: number };

/** For self-managed clusters, which have no ARN. */
export const selfManagedPrefix = 'kafka://';

const common = [
  'BatchSize',
  'FilterCriteria',
  'KMSKeyArn',
  'MaximumBatchingWindowInSeconds',
  'SourceAccessConfigurations',
] as const;
const kafkaMembers = [
  ...common,
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'FunctionResponseTypes',
  'LoggingConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'MetricsConfig',
  'ProvisionedPollerConfig',
  'StartingPosition',
  'StartingPositionTimestamp',
  'Topics',
] as const;

interface Kind {
  readonly service: string;
  readonly title: string;
  readonly members: Source['members'];
  /** What the role must be allowed, by the resource: the source, or anything. */
  readonly actions: { readonly source: readonly string[]; readonly any: readonly string[] };
  readonly check: (settings: BrokerSettings) => void;
  /** The member with the consumer group: Lambda makes one of the mapping's id. */
  readonly group?: 'AmazonManagedKafkaEventSourceConfig' | 'SelfManagedKafkaEventSourceConfig';
}

const networkActions = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeVpcs', 'DeleteNetworkInterface']
  .concat('DescribeSubnets', 'DescribeSecurityGroups')
  .map((action) => `ec2:${action}`);

export const msk = brokerSource({
  service: 'kafka',
  title: 'Kafka',
  members: [...kafkaMembers, 'AmazonManagedKafkaEventSourceConfig'],
  // https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
  actions: { source: ['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], any: networkActions },
  check: checkTopics,
  group: 'AmazonManagedKafkaEventSourceConfig',
});

export const selfManagedKafka = brokerSource({
  service: selfManagedPrefix,
  title: 'Kafka',
  members: [...kafkaMembers, 'SelfManagedEventSource', 'SelfManagedKafkaEventSourceConfig'],
  actions: { source: [], any: [] },
  check(settings) {
    if ((settings.SourceAccessConfigurations ?? []).length === 0) throw missing('sourceAccessConfigurations');
    checkTopics(settings);
  },
  group: 'SelfManagedKafkaEventSourceConfig',
});

export const mq = brokerSource({
  service: 'mq',
  title: 'MQ',
  members: [...common, 'Queues'],
  // https://docs.aws.amazon.com/lambda/latest/dg/process-mq-messages-with-lambda.html
  actions: { source: ['mq:DescribeBroker'], any: networkActions },
  check({ Queues, SourceAccessConfigurations = [] }) {
    if (Queues === undefined) throw missing('queues');
    if (SourceAccessConfigurations.length === 0) throw missing('sourceAccessConfigurations');
    checkConstraints('ValidationException', [['queues', Queues, { min: 1, max: 1 }]]);
  },
});

export const documentdb = brokerSource({
  service: 'rds',
  title: 'DocumentDB',
  members: [...common, 'DocumentDBEventSourceConfig', 'StartingPosition', 'StartingPositionTimestamp'],
  // https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html
  actions: { source: ['rds:DescribeDBClusters'], any: networkActions },
  check({ DocumentDBEventSourceConfig: config, StartingPosition: position, SourceAccessConfigurations = [] }) {
    if (config?.DatabaseName === undefined) throw missing('documentDBEventSourceConfig.databaseName');
    if (position === undefined) throw missing('startingPosition');
    if (SourceAccessConfigurations.length === 0) throw missing('sourceAccessConfigurations');
  },
});

function missing(member: string): AwsError {
  return invalidParameter(`Required '${member}' parameter is missing.`);
}

function checkTopics(settings: BrokerSettings): void {
  const { Topics, StartingPosition: position, SelfManagedKafkaEventSourceConfig: own } = settings;
  if (Topics === undefined) throw missing('topics');
  checkConstraints('ValidationException', [['topics', Topics, { min: 1, max: 1 }]]);
  // https://docs.aws.amazon.com/lambda/latest/api/API_SelfManagedKafkaEventSourceConfig.html
  if (own?.ConsumptionMode === 'Queue') {
    if (position !== undefined)
      throw invalidParameter('StartingPosition is not supported when ConsumptionMode is Queue.');
  } else if (position === undefined) throw missing('startingPosition');
}

function brokerSource({ service, title, members, actions, check, group }: Kind): Source<BrokerSettings> {
  return {
    service,
    title,
    members,
    read(_arn, input, before) {
      const { StartingPositionTimestamp: time, ...given } = input;
      const settings = {
        ...before,
        ...Object.fromEntries(Object.entries(given).filter(([name]) => members.includes(name as keyof MappingInput))),
        ...(time === undefined ? {} : { startTime: time.getTime() }),
      };
      checkSettings(settings);
      check(settings);
      return settings;
    },
    check: (cloud, arn, version) => checkRole(cloud, arn, version, title, actions),
    describe: ({ startTime, ...settings }, uuid) => ({
      ...(settings as Partial<EventSourceMappingConfiguration>),
      BatchSize: settings.BatchSize ?? 100,
      ...(startTime === undefined ? {} : { StartingPositionTimestamp: new Date(startTime) }),
      ...(group === undefined ? {} : { [group]: { ConsumerGroupId: uuid, ...settings[group] } }),
    }),
    unreachable: 'PROBLEM: Connection error. Please check your event source connection configuration.',
    ...(service === selfManagedPrefix ? { conflict: kafkaConflict } : {}),
    isSame: (one, other) => JSON.stringify([one.Topics, one.Queues]) === JSON.stringify([other.Topics, other.Queues]),
    poll: () => ({ stop: () => Promise.resolve() }),
  };
}

function kafkaConflict(source: string, target: string, { Topics = [] }: BrokerSettings): string {
  const servers = source.slice(selfManagedPrefix.length);
  return `An event source mapping with event source ("${servers}"), function ("${target}"), topics ("${Topics.join(',')}") already exists.`;
}

function checkSettings(settings: BrokerSettings): void {
  const filters = settings.FilterCriteria?.Filters?.map(({ Pattern = '' }) => Pattern) ?? [];
  checkConstraints('ValidationException', [
    ['batchSize', settings.BatchSize, { min: 1, max: 10_000 }],
    ['maximumBatchingWindowInSeconds', settings.MaximumBatchingWindowInSeconds, { min: 0, max: 300 }],
    ['maximumRetryAttempts', settings.MaximumRetryAttempts, { min: -1, max: 10_000 }],
    ['maximumRecordAgeInSeconds', settings.MaximumRecordAgeInSeconds, { min: -1, max: 604_800 }],
    ['startingPosition', settings.StartingPosition, { oneOf: ['LATEST', 'AT_TIMESTAMP', 'TRIM_HORIZON'] }],
    ['filterCriteria.filters', filters, { max: 10 }],
  ]);
  checkFilters(filters);
}

async function checkRole(
  cloud: Cloud,
  arn: string,
  { settings: { role } }: FunctionVersion,
  title: string,
  { source, any }: Kind['actions'],
): Promise<void> {
  const denied = (await deniedAction(cloud, role, source, arn)) ?? (await deniedAction(cloud, role, any, '*'));
  if (denied === undefined) return;
  const [service = '', action = ''] = denied.split(':');
  const name = service === 'ec2' ? 'EC2' : title;
  throw invalidParameter(`The provided execution role does not have permissions to call ${action} on ${name}`);
}

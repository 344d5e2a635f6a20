// AWS::Lambda: permissions, event source mappings and event invoke configs. Functions, versions and layers have their own files.
import { AwsError, type Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { functionProvider } from './lambda-function.ts';
import { layerProviders } from './lambda-layer.ts';
import { urlProviders } from './lambda-url.ts';
import { versionProviders } from './lambda-version.ts';
import { type Context, HandlerError, type Providers, type Provisioned } from './provider.ts';
import { pause, pick, tagChanges, tagMap, text } from './values.ts';

const eventSettings = ['DestinationConfig', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts'];

const mappingProperties = [
  'AmazonManagedKafkaEventSourceConfig',
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'DocumentDBEventSourceConfig',
  'Enabled',
  'EventSourceArn',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'KMSKeyArn',
  'LoggingConfig',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'MetricsConfig',
  'ParallelizationFactor',
  'ProvisionedPollerConfig',
  'Queues',
  'ScalingConfig',
  'SelfManagedEventSource',
  'SelfManagedKafkaEventSourceConfig',
  'SourceAccessConfigurations',
  'StartingPosition',
  'StartingPositionTimestamp',
  'Topics',
  'TumblingWindowInSeconds',
];
const createOnlyMappingProperties = [
  'EventSourceArn',
  'SelfManagedEventSource',
  'StartingPosition',
  'StartingPositionTimestamp',
];

/** The defaults of an event source mapping; of a batch, for a queue. */
const mappingDefaults: Properties = {
  BatchSize: 10,
  BisectBatchOnFunctionError: false,
  DestinationConfig: { OnFailure: {} },
  Enabled: true,
  FilterCriteria: { Filters: [] },
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  ParallelizationFactor: 1,
  TumblingWindowInSeconds: 0,
  KMSKeyArn: '',
  MetricsConfig: { Metrics: [] },
  ProvisionedPollerConfig: {},
  ScalingConfig: {},
};

const streamBatchSize = 100;

/** CloudFormation spells the key and the servers of Kafka otherwise than Lambda, and has times as seconds. */
function mappingInput(properties: Properties): Properties {
  const { KmsKeyArn, SelfManagedEventSource: own, StartingPositionTimestamp: time, ...others } = properties;
  const { KafkaBootstrapServers: servers } = (own as { Endpoints?: Properties } | undefined)?.Endpoints ?? {};
  return {
    ...others,
    ...(KmsKeyArn === undefined ? {} : { KMSKeyArn: KmsKeyArn }),
    ...(time === undefined ? {} : { StartingPositionTimestamp: new Date(Number(time) * 1000) }),
    ...(own === undefined ? {} : { SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: servers } } }),
  };
}

async function settledMapping({ cloud, signal }: Context, UUID: string): Promise<Provisioned> {
  for (;;) {
    const mapping = await cloud.call('lambda', 'GetEventSourceMapping', { UUID });
    if (!/ing$/.test(mapping.State ?? '')) {
      return { physicalId: UUID, attributes: { Id: UUID, EventSourceMappingArn: mapping.EventSourceMappingArn } };
    }
    await pause(signal);
  }
}

async function untilGone({ cloud, signal }: Context, UUID: string): Promise<void> {
  for (;;) {
    try {
      await cloud.call('lambda', 'GetEventSourceMapping', { UUID });
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return;
      throw error;
    }
    await pause(signal);
  }
}

export const lambdaProviders: Providers = {
  'AWS::Lambda::Function': functionProvider,
  ...versionProviders,
  ...layerProviders,
  ...urlProviders,

  'AWS::Lambda::Permission': {
    service: 'Lambda',
    properties: [
      'Action',
      'EventSourceToken',
      'FunctionName',
      'FunctionUrlAuthType',
      'InvokedViaFunctionUrl',
      'Principal',
      'PrincipalOrgID',
      'SourceAccount',
      'SourceArn',
    ],
    name: { property: 'Id', limit: 100 },
    async create({ cloud, name, properties }) {
      await cloud.call('lambda', 'AddPermission', {
        ...pick(properties, [
          'EventSourceToken',
          'FunctionUrlAuthType',
          'InvokedViaFunctionUrl',
          'PrincipalOrgID',
          'SourceAccount',
          'SourceArn',
        ]),
        FunctionName: text(properties, 'FunctionName'),
        Action: text(properties, 'Action'),
        Principal: text(properties, 'Principal'),
        StatementId: name,
      });
      return { physicalId: name, attributes: { Id: name } };
    },
    async delete({ cloud, physicalId, properties }) {
      const FunctionName = text(properties, 'FunctionName');
      await cloud.call('lambda', 'RemovePermission', { FunctionName, StatementId: physicalId });
    },
  },

  'AWS::Lambda::EventInvokeConfig': {
    service: 'Lambda',
    properties: ['FunctionName', 'Qualifier', ...eventSettings],
    async create({ cloud, properties }) {
      const config = { FunctionName: text(properties, 'FunctionName'), Qualifier: text(properties, 'Qualifier') };
      if (await isThere(cloud.call('lambda', 'GetFunctionEventInvokeConfig', config))) {
        throw new HandlerError('AlreadyExists', `${config.FunctionName}|${config.Qualifier} already exists.`);
      }
      await cloud.call('lambda', 'PutFunctionEventInvokeConfig', { ...config, ...pick(properties, eventSettings) });
      return { physicalId: `${config.FunctionName}|${config.Qualifier}`, attributes: {} };
    },
    async update({ cloud, physicalId, after }) {
      const config = { FunctionName: text(after, 'FunctionName'), Qualifier: text(after, 'Qualifier') };
      // Put replaces the whole config; it refuses a request without any setting.
      const settings = { DestinationConfig: {}, ...pick(after, eventSettings) };
      await cloud.call('lambda', 'PutFunctionEventInvokeConfig', { ...config, ...settings });
      return { physicalId, attributes: {} };
    },
    async delete({ cloud, properties }) {
      const config = { FunctionName: text(properties, 'FunctionName'), Qualifier: text(properties, 'Qualifier') };
      await cloud.call('lambda', 'DeleteFunctionEventInvokeConfig', config);
    },
  },

  'AWS::Lambda::EventSourceMapping': {
    service: 'Lambda',
    properties: [...mappingProperties.filter((name) => name !== 'KMSKeyArn'), 'KmsKeyArn', 'Tags'],
    async create(request) {
      const { cloud, properties, initiated } = request;
      const { UUID = '' } = await cloud.call('lambda', 'CreateEventSourceMapping', {
        ...(pick(mappingInput(properties), mappingProperties) as unknown as Input<
          'lambda',
          'CreateEventSourceMapping'
        >),
        ...(properties['Tags'] === undefined ? {} : { Tags: tagMap(properties) }),
      });
      initiated(UUID);
      return settledMapping(request, UUID);
    },
    async update(request) {
      const { cloud, physicalId: UUID, before, after, changed } = request;
      const names = mappingProperties.filter(
        (name) => changed.has(name === 'KMSKeyArn' ? 'KmsKeyArn' : name) && !createOnlyMappingProperties.includes(name),
      );
      const wanted = mappingInput(after);
      const settings = Object.fromEntries(
        names.map((name) => {
          const isOfStream = name === 'BatchSize' && !String(after['EventSourceArn']).includes(':sqs:');
          const value = wanted[name] ?? (isOfStream ? streamBatchSize : mappingDefaults[name]);
          if (value !== undefined) return [name, value];
          throw new HandlerError('NotUpdatable', `The fx local AWS cannot take ${name} away from a mapping.`);
        }),
      );
      if (names.length > 0) await cloud.call('lambda', 'UpdateEventSourceMapping', { UUID, ...settings });
      const settled = await settledMapping(request, UUID);
      if (changed.has('Tags')) {
        const { set, remove } = tagChanges(before, after);
        const Resource = String(settled.attributes['EventSourceMappingArn']);
        if (remove.length > 0) await cloud.call('lambda', 'UntagResource', { Resource, TagKeys: remove });
        if (Object.keys(set).length > 0) await cloud.call('lambda', 'TagResource', { Resource, Tags: set });
      }
      return settled;
    },
    async delete(request) {
      const { cloud, physicalId: UUID } = request;
      await cloud.call('lambda', 'DeleteEventSourceMapping', { UUID });
      await untilGone(request, UUID);
    },
  },
};

async function isThere(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return false;
    throw error;
  }
}

// AWS::Lambda: functions (in a file of their own), versions, aliases, permissions and event source mappings.
import { AwsError, type Cloud, type Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { functionProvider } from './lambda-function.ts';
import { type Context, HandlerError, type Providers, type Provisioned } from './provider.ts';
import { given, pause, pick, tagChanges, tagMap, text } from './values.ts';

interface WeightRule {
  readonly FunctionVersion: string;
  readonly FunctionWeight: number;
}

/** The template has a list where the API has a map. */
function routing(properties: Properties) {
  const config = properties['RoutingConfig'] as { AdditionalVersionWeights?: readonly WeightRule[] } | undefined;
  const weights = config?.AdditionalVersionWeights ?? [];
  return {
    AdditionalVersionWeights: Object.fromEntries(
      weights.map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, FunctionWeight]),
    ),
  };
}

const mappingProperties = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'Enabled',
  'EventSourceArn',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'MetricsConfig',
  'ParallelizationFactor',
  'ProvisionedPollerConfig',
  'ScalingConfig',
  'StartingPosition',
  'TumblingWindowInSeconds',
];
const createOnlyMappingProperties = ['EventSourceArn', 'StartingPosition'];

/** What a mapping to a queue has where the template says nothing. */
const mappingDefaults: Properties = {
  BatchSize: 10,
  Enabled: true,
  FilterCriteria: { Filters: [] },
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
  ScalingConfig: {},
};

async function settledMapping({ cloud, signal }: Context, UUID: string): Promise<Provisioned> {
  for (;;) {
    const found = await cloud.call('lambda', 'GetEventSourceMapping', { UUID });
    if (!/ing$/.test(found.State ?? '')) {
      return { physicalId: UUID, attributes: { Id: UUID, EventSourceMappingArn: found.EventSourceMappingArn } };
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

  'AWS::Lambda::Version': {
    service: 'Lambda',
    properties: ['CodeSha256', 'Description', 'FunctionName'],
    async create({ cloud, properties }) {
      const FunctionName = text(properties, 'FunctionName');
      const existing = await versionsOf(cloud, FunctionName);
      const { Version = '', FunctionArn = '' } = await cloud.call('lambda', 'PublishVersion', {
        FunctionName,
        ...given({ CodeSha256: text(properties, 'CodeSha256'), Description: text(properties, 'Description') }),
      });
      // PublishVersion answers the newest version where nothing has changed since; a resource cannot own it.
      // https://github.com/serverless/serverless/issues/8392
      if (existing.has(Version)) {
        throw new HandlerError(
          'AlreadyExists',
          `A version for this Lambda function exists ( ${Version} ). Modify the function to create a new version.`,
        );
      }
      return { physicalId: FunctionArn, attributes: { Version, FunctionArn } };
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('lambda', 'DeleteFunction', { FunctionName: physicalId });
    },
  },

  'AWS::Lambda::Alias': {
    service: 'Lambda',
    properties: ['Description', 'FunctionName', 'FunctionVersion', 'Name', 'RoutingConfig'],
    async create({ cloud, properties }) {
      const { AliasArn = '' } = await cloud.call('lambda', 'CreateAlias', {
        FunctionName: text(properties, 'FunctionName'),
        Name: text(properties, 'Name'),
        FunctionVersion: text(properties, 'FunctionVersion'),
        ...given({ Description: text(properties, 'Description') }),
        RoutingConfig: routing(properties),
      });
      return { physicalId: AliasArn, attributes: { AliasArn } };
    },
    async update({ cloud, physicalId, after }) {
      await cloud.call('lambda', 'UpdateAlias', {
        FunctionName: text(after, 'FunctionName'),
        Name: text(after, 'Name'),
        FunctionVersion: text(after, 'FunctionVersion'),
        Description: text(after, 'Description') ?? '',
        RoutingConfig: routing(after),
      });
      return { physicalId, attributes: { AliasArn: physicalId } };
    },
    async delete({ cloud, properties }) {
      const [FunctionName, Name] = [text(properties, 'FunctionName'), text(properties, 'Name')];
      await cloud.call('lambda', 'DeleteAlias', { FunctionName, Name });
    },
  },

  'AWS::Lambda::LayerVersion': {
    service: 'Lambda',
    properties: ['CompatibleArchitectures', 'CompatibleRuntimes', 'Content', 'Description', 'LayerName', 'LicenseInfo'],
    name: { property: 'LayerName', limit: 140 },
    async create({ cloud, name, properties }) {
      const { LayerVersionArn = '' } = await cloud.call('lambda', 'PublishLayerVersion', {
        ...(pick(properties, [
          'CompatibleArchitectures',
          'CompatibleRuntimes',
          'Content',
          'Description',
          'LicenseInfo',
        ]) as unknown as Input<'lambda', 'PublishLayerVersion'>),
        LayerName: name,
      });
      return { physicalId: LayerVersionArn, attributes: { LayerVersionArn } };
    },
    async delete({ cloud, physicalId }) {
      const [, LayerName, number] = /^(.*):(\d+)$/.exec(physicalId) ?? [];
      await cloud.call('lambda', 'DeleteLayerVersion', { LayerName, VersionNumber: Number(number) });
    },
  },

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

  'AWS::Lambda::EventSourceMapping': {
    service: 'Lambda',
    properties: [...mappingProperties, 'Tags'],
    async create(request) {
      const { cloud, properties, initiated } = request;
      const { UUID = '' } = await cloud.call('lambda', 'CreateEventSourceMapping', {
        ...(pick(properties, mappingProperties) as unknown as Input<'lambda', 'CreateEventSourceMapping'>),
        ...(properties['Tags'] === undefined ? {} : { Tags: tagMap(properties) }),
      });
      initiated(UUID);
      return settledMapping(request, UUID);
    },
    async update(request) {
      const { cloud, physicalId: UUID, before, after, changed } = request;
      const names = mappingProperties.filter(
        (name) => changed.has(name) && !createOnlyMappingProperties.includes(name),
      );
      const settings = Object.fromEntries(
        names.map((name) => {
          const value = after[name] ?? mappingDefaults[name];
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

async function versionsOf(cloud: Cloud, FunctionName: string | undefined): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  let Marker: string | undefined;
  do {
    const page = await cloud.call('lambda', 'ListVersionsByFunction', { FunctionName, ...given({ Marker }) });
    for (const { Version = '' } of page.Versions ?? []) found.add(Version);
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  return found;
}

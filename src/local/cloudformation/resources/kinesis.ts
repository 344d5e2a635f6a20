// AWS::Kinesis: streams, and their consumers with enhanced fan-out.
import { AwsError, type Cloud, type Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers, Provisioned } from './provider.ts';
import { defined, json, tagChanges, tagMap, text } from './values.ts';

type Mode = NonNullable<Input<'kinesis', 'CreateStream'>['StreamModeDetails']>['StreamMode'];

interface Settings {
  readonly DesiredShardLevelMetrics?: readonly 'ALL'[];
  readonly MaxRecordSizeInKiB?: number;
  readonly RetentionPeriodHours?: number;
  readonly ShardCount?: number;
  readonly StreamEncryption?: { readonly EncryptionType: 'KMS'; readonly KeyId: string };
  readonly StreamModeDetails?: { readonly StreamMode: Mode };
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesis-stream.html
const defaultHours = 24;
const smallestRecordKiB = 1024;

const modeOf = ({ StreamModeDetails }: Settings): Mode => StreamModeDetails?.StreamMode ?? 'PROVISIONED';

async function described(cloud: Cloud, StreamName: string): Promise<Provisioned> {
  const { StreamDescriptionSummary } = await cloud.call('kinesis', 'DescribeStreamSummary', { StreamName });
  return { physicalId: StreamName, attributes: { Arn: StreamDescriptionSummary?.StreamARN } };
}

/** From one state of a stream to another. */
async function change(cloud: Cloud, StreamName: string, before: Settings, after: Settings): Promise<void> {
  const { attributes } = await described(cloud, StreamName);
  const StreamARN = String(attributes?.['Arn']);
  if (modeOf(before) !== modeOf(after)) {
    await cloud.call('kinesis', 'UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode: modeOf(after) } });
  }
  const count = after.ShardCount;
  if (count !== undefined && modeOf(after) === 'PROVISIONED' && before.ShardCount !== count) {
    await cloud.call('kinesis', 'UpdateShardCount', {
      StreamName,
      TargetShardCount: count,
      ScalingType: 'UNIFORM_SCALING',
    });
  }
  const [was, hours] = [before.RetentionPeriodHours ?? defaultHours, after.RetentionPeriodHours ?? defaultHours];
  const retention = { StreamName, RetentionPeriodHours: hours };
  if (hours > was) await cloud.call('kinesis', 'IncreaseStreamRetentionPeriod', retention);
  if (hours < was) await cloud.call('kinesis', 'DecreaseStreamRetentionPeriod', retention);
  const [oldKey, key] = [before.StreamEncryption, after.StreamEncryption];
  if (key !== undefined && JSON.stringify(oldKey) !== JSON.stringify(key)) {
    await cloud.call('kinesis', 'StartStreamEncryption', { StreamName, ...key });
  }
  if (key === undefined && oldKey !== undefined) {
    await cloud.call('kinesis', 'StopStreamEncryption', { StreamName, ...oldKey });
  }
  const size = after.MaxRecordSizeInKiB ?? smallestRecordKiB;
  if (size !== (before.MaxRecordSizeInKiB ?? smallestRecordKiB)) {
    await cloud.call('kinesis', 'UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB: size });
  }
  const [old, wanted] = [before.DesiredShardLevelMetrics ?? [], after.DesiredShardLevelMetrics ?? []];
  if (JSON.stringify(old) === JSON.stringify(wanted)) return;
  if (old.length > 0)
    await cloud.call('kinesis', 'DisableEnhancedMonitoring', { StreamName, ShardLevelMetrics: [...old] });
  if (wanted.length > 0) {
    await cloud.call('kinesis', 'EnableEnhancedMonitoring', { StreamName, ShardLevelMetrics: [...wanted] });
  }
}

const settingsOf = (properties: Properties) => properties as Settings;

export const kinesisProviders: Providers = {
  'AWS::Kinesis::Stream': {
    service: 'Kinesis',
    properties: [
      'DesiredShardLevelMetrics',
      'MaxRecordSizeInKiB',
      'Name',
      'RetentionPeriodHours',
      'ShardCount',
      'StreamEncryption',
      'StreamModeDetails',
      'Tags',
    ],
    name: { property: 'Name', limit: 128 },
    async create({ cloud, name: StreamName, properties }) {
      const settings = settingsOf(properties);
      const StreamMode = modeOf(settings);
      const ShardCount = StreamMode === 'PROVISIONED' ? (settings.ShardCount ?? 1) : undefined;
      await cloud.call('kinesis', 'CreateStream', {
        StreamName,
        ...defined({ ShardCount }),
        StreamModeDetails: { StreamMode },
        Tags: tagMap(properties),
      });
      await change(
        cloud,
        StreamName,
        defined({ ShardCount: settings.ShardCount, StreamModeDetails: settings.StreamModeDetails }),
        settings,
      );
      return described(cloud, StreamName);
    },
    async update({ cloud, physicalId: StreamName, before, after }) {
      await change(cloud, StreamName, settingsOf(before), settingsOf(after));
      const { set, remove } = tagChanges(before, after);
      if (remove.length > 0) await cloud.call('kinesis', 'RemoveTagsFromStream', { StreamName, TagKeys: remove });
      if (Object.keys(set).length > 0) await cloud.call('kinesis', 'AddTagsToStream', { StreamName, Tags: set });
      return described(cloud, StreamName);
    },
    async delete({ cloud, physicalId: StreamName }) {
      try {
        await cloud.call('kinesis', 'DeleteStream', { StreamName, EnforceConsumerDeletion: true });
      } catch (error) {
        if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error;
      }
    },
  },

  'AWS::Kinesis::StreamConsumer': {
    service: 'Kinesis',
    properties: ['ConsumerName', 'StreamARN', 'Tags'],
    async create({ cloud, properties }) {
      const { Consumer } = await cloud.call('kinesis', 'RegisterStreamConsumer', {
        StreamARN: text(properties, 'StreamARN'),
        ConsumerName: text(properties, 'ConsumerName'),
        Tags: tagMap(properties),
      });
      const { ConsumerARN = '', ConsumerName, ConsumerStatus, ConsumerCreationTimestamp } = Consumer ?? {};
      const attributes = {
        ConsumerARN,
        ConsumerName,
        ConsumerStatus,
        ConsumerCreationTimestamp: String((ConsumerCreationTimestamp?.getTime() ?? 0) / 1000),
        StreamARN: text(properties, 'StreamARN'),
      };
      return { physicalId: ConsumerARN, attributes };
    },
    async update({ cloud, physicalId: ResourceARN, before, after }) {
      const { set, remove } = tagChanges(before, after);
      if (remove.length > 0) await cloud.call('kinesis', 'UntagResource', { ResourceARN, TagKeys: remove });
      if (Object.keys(set).length > 0) await cloud.call('kinesis', 'TagResource', { ResourceARN, Tags: set });
      return { physicalId: ResourceARN, attributes: { ConsumerARN: ResourceARN } };
    },
    async delete({ cloud, physicalId: ConsumerARN }) {
      try {
        await cloud.call('kinesis', 'DeregisterStreamConsumer', { ConsumerARN });
      } catch (error) {
        if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error;
      }
    },
  },

  'AWS::Kinesis::ResourcePolicy': {
    service: 'Kinesis',
    properties: ['ResourceArn', 'ResourcePolicy'],
    async create({ cloud, properties }) {
      const ResourceARN = text(properties, 'ResourceArn') ?? '';
      await cloud.call('kinesis', 'PutResourcePolicy', { ResourceARN, Policy: json(properties['ResourcePolicy']) });
      return { physicalId: ResourceARN, attributes: {} };
    },
    async update({ cloud, physicalId: ResourceARN, after }) {
      await cloud.call('kinesis', 'PutResourcePolicy', { ResourceARN, Policy: json(after['ResourcePolicy']) });
      return { physicalId: ResourceARN, attributes: {} };
    },
    async delete({ cloud, physicalId: ResourceARN }) {
      await cloud.call('kinesis', 'DeleteResourcePolicy', { ResourceARN });
    },
  },
};

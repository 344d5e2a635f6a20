// AWS::CloudWatch::Alarm, for alarms on one metric.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers, Provisioned } from './provider.ts';
import { pick, tagChanges, tagList } from './values.ts';

type Settings = Input<'monitoring', 'PutMetricAlarm'>;

const settings = [
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluationPeriods',
  'ExtendedStatistic',
  'InsufficientDataActions',
  'MetricName',
  'Namespace',
  'OKActions',
  'Period',
  'Statistic',
  'Threshold',
  'TreatMissingData',
];

async function put(cloud: Cloud, AlarmName: string, properties: Properties, isNew: boolean): Promise<Provisioned> {
  await cloud.call('monitoring', 'PutMetricAlarm', {
    ...(pick(properties, settings) as unknown as Settings),
    AlarmName,
    ...(isNew ? { Tags: tagList(properties) } : {}),
  });
  const { MetricAlarms } = await cloud.call('monitoring', 'DescribeAlarms', { AlarmNames: [AlarmName] });
  return { physicalId: AlarmName, attributes: { Arn: MetricAlarms?.[0]?.AlarmArn } };
}

export const cloudWatchProviders: Providers = {
  'AWS::CloudWatch::Alarm': {
    service: 'CloudWatch',
    properties: ['AlarmName', ...settings, 'Tags'],
    name: { property: 'AlarmName', limit: 255 },
    create: ({ cloud, name, properties }) => put(cloud, name, properties, true),
    async update({ cloud, physicalId, before, after, changed }) {
      const provisioned = await put(cloud, physicalId, after, false);
      if (changed.has('Tags')) {
        const ResourceARN = String(provisioned.attributes['Arn']);
        const { remove } = tagChanges(before, after);
        if (remove.length > 0) await cloud.call('monitoring', 'UntagResource', { ResourceARN, TagKeys: remove });
        await cloud.call('monitoring', 'TagResource', { ResourceARN, Tags: tagList(after) });
      }
      return provisioned;
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('monitoring', 'DeleteAlarms', { AlarmNames: [physicalId] });
    },
  },
};

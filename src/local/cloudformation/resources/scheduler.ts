// AWS::Scheduler: schedules and their groups.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers, Provisioned } from './provider.ts';
import { defined, tagChanges, tagList, text } from './values.ts';

type Settings = Input<'scheduler', 'CreateSchedule'>;

function settingsOf(properties: Properties, Name: string): Settings {
  const date = (name: string) => {
    const value = text(properties, name);
    return value === undefined ? undefined : new Date(value);
  };
  return {
    Name,
    ...groupOf(properties),
    ScheduleExpression: text(properties, 'ScheduleExpression'),
    FlexibleTimeWindow: properties['FlexibleTimeWindow'] as Settings['FlexibleTimeWindow'],
    Target: properties['Target'] as Settings['Target'],
    ...defined({
      Description: text(properties, 'Description'),
      EndDate: date('EndDate'),
      ScheduleExpressionTimezone: text(properties, 'ScheduleExpressionTimezone'),
      StartDate: date('StartDate'),
      State: properties['State'] as Settings['State'],
    }),
  };
}

const groupOf = (properties: Properties) => defined({ GroupName: text(properties, 'GroupName') });

async function create(cloud: Cloud, properties: Properties, name: string): Promise<Provisioned> {
  const { ScheduleArn } = await cloud.call('scheduler', 'CreateSchedule', settingsOf(properties, name));
  return { physicalId: name, attributes: { Arn: ScheduleArn } };
}

export const schedulerProviders: Providers = {
  'AWS::Scheduler::Schedule': {
    service: 'Scheduler',
    properties: [
      'Description',
      'EndDate',
      'FlexibleTimeWindow',
      'GroupName',
      'Name',
      'ScheduleExpression',
      'ScheduleExpressionTimezone',
      'StartDate',
      'State',
      'Target',
    ],
    name: { property: 'Name', limit: 64 },
    create: ({ cloud, name, properties }) => create(cloud, properties, name),
    async update({ cloud, physicalId: Name, before, after, changed }) {
      if (changed.has('GroupName')) {
        const made = await create(cloud, after, Name);
        await cloud.call('scheduler', 'DeleteSchedule', { Name, ...groupOf(before) });
        return made;
      }
      const { ScheduleArn } = await cloud.call('scheduler', 'UpdateSchedule', settingsOf(after, Name));
      return { physicalId: Name, attributes: { Arn: ScheduleArn } };
    },
    async delete({ cloud, physicalId: Name, properties }) {
      await cloud.call('scheduler', 'DeleteSchedule', { Name, ...groupOf(properties) });
    },
  },
  'AWS::Scheduler::ScheduleGroup': {
    service: 'Scheduler',
    properties: ['Name', 'Tags'],
    name: { property: 'Name', limit: 64 },
    async create({ cloud, name: Name, properties }) {
      await cloud.call('scheduler', 'CreateScheduleGroup', { Name, Tags: tagList(properties) });
      return group(cloud, Name);
    },
    async update({ cloud, physicalId: Name, before, after }) {
      const made = await group(cloud, Name);
      const ResourceArn = String(made.attributes['Arn']);
      const { remove } = tagChanges(before, after);
      if (remove.length > 0) await cloud.call('scheduler', 'UntagResource', { ResourceArn, TagKeys: remove });
      await cloud.call('scheduler', 'TagResource', { ResourceArn, Tags: tagList(after) });
      return made;
    },
    async delete({ cloud, physicalId: Name }) {
      await cloud.call('scheduler', 'DeleteScheduleGroup', { Name });
    },
  },
};

async function group(cloud: Cloud, Name: string): Promise<Provisioned> {
  const { Arn, State, CreationDate, LastModificationDate } = await cloud.call('scheduler', 'GetScheduleGroup', {
    Name,
  });
  const times = {
    CreationDate: CreationDate?.toISOString(),
    LastModificationDate: LastModificationDate?.toISOString(),
  };
  return { physicalId: Name, attributes: { Arn, State, ...times } };
}

// EventBridge Scheduler's operations on schedule groups and their tags.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group.html
import type { Tag } from '@aws-sdk/client-scheduler';
import type { Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { withoutKeys } from '../without-keys.ts';
import {
  conflict,
  defaultGroup,
  findGroup,
  type Group,
  groupArn,
  invalid,
  notFound,
  type SchedulerContext,
} from './state.ts';

export const nameRule = { pattern: '[0-9a-zA-Z-_.]+', min: 1, max: 64 };

export function groupOperations(context: SchedulerContext): Operations<'scheduler'> {
  const { cloud, groups, schedules } = context;
  const onGroup = { resource: ({ Name = '' }: { Name: string | undefined }) => groupArn(context, Name) };
  return {
    CreateScheduleGroup: {
      members: ['Name', 'Tags', 'ClientToken'],
      authorize: onGroup,
      run({ Name: name = '', Tags, ClientToken }) {
        checkConstraints('ValidationException', [['name', name, nameRule]]);
        const existing = groups.get(name);
        const isRepeated = existing?.clientToken !== undefined && existing.clientToken === ClientToken;
        if (isRepeated) return { ScheduleGroupArn: groupArn(context, name) };
        if (existing !== undefined || name === defaultGroup) throw conflict(`Schedule group ${name} already exists.`);
        const now = cloud.now();
        groups.set(name, {
          ...{ name, created: now, modified: now, tags: tagsOf(Tags) },
          ...(ClientToken === undefined ? {} : { clientToken: ClientToken }),
        });
        return { ScheduleGroupArn: groupArn(context, name) };
      },
    },
    GetScheduleGroup: {
      members: ['Name'],
      authorize: onGroup,
      run: ({ Name = '' }) => shown(context, findGroup(context, Name)),
    },
    ListScheduleGroups: {
      members: ['NamePrefix', 'NextToken', 'MaxResults'],
      run({ NamePrefix = '', NextToken: token, MaxResults: most = 100 }) {
        const all = [findGroup(context, defaultGroup), ...groups.values()]
          .filter(({ name }) => name.startsWith(NamePrefix))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = pageByName(all, ({ name }) => name, { token, most });
        return {
          ScheduleGroups: items.map((group) => shown(context, group)),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    DeleteScheduleGroup: {
      members: ['Name', 'ClientToken'],
      authorize: onGroup,
      run({ Name = '' }) {
        const { name } = findGroup(context, Name);
        if (name === defaultGroup) throw invalid('You cannot delete the default schedule group.');
        // a group takes its schedules with it
        for (const schedule of schedules.filter(({ group }) => group === name)) context.delete(schedule);
        groups.delete(name);
        return {};
      },
    },

    TagResource: {
      members: ['ResourceArn', 'Tags'],
      authorize: { resource: ({ ResourceArn }) => ResourceArn },
      run({ ResourceArn, Tags }) {
        const group = taggedGroup(context, ResourceArn);
        groups.set(group.name, { ...group, tags: { ...group.tags, ...tagsOf(Tags) } });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceArn', 'TagKeys'],
      authorize: { resource: ({ ResourceArn }) => ResourceArn },
      run({ ResourceArn, TagKeys = [] }) {
        const group = taggedGroup(context, ResourceArn);
        groups.set(group.name, { ...group, tags: withoutKeys(group.tags, TagKeys) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['ResourceArn'],
      authorize: { resource: ({ ResourceArn }) => ResourceArn },
      run: ({ ResourceArn }) => ({
        Tags: Object.entries(taggedGroup(context, ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}

function tagsOf(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** Only groups have tags. */
function taggedGroup(context: SchedulerContext, arn: string | undefined): Group {
  const name = arn?.split(':schedule-group/')[1];
  if (name === undefined) throw notFound(`Resource ${arn} does not exist.`);
  return findGroup(context, name);
}

function shown(context: SchedulerContext, { name, created, modified }: Group) {
  return {
    Arn: groupArn(context, name),
    Name: name,
    State: 'ACTIVE' as const,
    CreationDate: new Date(created),
    LastModificationDate: new Date(modified),
  };
}

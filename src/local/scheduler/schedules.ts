// EventBridge Scheduler's operations on schedules.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
import { parseSchedule } from '../../cfn/schedule-expression.ts';
import { timeZoneNamed } from '../../cfn/schedule-times.ts';
import type { Input, Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { nameRule } from './groups.ts';
import {
  conflict,
  defaultGroup,
  findGroup,
  invalid,
  notFound,
  type Schedule,
  type SchedulerContext,
  scheduleArn,
  scheduleKey,
} from './state.ts';
import { checkTarget } from './target.ts';

type Settings = Input<'scheduler', 'CreateSchedule'>;

const members = [
  ...(['Name', 'GroupName', 'ScheduleExpression', 'ScheduleExpressionTimezone', 'StartDate', 'EndDate'] as const),
  ...(['Description', 'State', 'Target', 'FlexibleTimeWindow', 'ClientToken', 'ActionAfterCompletion'] as const),
];
const fiveMinutesMs = 300_000;

export function scheduleOperations(context: SchedulerContext): Operations<'scheduler'> {
  const { cloud, schedules } = context;
  const onSchedule = {
    resource: ({
      Name: name = '',
      GroupName: group = defaultGroup,
    }: {
      Name: string | undefined;
      GroupName?: string | undefined;
    }) => scheduleArn(context, { name, group }),
  };
  const find = (name = '', group = defaultGroup): Schedule => {
    findGroup(context, group);
    const schedule = schedules.get(scheduleKey({ group, name }));
    if (schedule === undefined) throw notFound(`Schedule ${name} does not exist.`);
    return schedule;
  };
  return {
    CreateSchedule: {
      members,
      authorize: onSchedule,
      async run(input) {
        const { Name: name = '', GroupName: group = defaultGroup, ClientToken } = input;
        await checkSchedule(context, input);
        const existing = schedules.get(scheduleKey({ group, name }));
        const isRepeated = existing?.clientToken !== undefined && existing.clientToken === ClientToken;
        if (!isRepeated) {
          if (existing !== undefined) throw conflict(`Schedule ${name} already exists.`);
          context.change({ ...scheduleOf(input), created: cloud.now(), modified: cloud.now() });
        }
        return { ScheduleArn: scheduleArn(context, { group, name }) };
      },
    },
    UpdateSchedule: {
      members,
      authorize: onSchedule,
      async run(input) {
        const before = find(input.Name, input.GroupName);
        await checkSchedule(context, input);
        // what the request does not name gets its default
        context.change({ ...scheduleOf(input), created: before.created, modified: cloud.now() });
        return { ScheduleArn: scheduleArn(context, before) };
      },
    },
    GetSchedule: {
      members: ['Name', 'GroupName'],
      authorize: onSchedule,
      run({ Name, GroupName }) {
        const schedule = find(Name, GroupName);
        const { description, start, end } = schedule;
        return {
          ...listed(context, schedule),
          ActionAfterCompletion: schedule.afterCompletion,
          FlexibleTimeWindow: schedule.window,
          ScheduleExpression: schedule.expression,
          ScheduleExpressionTimezone: schedule.timezone,
          Target: schedule.target,
          ...(description === undefined ? {} : { Description: description }),
          ...(start === undefined ? {} : { StartDate: new Date(start) }),
          ...(end === undefined ? {} : { EndDate: new Date(end) }),
        };
      },
    },
    ListSchedules: {
      members: ['GroupName', 'NamePrefix', 'State', 'NextToken', 'MaxResults'],
      run({ GroupName, NamePrefix = '', State, NextToken: token, MaxResults: most = 100 }) {
        if (GroupName !== undefined) findGroup(context, GroupName);
        const found = schedules
          .filter(({ group }) => GroupName === undefined || group === GroupName)
          .filter(({ name, state }) => name.startsWith(NamePrefix) && (State === undefined || state === State))
          .sort((a, b) => (scheduleKey(a) < scheduleKey(b) ? -1 : 1));
        const { items, nextToken } = pageByName(found, scheduleKey, { token, most });
        return {
          Schedules: items.map((schedule) => ({
            ...listed(context, schedule),
            Target: { Arn: schedule.target.Arn },
          })),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    DeleteSchedule: {
      members: ['Name', 'GroupName', 'ClientToken'],
      authorize: onSchedule,
      run({ Name, GroupName }) {
        context.delete(find(Name, GroupName));
        return {};
      },
    },
  };
}

async function checkSchedule(context: SchedulerContext, input: Settings): Promise<void> {
  const { ScheduleExpression: expression = '', ScheduleExpressionTimezone: timezone, FlexibleTimeWindow } = input;
  const { Mode, MaximumWindowInMinutes } = FlexibleTimeWindow ?? {};
  checkConstraints('ValidationException', [
    ['name', input.Name, nameRule],
    ['groupName', input.GroupName, nameRule],
    ['scheduleExpression', expression, { min: 1, max: 256 }],
    ['scheduleExpressionTimezone', timezone, { min: 1, max: 50 }],
    ['description', input.Description, { max: 512 }],
    ['state', input.State, { oneOf: ['ENABLED', 'DISABLED'] }],
    ['flexibleTimeWindow.mode', Mode, { oneOf: ['OFF', 'FLEXIBLE'] }],
    ['flexibleTimeWindow.maximumWindowInMinutes', MaximumWindowInMinutes, { min: 1, max: 1440 }],
    ['actionAfterCompletion', input.ActionAfterCompletion, { oneOf: ['NONE', 'DELETE'] }],
  ]);
  findGroup(context, input.GroupName ?? defaultGroup);
  if (parseSchedule(expression).kind === 'invalid') throw invalid(`Invalid Schedule Expression ${expression}.`);
  if (timezone !== undefined && timeZoneNamed(timezone) === undefined) {
    throw invalid(`Invalid Schedule Expression Timezone ${timezone}.`);
  }
  if ((Mode === 'FLEXIBLE') !== (MaximumWindowInMinutes !== undefined)) {
    throw invalid('MaximumWindowInMinutes must be provided for FlexibleTimeWindow with Mode FLEXIBLE, and only then.');
  }
  const [start, end] = [input.StartDate?.getTime(), input.EndDate?.getTime()];
  const earliest = context.cloud.now() - fiveMinutesMs;
  if (start !== undefined && start < earliest) {
    throw invalid('The StartDate you specify cannot be earlier than 5 minutes ago.');
  }
  if (end !== undefined && end < earliest)
    throw invalid('The EndDate you specify cannot be earlier than 5 minutes ago.');
  if (start !== undefined && end !== undefined && start >= end) {
    throw invalid('The StartDate you specify must come before the EndDate.');
  }
  await checkTarget(context, input.Target, input.GroupName ?? defaultGroup);
}

function scheduleOf(input: Settings): Omit<Schedule, 'created' | 'modified'> {
  return {
    name: input.Name ?? '',
    group: input.GroupName ?? defaultGroup,
    expression: input.ScheduleExpression ?? '',
    timezone: input.ScheduleExpressionTimezone ?? 'UTC',
    state: input.State ?? 'ENABLED',
    window: input.FlexibleTimeWindow ?? { Mode: 'OFF' },
    target: withDefaults(input.Target),
    afterCompletion: input.ActionAfterCompletion ?? 'NONE',
    ...(input.StartDate === undefined ? {} : { start: input.StartDate.getTime() }),
    ...(input.EndDate === undefined ? {} : { end: input.EndDate.getTime() }),
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
  };
}

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
function withDefaults(target: Settings['Target']): Schedule['target'] {
  const { Arn, RoleArn, RetryPolicy, ...settings } = target ?? { Arn: undefined, RoleArn: undefined };
  const retry = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185, ...RetryPolicy };
  return { Arn, RoleArn, ...settings, RetryPolicy: retry };
}

function listed(context: SchedulerContext, schedule: Schedule) {
  return {
    Arn: scheduleArn(context, schedule),
    Name: schedule.name,
    GroupName: schedule.group,
    State: schedule.state,
    CreationDate: new Date(schedule.created),
    LastModificationDate: new Date(schedule.modified),
  };
}

// EventBridge's operations on rules.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html
import { parseSchedule } from '../../cfn/schedule-expression.ts';
import type { Input, Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { compilePatternText } from './pattern-text.ts';
import {
  busOf,
  defaultBus,
  type EventsContext,
  findBus,
  findRule,
  invalid,
  type Rule,
  ruleArn,
  ruleKey,
  tooMany,
} from './state.ts';
import { tagsOf } from './tags.ts';

export const ruleNameRule = { pattern: '[\\.\\-_A-Za-z0-9]+', min: 1, max: 64 };
const states = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const mostRules = 300;

export function ruleOperations(context: EventsContext): Operations<'events'> {
  const { cloud, rules } = context;
  const onRule = {
    resource: ({ Name, EventBusName }: { Name: string | undefined; EventBusName?: string | undefined }) =>
      ruleArn(context, Name, EventBusName),
  };
  return {
    PutRule: {
      members: [
        'Name',
        'ScheduleExpression',
        'EventPattern',
        'State',
        'Description',
        'RoleArn',
        'Tags',
        'EventBusName',
      ],
      authorize: onRule,
      run(input) {
        const bus = checkRule(context, input);
        const name = input.Name ?? '';
        const old = rules.get(ruleKey(bus, name));
        if (old === undefined && rules.filter((rule) => busOf(rule) === bus).length >= mostRules) throw tooMany();
        const rule: Rule = {
          Name: name,
          Arn: ruleArn(context, name, bus),
          ...(bus === defaultBus ? {} : { EventBusName: bus }),
          State: input.State ?? 'ENABLED',
          tags: old?.tags ?? tagsOf(input.Tags),
          targets: old?.targets ?? [],
          since: cloud.now(),
          ...(input.EventPattern ? { EventPattern: input.EventPattern } : {}),
          ...(input.ScheduleExpression ? { ScheduleExpression: input.ScheduleExpression } : {}),
          ...(input.Description === undefined ? {} : { Description: input.Description }),
          ...(input.RoleArn === undefined ? {} : { RoleArn: input.RoleArn }),
        };
        context.change(rule);
        return { RuleArn: rule.Arn };
      },
    },
    DescribeRule: {
      members: ['Name', 'EventBusName'],
      authorize: onRule,
      run: ({ Name, EventBusName }) => ({
        ...shown(findRule(context, Name, EventBusName)),
        CreatedBy: cloud.accountId,
      }),
    },
    ListRules: {
      members: ['NamePrefix', 'EventBusName', 'NextToken', 'Limit'],
      run({ NamePrefix = '', EventBusName, NextToken: token, Limit: most = 100 }) {
        const { name: bus } = findBus(context, EventBusName);
        const named = rules.filter((rule) => busOf(rule) === bus && rule.Name.startsWith(NamePrefix));
        const { items, nextToken } = pageByName(sorted(named), ({ Name }) => Name, { token, most });
        return { Rules: items.map(shown), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
      },
    },
    ListRuleNamesByTarget: {
      members: ['TargetArn', 'EventBusName', 'NextToken', 'Limit'],
      run({ TargetArn, EventBusName, NextToken: token, Limit: most = 100 }) {
        const { name: bus } = findBus(context, EventBusName);
        const named = rules.filter((rule) => busOf(rule) === bus && rule.targets.some(({ Arn }) => Arn === TargetArn));
        const { items, nextToken } = pageByName(sorted(named), ({ Name }) => Name, { token, most });
        return {
          RuleNames: items.map(({ Name }) => Name),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    EnableRule: {
      members: ['Name', 'EventBusName'],
      authorize: onRule,
      run({ Name, EventBusName }) {
        context.change({ ...findRule(context, Name, EventBusName), State: 'ENABLED', since: cloud.now() });
        return {};
      },
    },
    DisableRule: {
      members: ['Name', 'EventBusName'],
      authorize: onRule,
      run({ Name, EventBusName }) {
        context.change({ ...findRule(context, Name, EventBusName), State: 'DISABLED' });
        return {};
      },
    },
    DeleteRule: {
      members: ['Name', 'EventBusName', 'Force'],
      authorize: onRule,
      run({ Name = '', EventBusName }) {
        const { name: bus } = findBus(context, EventBusName);
        const rule = rules.get(ruleKey(bus, Name));
        if (rule === undefined) return {};
        if (rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
        context.delete(rule);
        return {};
      },
    },
  };
}

/** Returns the name of the bus. */
function checkRule(context: EventsContext, input: Input<'events', 'PutRule'>): string {
  const { EventPattern: pattern, ScheduleExpression: schedule } = input;
  checkConstraints('ValidationException', [
    ['name', input.Name, ruleNameRule],
    ['scheduleExpression', schedule, { max: 256 }],
    ['eventPattern', pattern, { max: 4096 }],
    ['state', input.State, { oneOf: states }],
    ['description', input.Description, { max: 512 }],
    ['roleArn', input.RoleArn, { min: 1, max: 1600 }],
  ]);
  const { name: bus } = findBus(context, input.EventBusName);
  if (!pattern && !schedule) throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (schedule) {
    if (bus !== defaultBus) throw invalid('ScheduleExpression is supported only on the default event bus.');
    const { kind } = parseSchedule(schedule);
    if (kind === 'invalid' || kind === 'at') throw invalid('Parameter ScheduleExpression is not valid.');
  }
  if (pattern) compilePatternText(pattern);
  return bus;
}

function sorted(rules: readonly Rule[]): Rule[] {
  return rules.toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
}

function shown(rule: Rule) {
  const { Name, Arn, EventPattern, ScheduleExpression, State, Description, RoleArn } = rule;
  return {
    Name,
    Arn,
    State: State as 'ENABLED',
    EventBusName: busOf(rule),
    ...(EventPattern === undefined ? {} : { EventPattern }),
    ...(ScheduleExpression === undefined ? {} : { ScheduleExpression }),
    ...(Description === undefined ? {} : { Description }),
    ...(RoleArn === undefined ? {} : { RoleArn }),
  };
}

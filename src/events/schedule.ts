// `schedule`: EventBridge Scheduler calls the function's live alias at a rate, by a cron expression, or once; or a rule of EventBridge does.
import type { Problem } from '../base/error.ts';
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  mapOf,
  object,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';

import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { functionName, pascalCase } from '../cfn/names.ts';
import { allow, type Part, type SharedPart } from '../cfn/part.ts';
import { attribute, ref, sub, type Value } from '../cfn/resource.ts';
import { parseSchedule } from '../cfn/schedule-expression.ts';
import { nextRun, timeZoneNamed } from '../cfn/schedule-times.ts';
import { checkDeadLetters, deadLetterQueue, deadLettersSchema, warnOfPolicy } from './_dead-letters.ts';
import {
  type RuleTarget,
  retryPolicy,
  retrySchema,
  ruleInputFields,
  rulePermission,
  ruleTarget,
  severalInputs,
} from './_rule-target.ts';
import { scheduleRole, scheduleRoleId } from './_schedule-role.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export interface Schedule extends Pick<RuleTarget, 'input' | 'retry' | 'deadLetters'> {
  readonly expression: string;
  readonly enabled: boolean;
  readonly description?: string;
  readonly timezone?: string;
  /** Minutes. */
  readonly flexibleWindow?: number;
  /** As CloudFormation takes them, such as 2027-01-31T09:00:00Z. */
  readonly start?: string;
  readonly end?: string;
  /** A logical id of `resources`, or the name of an existing group. */
  readonly group?: string;
  readonly name?: string;
  /** A rule of EventBridge instead of EventBridge Scheduler. */
  readonly rule?: ScheduleRule;
}

interface ScheduleRule extends Pick<RuleTarget, 'inputPath' | 'transformer'> {
  readonly tags?: ReadonlyMap<string, string>;
}

const expected = 'rate(5 minutes), cron(0 9 ? * MON-FRI *) or at(2027-01-31T09:00:00)';
const expression: Schema<string> = converted(text({ expected }), (written) => {
  const parsed = parseSchedule(written);
  return parsed.kind === 'invalid' ? { wrong: `${JSON.stringify(written)}: ${parsed.reason}` } : { value: written };
});

const timezone: Schema<string> = converted(text({ expected: 'a time zone such as Europe/Berlin' }), (written) =>
  timeZoneNamed(written) === undefined
    ? {
        wrong: `${JSON.stringify(written)} is not a time zone`,
        hint: 'names are as in the IANA database, such as Europe/Berlin',
      }
    : { value: written },
);

/** A date is the start of its day in UTC. */
const time: Schema<string> = converted(text({ expected: 'a time such as 2027-01-31T09:00:00Z' }), (written) => {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(written);
  const ms = isTime ? Date.parse(written) : Number.NaN;
  if (Number.isNaN(ms))
    return { wrong: `expected a time such as 2027-01-31T09:00:00Z, found ${JSON.stringify(written)}` };
  return { value: `${new Date(ms).toISOString().slice(0, 19)}Z` };
});

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
const nameText = text({ pattern: /^[0-9A-Za-z._-]+$/, expected: 'a name of letters, digits, . _ and -', longest: 64 });

const rule: Schema<ScheduleRule | false> = byKind<ScheduleRule | false>({
  scalar: converted(flag, (on) => ({ value: on ? {} : false })),
  map: object({
    required: {},
    optional: {
      ...ruleInputFields,
      tags: described('Tags of the rule.', mapOf(text()), { examples: [{ team: 'reports' }] }),
    },
  }),
  expected: 'true, or a map with inputPath, transformer, tags',
});

const short: Schema<Schedule> = converted(expression, (value) => ({ value: { expression: value, enabled: true } }));
const long: Schema<Schedule> = converted(
  object({
    required: {
      expression: described(
        'rate(5 minutes), cron(0 9 ? * MON-FRI *), or at(2027-01-31T09:00:00) for once.',
        expression,
        { examples: ['rate(5 minutes)', 'cron(0 9 ? * MON-FRI *)', 'at(2027-01-31T09:00:00)'] },
      ),
    },
    optional: {
      timezone: described('The time zone of a cron expression, or of a schedule for once.', timezone, {
        default: 'UTC',
        examples: ['Europe/Berlin'],
      }),
      flexibleWindow: described(
        'Minutes after its time within which the function is called, so that not all schedules run at once.',
        integer({ least: 1, most: 1440 }),
        { examples: [15] },
      ),
      start: described('No run before this time.', time, { examples: ['2027-01-01T00:00:00Z'] }),
      end: described('No run after this time.', time, { examples: ['2027-12-31T23:59:59Z'] }),
      enabled: described('With false, the schedule is off.', flag, { default: true }),
      description: described('A description, shown next to the name in AWS.', text({ longest: 512 }), {
        examples: ['Every working day at nine'],
      }),
      input: described("What the function receives in place of AWS's event.", verbatim, {
        examples: [{ report: 'daily', due: '<aws.scheduler.scheduled-time>' }],
      }),
      retry: retrySchema,
      deadLetters: deadLettersSchema,
      group: described(
        'The group of the schedule: the logical id of an AWS::Scheduler::ScheduleGroup under resources, or the name of one that exists.',
        nameText,
        { default: 'default' },
      ),
      name: described('The name of the schedule in AWS; CloudFormation makes one without it.', nameText, {
        examples: ['daily-report'],
      }),
      rule: described(
        "A rule of EventBridge instead of EventBridge Scheduler: in UTC, without windows, start, end and once; the event has AWS's form for rules.",
        rule,
        { default: false },
      ),
    },
    elsewhere: {
      rate: 'expression',
      cron: 'expression',
      method: 'rule',
      scheduleExpressionTimezone: 'timezone',
      retryPolicy: 'retry',
      deadLetterConfig: 'deadLetters',
      startDate: 'start',
      endDate: 'end',
    },
  }),
  ({ enabled, rule: byRule, ...written }) => {
    const config: Schedule = { ...written, enabled: enabled ?? true, ...(byRule ? { rule: byRule } : {}) };
    const wrong = contradiction(config);
    return wrong === undefined ? { value: config } : { wrong };
  },
);

function contradiction(config: Schedule): string | undefined {
  const { start, end, expression: written } = config;
  const { kind } = parseSchedule(written);
  if (start !== undefined && end !== undefined && start >= end) return `start (${start}) must be before end (${end})`;
  if (kind === 'at' && (start !== undefined || end !== undefined)) {
    return 'a schedule for once has no start and no end';
  }
  if (kind === 'rate' && config.timezone !== undefined) return 'a rate is the same in every time zone: remove timezone';
  if (config.rule === undefined) return undefined;
  const unknown = (['timezone', 'flexibleWindow', 'start', 'end', 'group'] as const).find(
    (key) => config[key] !== undefined,
  );
  if (unknown !== undefined) return `a rule of EventBridge has no ${unknown}: remove it, or remove rule`;
  if (kind === 'at') return 'a rule of EventBridge does not run once: remove rule';
  return severalInputs({ ...config, ...config.rule });
}

export const schedule: EventSource<'schedule', Schedule> = {
  kind: 'schedule',
  startsMachines: true,
  schema: byKind({ scalar: short, map: long, expected }),
  docs: {
    summary: 'Calls the function at a rate, by a cron expression in a time zone, or once.',
    example: 'schedule: rate(5 minutes)',
    aws: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html',
  },
  typeOf: ({ input, rule }) =>
    input === undefined && rule?.inputPath === undefined && rule?.transformer === undefined
      ? 'lambda.ScheduledEvent'
      : 'unknown',
  describe: ({ expression: value, timezone: zone, enabled, rule: byRule }) =>
    `${value}${zone === undefined ? '' : ` ${zone}`}${byRule === undefined ? '' : ' by a rule'}${enabled ? '' : ' (disabled)'}`,
  check: (uses, context) => [
    ...uses.flatMap((use) => [...checkDeadLetters(use.config.deadLetters, use, context), ...checkGroup(use, context)]),
    ...sameNames(uses),
    ...checkRoleSize(uses, context),
  ],
  warn: (uses, context, today) =>
    uses.flatMap((use) => [
      ...(use.config.rule === undefined
        ? []
        : warnOfPolicy(use.config.deadLetters, use, context, 'events.amazonaws.com')),
      ...warnOfPast(use, today.getTime()),
    ]),
  sampleOf: ({ rule }) => (rule === undefined ? 'schedule' : 'schedule-rule'),
  compile: (use, context) => (use.config.rule === undefined ? compileSchedule(use, context) : compileRule(use)),
  shared(uses, context): SharedPart {
    const scheduled = usingRole(uses);
    if (scheduled.length === 0) return {};
    const functions = [...new Map(scheduled.map((use) => [use.function.name, use.function])).values()].map(
      (target) => ({
        function: target,
        // "Set up execution role permissions": https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        statements: scheduled.flatMap((use) => {
          const queue = use.function.name === target.name ? queueOf(use) : undefined;
          return queue === undefined ? [] : [allow('sqs:SendMessage', queue.arn)];
        }),
      }),
    );
    const groups = new Map(scheduled.map(({ config }) => [config.group, groupArn(config.group, context)] as const));
    return { resources: { [scheduleRoleId]: scheduleRole(functions, [...groups.values()]) } };
  },
};

/** A schedule keeps its logical id as long as it keeps its name; a rule has another one, since CloudFormation changes no resource's type. */
function scheduleId({ function: target, config, ordinal }: Use<Schedule>): string {
  const number = ordinal === 1 ? '' : String(ordinal);
  if (config.rule !== undefined) return target.id(`Schedule${number}`);
  return target.id(`Scheduled${config.name === undefined ? number : pascalCase(config.name)}`);
}

function queueOf(use: Use<Schedule>) {
  const { deadLetters } = use.config;
  return deadLetters === undefined ? undefined : deadLetterQueue(deadLetters, `${scheduleId(use)}DeadLetters`);
}

function compileSchedule(use: Use<Schedule>, context: SourceContext): Part {
  const { function: target, config } = use;
  const { timezone: zone, flexibleWindow, start, end, group, name, description, input, retry } = config;
  const queue = queueOf(use);
  return {
    resources: {
      [scheduleId(use)]: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          ...(name === undefined ? {} : { Name: name }),
          ...(group === undefined ? {} : { GroupName: groupName(group, context) }),
          ...(description === undefined ? {} : { Description: description }),
          ScheduleExpression: config.expression,
          ...(zone === undefined ? {} : { ScheduleExpressionTimezone: zone }),
          FlexibleTimeWindow:
            flexibleWindow === undefined
              ? { Mode: 'OFF' }
              : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: flexibleWindow },
          ...(start === undefined ? {} : { StartDate: start }),
          ...(end === undefined ? {} : { EndDate: end }),
          State: config.enabled ? 'ENABLED' : 'DISABLED',
          Target: {
            Arn: target.alias,
            RoleArn: target.startRole ?? attribute(scheduleRoleId, 'Arn'),
            ...(input === undefined ? {} : { Input: JSON.stringify(input) }),
            ...(retry === undefined ? {} : { RetryPolicy: retryPolicy(retry) }),
            ...(queue === undefined ? {} : { DeadLetterConfig: { Arn: queue.arn } }),
          },
        },
      },
      ...queue?.resources,
    },
    ...(target.startRole === undefined || queue === undefined
      ? {}
      : { statements: [allow('sqs:SendMessage', queue.arn)] }),
  };
}

function compileRule(use: Use<Schedule>): Part {
  const { function: target, config } = use;
  const id = scheduleId(use);
  const arn = arnOf(id, 'AWS::Events::Rule');
  const tags = [...(config.rule?.tags ?? [])].map(([Key, Value]) => ({ Key, Value }));
  const sent = ruleTarget(target, { ...config, ...config.rule }, { id, arn });
  return {
    resources: {
      [id]: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ...(config.name === undefined ? {} : { Name: config.name }),
          ...(config.description === undefined ? {} : { Description: config.description }),
          ScheduleExpression: config.expression,
          State: config.enabled ? 'ENABLED' : 'DISABLED',
          Targets: [sent.target],
          ...(tags.length === 0 ? {} : { Tags: tags }),
        },
      },
      ...rulePermission(target, id, arn),
      ...sent.resources,
    },
  };
}

const groupType = 'AWS::Scheduler::ScheduleGroup';

function groupName(group: string, { resources }: SourceContext): Value {
  return resources.get(group)?.Type === groupType ? ref(group) : group;
}

function groupArn(group: string | undefined, { resources }: SourceContext): Value {
  if (group !== undefined && resources.get(group)?.Type === groupType) return attribute(group, 'Arn');
  return sub(
    `arn:\${AWS::Partition}:scheduler:\${AWS::Region}:\${AWS::AccountId}:schedule-group/${group ?? 'default'}`,
  );
}

function checkGroup({ config: { group }, at }: Use<Schedule>, { resources }: SourceContext): readonly Problem[] {
  if (group === undefined) return [];
  const type = resources.get(group)?.Type;
  if (type !== undefined && type !== groupType) return [{ at, message: `"${group}" is ${type}, not ${groupType}` }];
  const groups = [...resources].flatMap(([id, { Type }]) => (Type === groupType ? [id] : []));
  const suggestion = type === undefined ? nearest(group, groups) : undefined;
  if (suggestion === undefined) return [];
  const message = `there is no group "${group}" under resources`;
  return [{ at, message, hint: `did you mean "${suggestion}"?` }];
}

function sameNames(uses: readonly Use<Schedule>[]): Problem[] {
  const seen = new Set<string>();
  return uses.flatMap(({ config: { name, group = 'default', rule: byRule }, at }) => {
    if (name === undefined) return [];
    const key = `${byRule === undefined ? group : ''}/${name}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ at, message: `two schedules have the name "${name}"`, hint: 'names are unique within a group' }];
  });
}

/** The entries that the role of all schedules is for: state machines have roles of their own. */
function usingRole(uses: readonly Use<Schedule>[]): readonly Use<Schedule>[] {
  return uses.filter(({ config, function: { startRole } }) => config.rule === undefined && startRole === undefined);
}

/** One policy names every function that has a schedule. */
function checkRoleSize(uses: readonly Use<Schedule>[], { names }: SourceContext): Problem[] {
  const scheduled = usingRole(uses);
  const functions = new Set(scheduled.map((use) => use.function.name));
  const arn = (name: string) =>
    `"arn:aws:lambda:${names.region}:111122223333:function:${functionName(names, name)}:live",`;
  const size = [...functions].reduce((sum, name) => sum + arn(name).length, 0);
  const last = scheduled.at(-1);
  if (last === undefined || size <= largestPolicy) return [];
  const message = `${functions.size} functions have schedules, and the policy of their role would have about ${size} characters; IAM takes at most ${largestPolicy}`;
  return [{ at: last.at, message, hint: 'write rule: true at some of them: rules need no role' }];
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
const largestPolicy = 10_240;

function warnOfPast({ config, at }: Use<Schedule>, now: number): Problem[] {
  const { expression: written, timezone: zone, end, enabled } = config;
  if (!enabled) return [];
  if (end !== undefined && Date.parse(end) < now) return [{ at, message: `this schedule ended at ${end}` }];
  if (nextRun(written, now, now, zone) !== undefined) return [];
  return [
    {
      at,
      message: `${written} is in the past: the function will not be called`,
      hint: 'set enabled: false, or remove it',
    },
  ];
}

// EventBridge: rules with a schedule, on the default bus, and their Lambda targets.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
import { randomUUID } from 'node:crypto';
import type { Target } from '@aws-sdk/client-eventbridge';
import { parseSchedule } from '../cfn/schedule-expression.ts';
import type { Cancel } from './clock.ts';
import { AwsError, type Cloud, type Service } from './cloud.ts';
import { notImplemented } from './constraint.ts';
import { heldToMembers } from './known-members.ts';
import { nextRun } from './schedule.ts';

interface Rule {
  Name: string;
  Arn: string;
  ScheduleExpression: string;
  State: 'ENABLED' | 'DISABLED';
  Description?: string;
  tags: Record<string, string>;
  targets: Target[];
  /** When the rule was made or changed: a rate counts from here. */
  since: number;
}

const targetLimit = 5; // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html

export function createEvents(cloud: Cloud): Service<'events'> {
  const rules = cloud.collection<Rule>('events-rules');
  const cancels = new Map<string, Cancel>();

  const find = (name: string | undefined, bus: string | undefined): Rule => {
    checkBus(bus);
    const rule = rules.get(name ?? '');
    if (rule !== undefined) return rule;
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  };
  const findByArn = (arn: string | undefined): Rule => find(arn?.slice(arn.lastIndexOf('/') + 1), undefined);

  const schedule = (name: string): void => {
    cancels.get(name)?.();
    cancels.delete(name);
    const rule = rules.get(name);
    if (rule === undefined || rule.State === 'DISABLED') return;
    const now = cloud.now();
    const due = nextRun(rule.ScheduleExpression, rule.since, now);
    if (due === undefined) return;
    const cancel = cloud.after(due - now, () => {
      fire(rule, due);
      schedule(name);
    });
    cancels.set(name, cancel);
  };

  // A target that fails is retried and dropped by EventBridge out of everyone's sight; what went wrong shows in the
  // function's own log, or as the missing permission of the rule.
  const fire = (rule: Rule, due: number): void => {
    const event = JSON.stringify(scheduledEvent(cloud, rule, due));
    for (const target of rule.targets) {
      const payload = Buffer.from(target.Input ?? event);
      const principal = { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule.Arn } as const;
      cloud
        .call('lambda', 'Invoke', { FunctionName: target.Arn, InvocationType: 'Event', Payload: payload }, principal)
        .catch((error: unknown) => reportDropped(rule, target, error));
    }
  };

  const change = (rule: Rule): void => {
    rules.set(rule.Name, rule);
    schedule(rule.Name);
  };

  return {
    name: 'events',
    async start() {
      for (const name of rules.keys()) schedule(name);
    },
    async stop() {
      for (const cancel of cancels.values()) cancel();
    },
    operations: heldToMembers(
      'events',
      {
        PutRule(input) {
          const name = input.Name ?? '';
          if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) {
            throw new AwsError(
              'ValidationException',
              `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
            );
          }
          checkBus(input.EventBusName);
          const expression = input.ScheduleExpression ?? '';
          if (parseSchedule(expression).kind === 'invalid') {
            throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
          }
          const old = rules.get(name);
          const rule: Rule = {
            Name: name,
            Arn: `arn:aws:events:${cloud.region}:${cloud.accountId}:rule/${name}`,
            ScheduleExpression: expression,
            State: input.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
            tags: old?.tags ?? Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key, tag.Value])),
            targets: old?.targets ?? [],
            since: cloud.now(),
            ...(input.Description === undefined ? {} : { Description: input.Description }),
          };
          change(rule);
          return { RuleArn: rule.Arn };
        },
        DescribeRule: (input) => shown(find(input.Name, input.EventBusName)),
        ListRules: (input) => ({
          Rules: rules.filter((rule) => rule.Name.startsWith(input.NamePrefix ?? '')).map(shown),
        }),
        EnableRule(input) {
          change({ ...find(input.Name, input.EventBusName), State: 'ENABLED', since: cloud.now() });
          return {};
        },
        DisableRule(input) {
          change({ ...find(input.Name, input.EventBusName), State: 'DISABLED' });
          return {};
        },
        DeleteRule(input) {
          checkBus(input.EventBusName);
          const rule = rules.get(input.Name ?? '');
          if (rule !== undefined && rule.targets.length > 0) {
            throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
          }
          rules.delete(input.Name ?? '');
          schedule(input.Name ?? '');
          return {};
        },
        PutTargets(input) {
          const rule = find(input.Rule, input.EventBusName);
          const added = input.Targets ?? [];
          for (const target of added) checkTarget(target);
          const targets = [...rule.targets.filter((old) => !added.some((target) => target.Id === old.Id)), ...added];
          if (targets.length > targetLimit) {
            throw new AwsError('LimitExceededException', `The requested resource exceeds the maximum number allowed.`);
          }
          change({ ...rule, targets });
          return { FailedEntryCount: 0, FailedEntries: [] };
        },
        RemoveTargets(input) {
          const rule = find(input.Rule, input.EventBusName);
          change({ ...rule, targets: rule.targets.filter((target) => !input.Ids?.includes(target.Id ?? '')) });
          return { FailedEntryCount: 0, FailedEntries: [] };
        },
        ListTargetsByRule: (input) => ({ Targets: find(input.Rule, input.EventBusName).targets }),
        TagResource(input) {
          const rule = findByArn(input.ResourceARN);
          const added = Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
          rules.set(rule.Name, { ...rule, tags: { ...rule.tags, ...added } });
          return {};
        },
        UntagResource(input) {
          const rule = findByArn(input.ResourceARN);
          const kept = Object.entries(rule.tags).filter(([key]) => !input.TagKeys?.includes(key));
          rules.set(rule.Name, { ...rule, tags: Object.fromEntries(kept) });
          return {};
        },
        ListTagsForResource: (input) => ({
          Tags: Object.entries(findByArn(input.ResourceARN).tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      },
      carriedOut,
    ),
  };
}

const ofRule = ['Name', 'EventBusName'] as const;
const carriedOut = {
  PutRule: [...ofRule, 'ScheduleExpression', 'State', 'Description', 'Tags'],
  DescribeRule: ofRule,
  ListRules: ['NamePrefix'],
  EnableRule: ofRule,
  DisableRule: ofRule,
  DeleteRule: [...ofRule, 'Force'],
  PutTargets: ['Rule', 'EventBusName', 'Targets'],
  RemoveTargets: ['Rule', 'EventBusName', 'Ids', 'Force'],
  ListTargetsByRule: ['Rule', 'EventBusName'],
} as const;

function checkBus(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw notImplemented('an event bus other than the default one');
}

function checkTarget(target: Target): void {
  if (!target.Arn?.startsWith('arn:aws:lambda:')) {
    throw notImplemented(`delivering events to anything but Lambda functions, such as ${target.Arn},`);
  }
  const known = ['Id', 'Arn', 'Input'];
  const other = Object.entries(target).find(([name, value]) => value !== undefined && !known.includes(name));
  if (other !== undefined) throw notImplemented(`events:PutTargets with ${other[0]}`);
  if (target.Input !== undefined) {
    try {
      JSON.parse(target.Input);
    } catch {
      throw new AwsError('ValidationException', `JSON syntax error in input for target ${target.Id}`);
    }
  }
}

function shown(rule: Rule) {
  return {
    Name: rule.Name,
    Arn: rule.Arn,
    ScheduleExpression: rule.ScheduleExpression,
    State: rule.State,
    EventBusName: 'default',
    ...(rule.Description === undefined ? {} : { Description: rule.Description }),
  };
}

// https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html
function scheduledEvent(cloud: Cloud, rule: Rule, due: number) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: cloud.accountId,
    time: `${new Date(due).toISOString().slice(0, 19)}Z`,
    region: cloud.region,
    resources: [rule.Arn],
    detail: {},
  };
}

function reportDropped(rule: Rule, target: Target, error: unknown): void {
  process.emitWarning(`event of rule ${rule.Name} to ${target.Arn} was dropped: ${(error as Error).message}`);
}

// EventBridge's operations on the targets of rules.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
import type { Target } from '@aws-sdk/client-eventbridge';
import type { Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { targetKind } from '../deliver.ts';
import { pageByName } from '../paging.ts';
import { trusts } from '../role-trust.ts';
import { apiDestinationAt } from './api-destinations.ts';
import { busName, type EventsContext, findRule, invalid, notFound, ruleArn, tooMany } from './state.ts';
import { checkTargetInput } from './target-input.ts';

const targetLimit = 5; // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const targetIdRule = { pattern: '[\\.\\-_A-Za-z0-9]+', min: 1, max: 64 };

export function targetOperations(context: EventsContext): Operations<'events'> {
  const onRule = {
    resource: ({ Rule, EventBusName }: { Rule: string | undefined; EventBusName?: string | undefined }) =>
      ruleArn(context, Rule, EventBusName),
  };
  return {
    PutTargets: {
      members: ['Rule', 'Targets', 'EventBusName'],
      authorize: onRule,
      async run(input) {
        const rule = findRule(context, input.Rule, input.EventBusName);
        const added = input.Targets ?? [];
        for (const target of added) await checkTarget(context, target);
        const targets = [...rule.targets.filter((old) => !added.some((target) => target.Id === old.Id)), ...added];
        if (targets.length > targetLimit) throw tooMany();
        // the rule may have changed while the roles were looked up
        context.retag({ ...findRule(context, input.Rule, input.EventBusName), targets });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    RemoveTargets: {
      members: ['Rule', 'EventBusName', 'Ids', 'Force'],
      authorize: onRule,
      run(input) {
        const rule = findRule(context, input.Rule, input.EventBusName);
        context.retag({ ...rule, targets: rule.targets.filter((target) => !input.Ids?.includes(target.Id ?? '')) });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    ListTargetsByRule: {
      members: ['Rule', 'EventBusName', 'NextToken', 'Limit'],
      authorize: onRule,
      run({ Rule, EventBusName, NextToken: token, Limit: most = 100 }) {
        const targets = findRule(context, Rule, EventBusName).targets.toSorted((a, b) =>
          (a.Id ?? '') < (b.Id ?? '') ? -1 : 1,
        );
        const { items, nextToken } = pageByName(targets, ({ Id = '' }) => Id, { token, most });
        return { Targets: items, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
      },
    },
  };
}

const known = [
  ...['Id', 'Arn', 'RoleArn', 'Input', 'InputPath', 'InputTransformer', 'SqsParameters', 'RetryPolicy'],
  ...['DeadLetterConfig', 'HttpParameters'],
];

async function checkTarget(context: EventsContext, target: Target): Promise<void> {
  const { cloud } = context;
  const { Id = '', Arn = '', RoleArn, SqsParameters, RetryPolicy, DeadLetterConfig } = target;
  checkConstraints('ValidationException', [
    ['targets.1.member.id', Id, targetIdRule],
    ['targets.1.member.arn', Arn, { min: 1, max: 1600 }],
    ['targets.1.member.retryPolicy.maximumRetryAttempts', RetryPolicy?.MaximumRetryAttempts, { min: 0, max: 185 }],
    [
      'targets.1.member.retryPolicy.maximumEventAgeInSeconds',
      RetryPolicy?.MaximumEventAgeInSeconds,
      { min: 60, max: 86_400 },
    ],
  ]);
  const other = Object.entries(target).find(([name, value]) => value !== undefined && !known.includes(name));
  if (other !== undefined) throw notImplemented(`events:PutTargets with ${other[0]}`);
  checkTargetInput(target);
  if (!isArn(Arn)) {
    throw invalid(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  }
  if (!isTarget(context, Arn)) throw notImplemented(`the target ${Arn} of a rule`);
  if (Arn.endsWith('.fifo') && SqsParameters?.MessageGroupId === undefined) {
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${Id}.`);
  }
  if (DeadLetterConfig?.Arn !== undefined && DeadLetterConfig.Arn.split(':')[2] !== 'sqs') {
    throw invalid(`Parameter DeadLetterConfig.Arn is not valid. Reason: ${DeadLetterConfig.Arn} is not an SQS queue.`);
  }
  if (RoleArn !== undefined && !(await trusts(cloud, RoleArn, 'events.amazonaws.com'))) {
    throw invalid(`Provided role '${RoleArn}' cannot be assumed by principal 'events.amazonaws.com'.`);
  }
  const needsRole = apiDestinationAt(context, Arn) !== undefined || /^arn:[^:]+:(kinesis|states):/.test(Arn);
  if (needsRole && RoleArn === undefined) {
    throw invalid(`RoleArn is required for target ${Arn}.`);
  }
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
  if (targetBus(context, Arn) !== undefined && !context.buses.has(targetBus(context, Arn) ?? '')) {
    throw notFound(`Event bus ${targetBus(context, Arn)} does not exist.`);
  }
}

function isArn(text: string): boolean {
  return /^arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+$/.test(text);
}

function isTarget(context: EventsContext, arn: string): boolean {
  return (
    targetKind(context.cloud, arn) !== undefined ||
    targetBus(context, arn) !== undefined ||
    apiDestinationAt(context, arn) !== undefined ||
    logGroupAt(context, arn) !== undefined
  );
}

/** The name of the bus that is the target; undefined if it is something else. */
export function targetBus(context: EventsContext, arn: string): string | undefined {
  return arn.includes(':event-bus/') ? busName(context, arn) : undefined;
}

/** The name of the log group that is the target; undefined if it is something else. */
export function logGroupAt({ cloud }: EventsContext, arn: string): string | undefined {
  const start = `arn:aws:logs:${cloud.region}:${cloud.accountId}:log-group:`;
  return arn.startsWith(start) ? arn.slice(start.length).replace(/:\*$/, '') : undefined;
}

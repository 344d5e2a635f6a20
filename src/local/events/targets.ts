// EventBridge's operations on the targets of rules.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { targetKind } from '../deliver.ts';
import { type EventsContext, findRule } from './state.ts';

const targetLimit = 5; // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html

export function targetOperations(context: EventsContext): Operations<'events'> {
  return {
    PutTargets: {
      members: ['Rule', 'Targets', 'EventBusName'],
      run(input) {
        const rule = findRule(context, input.Rule, input.EventBusName);
        const added = input.Targets ?? [];
        for (const target of added) checkTarget(context.cloud, target);
        const targets = [...rule.targets.filter((old) => !added.some((target) => target.Id === old.Id)), ...added];
        if (targets.length > targetLimit) {
          throw new AwsError('LimitExceededException', `The requested resource exceeds the maximum number allowed.`);
        }
        context.change({ ...rule, targets });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    RemoveTargets: {
      members: ['Rule', 'EventBusName', 'Ids', 'Force'],
      run(input) {
        const rule = findRule(context, input.Rule, input.EventBusName);
        context.change({ ...rule, targets: rule.targets.filter((target) => !input.Ids?.includes(target.Id ?? '')) });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    ListTargetsByRule: {
      members: ['Rule', 'EventBusName'],
      run: (input) => ({ Targets: [...findRule(context, input.Rule, input.EventBusName).targets] }),
    },
  };
}

function checkTarget(cloud: Cloud, target: Target): void {
  if (targetKind(cloud, target.Arn ?? '') === undefined) throw notImplemented(`the target ${target.Arn} of a rule`);
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

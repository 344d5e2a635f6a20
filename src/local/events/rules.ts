// EventBridge's operations on rules and their tags. Rules need a schedule; event patterns are rejected.
import { parseSchedule } from '../../cfn/schedule-expression.ts';
import { AwsError, type Operations } from '../cloud.ts';
import { checkBus, type EventsContext, findRule, type Rule, ruleArn } from './state.ts';

export function ruleOperations(context: EventsContext): Operations<'events'> {
  const { cloud, rules } = context;
  return {
    PutRule: {
      members: ['Name', 'ScheduleExpression', 'State', 'Description', 'Tags', 'EventBusName'],
      run(input) {
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
          Arn: ruleArn(context, name),
          ScheduleExpression: expression,
          State: input.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
          tags: old?.tags ?? Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key, tag.Value])),
          targets: old?.targets ?? [],
          since: cloud.now(),
          ...(input.Description === undefined ? {} : { Description: input.Description }),
        };
        context.change(rule);
        return { RuleArn: rule.Arn };
      },
    },
    DescribeRule: {
      members: ['Name', 'EventBusName'],
      run: (input) => shown(findRule(context, input.Name, input.EventBusName)),
    },
    ListRules: {
      members: ['NamePrefix'],
      run: (input) => ({
        Rules: rules.filter((rule) => rule.Name.startsWith(input.NamePrefix ?? '')).map(shown),
      }),
    },
    EnableRule: {
      members: ['Name', 'EventBusName'],
      run(input) {
        context.change({ ...findRule(context, input.Name, input.EventBusName), State: 'ENABLED', since: cloud.now() });
        return {};
      },
    },
    DisableRule: {
      members: ['Name', 'EventBusName'],
      run(input) {
        context.change({ ...findRule(context, input.Name, input.EventBusName), State: 'DISABLED' });
        return {};
      },
    },
    DeleteRule: {
      members: ['Name', 'EventBusName', 'Force'],
      run(input) {
        checkBus(input.EventBusName);
        const rule = rules.get(input.Name ?? '');
        if (rule !== undefined && rule.targets.length > 0) {
          throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
        }
        context.delete(input.Name ?? '');
        return {};
      },
    },
  };
}

export function tagOperations(context: EventsContext): Operations<'events'> {
  const { rules } = context;
  return {
    TagResource: {
      members: ['ResourceARN', 'Tags'],
      run(input) {
        const rule = findRule(context, input.ResourceARN?.split('/').at(-1));
        const added = Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
        rules.set(rule.Name, { ...rule, tags: { ...rule.tags, ...added } });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceARN', 'TagKeys'],
      run(input) {
        const rule = findRule(context, input.ResourceARN?.split('/').at(-1));
        const remaining = Object.entries(rule.tags).filter(([key]) => !input.TagKeys?.includes(key));
        rules.set(rule.Name, { ...rule, tags: Object.fromEntries(remaining) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['ResourceARN'],
      run: (input) => ({
        Tags: Object.entries(findRule(context, input.ResourceARN?.split('/').at(-1)).tags).map(([Key, Value]) => ({
          Key,
          Value,
        })),
      }),
    },
  };
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

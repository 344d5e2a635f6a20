// Rules of listeners: created, described, changed, given other priorities, and deleted.
import type { Rule as Described } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operations } from '../cloud.ts';
import { checkedActions } from './actions.ts';
import { checkedConditions } from './conditions.ts';
import { type BalancerContext, existing, invalid, newArn, page, placeIn, type Rule, rulesOf } from './state.ts';
import { tagged } from './tags.ts';

const mostPriority = 50_000;

export function ruleOperations(context: BalancerContext): Operations<'elasticloadbalancing'> {
  const { cloud, listeners, rules } = context;
  const balancerOf = (listenerArn: string) => existing(context, 'listeners', listenerArn).loadBalancerArn;

  const checkPriority = (priority: number): void => {
    if (!(priority >= 1 && priority <= mostPriority)) {
      throw invalid(`Priority '${priority}' must be between '1' and '${mostPriority}' inclusive`);
    }
  };

  return {
    CreateRule: {
      members: ['ListenerArn', 'Conditions', 'Priority', 'Actions', 'Tags'],
      run({ ListenerArn = '', Conditions, Priority = 0, Actions, Tags }) {
        const listener = existing(context, 'listeners', ListenerArn);
        checkPriority(Priority);
        if (rulesOf(context, ListenerArn).some(({ priority }) => priority === Priority)) {
          throw new AwsError('PriorityInUseException', `Priority '${Priority}' is currently in use`);
        }
        const rule: Rule = {
          arn: newArn(cloud, `listener-rule/${placeIn(ListenerArn)}`),
          listenerArn: ListenerArn,
          priority: Priority,
          conditions: checkedConditions(Conditions),
          actions: checkedActions(context, listener.loadBalancerArn, Actions),
        };
        rules.set(rule.arn, rule);
        tagged(context, rule.arn, Tags);
        return { Rules: [shown(rule)] };
      },
    },

    DescribeRules: {
      members: ['ListenerArn', 'RuleArns', 'Marker', 'PageSize'],
      run({ ListenerArn, RuleArns, ...paging }) {
        const byArn = RuleArns?.map((arn) => shown(existing(context, 'rules', arn)));
        if (byArn === undefined && ListenerArn === undefined)
          throw invalid('Either a listener or rules must be specified');
        const found = byArn ?? [
          ...rulesOf(context, existing(context, 'listeners', ListenerArn).arn).map(shown),
          defaultRule(ListenerArn ?? ''),
        ];
        const { items, ...next } = page(found, paging);
        return { Rules: items, ...next };
      },
    },

    ModifyRule: {
      members: ['RuleArn', 'Conditions', 'Actions'],
      run({ RuleArn, Conditions, Actions }) {
        const rule = existing(context, 'rules', RuleArn);
        const changed: Rule = {
          ...rule,
          ...(Conditions === undefined ? {} : { conditions: checkedConditions(Conditions) }),
          ...(Actions === undefined ? {} : { actions: checkedActions(context, balancerOf(rule.listenerArn), Actions) }),
        };
        rules.set(rule.arn, changed);
        return { Rules: [shown(changed)] };
      },
    },

    SetRulePriorities: {
      members: ['RulePriorities'],
      run({ RulePriorities = [] }) {
        const changed = RulePriorities.map(({ RuleArn, Priority = 0 }) => {
          checkPriority(Priority);
          return { ...existing(context, 'rules', RuleArn), priority: Priority };
        });
        const arns = changed.map(({ arn }) => arn);
        for (const { listenerArn, priority, arn } of changed) {
          const others = [...rulesOf(context, listenerArn).filter((rule) => !arns.includes(rule.arn)), ...changed];
          if (
            others.some((rule) => rule.arn !== arn && rule.listenerArn === listenerArn && rule.priority === priority)
          ) {
            throw new AwsError('PriorityInUseException', `Priority '${priority}' is currently in use`);
          }
        }
        for (const rule of changed) rules.set(rule.arn, rule);
        return { Rules: changed.map(shown) };
      },
    },

    DeleteRule: {
      members: ['RuleArn'],
      run({ RuleArn }) {
        const { arn } = existing(context, 'rules', RuleArn);
        rules.delete(arn);
        context.tags.delete(arn);
        return {};
      },
    },
  };

  function defaultRule(listenerArn: string): Described {
    return {
      RuleArn: listenerArn.replace(':listener/', ':listener-rule/'),
      Priority: 'default',
      Conditions: [],
      Actions: [...(listeners.get(listenerArn)?.defaultActions ?? [])],
      IsDefault: true,
    };
  }
}

const shown = ({ arn, priority, conditions, actions }: Rule): Described => ({
  RuleArn: arn,
  Priority: String(priority),
  Conditions: [...conditions],
  Actions: [...actions],
  IsDefault: false,
});

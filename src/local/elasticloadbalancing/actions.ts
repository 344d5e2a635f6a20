// Actions of rules and listeners: what AWS accepts, and what the local AWS cannot do.
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { type BalancerContext, balancersOf, existing, groupsIn, invalid } from './state.ts';

const lastTypes = ['forward', 'redirect', 'fixed-response'];
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const mostGroups = 5;
const mostWeight = 999;

/** The actions in their order, with the group of a plain forward also in its configuration, as AWS describes them. */
export function checkedActions(
  context: BalancerContext,
  balancerArn: string,
  given: readonly Action[] | undefined,
): Action[] {
  const actions = [...(given ?? [])].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
  const refused = actions.find(({ Type = '' }) => !lastTypes.includes(Type));
  // there is nobody who could sign in
  if (refused !== undefined) throw notImplemented(`elasticloadbalancing: an action of the type ${refused.Type}`);
  const [action] = actions;
  if (action === undefined || actions.length > 1) {
    throw invalid('Exactly one of the actions forward, redirect and fixed-response must be specified, as the last one');
  }
  if (action.Type === 'forward') return [forward(context, balancerArn, action)];
  if (action.Type === 'redirect') {
    const { StatusCode } = action.RedirectConfig ?? {};
    if (StatusCode !== 'HTTP_301' && StatusCode !== 'HTTP_302') {
      throw new AwsError(
        'InvalidLoadBalancerActionException',
        'A redirect action needs the status HTTP_301 or HTTP_302',
      );
    }
    if (isEndless(action)) {
      throw new AwsError(
        'InvalidLoadBalancerActionException',
        'The redirect must change the protocol, the host, the port or the path',
      );
    }
  } else if (!/^[245]\d\d$/.test(action.FixedResponseConfig?.StatusCode ?? '')) {
    throw new AwsError('InvalidLoadBalancerActionException', 'A fixed response needs a status 2XX, 4XX or 5XX');
  }
  return [action];
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#redirect-actions */
function isEndless({ RedirectConfig = { StatusCode: undefined } }: Action): boolean {
  const { Protocol = '#{protocol}', Host = '#{host}', Port = '#{port}', Path = '/#{path}' } = RedirectConfig;
  return Protocol === '#{protocol}' && Host === '#{host}' && Port === '#{port}' && Path === '/#{path}';
}

function forward(context: BalancerContext, balancerArn: string, action: Action): Action {
  const { ForwardConfig } = action;
  if (ForwardConfig?.TargetGroupStickinessConfig?.Enabled === true) {
    throw notImplemented('elasticloadbalancing: a forward action that is sticky');
  }
  const tuples = ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn }];
  const arns = new Set(groupsIn([{ ...action, ForwardConfig: { TargetGroups: tuples } }]));
  if (arns.size === 0 || arns.size > mostGroups) {
    throw invalid(`A forward action needs one to ${mostGroups} target groups`);
  }
  for (const { Weight = 1 } of tuples) {
    if (Weight < 0 || Weight > mostWeight) throw invalid(`The weight of a target group is from 0 to ${mostWeight}`);
  }
  for (const arn of arns) {
    existing(context, 'groups', arn);
    const others = balancersOf(context, arn).filter((other) => other !== balancerArn);
    if (others.length > 0) {
      const message = `The following target groups cannot be associated with more than one load balancer: ${arn}`;
      throw new AwsError('TargetGroupAssociationLimitException', message);
    }
  }
  const TargetGroups = tuples.map(({ TargetGroupArn, Weight }) => ({ TargetGroupArn, Weight: Weight ?? 1 }));
  return {
    Type: 'forward',
    ...(action.Order === undefined ? {} : { Order: action.Order }),
    ...(TargetGroups.length === 1 ? { TargetGroupArn: TargetGroups[0]?.TargetGroupArn } : {}),
    ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: { Enabled: false } },
  };
}

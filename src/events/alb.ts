// `alb`: a rule of an Application Load Balancer's listener, whose requests go to the function's live alias.
import { sha256 } from '../base/hash.ts';
import type { EnvironmentNames } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { canonicalJson, ref, sub, type Value } from '../cfn/resource.ts';
import { checkAlb, listenerIn } from './_alb-check.ts';
import { conditionsText, longConditions, ruleConditions } from './_alb-conditions.ts';
import { type AlbEvent, albEventSchema, longestGroupName } from './_alb-event.ts';
import type { Listener } from './_alb-listener.ts';
import { type AlbSection, albSection, authenticateAction, healthCheckProperties } from './_alb-section.ts';
import { allowInvoke } from './_invoke.ts';
import type { EventSource, FunctionReference, SourceContext, Use } from './source.ts';

const hashLength = 8;

export const alb: EventSource<'alb', AlbEvent, AlbSection> = {
  kind: 'alb',
  schema: albEventSchema,
  section: albSection,
  docs: {
    summary: 'Requests of an Application Load Balancer that match a rule of its listener.',
    example: 'alb: {listener: Http, priority: 10, conditions: {path: /orders/*}}',
    aws: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html',
  },
  typeOf: () => 'lambda.ALBEvent',
  describe: ({ conditions, priority }) => `alb ${conditionsText(conditions)} (priority ${priority.value})`,
  check: checkAlb,
  warn: (uses) =>
    uses.flatMap(({ config, at }) =>
      longConditions(config.conditions).map((name) => ({
        at,
        message: `AWS documents at most 3 values for one condition, and "${name}" has more`,
        hint: 'if AWS refuses the rule, write another event with the next priority',
      })),
    ),
  compile,
};

function compile({ function: target, config }: Use<AlbEvent>, context: SourceContext<AlbSection>): Part {
  const listener = listenerIn(config, context);
  if (listener === undefined) return {};
  const group = targetGroupOf(target, config, listener, context.names);
  const authenticators = config.authenticate.flatMap(({ value }) => context.section?.authenticators?.get(value) ?? []);
  const Actions: Value[] = [
    ...authenticators.map((authenticator, index) => authenticateAction(authenticator, index + 1)),
    {
      Type: 'forward',
      ...(authenticators.length === 0 ? {} : { Order: authenticators.length + 1 }),
      TargetGroupArn: ref(group.id),
    },
  ];
  return {
    resources: {
      [group.permissionId]: allowInvoke(
        target,
        'elasticloadbalancing.amazonaws.com',
        // by its name, since the group cannot exist before the permission
        sub(
          `arn:\${AWS::Partition}:elasticloadbalancing:\${AWS::Region}:\${AWS::AccountId}:targetgroup/${group.name}/*`,
        ),
      ),
      [group.id]: {
        Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
        // a function is registered only if the load balancer may call it:
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#prepare-lambda-function
        DependsOn: group.permissionId,
        Properties: {
          Name: group.name,
          TargetType: 'lambda',
          Targets: [{ Id: target.alias }],
          ...healthCheckProperties(config.healthCheck),
          TargetGroupAttributes: [
            { Key: 'lambda.multi_value_headers.enabled', Value: String(config.multiValueHeaders) },
          ],
        },
      },
      // By listener and priority alone: if events exchange their priorities or functions, the rules stay and are updated. A new rule would
      // find its priority in use.
      [`Alb${listener.idPart}Rule${config.priority.value}`]: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: {
          ListenerArn: listener.arn,
          Priority: config.priority.value,
          Conditions: ruleConditions(config.conditions),
          Actions,
        },
      },
    },
  };
}

/** Events of a function share a group if they have the same load balancer and settings. A group that the user named keeps its id when its
 * settings change: two groups with one name cannot exist. */
function targetGroupOf(
  target: FunctionReference,
  config: AlbEvent,
  { balancer }: Listener,
  { project, environment }: EnvironmentNames,
) {
  const named = config.targetGroupName?.value;
  const identity = [balancer, named ?? { multi: config.multiValueHeaders, health: config.healthCheck ?? null }];
  const hash = (value: unknown) => sha256(canonicalJson(value)).slice(0, hashLength);
  const suffix = named === undefined ? hash(identity) : hash(named);
  const readable = `${project}-${environment}-${target.name}`
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .slice(0, longestGroupName - hashLength - 1)
    .replace(/-+$/, '');
  return {
    id: target.id(`AlbTargetGroup${suffix}`),
    permissionId: target.id(`AlbPermission${suffix}`),
    name: named ?? `${readable}-${hash([project, environment, target.name, identity])}`,
  };
}

// Target groups of functions, with their targets: created, described, changed and deleted.
import type { TargetGroup as Described, ModifyTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import type { HealthChecks } from './health-checks.ts';
import {
  attributeList,
  type BalancerContext,
  balancersOf,
  checkName,
  existing,
  type HealthCheck,
  invalid,
  newArn,
  page,
  principal,
  type TargetGroup,
  withAttributes,
} from './state.ts';
import { tagged } from './tags.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html: of functions, there is only this
const defaultAttributes = { 'lambda.multi_value_headers.enabled': 'false' };
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html, "lambda"
const defaultCheck: HealthCheck = {
  enabled: false,
  path: '/',
  intervalSeconds: 35,
  timeoutSeconds: 30,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
};
const checkMembers = [
  'HealthCheckEnabled',
  'HealthCheckPath',
  'HealthCheckIntervalSeconds',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'UnhealthyThresholdCount',
  'Matcher',
] as const;
type CheckSettings = Pick<ModifyTargetGroupInput, (typeof checkMembers)[number]>;

export function targetGroupOperations(
  context: BalancerContext,
  checks: HealthChecks,
): Operations<'elasticloadbalancing'> {
  const { cloud, groups } = context;

  const shown = ({ arn, name, healthCheck }: TargetGroup): Described => ({
    TargetGroupArn: arn,
    TargetGroupName: name,
    HealthCheckEnabled: healthCheck.enabled,
    HealthCheckPath: healthCheck.path,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
    Matcher: { HttpCode: healthCheck.matcher },
    LoadBalancerArns: [...balancersOf(context, arn)],
    TargetType: 'lambda',
    IpAddressType: 'ipv4',
  });
  const save = (group: TargetGroup) => {
    groups.set(group.arn, group);
    checks.changed(group.arn);
  };

  /** On AWS too, the load balancer tries whether it may call the function. */
  const checkTarget = async (group: TargetGroup, id: string): Promise<void> => {
    const arn = { kind: 'service', service: principal, sourceArn: group.arn } as const;
    const isFunction = new RegExp(`^arn:aws:lambda:${cloud.region}:${cloud.accountId}:function:`).test(id);
    if (!isFunction) throw invalid(`The target '${id}' is not a function of this account and region`);
    try {
      await cloud.call('lambda', 'Invoke', { FunctionName: id, InvocationType: 'DryRun' }, arn);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'ResourceNotFoundException') throw new AwsError('InvalidTargetException', error.message);
      if (error.code !== 'AccessDeniedException') throw error;
      const message = `elasticloadbalancing principal does not have permission to invoke ${id} from target group ${group.arn}`;
      throw new AwsError('AccessDenied', message, 403);
    }
  };

  return {
    CreateTargetGroup: {
      members: ['Name', 'TargetType', 'IpAddressType', ...checkMembers, 'Tags'],
      run(input) {
        const { Name = '', TargetType = 'instance', Tags } = input;
        if (TargetType !== 'lambda') throw notImplemented(`a target group of the type ${TargetType}`);
        checkName('target group', Name);
        if (groups.find(({ name }) => name === Name) !== undefined) {
          throw new AwsError(
            'DuplicateTargetGroupNameException',
            `A target group with the same name '${Name}' exists, but with different settings`,
          );
        }
        const group: TargetGroup = {
          arn: newArn(cloud, `targetgroup/${Name}`),
          name: Name,
          healthCheck: withSettings(defaultCheck, input),
          attributes: defaultAttributes,
          target: undefined,
        };
        save(group);
        tagged(context, group.arn, Tags);
        return { TargetGroups: [shown(group)] };
      },
    },

    DescribeTargetGroups: {
      members: ['LoadBalancerArn', 'TargetGroupArns', 'Names', 'Marker', 'PageSize'],
      run({ LoadBalancerArn, TargetGroupArns, Names, ...paging }) {
        const found =
          TargetGroupArns !== undefined
            ? TargetGroupArns.map((arn) => existing(context, 'groups', arn))
            : [...groups.values()].filter(
                ({ arn, name }) =>
                  (Names === undefined || Names.includes(name)) &&
                  (LoadBalancerArn === undefined || balancersOf(context, arn).includes(LoadBalancerArn)),
              );
        if (Names !== undefined && found.length < Names.length) existing(context, 'groups', undefined);
        const { items, ...next } = page(found, paging);
        return { TargetGroups: items.map(shown), ...next };
      },
    },

    ModifyTargetGroup: {
      members: ['TargetGroupArn', ...checkMembers],
      run({ TargetGroupArn, ...settings }) {
        const group = existing(context, 'groups', TargetGroupArn);
        const changed = { ...group, healthCheck: withSettings(group.healthCheck, settings) };
        save(changed);
        return { TargetGroups: [shown(changed)] };
      },
    },

    DeleteTargetGroup: {
      members: ['TargetGroupArn'],
      run({ TargetGroupArn = '' }) {
        if (balancersOf(context, TargetGroupArn).length > 0) {
          const message = `Target group '${TargetGroupArn}' is currently in use by a listener or a rule`;
          throw new AwsError('ResourceInUseException', message);
        }
        groups.delete(TargetGroupArn);
        context.tags.delete(TargetGroupArn);
        checks.changed(TargetGroupArn);
        return {};
      },
    },

    DescribeTargetGroupAttributes: {
      members: ['TargetGroupArn'],
      run: ({ TargetGroupArn }) => ({
        Attributes: attributeList(existing(context, 'groups', TargetGroupArn).attributes),
      }),
    },

    ModifyTargetGroupAttributes: {
      members: ['TargetGroupArn', 'Attributes'],
      run({ TargetGroupArn, Attributes = [] }) {
        const group = existing(context, 'groups', TargetGroupArn);
        const attributes = withAttributes(group.attributes, Attributes);
        save({ ...group, attributes });
        return { Attributes: attributeList(attributes) };
      },
    },

    RegisterTargets: {
      members: ['TargetGroupArn', 'Targets'],
      async run({ TargetGroupArn, Targets = [] }) {
        const group = existing(context, 'groups', TargetGroupArn);
        const ids = new Set([
          ...(group.target === undefined ? [] : [group.target]),
          ...Targets.map(({ Id = '' }) => Id),
        ]);
        if (ids.size > 1) {
          throw new AwsError('TooManyTargetsException', 'A target group of the type lambda has at most one target');
        }
        for (const id of ids) await checkTarget(group, id);
        save({ ...existing(context, 'groups', TargetGroupArn), target: [...ids][0] });
        return {};
      },
    },

    DeregisterTargets: {
      members: ['TargetGroupArn', 'Targets'],
      run({ TargetGroupArn, Targets = [] }) {
        const group = existing(context, 'groups', TargetGroupArn);
        if (Targets.some(({ Id }) => Id === group.target)) save({ ...group, target: undefined });
        return {};
      },
    },

    DescribeTargetHealth: {
      members: ['TargetGroupArn', 'Targets'],
      run({ TargetGroupArn }) {
        const group = existing(context, 'groups', TargetGroupArn);
        if (group.target === undefined) return { TargetHealthDescriptions: [] };
        const TargetHealth = checks.healthOf(group);
        return { TargetHealthDescriptions: [{ Target: { Id: group.target }, TargetHealth }] };
      },
    },
  };
}

function withSettings(check: HealthCheck, settings: CheckSettings): HealthCheck {
  const changed: HealthCheck = {
    enabled: settings.HealthCheckEnabled ?? check.enabled,
    path: settings.HealthCheckPath ?? check.path,
    intervalSeconds: settings.HealthCheckIntervalSeconds ?? check.intervalSeconds,
    timeoutSeconds: settings.HealthCheckTimeoutSeconds ?? check.timeoutSeconds,
    healthyThreshold: settings.HealthyThresholdCount ?? check.healthyThreshold,
    unhealthyThreshold: settings.UnhealthyThresholdCount ?? check.unhealthyThreshold,
    matcher: settings.Matcher?.HttpCode ?? check.matcher,
  };
  const within = (name: string, value: number, [least, most]: readonly [number, number]) => {
    if (value < least || value > most) throw invalid(`${name} '${value}' must be in the range ${least}-${most}`);
  };
  within('Health check interval', changed.intervalSeconds, [5, 300]);
  within('Health check timeout', changed.timeoutSeconds, [2, 120]);
  within('Healthy threshold count', changed.healthyThreshold, [2, 10]);
  within('Unhealthy threshold count', changed.unhealthyThreshold, [2, 10]);
  if (changed.timeoutSeconds >= changed.intervalSeconds) {
    throw invalid(
      `Health check interval '${changed.intervalSeconds}' must be greater than the timeout '${changed.timeoutSeconds}'`,
    );
  }
  return changed;
}

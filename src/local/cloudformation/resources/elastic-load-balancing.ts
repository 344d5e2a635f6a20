// AWS::ElasticLoadBalancingV2: Application Load Balancers with their listeners, rules and target groups.
import type { Cloud, Input, OperationName } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers, Provisioned } from './provider.ts';
import { pick, tagChanges, tagList, text, textList } from './values.ts';

const service = 'ElasticLoadBalancingV2';

const callsTo =
  (cloud: Cloud) =>
  <O extends OperationName<'elasticloadbalancing'>>(operation: O, input: Input<'elasticloadbalancing', O>) =>
    cloud.call('elasticloadbalancing', operation, input);

async function updateTags(cloud: Cloud, arn: string, before: Properties, after: Properties): Promise<void> {
  const { remove } = tagChanges(before, after);
  const ResourceArns = [arn];
  if (remove.length > 0) await cloud.call('elasticloadbalancing', 'RemoveTags', { ResourceArns, TagKeys: remove });
  const Tags = tagList(after);
  if (Tags.length > 0) await cloud.call('elasticloadbalancing', 'AddTags', { ResourceArns, Tags });
}

const tagsOf = (properties: Properties) => (properties['Tags'] === undefined ? {} : { Tags: tagList(properties) });
const numberOf = (properties: Properties, name: string) =>
  properties[name] === undefined ? undefined : Number(properties[name]);

interface Pair {
  readonly Key?: string;
  readonly Value?: string;
}
const pairsIn = (properties: Properties, name: string) => (properties[name] as readonly Pair[] | undefined) ?? [];

/** The attributes to set; those that are gone get their defaults back. */
function attributeChanges(
  name: string,
  before: Properties,
  after: Properties,
  defaults: Readonly<Record<string, string>>,
): Pair[] {
  const current = pairsIn(after, name);
  const gone = pairsIn(before, name).filter(({ Key }) => !current.some((pair) => pair.Key === Key));
  return [...current, ...gone.map(({ Key = '' }) => ({ Key, Value: defaults[Key] ?? 'false' }))];
}

type Actions = NonNullable<Input<'elasticloadbalancing', 'CreateRule'>['Actions']>;
type Conditions = NonNullable<Input<'elasticloadbalancing', 'CreateRule'>['Conditions']>;
const actionsIn = (properties: Properties, name: string) => [...((properties[name] as Actions | undefined) ?? [])];

async function describeBalancer(cloud: Cloud, arn: string): Promise<Provisioned> {
  const { LoadBalancers } = await cloud.call('elasticloadbalancing', 'DescribeLoadBalancers', {
    LoadBalancerArns: [arn],
  });
  const { DNSName, CanonicalHostedZoneId, LoadBalancerName, SecurityGroups } = LoadBalancers?.[0] ?? {};
  return {
    physicalId: arn,
    attributes: {
      LoadBalancerArn: arn,
      LoadBalancerFullName: arn.split(':loadbalancer/')[1],
      LoadBalancerName,
      DNSName,
      CanonicalHostedZoneID: CanonicalHostedZoneId,
      SecurityGroups,
    },
  };
}

const checkProperties = [
  'HealthCheckEnabled',
  'HealthCheckIntervalSeconds',
  'HealthCheckPath',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'Matcher',
  'UnhealthyThresholdCount',
];
const defaultChecks = {
  HealthCheckEnabled: false,
  HealthCheckIntervalSeconds: 35,
  HealthCheckPath: '/',
  HealthCheckTimeoutSeconds: 30,
  HealthyThresholdCount: 5,
  Matcher: { HttpCode: '200' },
  UnhealthyThresholdCount: 2,
};

const targetsIn = (properties: Properties) =>
  ((properties['Targets'] as readonly { readonly Id: string }[] | undefined) ?? []).map(({ Id }) => ({ Id }));

async function describeGroup(cloud: Cloud, arn: string): Promise<Provisioned> {
  const { TargetGroups } = await cloud.call('elasticloadbalancing', 'DescribeTargetGroups', { TargetGroupArns: [arn] });
  const { TargetGroupName, LoadBalancerArns } = TargetGroups?.[0] ?? {};
  const TargetGroupFullName = arn.split(':').at(-1);
  return {
    physicalId: arn,
    attributes: { TargetGroupArn: arn, TargetGroupFullName, TargetGroupName, LoadBalancerArns },
  };
}

const listenerSettings = (properties: Properties) => ({
  Port: numberOf(properties, 'Port'),
  ...pick(properties, ['Protocol', 'SslPolicy', 'Certificates', 'MutualAuthentication']),
  DefaultActions: actionsIn(properties, 'DefaultActions'),
});

export const elasticLoadBalancingProviders: Providers = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    service,
    properties: [
      'IpAddressType',
      'LoadBalancerAttributes',
      'Name',
      'Scheme',
      'SecurityGroups',
      'SubnetMappings',
      'Subnets',
      'Tags',
      'Type',
    ],
    name: { property: 'Name', limit: 32 },
    async create({ cloud, name, properties, initiated }) {
      const { LoadBalancers } = await cloud.call('elasticloadbalancing', 'CreateLoadBalancer', {
        ...pick(properties, ['IpAddressType', 'Scheme', 'SecurityGroups', 'SubnetMappings', 'Subnets', 'Type']),
        Name: name,
        ...tagsOf(properties),
      });
      const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
      initiated(arn);
      const Attributes = [...pairsIn(properties, 'LoadBalancerAttributes')];
      if (Attributes.length > 0) {
        await cloud.call('elasticloadbalancing', 'ModifyLoadBalancerAttributes', { LoadBalancerArn: arn, Attributes });
      }
      return describeBalancer(cloud, arn);
    },
    async update({ cloud, physicalId: LoadBalancerArn, before, after, changed }) {
      const call = callsTo(cloud);
      if (changed.has('Subnets') || changed.has('SubnetMappings')) {
        await call('SetSubnets', { LoadBalancerArn, ...pick(after, ['Subnets', 'SubnetMappings']) });
      }
      if (changed.has('SecurityGroups')) {
        await call('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: [...textList(after, 'SecurityGroups')] });
      }
      if (changed.has('IpAddressType')) {
        const IpAddressType = (text(after, 'IpAddressType') ?? 'ipv4') as 'ipv4';
        await call('SetIpAddressType', { LoadBalancerArn, IpAddressType });
      }
      if (changed.has('LoadBalancerAttributes')) {
        const defaults = { 'idle_timeout.timeout_seconds': '60', 'routing.http2.enabled': 'true' };
        const Attributes = attributeChanges('LoadBalancerAttributes', before, after, defaults);
        await call('ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes });
      }
      if (changed.has('Tags')) await updateTags(cloud, LoadBalancerArn, before, after);
      return describeBalancer(cloud, LoadBalancerArn);
    },
    async delete({ cloud, physicalId: LoadBalancerArn }) {
      await cloud.call('elasticloadbalancing', 'DeleteLoadBalancer', { LoadBalancerArn });
    },
  },

  'AWS::ElasticLoadBalancingV2::Listener': {
    service,
    properties: [
      'Certificates',
      'DefaultActions',
      'ListenerAttributes',
      'LoadBalancerArn',
      'MutualAuthentication',
      'Port',
      'Protocol',
      'SslPolicy',
      'Tags',
    ],
    async create({ cloud, properties, initiated }) {
      const { Listeners } = await cloud.call('elasticloadbalancing', 'CreateListener', {
        LoadBalancerArn: text(properties, 'LoadBalancerArn'),
        ...listenerSettings(properties),
        ...tagsOf(properties),
      });
      const ListenerArn = Listeners?.[0]?.ListenerArn ?? '';
      initiated(ListenerArn);
      const Attributes = [...pairsIn(properties, 'ListenerAttributes')];
      if (Attributes.length > 0) {
        await cloud.call('elasticloadbalancing', 'ModifyListenerAttributes', { ListenerArn, Attributes });
      }
      return { physicalId: ListenerArn, attributes: { ListenerArn } };
    },
    async update({ cloud, physicalId: ListenerArn, before, after, changed }) {
      await cloud.call('elasticloadbalancing', 'ModifyListener', { ListenerArn, ...listenerSettings(after) });
      if (changed.has('ListenerAttributes')) {
        const defaults = { 'routing.http.response.server.enabled': 'true' };
        const Attributes = attributeChanges('ListenerAttributes', before, after, defaults);
        await cloud.call('elasticloadbalancing', 'ModifyListenerAttributes', { ListenerArn, Attributes });
      }
      if (changed.has('Tags')) await updateTags(cloud, ListenerArn, before, after);
      return { physicalId: ListenerArn, attributes: { ListenerArn } };
    },
    async delete({ cloud, physicalId: ListenerArn }) {
      await cloud.call('elasticloadbalancing', 'DeleteListener', { ListenerArn });
    },
  },

  'AWS::ElasticLoadBalancingV2::ListenerRule': {
    service,
    properties: ['Actions', 'Conditions', 'ListenerArn', 'Priority', 'Tags'],
    async create({ cloud, properties }) {
      const { Rules } = await cloud.call('elasticloadbalancing', 'CreateRule', {
        ListenerArn: text(properties, 'ListenerArn'),
        Priority: numberOf(properties, 'Priority'),
        Conditions: [...((properties['Conditions'] as Conditions | undefined) ?? [])],
        Actions: actionsIn(properties, 'Actions'),
        ...tagsOf(properties),
      });
      return describedRule(Rules?.[0]?.RuleArn ?? '');
    },
    async update({ cloud, physicalId: RuleArn, before, after, changed }) {
      if (changed.has('Priority')) {
        const RulePriorities = [{ RuleArn, Priority: numberOf(after, 'Priority') }];
        await cloud.call('elasticloadbalancing', 'SetRulePriorities', { RulePriorities });
      }
      await cloud.call('elasticloadbalancing', 'ModifyRule', {
        RuleArn,
        Conditions: [...((after['Conditions'] as Conditions | undefined) ?? [])],
        Actions: actionsIn(after, 'Actions'),
      });
      if (changed.has('Tags')) await updateTags(cloud, RuleArn, before, after);
      return describedRule(RuleArn);
    },
    async delete({ cloud, physicalId: RuleArn }) {
      await cloud.call('elasticloadbalancing', 'DeleteRule', { RuleArn });
    },
  },

  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    service,
    properties: [...checkProperties, 'IpAddressType', 'Name', 'Tags', 'TargetGroupAttributes', 'TargetType', 'Targets'],
    name: { property: 'Name', limit: 32 },
    async create({ cloud, name, properties, initiated }) {
      const { TargetGroups } = await cloud.call('elasticloadbalancing', 'CreateTargetGroup', {
        ...pick(properties, [...checkProperties, 'IpAddressType', 'TargetType']),
        Name: name,
        ...tagsOf(properties),
      });
      const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
      initiated(TargetGroupArn);
      const Attributes = [...pairsIn(properties, 'TargetGroupAttributes')];
      if (Attributes.length > 0) {
        await cloud.call('elasticloadbalancing', 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
      }
      const Targets = targetsIn(properties);
      if (Targets.length > 0) await cloud.call('elasticloadbalancing', 'RegisterTargets', { TargetGroupArn, Targets });
      return describeGroup(cloud, TargetGroupArn);
    },
    async update({ cloud, physicalId: TargetGroupArn, before, after, changed }) {
      const call = callsTo(cloud);
      if (checkProperties.some((name) => changed.has(name))) {
        await call('ModifyTargetGroup', { TargetGroupArn, ...defaultChecks, ...pick(after, checkProperties) });
      }
      if (changed.has('TargetGroupAttributes')) {
        const Attributes = attributeChanges('TargetGroupAttributes', before, after, {});
        await call('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
      }
      if (changed.has('Targets')) {
        const Targets = targetsIn(after);
        const gone = targetsIn(before).filter(({ Id }) => !Targets.some((target) => target.Id === Id));
        if (gone.length > 0) await call('DeregisterTargets', { TargetGroupArn, Targets: gone });
        if (Targets.length > 0) await call('RegisterTargets', { TargetGroupArn, Targets });
      }
      if (changed.has('Tags')) await updateTags(cloud, TargetGroupArn, before, after);
      return describeGroup(cloud, TargetGroupArn);
    },
    async delete({ cloud, physicalId: TargetGroupArn }) {
      await cloud.call('elasticloadbalancing', 'DeleteTargetGroup', { TargetGroupArn });
    },
  },
};

const describedRule = (RuleArn: string): Provisioned => ({
  physicalId: RuleArn,
  attributes: { RuleArn, IsDefault: false },
});

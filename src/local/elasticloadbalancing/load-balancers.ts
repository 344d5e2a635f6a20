// Load balancers: created, described, changed and deleted. Subnets and security groups are kept unchecked: the local AWS has no network.
import { randomInt } from 'node:crypto';
import type { LoadBalancer as Described } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import type { Ports } from './ports.ts';
import {
  attributeList,
  type BalancerContext,
  checkName,
  existing,
  invalid,
  type LoadBalancer,
  listenersOf,
  newArn,
  page,
  withAttributes,
} from './state.ts';
import { tagged } from './tags.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
const defaultAttributes = {
  'access_logs.s3.bucket': '',
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.prefix': '',
  'client_keep_alive.seconds': '3600',
  'connection_logs.s3.bucket': '',
  'connection_logs.s3.enabled': 'false',
  'connection_logs.s3.prefix': '',
  'deletion_protection.enabled': 'false',
  'idle_timeout.timeout_seconds': '60',
  'load_balancing.cross_zone.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'defensive',
  'routing.http.drop_invalid_header_fields.enabled': 'false',
  'routing.http.preserve_host_header.enabled': 'false',
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
  'routing.http.xff_client_port.enabled': 'false',
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http2.enabled': 'true',
  'waf.fail_open.enabled': 'false',
  'zonal_shift.config.enabled': 'false',
};
/** Not a zone of AWS, since there is no DNS here. */
const hostedZone = 'Z00000000LOCAL';

export function loadBalancerOperations(context: BalancerContext, ports: Ports): Operations<'elasticloadbalancing'> {
  const { cloud, balancers } = context;

  const shown = (balancer: LoadBalancer): Described => ({
    LoadBalancerArn: balancer.arn,
    LoadBalancerName: balancer.name,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: hostedZone,
    CreatedTime: new Date(balancer.createdAt),
    Scheme: balancer.scheme,
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: balancer.subnets.map((SubnetId) => ({ SubnetId })),
    SecurityGroups: [...balancer.securityGroups],
    IpAddressType: balancer.ipAddressType as 'ipv4',
  });

  return {
    CreateLoadBalancer: {
      members: ['Name', 'Subnets', 'SubnetMappings', 'SecurityGroups', 'Scheme', 'Tags', 'Type', 'IpAddressType'],
      run(input) {
        const { Name = '', Type = 'application', Scheme = 'internet-facing' } = input;
        if (Type !== 'application') throw notImplemented(`a load balancer of the type ${Type}`);
        checkName('load balancer', Name);
        if (balancers.find(({ name }) => name === Name) !== undefined) {
          throw new AwsError('DuplicateLoadBalancerNameException', `A load balancer with the name '${Name}' exists`);
        }
        const subnets = input.Subnets ?? input.SubnetMappings?.flatMap(({ SubnetId }) => SubnetId ?? []) ?? [];
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
        if (subnets.length < 2)
          throw invalid('At least two subnets in two different Availability Zones must be specified');
        const host = `${Scheme === 'internal' ? 'internal-' : ''}${Name}-${randomInt(100_000_000, 2_000_000_000)}`;
        const balancer: LoadBalancer = {
          arn: newArn(cloud, `loadbalancer/app/${Name}`),
          name: Name,
          dnsName: `${host}.${cloud.region}.elb.amazonaws.com`,
          scheme: Scheme,
          subnets,
          securityGroups: input.SecurityGroups ?? [],
          ipAddressType: input.IpAddressType ?? 'ipv4',
          attributes: defaultAttributes,
          createdAt: cloud.now(),
        };
        balancers.set(balancer.arn, balancer);
        tagged(context, balancer.arn, input.Tags);
        return { LoadBalancers: [shown(balancer)] };
      },
    },

    DescribeLoadBalancers: {
      members: ['LoadBalancerArns', 'Names', 'Marker', 'PageSize'],
      run({ LoadBalancerArns, Names, ...paging }) {
        const found =
          LoadBalancerArns !== undefined
            ? LoadBalancerArns.map((arn) => existing(context, 'balancers', arn))
            : [...balancers.values()].filter(({ name }) => Names === undefined || Names.includes(name));
        if (Names !== undefined && found.length < Names.length) existing(context, 'balancers', undefined);
        const { items, ...next } = page(found, paging);
        return { LoadBalancers: items.map(shown), ...next };
      },
    },

    DeleteLoadBalancer: {
      members: ['LoadBalancerArn'],
      async run({ LoadBalancerArn = '' }) {
        const balancer = balancers.get(LoadBalancerArn);
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html: deleting nothing succeeds
        if (balancer === undefined) return {};
        if (balancer.attributes['deletion_protection.enabled'] === 'true') {
          const message = `Load balancer '${balancer.arn}' cannot be deleted because deletion protection is enabled`;
          throw new AwsError('OperationNotPermittedException', message);
        }
        for (const listener of listenersOf(context, balancer.arn)) await ports.remove(listener);
        balancers.delete(balancer.arn);
        context.tags.delete(balancer.arn);
        return {};
      },
    },

    SetSubnets: {
      members: ['LoadBalancerArn', 'Subnets', 'SubnetMappings', 'IpAddressType'],
      run({ LoadBalancerArn, Subnets, SubnetMappings, IpAddressType }) {
        const balancer = existing(context, 'balancers', LoadBalancerArn);
        const subnets = Subnets ?? SubnetMappings?.flatMap(({ SubnetId }) => SubnetId ?? []) ?? balancer.subnets;
        balancers.set(balancer.arn, { ...balancer, subnets, ipAddressType: IpAddressType ?? balancer.ipAddressType });
        return { AvailabilityZones: subnets.map((SubnetId) => ({ SubnetId })) };
      },
    },

    SetSecurityGroups: {
      members: ['LoadBalancerArn', 'SecurityGroups'],
      run({ LoadBalancerArn, SecurityGroups = [] }) {
        const balancer = existing(context, 'balancers', LoadBalancerArn);
        balancers.set(balancer.arn, { ...balancer, securityGroups: SecurityGroups });
        return { SecurityGroupIds: SecurityGroups };
      },
    },

    SetIpAddressType: {
      members: ['LoadBalancerArn', 'IpAddressType'],
      run({ LoadBalancerArn, IpAddressType = 'ipv4' }) {
        const balancer = existing(context, 'balancers', LoadBalancerArn);
        balancers.set(balancer.arn, { ...balancer, ipAddressType: IpAddressType });
        return { IpAddressType };
      },
    },

    DescribeLoadBalancerAttributes: {
      members: ['LoadBalancerArn'],
      run: ({ LoadBalancerArn }) => ({
        Attributes: attributeList(existing(context, 'balancers', LoadBalancerArn).attributes),
      }),
    },

    ModifyLoadBalancerAttributes: {
      members: ['LoadBalancerArn', 'Attributes'],
      run({ LoadBalancerArn, Attributes = [] }) {
        const balancer = existing(context, 'balancers', LoadBalancerArn);
        const attributes = withAttributes(balancer.attributes, Attributes);
        balancers.set(balancer.arn, { ...balancer, attributes });
        return { Attributes: attributeList(attributes) };
      },
    },
  };
}

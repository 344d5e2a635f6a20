// What is wrong, or will be, with the subnets that functions are in: rules over what EC2 says, without a call.
import type { RouteTable, Subnet, VpcEndpoint } from '../../aws/aws.ts';
import { shortList } from '../../base/short-list.ts';
import type { Permission } from '../../project/permissions.ts';
import type { Finding } from './check.ts';

export interface VpcFacts {
  readonly routeTables: readonly RouteTable[];
  readonly endpoints: readonly VpcEndpoint[];
  /** How many network interfaces Lambda has there. */
  readonly interfaces: number;
}

export interface Network {
  /** The functions, for messages. */
  readonly names: string;
  readonly region: string;
  /** The ids of the subnets that the functions name. */
  readonly wanted: readonly string[];
  readonly existing: readonly Subnet[];
  /** With how many sets of security groups the project's functions use each subnet. */
  readonly combinations: ReadonlyMap<string, number>;
  /** The services that the functions call, by the names of their endpoints. */
  readonly services: readonly string[];
  /** Undefined if no subnet exists. */
  readonly vpc: VpcFacts | undefined;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: network interfaces of Lambda in a VPC; more on request. */
const mostInterfaces = 500;
const nearlyFull = 0.75;
/** Free addresses for what Lambda adds as it scales; AWS gives no number. */
const spareAddresses = 8;

export function adviceOn(network: Network): readonly Finding[] {
  const { existing, vpc } = network;
  return [
    ...missing(network),
    ...zones(network),
    ...existing.flatMap((subnet) => addresses(subnet, network)),
    ...(vpc === undefined ? [] : [...interfaces(vpc), ...waysOut(network, vpc)]),
  ];
}

function missing({ names, region, wanted, existing }: Network): readonly Finding[] {
  const gone = wanted.filter((id) => !existing.some((subnet) => subnet.id === id));
  if (gone.length === 0) return [];
  return [
    {
      level: 'problem',
      message: `${names}: ${shortList(gone, 3)} ${gone.length === 1 ? 'is' : 'are'} not in ${region} of this account`,
      hint: 'name subnets of the account and region that the environment is deployed to',
    },
  ];
}

function zones({ names, existing }: Network): readonly Finding[] {
  const [first] = existing;
  // one subnet is said without AWS
  if (first === undefined || existing.length === 1 || existing.some(({ zone }) => zone !== first.zone)) return [];
  return [
    {
      level: 'warning',
      message: `${names}: all subnets are in ${first.zone}; the functions stop when that Availability Zone does`,
      hint: 'name subnets of two zones',
    },
  ];
}

/**
 * Lambda takes an address for each combination of subnet and security groups, and more of them as traffic grows:
 * https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
 */
function addresses({ id, freeAddresses }: Subnet, { names, combinations }: Network): readonly Finding[] {
  const needed = (combinations.get(id) ?? 1) + spareAddresses;
  if (freeAddresses >= needed) return [];
  const left =
    freeAddresses === 0 ? 'no free address' : `${freeAddresses} free address${freeAddresses === 1 ? '' : 'es'}`;
  return [
    {
      level: freeAddresses === 0 ? 'problem' : 'warning',
      message: `${names}: ${id} has ${left}; Lambda takes one for each set of security groups, and more as it scales`,
      hint: 'name a larger subnet',
    },
  ];
}

function interfaces({ interfaces: count }: VpcFacts): readonly Finding[] {
  if (count <= nearlyFull * mostInterfaces) return [];
  return [
    {
      level: 'warning',
      message: `Lambda has ${count} network interfaces in the VPC; the usual quota is ${mostInterfaces}`,
      hint: 'give functions the same subnets and security groups: they share interfaces; AWS raises the quota on request',
    },
  ];
}

type Way = 'out' | 'public' | 'blackhole' | 'none';

/** Where what is for the internet goes. Functions have no public address: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html */
function wayOf(table: RouteTable | undefined): { readonly way: Way; readonly through: string } {
  const route = table?.routes.find(({ to }) => to === '0.0.0.0/0');
  if (route === undefined) return { way: 'none', through: '' };
  const { through, isBlackhole } = route;
  if (isBlackhole) return { way: 'blackhole', through };
  return { way: through.startsWith('igw-') ? 'public' : 'out', through };
}

function waysOut(network: Network, vpc: VpcFacts): readonly Finding[] {
  const { names, existing, services } = network;
  const main = vpc.routeTables.find(({ isMain }) => isMain);
  const ways = existing.map(({ id }) => {
    const table = vpc.routeTables.find(({ subnets }) => subnets.includes(id)) ?? main;
    const unreached = services.filter((service) => !isReached(service, table, vpc.endpoints));
    return { id, table, unreached, ...wayOf(table) };
  });
  const findings: Finding[] = [];
  for (const { id, way, through } of ways) {
    if (way === 'blackhole') {
      findings.push({
        level: 'problem',
        message: `${names}: the default route of ${id} leads to ${through}, which is gone`,
        hint: 'route 0.0.0.0/0 to a NAT gateway that exists',
      });
    }
  }
  const closed = ways.filter(({ way }) => way !== 'out');
  const ids = shortList(
    closed.map(({ id }) => id),
    3,
  );
  const unreached = [...new Set(closed.flatMap((each) => each.unreached))].sort();
  const isPublic = closed.length > 0 && closed.every(({ way }) => way === 'public');
  const why = isPublic
    ? 'a route to an internet gateway does not help, since functions have no public address'
    : 'there is no route to the internet';
  if (unreached.length > 0) {
    findings.push({
      level: 'problem',
      message: `${names}: calls of ${unreached.join(', ')} from ${ids} time out; ${why}, nor is there a VPC endpoint`,
      hint: `add ${unreached.some(isFree) ? 'gateway endpoints (S3 and DynamoDB, free)' : 'interface endpoints'}, or route 0.0.0.0/0 to a NAT gateway`,
    });
  } else if (closed.some(({ way }) => way !== 'blackhole')) {
    findings.push({
      level: 'note',
      message: `${names}: reaches nothing on the internet from ${ids}; ${why}`,
      hint: 'if it calls the internet, route 0.0.0.0/0 to a NAT gateway',
    });
  }
  const paid = [
    ...new Set(ways.flatMap((each) => (each.way === 'out' && each.through.startsWith('nat-') ? each.unreached : []))),
  ].filter(isFree);
  if (paid.length > 0) {
    findings.push({
      level: 'note',
      message: `${names}: what goes to ${paid.sort().join(' and ')} passes the NAT gateway, which costs by the gigabyte`,
      hint: 'a gateway endpoint for it costs nothing',
    });
  }
  return findings;
}

/** Those with gateway endpoints: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html */
const isFree = (service: string): boolean => service === 's3' || service === 'dynamodb';

function isReached(service: string, table: RouteTable | undefined, endpoints: readonly VpcEndpoint[]): boolean {
  return endpoints.some(({ service: name, kind, routeTables, hasServiceName }) => {
    if (!name.endsWith(`.${service}`)) return false;
    return kind === 'gateway' ? table !== undefined && routeTables.includes(table.id) : hasServiceName;
  });
}

/**
 * Prefixes of actions that differ from the name of the service's endpoint.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 */
const endpointNames: Readonly<Record<string, string>> = {
  kinesis: 'kinesis-streams',
  firehose: 'kinesis-firehose',
  cloudwatch: 'monitoring',
  ses: 'email',
};

/** The services that a function's permissions name, by the names of their endpoints. */
export function servicesOf(permissions: readonly Permission[]): readonly string[] {
  const prefixes = permissions.flatMap((permission) => {
    if (permission.kind === 'grant') return permission.actions;
    const { Action = [], Effect } = permission.statement;
    return Effect === 'Deny' ? [] : [Action].flat().map(String);
  });
  const services = prefixes.flatMap((action) => /^([a-z0-9-]+):/.exec(action)?.[1] ?? []);
  return [...new Set(services.map((service) => endpointNames[service] ?? service))].sort();
}

// Functions in a VPC: zones, addresses, interfaces, and the ways out.

import { shortList } from '../../base/short-list.ts';
import { functionIdsOf } from '../../cfn/logical-ids.ts';
import { localEnvironment } from '../../project/environment.ts';
import type { FunctionSettings } from '../../project/project.ts';
import { resourceOf } from '../state.ts';
import { type Check, type Finding, type Patient, roleArn, settingAt } from './check.ts';
import { adviceOn, servicesOf, type VpcFacts } from './network-advice.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const interfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
];

type InVpc = FunctionSettings & { readonly vpc: NonNullable<FunctionSettings['vpc']> };

export const network: Check = {
  about: 'functions in a VPC',
  async run(patient) {
    const { project } = patient;
    const inVpc = project.functions.filter((each): each is InVpc => each.vpc !== undefined);
    if (inVpc.length === 0) return [];
    const findings = inVpc.flatMap((each) => shapeOf(each, patient));
    // the local AWS has no networks
    if (project.environment.name === localEnvironment) return findings;
    return [...findings, ...(await networksOf(inVpc, patient)), ...(await rightsOf(inVpc, patient))];
  },
};

/** What project.yml alone says. */
function shapeOf({ name, vpc, permissions }: InVpc, patient: Patient): readonly Finding[] {
  const at = settingAt(patient, name, 'vpc');
  const { project } = patient;
  const isOneSubnet = Array.isArray(vpc.subnetIds) && vpc.subnetIds.length === 1;
  // whatever AWS has is looked at there
  const isOutside = literal(vpc.subnetIds) !== undefined && project.environment.name !== localEnvironment;
  const hasWay = [...project.resources.values()].some(({ Type }) =>
    ['AWS::EC2::NatGateway', 'AWS::EC2::VPCEndpoint'].includes(Type),
  );
  return [
    ...(isOneSubnet
      ? [
          {
            level: 'warning' as const,
            message: `${name} is in one subnet: it stops when that Availability Zone does`,
            at,
            hint: 'name subnets of two zones',
          },
        ]
      : []),
    ...(permissions.length > 0 && !hasWay && !isOutside
      ? [
          {
            level: 'note' as const,
            message: `${name} calls AWS from a VPC: that works only through a NAT gateway or VPC endpoints, and the project has neither`,
            at,
            hint: 'S3 and DynamoDB have gateway endpoints that cost nothing',
          },
        ]
      : []),
  ];
}

/** What the account has, for functions with the same subnets together. */
async function networksOf(functions: readonly InVpc[], patient: Patient): Promise<readonly Finding[]> {
  const { context, project } = patient;
  const groups = new Map<string, { readonly subnets: readonly string[]; readonly members: InVpc[] }>();
  const combinations = new Map<string, Set<string>>();
  for (const each of functions) {
    const found = await subnetsOf(each, patient);
    if (found === undefined) continue;
    const subnets = [...found.subnets].sort();
    const key = subnets.join();
    const group = groups.get(key) ?? { subnets, members: [] };
    group.members.push(each);
    groups.set(key, group);
    for (const subnet of subnets) {
      const known = combinations.get(subnet) ?? new Set();
      combinations.set(subnet, known.add([...found.securityGroups].sort().join()));
    }
  }
  const factsOf = new Map<string, VpcFacts>();
  const findings: Finding[] = [];
  for (const { subnets, members } of groups.values()) {
    const existing = await context.aws.networks.subnets(subnets);
    const vpc = existing[0]?.vpc;
    if (vpc !== undefined && !factsOf.has(vpc)) {
      const { networks } = context.aws;
      const [routeTables, endpoints, interfaces] = await Promise.all([
        networks.routeTables(vpc),
        networks.endpoints(vpc),
        networks.lambdaInterfaces(vpc),
      ]);
      factsOf.set(vpc, { routeTables, endpoints, interfaces });
    }
    const names = shortList(
      members.map(({ name }) => name),
      3,
    );
    const at = settingAt(patient, (members[0] as InVpc).name, 'vpc');
    const advice = adviceOn({
      names,
      region: project.environment.region,
      wanted: subnets,
      existing,
      combinations: new Map(subnets.map((id) => [id, combinations.get(id)?.size ?? 1])),
      services: servicesOf(members.flatMap(({ permissions }) => permissions)),
      vpc: vpc === undefined ? undefined : factsOf.get(vpc),
    });
    findings.push(...advice.map((finding) => ({ ...finding, at })));
  }
  return findings;
}

/** Of project.yml, if it names them, or else of what is deployed. */
async function subnetsOf(
  { vpc, physicalName }: InVpc,
  { context, state }: Patient,
): Promise<{ readonly subnets: readonly string[]; readonly securityGroups: readonly string[] } | undefined> {
  const subnets = literal(vpc.subnetIds);
  const securityGroups = literal(vpc.securityGroupIds);
  if (subnets !== undefined && securityGroups !== undefined) return { subnets, securityGroups };
  return state.live === undefined ? undefined : context.aws.functions.network(physicalName);
}

function literal(ids: unknown): readonly string[] | undefined {
  return Array.isArray(ids) && ids.every((id) => typeof id === 'string') ? ids : undefined;
}

/** fx grants what Lambda needs; a permissions boundary may take it away. */
async function rightsOf(functions: readonly InVpc[], patient: Patient): Promise<readonly Finding[]> {
  const { context, state } = patient;
  if (state.live === undefined) return [];
  const resources = await context.aws.stacks.resources(state.live.stack.name);
  const findings: Finding[] = [];
  for (const { name } of functions) {
    const role = resourceOf(
      resources,
      functionIdsOf(patient.project.environment.stack.logicalIds, name).role,
    )?.physicalId;
    if (role === undefined) continue;
    const denied = await context.aws.account.denied(roleArn(patient, role), {
      actions: interfaceActions,
      resource: '*',
      conditions: {},
    });
    if (denied.length === 0) continue;
    findings.push({
      level: 'problem',
      message: `${name} may not ${denied.join(', ')}: Lambda needs them to connect it to its VPC`,
      at: settingAt(patient, name, 'vpc'),
      hint: 'a permissions boundary, or a policy of the organization, takes away what fx grants',
    });
  }
  return findings;
}

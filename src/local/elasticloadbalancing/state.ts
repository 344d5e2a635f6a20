// The records of Application Load Balancers, and how they are found.
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Cloud } from '../cloud.ts';
import { pageFrom } from '../paging.ts';
import { randomHex } from '../random.ts';
import type { Collection } from '../store.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly dnsName: string;
  readonly scheme: 'internet-facing' | 'internal';
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly ipAddressType: string;
  readonly attributes: Attributes;
  readonly createdAt: number;
}

export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  /** Where AWS would listen. */
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly defaultActions: readonly Action[];
  readonly certificates: readonly string[];
  readonly sslPolicy: string | undefined;
  readonly attributes: Attributes;
  /** The loopback port; stored, so the address survives a restart. */
  readonly localPort: number;
}

export interface Rule {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
}

export interface HealthCheck {
  readonly enabled: boolean;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly matcher: string;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
  /** The function: a group of the type lambda has one. */
  readonly target: string | undefined;
}

export interface BalancerContext {
  readonly cloud: Cloud;
  readonly balancers: Collection<LoadBalancer>;
  readonly listeners: Collection<Listener>;
  readonly rules: Collection<Rule>;
  readonly groups: Collection<TargetGroup>;
  /** The tags of each resource, by its ARN. */
  readonly tags: Collection<Attributes>;
}

export const principal = 'elasticloadbalancing.amazonaws.com';

export const newArn = ({ region, accountId }: Cloud, path: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${accountId}:${path}/${randomHex(8)}`;

/** What follows the type in the ARN of a load balancer, a listener or a rule: its place. */
export const placeIn = (arn: string): string => arn.replace(/^.*?:(loadbalancer|listener|listener-rule)\//, '');

const kinds = {
  balancers: ['LoadBalancerNotFoundException', 'load balancers'],
  listeners: ['ListenerNotFoundException', 'listeners'],
  rules: ['RuleNotFoundException', 'rules'],
  groups: ['TargetGroupNotFoundException', 'target groups'],
} as const;

interface Kept {
  balancers: LoadBalancer;
  listeners: Listener;
  rules: Rule;
  groups: TargetGroup;
}

/** Finds a record by its ARN. */
export function existing<K extends keyof Kept>(context: BalancerContext, kind: K, arn: string | undefined): Kept[K] {
  const found = (context[kind] as unknown as Collection<Kept[K]>).get(arn ?? '');
  if (found !== undefined) return found;
  const [code, named] = kinds[kind];
  const message = `One or more ${named} not found`;
  throw new AwsError(code, kind === 'listeners' ? `${message}: the fx local AWS has no ${arn}` : message);
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function invalidConfiguration(message: string): AwsError {
  return new AwsError('InvalidConfigurationRequestException', message);
}

const namePattern = /^(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
export function checkName(kind: string, name: string): void {
  if (namePattern.test(name)) return;
  throw invalid(
    `The ${kind} name '${name}' is not valid: it has at most 32 letters, digits and hyphens, and does not begin or end with a hyphen`,
  );
}

/** The listeners of a load balancer. */
export const listenersOf = ({ listeners }: BalancerContext, balancerArn: string): readonly Listener[] =>
  listeners.filter(({ loadBalancerArn }) => loadBalancerArn === balancerArn);

/** The rules of a listener, in the order in which they are tried. */
export const rulesOf = ({ rules }: BalancerContext, arn: string): readonly Rule[] =>
  rules.filter(({ listenerArn }) => listenerArn === arn).sort((a, b) => a.priority - b.priority);

/** The target groups that actions forward to. */
export const groupsIn = (actions: readonly Action[]): readonly string[] =>
  actions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
    ...(TargetGroupArn === undefined ? [] : [TargetGroupArn]),
    ...(ForwardConfig?.TargetGroups ?? []).flatMap(({ TargetGroupArn: arn }) => arn ?? []),
  ]);

/** The load balancers that forward to a target group. */
export function balancersOf({ listeners, rules }: BalancerContext, groupArn: string): readonly string[] {
  const direct = listeners.filter(({ defaultActions }) => groupsIn(defaultActions).includes(groupArn));
  const ruled = rules
    .filter(({ actions }) => groupsIn(actions).includes(groupArn))
    .flatMap(({ listenerArn }) => listeners.get(listenerArn) ?? []);
  return [...new Set([...direct, ...ruled].map(({ loadBalancerArn }) => loadBalancerArn))];
}

export function page<T>(
  items: readonly T[],
  { Marker, PageSize = 400 }: { Marker?: string | undefined; PageSize?: number | undefined },
) {
  const onPage = pageFrom(items, { token: Marker, most: PageSize });
  if (onPage === undefined) throw invalid('The marker is not valid');
  return { items: onPage.items, ...(onPage.nextToken === undefined ? {} : { NextMarker: onPage.nextToken }) };
}

/** The pairs of attributes, as the API has them. */
export const attributeList = (attributes: Attributes) =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));

/** Attributes changed by those pairs, of which each must be known. */
export function withAttributes(
  attributes: Attributes,
  changes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Attributes {
  const unknown = changes.find(({ Key = '' }) => !Object.hasOwn(attributes, Key));
  if (unknown !== undefined) throw invalid(`Attribute key '${unknown.Key}' is not recognized`);
  return { ...attributes, ...Object.fromEntries(changes.map(({ Key = '', Value = '' }) => [Key, Value])) };
}

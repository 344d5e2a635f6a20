// The state of EventBridge: buses, and rules with their targets.
import type { DeadLetterConfig, Target } from '@aws-sdk/client-eventbridge';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import type { ApiDestination } from './api-destinations.ts';
import type { Archive, Replay } from './archives.ts';
import type { Connection } from './connections.ts';

export interface Bus {
  readonly name: string;
  readonly created: number;
  readonly modified: number;
  readonly description?: string;
  readonly deadLetters?: DeadLetterConfig;
  readonly statements: readonly BusStatement[];
  readonly tags: Tags;
}

export interface BusStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Rule {
  readonly Name: string;
  readonly Arn: string;
  /** Absent on the default bus. */
  readonly EventBusName?: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
  readonly State: string;
  readonly Description?: string;
  readonly RoleArn?: string;
  readonly tags: Tags;
  readonly targets: readonly Target[];
  /** When the rule was created or changed: a rate counts from here. */
  readonly since: number;
}

export type Tags = Readonly<Record<string, string>>;

export interface EventsContext {
  readonly cloud: Cloud;
  /** By name. */
  readonly buses: Collection<Bus>;
  /** By bus and name, as `ruleKey` writes them. */
  readonly rules: Collection<Rule>;
  /** By name. */
  readonly connections: Collection<Connection>;
  /** By name. */
  readonly destinations: Collection<ApiDestination>;
  /** By name. */
  readonly archives: Collection<Archive>;
  /** By name. */
  readonly replays: Collection<Replay>;
  /** Saves a rule and reschedules it. */
  change(rule: Rule): void;
  /** Saves a rule whose schedule goes on. */
  retag(rule: Rule): void;
  delete(rule: Rule): void;
}

export const defaultBus = 'default';

export function busOf(rule: Rule): string {
  return rule.EventBusName ?? defaultBus;
}

export function ruleKey(bus: string, name: string): string {
  return bus === defaultBus ? name : `${bus}/${name}`;
}

export function eventsArn({ cloud }: Pick<EventsContext, 'cloud'>, kind: string, name: string): string {
  return `arn:aws:events:${cloud.region}:${cloud.accountId}:${kind}/${name}`;
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function tooMany(): AwsError {
  return new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
}

/** The name of a bus that may be given by its ARN; undefined for one of another account or region. */
export function busName({ cloud }: Pick<EventsContext, 'cloud'>, nameOrArn: string | undefined): string | undefined {
  if (nameOrArn === undefined) return defaultBus;
  if (!nameOrArn.startsWith('arn:')) return nameOrArn;
  const [, , service, region, account, resource = ''] = nameOrArn.split(':');
  const isHere = service === 'events' && region === cloud.region && account === cloud.accountId;
  return isHere && resource.startsWith('event-bus/') ? resource.slice('event-bus/'.length) : undefined;
}

export function findBus(context: EventsContext, nameOrArn: string | undefined): Bus {
  const name = busName(context, nameOrArn);
  const bus = name === undefined ? undefined : context.buses.get(name);
  if (bus !== undefined) return bus;
  if (name !== defaultBus) throw notFound(`Event bus ${name ?? nameOrArn} does not exist.`);
  const now = context.cloud.now();
  const made: Bus = { name, created: now, modified: now, statements: [], tags: {} };
  context.buses.set(name, made);
  return made;
}

export function findRule(context: EventsContext, name: string | undefined, bus?: string): Rule {
  const { name: busName } = findBus(context, bus);
  const rule = context.rules.get(ruleKey(busName, name ?? ''));
  if (rule !== undefined) return rule;
  throw notFound(`Rule ${name} does not exist on EventBus ${busName}.`);
}

/** The ARN of a rule, whether or not it exists. */
export function ruleArn(context: EventsContext, name: string | undefined, bus: string | undefined): string {
  return eventsArn(context, 'rule', ruleKey(busName(context, bus) ?? defaultBus, name ?? ''));
}

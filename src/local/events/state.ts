// The state of EventBridge: the rules of the default bus, each with its targets.
import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError, type Cloud } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import type { Collection } from '../store.ts';

export interface Rule {
  readonly Name: string;
  readonly Arn: string;
  readonly ScheduleExpression: string;
  readonly State: 'ENABLED' | 'DISABLED';
  readonly Description?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
  /** When the rule was created or changed: a rate counts from here. */
  readonly since: number;
}

export interface EventsContext {
  readonly cloud: Cloud;
  /** By name. */
  readonly rules: Collection<Rule>;
  /** Saves a rule and reschedules it. */
  change(rule: Rule): void;
  delete(name: string): void;
}

export function ruleArn({ cloud }: EventsContext, name: string): string {
  return `arn:aws:events:${cloud.region}:${cloud.accountId}:rule/${name}`;
}

export function findRule({ rules }: EventsContext, name: string | undefined, bus?: string): Rule {
  checkBus(bus);
  const rule = rules.get(name ?? '');
  if (rule !== undefined) return rule;
  throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
}

export function checkBus(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw notImplemented('an event bus other than the default one');
}

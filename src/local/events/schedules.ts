// Fires each scheduled rule of EventBridge when it is due, and sends its event to all targets.
import { randomUUID } from 'node:crypto';
import type { Cancel } from '../clock.ts';
import type { Cloud } from '../cloud.ts';
import { deliver } from '../deliver.ts';
import type { Collection } from '../store.ts';
import { nextRun } from './schedule.ts';
import type { Rule } from './state.ts';

export class Schedules {
  readonly #cloud: Cloud;
  readonly #rules: Collection<Rule>;
  readonly #cancels = new Map<string, Cancel>();

  constructor(cloud: Cloud, rules: Collection<Rule>) {
    this.#cloud = cloud;
    this.#rules = rules;
  }

  /** Sets the timer for the rule's next due time; replaces an earlier timer. */
  time(name: string): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
    const rule = this.#rules.get(name);
    if (rule === undefined || rule.State === 'DISABLED') return;
    const now = this.#cloud.now();
    const due = nextRun(rule.ScheduleExpression, rule.since, now);
    if (due === undefined) return;
    const cancel = this.#cloud.after(due - now, () => {
      this.#fire(rule, due);
      this.time(name);
    });
    this.#cancels.set(name, cancel);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
  }

  #fire(rule: Rule, due: number): void {
    const event = JSON.stringify(scheduledEvent(this.#cloud, rule, due));
    const sender = { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule.Arn } as const;
    for (const { Arn = '', Input: body = event } of rule.targets) {
      void deliver(this.#cloud, Arn, { body }, { sender, what: `the event of rule ${rule.Name}` });
    }
  }
}

// https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html
function scheduledEvent(cloud: Cloud, rule: Rule, due: number) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: cloud.accountId,
    time: `${new Date(due).toISOString().slice(0, 19)}Z`,
    region: cloud.region,
    resources: [rule.Arn],
    detail: {},
  };
}

// Fires each scheduled rule of EventBridge when it is due.
import { randomUUID } from 'node:crypto';
import { nextRun } from '../../cfn/schedule-times.ts';
import type { Cancel } from '../clock.ts';
import type { Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import { type Dispatcher, secondsTime } from './dispatch.ts';
import type { Rule } from './state.ts';
import type { BusEvent } from './target-input.ts';

export class Schedules {
  readonly #cloud: Cloud;
  readonly #rules: Collection<Rule>;
  readonly #dispatcher: Dispatcher;
  readonly #cancels = new Map<string, Cancel>();

  constructor(cloud: Cloud, rules: Collection<Rule>, dispatcher: Dispatcher) {
    this.#cloud = cloud;
    this.#rules = rules;
    this.#dispatcher = dispatcher;
  }

  /** Sets the timer for the rule's next due time; replaces an earlier timer. */
  time(key: string): void {
    this.#cancels.get(key)?.();
    this.#cancels.delete(key);
    const rule = this.#rules.get(key);
    if (rule?.ScheduleExpression === undefined || rule.State === 'DISABLED') return;
    const now = this.#cloud.now();
    const due = nextRun(rule.ScheduleExpression, rule.since, now);
    if (due === undefined) return;
    const cancel = this.#cloud.after(due - now, () => {
      // the targets may have changed since
      const current = this.#rules.get(key);
      if (current !== undefined) this.#dispatcher.fire(current, scheduledEvent(this.#cloud, current, due));
      this.time(key);
    });
    this.#cancels.set(key, cancel);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
  }
}

// https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html
function scheduledEvent(cloud: Cloud, rule: Rule, due: number): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: cloud.accountId,
    time: secondsTime(due),
    region: cloud.region,
    resources: [rule.Arn],
    detail: {},
  };
}

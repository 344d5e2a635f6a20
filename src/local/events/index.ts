// EventBridge: scheduled rules on the default bus, and their targets.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { ruleOperations, tagOperations } from './rules.ts';
import { Schedules } from './schedules.ts';
import type { EventsContext, Rule } from './state.ts';
import { targetOperations } from './targets.ts';

export function createEvents(cloud: Cloud): Service<'events'> {
  const rules = cloud.collection<Rule>('events-rules');
  const schedules = new Schedules(cloud, rules);
  const context: EventsContext = {
    cloud,
    rules,
    change(rule) {
      rules.set(rule.Name, rule);
      schedules.time(rule.Name);
    },
    delete(name) {
      rules.delete(name);
      schedules.time(name);
    },
  };
  return {
    name: 'events',
    operations: { ...ruleOperations(context), ...targetOperations(context), ...tagOperations(context) },
    async start() {
      for (const name of rules.keys()) schedules.time(name);
    },
    async stop() {
      schedules.stop();
    },
  };
}

// EventBridge: buses, rules and their targets, archives and replays, connections and API destinations.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { apiDestinationOperations } from './api-destinations.ts';
import { archiveOperations } from './archives.ts';
import { busOperations } from './buses.ts';
import { connectionOperations } from './connections.ts';
import { Dispatcher } from './dispatch.ts';
import { putEventsOperations } from './put-events.ts';
import { replayOperations } from './replays.ts';
import { ruleOperations } from './rules.ts';
import { Schedules } from './schedules.ts';
import { busOf, type EventsContext, type Rule, ruleKey } from './state.ts';
import { tagOperations } from './tags.ts';
import { targetOperations } from './targets.ts';

export function createEvents(cloud: Cloud): Service<'events'> {
  const rules = cloud.collection<Rule>('events-rules');
  const keyOf = (rule: Rule) => ruleKey(busOf(rule), rule.Name);
  const context: EventsContext = {
    cloud,
    buses: cloud.collection('events-buses'),
    rules,
    archives: cloud.collection('events-archives'),
    connections: cloud.collection('events-connections'),
    destinations: cloud.collection('events-api-destinations'),
    replays: cloud.collection('events-replays'),
    change(rule) {
      rules.set(keyOf(rule), rule);
      schedules.time(keyOf(rule));
    },
    retag(rule) {
      rules.set(keyOf(rule), rule);
    },
    delete(rule) {
      rules.delete(keyOf(rule));
      schedules.time(keyOf(rule));
    },
  };
  const dispatcher = new Dispatcher(context);
  const schedules = new Schedules(cloud, rules, dispatcher);
  return {
    name: 'events',
    operations: {
      ...busOperations(context),
      ...ruleOperations(context),
      ...targetOperations(context),
      ...putEventsOperations(context, dispatcher),
      ...archiveOperations(context),
      ...connectionOperations(context),
      ...apiDestinationOperations(context),
      ...replayOperations(context, dispatcher),
      ...tagOperations(context),
    },
    async start() {
      for (const key of rules.keys()) schedules.time(key);
    },
    async stop() {
      schedules.stop();
      dispatcher.stop();
    },
  };
}

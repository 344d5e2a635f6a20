// AWS IoT Core: topic rules, and the messages that they select.
import type { Cloud, Service } from '../cloud.ts';
import { publishOperations } from './publish.ts';
import { ruleOperations } from './rules.ts';

export function createIot(cloud: Cloud): Service<'iot'> {
  return { name: 'iot', operations: ruleOperations(cloud) };
}

export function createIotData(cloud: Cloud): Service<'iotdata'> {
  const running = new Set<Promise<void>>();
  return {
    name: 'iotdata',
    operations: publishOperations(cloud, running),
    async stop() {
      await Promise.all(running);
    },
  };
}

// Stand-in until the service lands.
import type { Cloud, Service } from './cloud.ts';

export function createEvents(_cloud: Cloud): Service<'events'> {
  return { name: 'events', operations: {} };
}

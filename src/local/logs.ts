// Stand-in until the service lands.
import type { Cloud, Service } from './cloud.ts';

export function createLogs(_cloud: Cloud): Service<'logs'> {
  return { name: 'logs', operations: {} };
}

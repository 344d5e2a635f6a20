// Stand-in until the service lands.
import type { Cloud, Service } from '../cloud.ts';

export function createCloudFormation(_cloud: Cloud): Service<'cloudformation'> {
  return { name: 'cloudformation', operations: {} };
}

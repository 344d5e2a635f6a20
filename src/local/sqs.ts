// Stand-in until the service lands.
import type { Cloud, Service } from './cloud.ts';

export function createSqs(_cloud: Cloud): Service<'sqs'> {
  return { name: 'sqs', operations: {} };
}

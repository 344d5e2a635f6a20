// Stand-in until the service lands.
import type { Cloud, Service } from '../cloud.ts';

export function createLambda(_cloud: Cloud): Service<'lambda'> {
  return { name: 'lambda', operations: {} };
}

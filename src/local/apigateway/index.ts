// Stand-in until the service lands.
import type { Cloud, Service } from '../cloud.ts';

export function createApiGateway(_cloud: Cloud): Service<'apigateway'> {
  return { name: 'apigateway', operations: {} };
}

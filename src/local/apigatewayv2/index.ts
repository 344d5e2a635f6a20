// Amazon API Gateway v2, HTTP and WebSocket APIs: combines the operations, and owns the APIs' listeners.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/api-reference.html
import type { Cloud, Service } from '../cloud.ts';
import { apiOperations } from './apis.ts';
import { authorizerOperations } from './authorizers.ts';
import { deploymentOperations } from './deployments.ts';
import { type Domains, domainOperations, mappingFor } from './domains.ts';
import { importOperations } from './import.ts';
import { integrationOperations } from './integrations.ts';
import { Listeners } from './listeners.ts';
import { routeResponseOperations } from './route-responses.ts';
import { routeOperations } from './routes.ts';
import { stageOperations } from './stages.ts';
import { type ApiContext, isWebSocket } from './state.ts';

export function createApiGatewayV2(cloud: Cloud): Service<'apigatewayv2'> {
  const context: ApiContext = { cloud, apis: cloud.collection('apigateway.apis') };
  const domains: Domains = cloud.collection('apigateway.domains');
  const listeners = new Listeners(context);
  return {
    name: 'apigatewayv2',
    operations: {
      ...apiOperations(context, listeners),
      ...authorizerOperations(context),
      ...domainOperations(context, domains),
      ...importOperations(context),
      ...integrationOperations(context),
      ...routeOperations(context),
      ...routeResponseOperations(context),
      ...stageOperations(context),
      ...deploymentOperations(context),
    },
    async start() {
      for (const api of context.apis.values()) {
        const port = await listeners.open(api.id, api.port, isWebSocket(api) ? 'WEBSOCKET' : 'HTTP');
        if (port !== api.port) context.apis.set(api.id, { ...api, port });
      }
    },
    mappingFor: (domainName, path) => mappingFor(domains, domainName, path),
    answer(apiId, exchange, mapped) {
      const isKnown = context.apis.get(apiId) !== undefined;
      if (isKnown) {
        const answer = cloud.following.traced((incoming, outgoing) =>
          listeners.answer(apiId, { incoming, outgoing }, mapped),
        );
        answer(exchange.incoming, exchange.outgoing);
      }
      return isKnown;
    },
    upgrade(apiId, upgrade, mapped) {
      const api = context.apis.get(apiId);
      if (api === undefined || !isWebSocket(api)) return false;
      listeners.upgrade(apiId, upgrade, mapped);
      return true;
    },
    stop: () => listeners.closeAll(),
  };
}

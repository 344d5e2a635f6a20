// Amazon API Gateway, REST APIs: combines the operations, and owns the APIs' listeners.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
import type { Cloud, Service } from '../cloud.ts';
import { Throttle } from '../throttle.ts';
import { accountOperations } from './account.ts';
import { apiKeyOperations } from './api-keys.ts';
import { authorizerOperations } from './authorizers.ts';
import { deploymentOperations } from './deployments.ts';
import { documentationOperations } from './documentation.ts';
import { domainNameOperations } from './domain-names.ts';
import { exportOperations } from './export.ts';
import { gatewayResponseOperations } from './gateway-responses.ts';
import { importOperations } from './import.ts';
import { integrationResponseOperations } from './integration-responses.ts';
import { integrationOperations } from './integrations.ts';
import { AuthorizerCache } from './lambda-authorizer.ts';
import { Listeners } from './listeners.ts';
import { methodOperations, methodResponseOperations } from './methods.ts';
import { modelOperations, validatorOperations } from './models.ts';
import type { Pipeline } from './pipeline.ts';
import { resourceOperations } from './resources.ts';
import { restApiOperations } from './rest-apis.ts';
import { stageOperations } from './stages.ts';
import { tagOperations } from './tags.ts';
import { testOperations } from './test-invoke.ts';
import { usagePlanOperations } from './usage-plans.ts';

export function createApiGateway(cloud: Cloud): Service<'apigateway'> {
  const context: Pipeline = {
    cloud,
    apis: cloud.collection('apigateway.rest-apis'),
    deployments: cloud.collection('apigateway.rest-deployments'),
    authorizerCache: new AuthorizerCache(),
    buckets: new Throttle(),
  };
  const listeners = new Listeners(context);
  return {
    name: 'apigateway',
    operations: {
      ...restApiOperations(context, listeners),
      ...importOperations(context, listeners),
      ...exportOperations(context),
      ...resourceOperations(context),
      ...methodOperations(context),
      ...methodResponseOperations(context),
      ...integrationOperations(context),
      ...integrationResponseOperations(context),
      ...deploymentOperations(context),
      ...stageOperations(context),
      ...authorizerOperations(context),
      ...modelOperations(context),
      ...validatorOperations(context),
      ...gatewayResponseOperations(context),
      ...documentationOperations(context),
      ...apiKeyOperations(context),
      ...usagePlanOperations(context),
      ...domainNameOperations(context),
      ...accountOperations(context),
      ...tagOperations(context),
      ...testOperations(context),
    },
    async start() {
      for (const api of context.apis.values()) {
        const port = await listeners.open(api.id, api.port);
        if (port !== api.port) context.apis.set(api.id, { ...api, port });
      }
    },
    answer(apiId, exchange, mapped) {
      const isKnown = context.apis.has(apiId);
      if (isKnown) {
        const answer = cloud.following.traced((incoming, outgoing) =>
          listeners.answer(apiId, { incoming, outgoing }, mapped),
        );
        answer(exchange.incoming, exchange.outgoing);
      }
      return isKnown;
    },
    stop: () => listeners.closeAll(),
  };
}

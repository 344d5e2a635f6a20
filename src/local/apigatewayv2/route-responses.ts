// API Gateway's operations on the responses of WebSocket routes. The only key is $default: what the function returns.
import type { RouteResponse as ResponseShape } from '@aws-sdk/client-apigatewayv2';
import { badRequest, newId, without } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { type ApiContext, existingApi, existingPart, isWebSocket, page, type Route } from './state.ts';

export function routeResponseOperations(context: ApiContext): Operations<'apigatewayv2'> {
  const find = (apiId: string | undefined, routeId: string | undefined) => {
    const api = existingApi(context, apiId);
    const route = existingPart(api.routes, 'Route', routeId);
    const keep = (responses: Route['responses']) =>
      context.apis.set(api.id, {
        ...api,
        routes: { ...api.routes, [route.id]: { ...route, responses: responses ?? {} } },
      });
    return { api, responses: route.responses ?? {}, keep };
  };
  return {
    CreateRouteResponse: {
      members: ['ApiId', 'RouteId', 'RouteResponseKey'],
      run(input) {
        const { api, responses, keep } = find(input.ApiId, input.RouteId);
        if (!isWebSocket(api)) throw badRequest('Route responses are not supported on protocolType HTTP');
        if (input.RouteResponseKey !== '$default') throw badRequest('Route response key must be $default');
        const response = { id: newId(6), key: input.RouteResponseKey };
        keep({ ...responses, [response.id]: response });
        return describe(response);
      },
    },
    GetRouteResponse: {
      members: ['ApiId', 'RouteId', 'RouteResponseId'],
      run: ({ ApiId, RouteId, RouteResponseId }) =>
        describe(existingPart(find(ApiId, RouteId).responses, 'RouteResponse', RouteResponseId)),
    },
    GetRouteResponses: {
      members: ['ApiId', 'RouteId', 'MaxResults', 'NextToken'],
      run: (input) => page(Object.values(find(input.ApiId, input.RouteId).responses).map(describe), input),
    },
    DeleteRouteResponse: {
      members: ['ApiId', 'RouteId', 'RouteResponseId'],
      run({ ApiId, RouteId, RouteResponseId }) {
        const { responses, keep } = find(ApiId, RouteId);
        keep(without(responses, existingPart(responses, 'RouteResponse', RouteResponseId).id));
        return {};
      },
    },
  };
}

function describe({ id, key }: { readonly id: string; readonly key: string }): ResponseShape {
  return { RouteResponseId: id, RouteResponseKey: key };
}

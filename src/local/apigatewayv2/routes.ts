// API Gateway's operations on the routes of HTTP and WebSocket APIs, and on the responses of WebSocket routes.
import type { Route as RouteShape } from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, newId, without } from '../api-gateway.ts';
import type { Input, Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { parseRouteKey } from './router.ts';
import { type Api, type ApiContext, existingApi, existingPart, isWebSocket, page, type Route } from './state.ts';

const routeMembers = [
  'AuthorizationScopes',
  'AuthorizationType',
  'AuthorizerId',
  'OperationName',
  'RouteResponseSelectionExpression',
  'Target',
] as const;

type RouteInput = Partial<Input<'apigatewayv2', 'CreateRoute'>>;

export function routeOperations(context: ApiContext): Operations<'apigatewayv2'> {
  const keep = (api: Api, route: Route) => {
    context.apis.set(api.id, { ...api, routes: { ...api.routes, [route.id]: route } });
    return describeRoute(route);
  };
  return {
    CreateRoute: {
      members: ['ApiId', 'RouteKey', ...routeMembers],
      run(input) {
        const api = existingApi(context, input.ApiId);
        return keep(api, readRoute(api, input, { id: newId(7), key: input.RouteKey ?? '' }));
      },
    },
    GetRoute: {
      members: ['ApiId', 'RouteId'],
      run({ ApiId, RouteId }) {
        return describeRoute(existingPart(existingApi(context, ApiId).routes, 'Route', RouteId));
      },
    },
    GetRoutes: {
      members: ['ApiId', 'MaxResults', 'NextToken'],
      run: (input) => page(Object.values(existingApi(context, input.ApiId).routes).map(describeRoute), input),
    },
    UpdateRoute: {
      members: ['ApiId', 'RouteId', 'RouteKey', ...routeMembers],
      run(input) {
        const api = existingApi(context, input.ApiId);
        return keep(api, readRoute(api, input, existingPart(api.routes, 'Route', input.RouteId)));
      },
    },
    DeleteRoute: {
      members: ['ApiId', 'RouteId'],
      run({ ApiId, RouteId }) {
        const api = existingApi(context, ApiId);
        const { id } = existingPart(api.routes, 'Route', RouteId);
        context.apis.set(api.id, { ...api, routes: without(api.routes, id) });
        return {};
      },
    },
  };
}

function readRoute(api: Api, input: RouteInput, before: Route): Route {
  const key = input.RouteKey ?? before.key;
  // https://github.com/goldstack/goldstack/issues/42
  if (key === '') throw badRequest('Route key is required');
  if (isWebSocket(api)) checkSocketRoute(key, input);
  else if (parseRouteKey(key) === undefined)
    throw badRequest(
      `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`,
    );
  if (Object.values(api.routes).some((route) => route.key === key && route.id !== before.id)) {
    throw conflict(`Route with key ${key} already exists for this API`);
  }
  const target = input.Target ?? before.target;
  if (target !== undefined && api.integrations[target.replace(/^integrations\//, '')] === undefined) {
    throw badRequest(`Invalid integration identifier specified: ${target}`);
  }
  const operationName = input.OperationName ?? before.operationName;
  return {
    id: before.id,
    key,
    ...(target === undefined ? {} : { target }),
    ...(operationName === undefined ? {} : { operationName }),
    ...((input.RouteResponseSelectionExpression ?? (before.responds ? '$default' : '')) === ''
      ? {}
      : { responds: true }),
    ...(before.responses === undefined ? {} : { responses: before.responses }),
    ...authorizationOf(api, input, before),
  };
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-develop-routes.html
function checkSocketRoute(
  key: string,
  { AuthorizationType = 'NONE', RouteResponseSelectionExpression }: RouteInput,
): void {
  if (!/^\S{1,256}$/.test(key)) throw badRequest('The provided route key is not formatted properly');
  if (AuthorizationType !== 'NONE' && key !== '$connect') {
    throw badRequest('Authorization is only supported on the $connect route');
  }
  if (AuthorizationType === 'JWT') throw badRequest('JWT authorization is not supported on protocolType WEBSOCKET');
  if (RouteResponseSelectionExpression && RouteResponseSelectionExpression !== '$default') {
    throw badRequest('RouteResponseSelectionExpression must be $default');
  }
}

function authorizationOf(api: Api, input: RouteInput, before: Route): Pick<Route, 'authorization'> {
  const { authorization } = before;
  const type = input.AuthorizationType ?? authorization?.type ?? 'NONE';
  checkConstraints('BadRequestException', [
    ['authorizationType', type, { oneOf: ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT'] }],
  ]);
  if (type === 'NONE') return {};
  if (type === 'AWS_IAM') return { authorization: { type } };
  const known = authorization !== undefined && 'authorizerId' in authorization ? authorization : undefined;
  const authorizerId = input.AuthorizerId ?? known?.authorizerId;
  const authorizer = api.authorizers?.[authorizerId ?? ''];
  if (authorizerId === undefined || authorizer === undefined)
    throw badRequest(`Invalid authorizer identifier specified: ${authorizerId}`);
  if ((type === 'JWT') !== (authorizer.type === 'JWT')) {
    throw badRequest(`Authorizer type ${authorizer.type} does not fit the authorization type ${type}`);
  }
  const scopes = input.AuthorizationScopes ?? known?.scopes ?? [];
  return {
    authorization: { type: type === 'JWT' ? 'JWT' : 'CUSTOM', authorizerId, ...(scopes.length > 0 ? { scopes } : {}) },
  };
}

function describeRoute({ id, key, target, operationName, authorization, responds }: Route): RouteShape {
  return {
    ApiKeyRequired: false,
    AuthorizationType: authorization?.type ?? 'NONE',
    ...(authorization !== undefined && 'authorizerId' in authorization
      ? { AuthorizerId: authorization.authorizerId, AuthorizationScopes: [...(authorization.scopes ?? [])] }
      : {}),
    ...(operationName === undefined ? {} : { OperationName: operationName }),
    RouteId: id,
    RouteKey: key,
    ...(responds === true ? { RouteResponseSelectionExpression: '$default' } : {}),
    ...(target === undefined ? {} : { Target: target }),
  };
}

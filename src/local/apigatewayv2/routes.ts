// API Gateway's operations on the routes and integrations of HTTP APIs.
import type { Integration as IntegrationShape, Route as RouteShape } from '@aws-sdk/client-apigatewayv2';
import type { Input, Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { parseRouteKey } from './router.ts';
import {
  type Api,
  type ApiContext,
  badRequest,
  conflict,
  existingApi,
  existingPart,
  type Integration,
  newId,
  page,
  type Route,
  without,
} from './state.ts';

const integrationMembers = [
  'ConnectionType',
  'CredentialsArn',
  'Description',
  'IntegrationMethod',
  'IntegrationSubtype',
  'IntegrationType',
  'IntegrationUri',
  'PayloadFormatVersion',
  'TimeoutInMillis',
] as const;

export function integrationOperations(context: ApiContext): Operations<'apigatewayv2'> {
  const keep = (api: Api, integration: Integration) => {
    context.apis.set(api.id, { ...api, integrations: { ...api.integrations, [integration.id]: integration } });
    return describeIntegration(integration);
  };
  return {
    CreateIntegration: {
      members: ['ApiId', ...integrationMembers],
      run(input) {
        const api = existingApi(context, input.ApiId);
        return keep(api, readIntegration(input, { id: newId(7), uri: '', payloadFormat: '2.0', timeoutMs: 30_000 }));
      },
    },
    GetIntegration: {
      members: ['ApiId', 'IntegrationId'],
      run({ ApiId, IntegrationId }) {
        return describeIntegration(
          existingPart(existingApi(context, ApiId).integrations, 'Integration', IntegrationId),
        );
      },
    },
    GetIntegrations: {
      members: ['ApiId', 'MaxResults', 'NextToken'],
      run: (input) =>
        page(Object.values(existingApi(context, input.ApiId).integrations).map(describeIntegration), input),
    },
    UpdateIntegration: {
      members: ['ApiId', 'IntegrationId', ...integrationMembers],
      run(input) {
        const api = existingApi(context, input.ApiId);
        const before = existingPart(api.integrations, 'Integration', input.IntegrationId);
        return keep(api, readIntegration({ PayloadFormatVersion: before.payloadFormat, ...defined(input) }, before));
      },
    },
    DeleteIntegration: {
      members: ['ApiId', 'IntegrationId'],
      run({ ApiId, IntegrationId }) {
        const api = existingApi(context, ApiId);
        const { id } = existingPart(api.integrations, 'Integration', IntegrationId);
        const routes = Object.values(api.routes).filter(({ target }) => target === `integrations/${id}`);
        if (routes.length > 0) {
          // https://github.com/milliHQ/terraform-aws-next-js/issues/247
          throw conflict(
            `Cannot delete Integration because it is referenced by the following Routes with Ids: [${routes.map((route) => route.id).join(', ')}]`,
          );
        }
        context.apis.set(api.id, { ...api, integrations: without(api.integrations, id) });
        return {};
      },
    },
  };
}

function defined<T extends object>(input: T): Partial<T> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<T>;
}

type IntegrationInput = Partial<Input<'apigatewayv2', 'CreateIntegration'>>;

function readIntegration(input: IntegrationInput, before: Integration): Integration {
  refuseUnsupportedIntegration(input);
  const timeoutMs = input.TimeoutInMillis ?? before.timeoutMs;
  // https://github.com/aws/aws-cdk/issues/31063 has the same words for a REST API
  if (timeoutMs < 50 || timeoutMs > 30_000) throw badRequest('Timeout should be between 50 ms and 30000 ms');
  checkConstraints('BadRequestException', [
    ['payloadFormatVersion', input.PayloadFormatVersion, { oneOf: ['1.0', '2.0'] }],
    ['description', input.Description, { max: 1024 }],
  ]);
  if (input.PayloadFormatVersion === undefined)
    throw badRequest('PayloadFormatVersion is a required parameter for integration');
  const uri = input.IntegrationUri ?? before.uri;
  if (functionOf(uri) === undefined) throw badRequest('Invalid function ARN or invalid uri');
  const description = input.Description ?? before.description;
  const credentialsArn = input.CredentialsArn ?? before.credentialsArn;
  return {
    id: before.id,
    uri,
    ...(credentialsArn ? { credentialsArn } : {}),
    payloadFormat: input.PayloadFormatVersion === '1.0' ? '1.0' : '2.0',
    timeoutMs,
    ...(description === undefined ? {} : { description }),
  };
}

/** The function's ARN in an integration's URI, plain or as the path of Lambda's Invoke; it may hold stage variables. */
export function functionOf(uri: string): string | undefined {
  const arn = /^arn:aws:apigateway:[^:]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
  return arn.startsWith('arn:aws:lambda:') && arn.includes(':function:') ? arn : undefined;
}

function refuseUnsupportedIntegration(input: IntegrationInput): void {
  const refused = Object.entries({
    [`IntegrationType ${input.IntegrationType}`]:
      input.IntegrationType !== undefined && input.IntegrationType !== 'AWS_PROXY',
    IntegrationSubtype: input.IntegrationSubtype,
    'ConnectionType VPC_LINK': input.ConnectionType === 'VPC_LINK',
  }).filter(([, value]) => value);
  if (refused.length > 0)
    throw notImplemented(`an HTTP API integration with ${refused.map(([key]) => key).join(', ')}`);
}

function describeIntegration(integration: Integration): IntegrationShape {
  const { id, uri, payloadFormat, timeoutMs, description, credentialsArn } = integration;
  return {
    ConnectionType: 'INTERNET',
    ...(credentialsArn === undefined ? {} : { CredentialsArn: credentialsArn }),
    ...(description === undefined ? {} : { Description: description }),
    IntegrationId: id,
    IntegrationMethod: 'POST',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: uri,
    PayloadFormatVersion: payloadFormat,
    TimeoutInMillis: timeoutMs,
  };
}

const routeMembers = ['AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'OperationName', 'Target'] as const;

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
  if (parseRouteKey(key) === undefined)
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
    ...authorizationOf(api, input, before),
  };
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

function describeRoute({ id, key, target, operationName, authorization }: Route): RouteShape {
  return {
    ApiKeyRequired: false,
    AuthorizationType: authorization?.type ?? 'NONE',
    ...(authorization !== undefined && 'authorizerId' in authorization
      ? { AuthorizerId: authorization.authorizerId, AuthorizationScopes: [...(authorization.scopes ?? [])] }
      : {}),
    ...(operationName === undefined ? {} : { OperationName: operationName }),
    RouteId: id,
    RouteKey: key,
    ...(target === undefined ? {} : { Target: target }),
  };
}

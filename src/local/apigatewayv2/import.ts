// API Gateway's import of an HTTP API from an OpenAPI document: what ImportApi and ReimportApi create and delete by the other operations.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
import { badRequest } from '../api-gateway.ts';
import { type Json, type OpenApi, parseOpenApi, prefixOf, resolve, schemesOf } from '../apigateway/openapi-document.ts';
import type { Cloud, Input, Operations } from '../cloud.ts';
import { type ApiContext, existingApi, isWebSocket } from './state.ts';

type ApiSettings = Pick<Input<'apigatewayv2', 'UpdateApi'>, 'Name' | 'Description' | 'Version' | 'CorsConfiguration'>;

interface ImportedRoute {
  readonly key: string;
  readonly integration: Omit<Input<'apigatewayv2', 'CreateIntegration'>, 'ApiId'> | undefined;
  /** The name of the authorizer, with the scopes that a token needs. */
  readonly security: readonly [name: string, scopes: readonly string[]] | undefined;
}

interface ImportedApi {
  readonly settings: ApiSettings;
  readonly authorizers: readonly Omit<Input<'apigatewayv2', 'CreateAuthorizer'>, 'ApiId'>[];
  readonly routes: readonly ImportedRoute[];
}

export function importOperations({ cloud, ...context }: ApiContext): Operations<'apigatewayv2'> {
  return {
    ImportApi: {
      members: ['Body', 'Basepath', 'FailOnWarnings'],
      async run({ Body, Basepath }) {
        const imported = read(Body, Basepath);
        const { Name = '', ...settings } = imported.settings;
        const { ApiId = '' } = await cloud.call('apigatewayv2', 'CreateApi', {
          Name,
          ProtocolType: 'HTTP',
          ...settings,
        });
        await add(cloud, ApiId, imported);
        return cloud.call('apigatewayv2', 'GetApi', { ApiId });
      },
    },
    ReimportApi: {
      members: ['ApiId', 'Body', 'Basepath', 'FailOnWarnings'],
      async run({ ApiId = '', Body, Basepath }) {
        const before = existingApi({ cloud, ...context }, ApiId);
        if (isWebSocket(before)) throw badRequest('Only HTTP APIs can be imported');
        const imported = read(Body, Basepath);
        for (const RouteId of Object.keys(before.routes))
          await cloud.call('apigatewayv2', 'DeleteRoute', { ApiId, RouteId });
        for (const IntegrationId of Object.keys(before.integrations))
          await cloud.call('apigatewayv2', 'DeleteIntegration', { ApiId, IntegrationId });
        for (const AuthorizerId of Object.keys(before.authorizers ?? {}))
          await cloud.call('apigatewayv2', 'DeleteAuthorizer', { ApiId, AuthorizerId });
        const { CorsConfiguration } = imported.settings;
        if (CorsConfiguration === undefined) await cloud.call('apigatewayv2', 'DeleteCorsConfiguration', { ApiId });
        await cloud.call('apigatewayv2', 'UpdateApi', { ApiId, ...imported.settings });
        await add(cloud, ApiId, imported);
        return cloud.call('apigatewayv2', 'GetApi', { ApiId });
      },
    },
  };
}

async function add(cloud: Cloud, ApiId: string, { authorizers, routes }: ImportedApi): Promise<void> {
  const ids = new Map<string, { readonly id: string; readonly type: 'JWT' | 'CUSTOM' }>();
  for (const authorizer of authorizers) {
    const { AuthorizerId = '' } = await cloud.call('apigatewayv2', 'CreateAuthorizer', { ApiId, ...authorizer });
    ids.set(authorizer.Name ?? '', { id: AuthorizerId, type: authorizer.AuthorizerType === 'JWT' ? 'JWT' : 'CUSTOM' });
  }
  for (const { key: RouteKey, integration, security } of routes) {
    const { IntegrationId } =
      integration === undefined
        ? { IntegrationId: undefined }
        : await cloud.call('apigatewayv2', 'CreateIntegration', { ApiId, ...integration });
    const authorizer = security === undefined ? undefined : ids.get(security[0]);
    await cloud.call('apigatewayv2', 'CreateRoute', {
      ApiId,
      RouteKey,
      ...(IntegrationId === undefined ? {} : { Target: `integrations/${IntegrationId}` }),
      ...(authorizer === undefined ? {} : { AuthorizationType: authorizer.type, AuthorizerId: authorizer.id }),
      ...(security !== undefined && security[1].length > 0 ? { AuthorizationScopes: [...security[1]] } : {}),
    });
  }
}

const methods: Readonly<Record<string, string>> = {
  delete: 'DELETE',
  get: 'GET',
  head: 'HEAD',
  options: 'OPTIONS',
  patch: 'PATCH',
  post: 'POST',
  put: 'PUT',
  'x-amazon-apigateway-any-method': 'ANY',
};

/** Throws BadRequestException if the document is none of version 3. */
function read(body: string | undefined, basePath = 'ignore'): ImportedApi {
  const document = parseOpenApi(Buffer.from(body ?? ''));
  if (document.openapi === undefined) throw badRequest('Only OpenAPI 3.0 is supported for HTTP APIs');
  const { title, description, version } = document.info ?? {};
  const cors = (document as Json)['x-amazon-apigateway-cors'] as Json | undefined;
  const prefix = prefixOf(document, basePath);
  return {
    settings: {
      Name: title || 'Imported API',
      ...(description === undefined ? {} : { Description: description }),
      ...(version === undefined ? {} : { Version: String(version) }),
      ...(cors === undefined ? {} : { CorsConfiguration: capitalized(cors) as ApiSettings['CorsConfiguration'] }),
    },
    authorizers: authorizersIn(document),
    routes: Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(methods).flatMap(([name, method]) => {
        const operation = item[name] as Json | undefined;
        if (operation === undefined) return [];
        const isDefault = path === '/$default' || operation['isDefaultRoute'] === true;
        const key = isDefault ? '$default' : `${method} ${prefix}${path}`;
        return [{ key, integration: integrationIn(document, operation), security: securityIn(document, operation) }];
      }),
    ),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html */
function authorizersIn(document: OpenApi): ImportedApi['authorizers'] {
  return Object.entries(schemesOf(document)).flatMap(([Name, scheme]) => {
    const authorizer = scheme['x-amazon-apigateway-authorizer'];
    if (authorizer === undefined) return [];
    const { type, identitySource, jwtConfiguration, authorizerCredentials, ...rest } = authorizer;
    const sources = [identitySource ?? []].flat().flatMap((each) => String(each).split(/\s*,\s*/));
    return [
      {
        Name,
        AuthorizerType: type === 'jwt' ? 'JWT' : 'REQUEST',
        IdentitySource: sources,
        ...(jwtConfiguration === undefined ? {} : { JwtConfiguration: capitalized(jwtConfiguration as Json) }),
        ...(authorizerCredentials === undefined ? {} : { AuthorizerCredentialsArn: String(authorizerCredentials) }),
        ...capitalized(rest),
      } as ImportedApi['authorizers'][number],
    ];
  });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html */
function integrationIn(document: OpenApi, operation: Json): ImportedRoute['integration'] {
  const written = operation['x-amazon-apigateway-integration'] as Json | undefined;
  if (written === undefined) return undefined;
  const { type, httpMethod, uri, credentials, ...rest } = resolve(document, written) as Json;
  return {
    IntegrationType: String(type).toUpperCase(),
    ...(httpMethod === undefined ? {} : { IntegrationMethod: String(httpMethod) }),
    ...(uri === undefined ? {} : { IntegrationUri: String(uri) }),
    ...(credentials === undefined ? {} : { CredentialsArn: String(credentials) }),
    ...capitalized(rest),
  } as ImportedRoute['integration'];
}

function securityIn(document: OpenApi, { security = document.security }: Json): ImportedRoute['security'] {
  const [first] = (security ?? []) as readonly Readonly<Record<string, readonly string[]>>[];
  return Object.entries(first ?? {})[0];
}

/** API Gateway's extensions have the names of its API, with a small first letter. */
function capitalized(value: Json): Json {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.charAt(0).toUpperCase() + key.slice(1), item]),
  );
}

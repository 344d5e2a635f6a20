// `rest`: a route of a REST API of the project, answered by the function's live alias, by a URL, or by the API itself.

import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import type { Part } from '../cfn/part.ts';
import { type Resource, ref, type Value } from '../cfn/resource.ts';
import { warnBypass } from './_api-check.ts';
import { executeApiArn } from './_api-invoke.ts';
import { requestType } from './_event-type.ts';
import { routeKey } from './_http-route.ts';
import { allowInvoke } from './_invoke.ts';
import { type RestSection, restSection } from './_rest-api.ts';
import { authorizationType, restAuthorizerReference } from './_rest-authorizer.ts';
import { checkRest } from './_rest-check.ts';
import { type RestEvent, restEventSchema } from './_rest-event.ts';
import { integrationOf, longestRestWait, longestStream } from './_rest-integration.ts';
import {
  checksOf,
  hashed,
  isByType,
  methodId,
  modelId,
  type RestApi,
  resourceOf,
  restApiOf,
  validatorId,
} from './_rest-shared.ts';
import { sharedRest } from './_rest-stage.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export const rest: EventSource<'rest', RestEvent, RestSection> = {
  kind: 'rest',
  schema: restEventSchema,
  section: restSection,
  docs: {
    summary: 'A route of the REST API, which has keys, validation, templates and streaming that an HTTP API has not.',
    example: 'rest: GET /orders/{id}',
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html',
  },

  typeOf: ({ integration = 'proxy', path }) =>
    integration === 'proxy' ? requestType('APIGatewayProxyEvent', path) : 'unknown',
  describe: (config) => `rest ${routeKey(config)}${config.api === undefined ? '' : ` (${config.api.value})`}`,

  check: checkRest,

  warn: (uses, context) => [
    ...uses.flatMap(({ function: { name, timeout }, config, at }): Problem[] => {
      const isCalled =
        config.integration === undefined || config.integration === 'proxy' || config.integration === 'lambda';
      const usual = config.stream === true ? longestStream : longestRestWait;
      const wait = config.timeout ?? restApiOf(config, context)?.settings.timeout ?? usual;
      if (!isCalled || config.async === true || timeout <= wait) return [];
      const message = `the REST API answers "${routeKey(config)}" with 504 after ${wait} seconds, while "${name}" may run for ${timeout}`;
      return [{ at, message, hint: `set the timeout of "${name}" to at most ${wait}s, or stream: true at the route` }];
    }),
    ...[context.section ?? {}, ...(context.section?.apis?.values() ?? [])].flatMap(({ defaultEndpoint, domain }) =>
      warnBypass(defaultEndpoint, domain),
    ),
  ],

  fire({ config }, context) {
    const { prefix = '' } = restApiOf(config, context) ?? {};
    return { to: 'url', output: `${prefix}Url`, method: config.method, path: config.path };
  },
  compile,

  shared: (uses, context) => sharedRest(uses, context, (use) => compile(use, context)),
};

/** The method of a route, and the permission for the API to call its function. */
function compile({ function: target, config }: Use<RestEvent>, context: SourceContext<RestSection>): Part {
  const api = restApiOf(config, context);
  if (api === undefined) return {};
  const { integration = 'proxy' } = config;
  const resources: Record<string, Resource> = {};
  const id = methodId(config, api);
  const models = requestModels(config.request?.body, { api, id: `${id}Model`, resources });
  const checks = checksOf(config);
  const cacheKeys = config.cache ? (config.cache.keys ?? []) : [];
  const parameters = requestParameters(config, cacheKeys);
  const { Integration, MethodResponses } = integrationOf(withPathParameters(config), {
    method: config.method,
    alias: target.alias,
    wait: config.stream === true ? undefined : api.settings.timeout,
    cacheKeys,
    modelOf: (name) => (api.settings.models?.has(name) === true ? ref(modelId(api, name)) : name),
  });
  const isCalled = config.credentials === undefined && (integration === 'proxy' || integration === 'lambda');
  const permission = target.id(`RestPermission${api.name === undefined ? '' : hashed(api.name)}`);
  if (isCalled) resources[permission] = allowInvoke(target, 'apigateway.amazonaws.com', executeApiArn(api.id, '*'));
  resources[id] = {
    Type: 'AWS::ApiGateway::Method',
    // a route that moves here must not fail for a moment
    ...(isCalled ? { DependsOn: permission } : {}),
    Properties: {
      RestApiId: api.id,
      ResourceId: resourceOf(api, config.path),
      HttpMethod: config.method,
      ...authorization(config, api),
      ApiKeyRequired: config.apiKey ?? false,
      ...(Object.keys(parameters).length === 0 ? {} : { RequestParameters: parameters }),
      ...(models === undefined ? {} : { RequestModels: models }),
      ...(checks.body || checks.parameters ? { RequestValidatorId: ref(validatorId(api, checks)) } : {}),
      Integration,
      ...(MethodResponses === undefined ? {} : { MethodResponses }),
      ...(config.operationName === undefined ? {} : { OperationName: config.operationName }),
    },
  };
  return { resources };
}

function authorization({ authorizer, scopes }: RestEvent, { settings, prefix }: RestApi) {
  const name = authorizer?.value ?? settings.authorizer?.value ?? 'none';
  if (name === 'iam') return { AuthorizationType: 'AWS_IAM' };
  const named = settings.authorizers?.get(name);
  if (named === undefined) return { AuthorizationType: 'NONE' };
  return {
    AuthorizationType: authorizationType(named),
    AuthorizerId: restAuthorizerReference(named, prefix, name),
    ...(scopes === undefined ? {} : { AuthorizationScopes: [...scopes.value] }),
  };
}

/** By content type: the name of one of the API's models, or one that the route has of its own. */
function requestModels(
  body: Plain | undefined,
  { api, id, resources }: { readonly api: RestApi; readonly id: string; readonly resources: Record<string, Resource> },
): Readonly<Record<string, Value>> | undefined {
  if (body === undefined) return undefined;
  const types = isByType(body) ? Object.entries(body) : [['application/json', body] as const];
  return Object.fromEntries(
    types.map(([type, schema], index) => {
      if (typeof schema === 'string') return [type, ref(modelId(api, schema))];
      const own = index === 0 ? id : `${id}${index + 1}`;
      resources[own] = {
        Type: 'AWS::ApiGateway::Model',
        Properties: { RestApiId: api.id, ContentType: type, Schema: schema ?? {} },
      };
      return [type, ref(own)];
    }),
  );
}

const pathParameters = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name = '']) => name);

function requestParameters({ path, request }: RestEvent, cacheKeys: readonly string[]): Record<string, boolean> {
  return {
    ...Object.fromEntries(cacheKeys.map((key) => [key, key.startsWith('method.request.path.')])),
    ...Object.fromEntries(pathParameters(path).map((name) => [`method.request.path.${name}`, true])),
    ...Object.fromEntries([...(request?.query ?? [])].map(([name, on]) => [`method.request.querystring.${name}`, on])),
    ...Object.fromEntries([...(request?.headers ?? [])].map(([name, on]) => [`method.request.header.${name}`, on])),
  };
}

/** A URL takes the parameters of the path by their names. */
function withPathParameters(config: RestEvent): RestEvent {
  if (config.integration !== 'http' && config.integration !== 'http-proxy') return config;
  const named = pathParameters(config.path).filter((name) => config.uri?.includes(`{${name}}`));
  const mapping = new Map([
    ...named.map((name): [string, string] => [`integration.request.path.${name}`, `method.request.path.${name}`]),
    ...(config.request?.mapping ?? []),
  ]);
  return mapping.size === 0 ? config : { ...config, request: { ...config.request, mapping } };
}

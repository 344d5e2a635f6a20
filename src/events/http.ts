// `http`: a route of an HTTP API of the project, answered by the function's live alias.

import type { Problem } from '../base/error.ts';
import type { Part } from '../cfn/part.ts';
import { warnBypass } from './_api-check.ts';
import { executeApiArn } from './_api-invoke.ts';
import { requestType } from './_event-type.ts';
import { type HttpSection, httpSection, longestWait } from './_http-api.ts';
import { authorizerReference } from './_http-authorizer.ts';
import { checkHttp } from './_http-check.ts';
import { type HttpEvent, httpEventSchema } from './_http-event.ts';
import { routeKey } from './_http-route.ts';
import { type HttpApi, hashed, httpApiOf, integrationRoleId, routeIdOf, sharedOf, usesRole } from './_http-shared.ts';
import { allowInvoke } from './_invoke.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export const http: EventSource<'http', HttpEvent, HttpSection> = {
  kind: 'http',
  schema: httpEventSchema,
  section: httpSection,
  docs: {
    summary: 'A route of the HTTP API. All routes of a project share one API with one URL.',
    example: 'http: GET /orders/{id}',
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html',
  },

  typeOf: (config, context) =>
    requestType(payloadOf(config, context) === '1.0' ? 'APIGatewayProxyEvent' : 'APIGatewayProxyEventV2', config.path),
  describe: (config) => `${routeKey(config)}${config.api === undefined ? '' : ` (${config.api.value})`}`,

  check: checkHttp,

  warn: (uses, context) => [
    ...uses.flatMap(({ function: { name, timeout }, config, at }): Problem[] => {
      const wait = config.timeout ?? httpApiOf(config, context)?.settings.timeout ?? longestWait;
      if (timeout <= wait) return [];
      const message = `the HTTP API answers "${routeKey(config)}" with 503 after ${wait} seconds, while "${name}" may run for ${timeout}`;
      return [{ at, message, hint: `set the timeout of "${name}" to at most ${wait}s, or give it a function URL` }];
    }),
    ...unusedApis(uses, context),
    ...apisOf(context).flatMap(({ defaultEndpoint, domain }) => warnBypass(defaultEndpoint, domain)),
  ],

  fire({ config }, context) {
    const { prefix = '' } = httpApiOf(config, context) ?? {};
    return { to: 'url', output: `${prefix}Url`, method: config.method, path: config.path };
  },
  sampleOf: (config, context) => (payloadOf(config, context) === '1.0' ? 'rest' : 'http'),
  compile,

  shared: sharedOf,
};

const apisOf = ({ section = {} }: SourceContext<HttpSection>) => [section, ...(section.apis?.values() ?? [])];

function unusedApis(uses: readonly Use<HttpEvent>[], { section, sectionAt }: SourceContext<HttpSection>): Problem[] {
  const used = new Set(uses.map(({ config }) => config.api?.value));
  return [...(section?.apis?.keys() ?? [])]
    .filter((name) => !used.has(name))
    .map((name) => ({ at: sectionAt, message: `no route uses the API "${name}", so fx does not make it` }));
}

function payloadOf(config: HttpEvent, context: SourceContext<HttpSection>): string | undefined {
  return config.payload ?? httpApiOf(config, context)?.settings.payload;
}

/** The resources of one route. Routes of a function with the same settings share integration and permission. */
function compile(
  { function: target, config }: Use<HttpEvent>,
  context: SourceContext<HttpSection>,
  uses: readonly Use<HttpEvent>[],
): Part {
  const api = httpApiOf(config, context);
  if (api === undefined) return {};
  const wait = config.timeout ?? api.settings.timeout;
  const asRole = usesRole(uses, api);
  // an integration keeps the credentials that it was made with, so one without them is another
  const integration = target.id(`HttpIntegration${asRole ? 'AsRole' : ''}${integrationSuffix(config, api)}`);
  const permission = target.id(`HttpPermission${api.name === undefined ? '' : hashed(api.name)}`);
  return {
    resources: {
      [integration]: {
        Type: 'AWS::ApiGatewayV2::Integration',
        // a route that moves here must not fail for a moment
        ...(asRole ? {} : { DependsOn: permission }),
        Properties: {
          ApiId: api.id,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: target.alias,
          PayloadFormatVersion: config.payload ?? api.settings.payload ?? '2.0',
          ...(wait === undefined ? {} : { TimeoutInMillis: wait * 1000 }),
          ...(asRole ? { CredentialsArn: { 'Fn::GetAtt': [integrationRoleId(api), 'Arn'] } } : {}),
        },
      },
      ...(asRole
        ? {}
        : {
            [permission]: allowInvoke(target, 'apigateway.amazonaws.com', executeApiArn(api.id, '*')),
          }),
      [routeIdOf(config, api)]: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: api.id,
          RouteKey: routeKey(config),
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: integration }]] },
          ...authorization(config, api),
          ...(config.operationName === undefined ? {} : { OperationName: config.operationName }),
        },
      },
    },
  };
}

function authorization({ authorizer, scopes }: HttpEvent, api: HttpApi) {
  const name = authorizer?.value ?? api.settings.authorizer?.value ?? 'none';
  if (name === 'none') return {};
  if (name === 'iam') return { AuthorizationType: 'AWS_IAM' };
  const settings = api.settings.authorizers?.get(name);
  if (settings === undefined) return {};
  return {
    AuthorizationType:
      settings.kind === 'jwt' || (settings.kind === 'existing' && scopes !== undefined) ? 'JWT' : 'CUSTOM',
    AuthorizerId: authorizerReference(settings, api.prefix, name),
    ...(scopes === undefined ? {} : { AuthorizationScopes: [...scopes.value] }),
  };
}

/** Empty for the API of `http` and its settings, so that most ids are short. */
function integrationSuffix({ payload, timeout }: HttpEvent, { name }: HttpApi): string {
  return name === undefined && payload === undefined && timeout === undefined
    ? ''
    : hashed(JSON.stringify([name ?? null, payload ?? null, timeout ?? null]));
}

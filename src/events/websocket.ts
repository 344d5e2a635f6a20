// `websocket`: a route of a WebSocket API of the project, answered by the function's live alias.
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import type { Resource } from '../cfn/resource.ts';
import { executeApiArn, invocationUri } from './_api-invoke.ts';
import { allowInvoke } from './_invoke.ts';
import { longestSocketWait, type WebsocketSection, websocketSection } from './_websocket-api.ts';
import { checkWebsocket } from './_websocket-check.ts';
import { type WebsocketEvent, websocketEventSchema } from './_websocket-event.ts';
import { senderPart, sharedSockets, socketApiOf, socketAuthorizerId } from './_websocket-shared.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export const websocket: EventSource<'websocket', WebsocketEvent, WebsocketSection> = {
  kind: 'websocket',
  schema: websocketEventSchema,
  section: websocketSection,
  docs: {
    summary: 'A route of the WebSocket API. All routes of a project share one API with one URL.',
    example: 'websocket: sendMessage',
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html',
  },

  typeOf: ({ route }) =>
    route === '$connect' || route === '$disconnect'
      ? '{ headers: Record<string, string>; requestContext: lambda.APIGatewayEventWebsocketRequestContextV2 }'
      : 'lambda.APIGatewayProxyWebsocketEventV2',
  describe: ({ route: key, api }) => `websocket ${key}${api === undefined ? '' : ` (${api.value})`}`,

  check: checkWebsocket,

  warn: (uses, context) =>
    uses.flatMap(({ function: { name, timeout }, config, at }): Problem[] => {
      const wait = config.timeout ?? socketApiOf(config, context)?.settings.timeout ?? longestSocketWait;
      if (timeout <= wait) return [];
      const message = `the WebSocket API tells the client of an error after ${wait} seconds, while "${name}" may run for ${timeout}`;
      return [{ at, message, hint: `set the timeout of "${name}" to at most ${wait}s` }];
    }),

  compile,

  shared: sharedSockets,
};

/** The resources of one route. Routes of a function with the same settings share integration and permission. */
function compile({ function: target, config }: Use<WebsocketEvent>, context: SourceContext<WebsocketSection>): Part {
  const api = socketApiOf(config, context);
  if (api === undefined) return {};
  const { settings, name } = api;
  const isPlain = name === undefined && config.timeout === undefined;
  const suffix = isPlain ? '' : hashed(JSON.stringify([name ?? null, config.timeout ?? null]));
  const integration = target.id(`WebSocketIntegration${suffix}`);
  // independent of the function, so that a route that moves to another changes in place
  const id = `WebSocket${routeIdPart(config.route)}${name === undefined ? '' : hashed(`${name} ${config.route}`)}`;
  const wait = config.timeout ?? settings.timeout;
  const permission = target.id(`WebSocketPermission${name === undefined ? '' : hashed(name)}`);
  const resources: Record<string, Resource> = {
    [integration]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      // a route that moves here must not fail for a moment
      DependsOn: permission,
      Properties: {
        ApiId: api.id,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: invocationUri(target.alias),
        ...(wait === undefined ? {} : { TimeoutInMillis: wait * 1000 }),
      },
    },
    [permission]: allowInvoke(target, 'apigateway.amazonaws.com', executeApiArn(api.id, '*')),
    [id]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: api.id,
        RouteKey: config.route,
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: integration }]] },
        ...authorization(config, api),
        ...(config.respond === true ? { RouteResponseSelectionExpression: '$default' } : {}),
        ...(config.operationName === undefined ? {} : { OperationName: config.operationName }),
      },
    },
  };
  if (config.respond === true) {
    resources[`${id}Response`] = {
      Type: 'AWS::ApiGatewayV2::RouteResponse',
      Properties: { ApiId: api.id, RouteId: { Ref: id }, RouteResponseKey: '$default' },
    };
  }
  return { resources, ...senderPart(api) };
}

function authorization(
  { route: key, authorizer }: WebsocketEvent,
  { settings, prefix }: { readonly settings: WebsocketSection; readonly prefix: string },
) {
  if (key !== '$connect') return {};
  const name = authorizer?.value ?? settings.authorizer?.value ?? 'none';
  if (name === 'none') return {};
  if (name === 'iam') return { AuthorizationType: 'AWS_IAM' };
  return { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: socketAuthorizerId(prefix, name) } };
}

const hashed = (value: string): string => sha256(value).slice(0, 8);

/** `$connect` → `Connect`, `sendMessage` → `RouteSendMessage`. A hash follows if the letters could name two routes. */
function routeIdPart(key: string): string {
  if (key.startsWith('$')) return pascalCase(key);
  return `Route${pascalCase(key)}${/^[a-z][A-Za-z0-9]*$/.test(key) ? '' : hashed(key)}`;
}

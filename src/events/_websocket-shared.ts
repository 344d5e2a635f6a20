// What the routes of a WebSocket API share: the API, its stage, authorizers and domain, and the right to send to its clients.
import { fitted, pascalCase, stackName } from '../cfn/names.ts';
import type { Part, SharedPart } from '../cfn/part.ts';
import { attribute, type Resource, ref, type Value } from '../cfn/resource.ts';
import { accessLogGroup, accessLogPart } from './_access-log.ts';
import { executeApiArn, invocationUri, withPermission } from './_api-invoke.ts';
import { throttleProperties } from './_api-settings.ts';
import { domainPart } from './_domain-resources.ts';
import type { SocketApiSettings, SocketAuthorizer, WebsocketSection } from './_websocket-api.ts';
import type { WebsocketEvent } from './_websocket-event.ts';
import type { FunctionReference, SourceContext, Use } from './source.ts';

/** One of the project's WebSocket APIs. */
export interface SocketApi {
  /** Undefined for the API of `websocket` itself. */
  readonly name: string | undefined;
  readonly settings: SocketApiSettings;
  /** The prefix of its logical ids, and the id of the API itself. */
  readonly prefix: string;
  readonly id: Value;
}

/** The API of an event. Undefined if it names none that there is. */
export function socketApiOf(
  { api }: Pick<WebsocketEvent, 'api'>,
  { section }: SourceContext<WebsocketSection>,
): SocketApi | undefined {
  const settings = api === undefined ? (section ?? {}) : section?.apis?.get(api.value);
  if (settings === undefined) return undefined;
  const prefix = `${api === undefined ? '' : pascalCase(api.value)}WebSocketApi`;
  return { name: api?.value, settings, prefix, id: ref(prefix) };
}

const stageOf = ({ settings }: SocketApi): string => settings.stage ?? 'live';

/** The variable with the address of the management API. */
export const endpointVariable = ({ name }: Pick<SocketApi, 'name'>): string =>
  `WEBSOCKET_ENDPOINT${name === undefined ? '' : `_${name.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}`}`;

/** What a function needs to send to clients, describe and disconnect them. */
export function senderPart(api: SocketApi): Pick<Part, 'statements' | 'variables'> {
  const connections = (method: string) => executeApiArn(api.id, `${stageOf(api)}/${method}/@connections/*`);
  return {
    statements: [
      {
        Effect: 'Allow',
        Action: ['execute-api:ManageConnections'],
        Resource: ['POST', 'GET', 'DELETE'].map(connections),
      },
    ],
    variables: { [endpointVariable(api)]: managementEndpoint(api) },
  };
}

/** `wss://…` with https in place of wss; on the local AWS `ws://…` with http in place of ws. */
function managementEndpoint(api: SocketApi): Value {
  const parts = { 'Fn::Split': ['://', attribute(api.prefix, 'ApiEndpoint')] };
  const scheme = { 'Fn::Select': [0, parts] };
  const host = { 'Fn::Select': [1, parts] };
  // "wss" is "ws" and "s", "ws" is "ws" and ""
  const secure = { 'Fn::Select': [1, { 'Fn::Split': ['ws', scheme] }] };
  return { 'Fn::Join': ['', ['http', secure, '://', host, '/', stageOf(api)]] };
}

export const socketAuthorizerId = (prefix: string, name: string): string => `${prefix}Authorizer${pascalCase(name)}`;

export function sharedSockets(
  uses: readonly Use<WebsocketEvent>[],
  context: SourceContext<WebsocketSection>,
): SharedPart {
  const apis = new Map<string | undefined, SocketApi>();
  for (const { config } of uses) {
    const api = socketApiOf(config, context);
    if (api !== undefined) apis.set(api.name, api);
  }
  const parts = [...apis.values()].map((api) => partOf(api, context));
  const functions: Record<string, Pick<Part, 'statements' | 'variables'>> = {};
  for (const api of apis.values()) {
    for (const { value } of api.settings.senders ?? []) {
      const before = functions[value];
      const { statements = [], variables = {} } = senderPart(api);
      functions[value] = {
        statements: [...(before?.statements ?? []), ...statements],
        variables: { ...before?.variables, ...variables },
      };
    }
  }
  return {
    resources: Object.assign({}, ...parts.map(({ resources }) => resources)),
    outputs: Object.assign({}, ...parts.map(({ outputs }) => outputs)),
    functions,
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html */
const defaultFormat = JSON.stringify({
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  connectionId: '$context.connectionId',
  eventType: '$context.eventType',
  routeKey: '$context.routeKey',
  status: '$context.status',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  error: '$context.error.message',
});

function partOf(api: SocketApi, context: SourceContext<WebsocketSection>): Part {
  const { settings, prefix, id, name } = api;
  const { names } = context;
  const ownName = fitted(`${stackName(names)}-${name ?? 'websocket'}`, 128);
  const { description, defaultEndpoint, ipAddressType, accessLogs, throttle, metrics, stageVariables } = settings;
  const log = accessLogs
    ? accessLogPart(accessLogs, {
        groupId: `${prefix}LogGroup`,
        group: accessLogGroup(stackName(names), name ?? 'websocket'),
        defaultFormat,
      })
    : undefined;
  const limits = {
    ...throttleProperties(throttle),
    ...(metrics === undefined ? {} : { DetailedMetricsEnabled: metrics }),
  };
  const domains = domainPart(settings.domain ?? [], {
    prefix,
    id,
    stage: ref(`${prefix}Stage`),
    scheme: 'wss',
    isLocal: names.environment === 'local',
  });
  const resources: Record<string, Resource> = {
    [prefix]: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Name: settings.name ?? ownName,
        ProtocolType: 'WEBSOCKET',
        RouteSelectionExpression: settings.routeSelection ?? '$request.body.action',
        ...(description === undefined ? {} : { Description: description }),
        ...(defaultEndpoint?.value === false ? { DisableExecuteApiEndpoint: true } : {}),
        ...(ipAddressType === undefined ? {} : { IpAddressType: ipAddressType }),
      },
    },
    [`${prefix}Stage`]: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ApiId: id,
        StageName: stageOf(api),
        AutoDeploy: true,
        ...(Object.keys(limits).length === 0 ? {} : { DefaultRouteSettings: limits }),
        ...(stageVariables === undefined ? {} : { StageVariables: Object.fromEntries(stageVariables) }),
        ...(log === undefined ? {} : { AccessLogSettings: log.settings }),
      },
    },
    ...log?.resources,
    ...domains.resources,
  };
  for (const [key, authorizer] of settings.authorizers ?? []) {
    Object.assign(resources, authorizerResources(key, authorizer, api, context));
  }
  return {
    resources,
    outputs: {
      ...domains.outputs,
      ...(defaultEndpoint?.value === false
        ? {}
        : {
            [`${prefix}Url`]: {
              Description:
                name === undefined ? 'Where the WebSocket API answers' : `Where the WebSocket API ${name} answers`,
              Value: { 'Fn::Join': ['/', [attribute(prefix, 'ApiEndpoint'), stageOf(api)]] },
            },
          }),
    },
  };
}

function authorizerResources(
  key: string,
  { function: named, arn, identity }: SocketAuthorizer,
  { prefix, id: apiId }: SocketApi,
  { functionNamed }: SourceContext<WebsocketSection>,
): Readonly<Record<string, Resource>> {
  const id = socketAuthorizerId(prefix, key);
  const target: FunctionReference | undefined = named === undefined ? undefined : functionNamed(named.value);
  const made: Resource = {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId: apiId,
      Name: key,
      AuthorizerType: 'REQUEST',
      AuthorizerUri: invocationUri(target?.alias ?? arn ?? ''),
      ...(identity.length === 0 ? {} : { IdentitySource: [...identity] }),
    },
  };
  return withPermission(id, made, { apiId, target });
}

// The event that an HTTP API sends to a function, in payload formats 2.0 and 1.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
import { randomHex } from '../random.ts';
import type { Identity } from './decision.ts';
import type { Api, Route, Stage } from './state.ts';

export interface ApiRequest {
  readonly api: Pick<Api, 'id'>;
  readonly stage: Pick<Stage, 'name' | 'variables'>;
  readonly route: Pick<Route, 'key'>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly accountId: string;
  readonly region: string;
  readonly requestId: string;
  readonly method: string;
  /** Decoded, with the stage's name if it was part of the address. */
  readonly path: string;
  readonly rawQuery: string;
  readonly protocol: string;
  readonly sourceIp: string;
  readonly port: number;
  /** Names in lower case, in the order received. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly time: number;
}

/** A request that a route of an API takes. */
export interface RoutedRequest extends ApiRequest {
  readonly stage: Stage;
  readonly route: Route;
}

// What API Gateway passes on as text; everything else is encoded, including forms.
const textTypes = /^(text\/.*|application\/(json|javascript|xml))$/;
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

export function eventV2(request: ApiRequest, identity: Identity = { kind: 'none' }) {
  const { rest, requestContext } = requestV2(request);
  return {
    version: '2.0',
    routeKey: request.route.key,
    ...rest,
    requestContext: { ...requestContext, ...authorizerV2(identity) },
    ...(Object.keys(request.parameters).length > 0 ? { pathParameters: request.parameters } : {}),
    ...(Object.keys(request.stage.variables).length > 0 ? { stageVariables: request.stage.variables } : {}),
    ...encodedBody(request),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function authorizerV2(identity: Identity): object {
  switch (identity.kind) {
    case 'none':
      return {};
    case 'jwt':
      return { authorizer: { jwt: { claims: identity.claims, scopes: identity.scopes } } };
    case 'lambda':
      return { authorizer: { lambda: identity.context } };
    case 'iam': {
      const { accessKey, userArn, userId } = identity;
      const accountId = userArn.split(':')[4] ?? '';
      const iam = {
        accessKey,
        accountId,
        callerId: userId,
        cognitoIdentity: null,
        principalOrgId: null,
        userArn,
        userId,
      };
      return { authorizer: { iam } };
    }
  }
}

/** The event of an authorizer, format 2.0: no body, and the sources of the identity.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html */
export function authorizerEventV2(
  request: ApiRequest,
  { arn, identity }: { readonly arn: string; readonly identity: readonly string[] },
) {
  const { rest, requestContext } = requestV2(request);
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: arn,
    identitySource: identity.length > 0 ? identity : null,
    routeKey: request.route.key,
    ...rest,
    requestContext,
    ...(Object.keys(request.parameters).length > 0 ? { pathParameters: request.parameters } : {}),
    ...(Object.keys(request.stage.variables).length > 0 ? { stageVariables: request.stage.variables } : {}),
  };
}

export function authorizerEventV1(
  request: ApiRequest,
  { arn, identity }: { readonly arn: string; readonly identity: readonly string[] },
) {
  const { body: _, isBase64Encoded: __, version: ___, ...event } = eventV1(request);
  const source = identity.length > 0 ? identity.join(',') : null;
  return {
    version: '1.0',
    type: 'REQUEST',
    methodArn: arn,
    identitySource: source,
    authorizationToken: source,
    ...event,
  };
}

function requestV2(request: ApiRequest) {
  const { api, stage, route } = request;
  const headers = joined(sentHeaders(request).filter(([name]) => name !== 'cookie'));
  const cookies = request.headers
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(/;\s*/))
    .filter((cookie) => cookie !== '');
  const query = joined([...new URLSearchParams(request.rawQuery)]);
  const rest = {
    rawPath: request.path,
    rawQueryString: request.rawQuery,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...(request.rawQuery === '' ? {} : { queryStringParameters: query }),
  };
  const requestContext = {
    accountId: request.accountId,
    apiId: api.id,
    domainName: hostOf(request),
    domainPrefix: prefixOf(request),
    http: {
      method: request.method,
      path: request.path,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: headers['user-agent'] ?? '',
    },
    requestId: request.requestId,
    routeKey: route.key,
    stage: stage.name,
    time: logTime(request.time),
    timeEpoch: request.time,
  };
  return { rest, requestContext };
}

export function eventV1(request: ApiRequest, identity: Identity = { kind: 'none' }) {
  const { api, stage, route } = request;
  const headers = sentHeaders(request);
  const query = [...new URLSearchParams(request.rawQuery)];
  const resourcePath = route.key === '$default' ? '$default' : (route.key.split(' ')[1] ?? '');
  const { body = null, isBase64Encoded } = encodedBody(request);
  const signer = identity.kind === 'iam' ? identity : undefined;
  return {
    version: '1.0',
    resource: resourcePath,
    path: request.path,
    httpMethod: request.method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: listed(headers),
    queryStringParameters: query.length > 0 ? Object.fromEntries(query) : null,
    multiValueQueryStringParameters: query.length > 0 ? listed(query) : null,
    requestContext: {
      accountId: request.accountId,
      apiId: api.id,
      ...authorizerV1(identity),
      domainName: hostOf(request),
      domainPrefix: prefixOf(request),
      extendedRequestId: request.requestId,
      httpMethod: request.method,
      identity: {
        accessKey: signer?.accessKey ?? null,
        accountId: signer?.userArn.split(':')[4] ?? null,
        caller: signer?.userId ?? null,
        cognitoAmr: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.sourceIp,
        user: signer?.userId ?? null,
        userAgent: headers.find(([name]) => name === 'user-agent')?.[1] ?? '',
        userArn: signer?.userArn ?? null,
      },
      path: request.path,
      protocol: request.protocol,
      requestId: request.requestId,
      requestTime: logTime(request.time),
      requestTimeEpoch: request.time,
      resourceId: route.key,
      resourcePath,
      stage: stage.name,
    },
    pathParameters: Object.keys(request.parameters).length > 0 ? request.parameters : null,
    stageVariables: Object.keys(stage.variables).length > 0 ? stage.variables : null,
    body,
    isBase64Encoded,
  };
}

function authorizerV1(identity: Identity): object {
  if (identity.kind === 'jwt') return { authorizer: { claims: identity.claims, scopes: identity.scopes } };
  if (identity.kind !== 'lambda') return {};
  const { context, principalId } = identity;
  return { authorizer: { ...context, ...(principalId === undefined ? {} : { principalId }) } };
}

/** The headers that API Gateway sets, whatever the client sent. */
const setHeaders = new Set([
  'content-length',
  'x-amzn-trace-id',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-for',
]);

/** The client's headers, and those that API Gateway adds. */
function sentHeaders(request: ApiRequest): (readonly [string, string])[] {
  const forwarded = request.headers.filter(([name]) => name === 'x-forwarded-for').map(([, value]) => value);
  const seconds = Math.floor(request.time / 1000).toString(16);
  const added: (readonly [string, string])[] = [
    ['content-length', String(request.body.length)],
    ['x-amzn-trace-id', `Root=1-${seconds}-${randomHex(12)}`],
    ['x-forwarded-for', [...forwarded, request.sourceIp].join(', ')],
    ['x-forwarded-port', String(request.port)],
    ['x-forwarded-proto', 'http'],
  ];
  return [...request.headers.filter(([name]) => !setHeaders.has(name) && !hopByHop.has(name)), ...added];
}

function joined(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(Object.entries(listed(pairs)).map(([name, values]) => [name, values.join(',')]));
}

export function listed(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = lists.get(name);
    if (values === undefined) lists.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries(lists);
}

function hostOf({ headers }: ApiRequest): string {
  return headers.find(([name]) => name === 'host')?.[1] ?? '';
}

/** The first part of the host: the API's id, or that of its domain. */
function prefixOf(request: ApiRequest): string {
  const host = hostOf(request).replace(/:\d+$/, '');
  return /^(127\.0\.0\.1|localhost|\[::1\])$/.test(host) ? request.api.id : (host.split('.')[0] ?? '');
}

function encodedBody({ body, headers }: ApiRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const value = (key: string) => headers.find(([name]) => name === key)?.[1];
  const type = value('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'text/plain';
  const isText = textTypes.test(type) && value('content-encoding') === undefined;
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As in access logs: `12/Mar/2020:19:03:58 +0000`. */
export function logTime(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

// Answers a request to an HTTP API: preflight, route, limits, authorization, function, access log.
import type { IncomingMessage } from 'node:http';
import type { Cloud, MappedApi } from '../cloud.ts';
import { type HttpResponse, readBody, requestFacts } from '../http-servers.ts';
import type { Throttle } from '../throttle.ts';
import type { AccessLogs, LogContext } from './access-log.ts';
import { authorize } from './authorize.ts';
import { preflight, withCors } from './cors.ts';
import { logTime, type RoutedRequest } from './event.ts';
import { callIntegration } from './integration.ts';
import { recordRequest } from './metrics.ts';
import { failure, internalServerError } from './response.ts';
import { findRoute } from './router.ts';
import type { Api, RouteLimits, Served, Stage } from './state.ts';

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const payloadBytes = 10 * 1024 * 1024;

/** What requests share. */
export interface DataPlane {
  readonly cloud: Cloud;
  readonly throttle: Throttle;
  readonly accessLogs: AccessLogs;
}

/** How a request came: its id, and the mapping if it was for a domain name. */
export interface Arrival {
  readonly requestId: string;
  readonly mapped: MappedApi | undefined;
}

export async function respond(
  plane: DataPlane,
  api: Api,
  incoming: IncomingMessage,
  { requestId, mapped }: Arrival,
): Promise<HttpResponse> {
  const header = (name: string) => incoming.headers[name] as string | undefined;
  const method = incoming.method ?? 'GET';
  const { cors } = api;
  const origin = header('origin');
  if (api.endpointDisabled === true && mapped === undefined) {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html
    incoming.resume();
    return failure(404, 'Not Found');
  }
  const answered =
    cors && preflight(cors, { origin, method, requestedMethod: header('access-control-request-method') });
  if (answered !== undefined) {
    incoming.resume();
    return answered;
  }
  const response = await routeRequest(plane, api, incoming, { method, requestId, mapped });
  return cors === undefined ? response : withCors(cors, origin, response);
}

/** An answer, and what the access log says of it. */
interface Answered {
  readonly response: HttpResponse;
  readonly log: LogContext;
  /** Milliseconds; absent if no integration was called. */
  readonly integrationLatency?: number;
}

async function routeRequest(
  plane: DataPlane,
  api: Api,
  incoming: IncomingMessage,
  { method, requestId, mapped }: Arrival & { readonly method: string },
): Promise<HttpResponse> {
  const { cloud } = plane;
  const body = await readBody(incoming, payloadBytes);
  if (body === undefined) return failure(413, 'Request Entity Too Large');
  const { rawPath, ...facts } = requestFacts(incoming);
  const path = decodePath(rawPath);
  if (path === undefined) return failure(400, 'Bad Request');
  const place = mapped === undefined ? findStage(api, path) : mappedStage(api, path, mapped);
  if (place === undefined) return failure(404, 'Not Found');
  const { stage, served } = place;
  const began = cloud.now();
  const match = findRoute(Object.values(served.routes), method, place.path);
  const answered: Answered =
    match === undefined
      ? { response: failure(404, 'Not Found'), log: { 'error.message': 'Not Found' } }
      : await answerRoute(plane, served, {
          api,
          stage,
          route: match.route,
          parameters: match.parameters,
          accountId: cloud.accountId,
          region: cloud.region,
          requestId,
          ...facts,
          path,
          port: incoming.socket.localPort ?? api.port,
          body,
          time: began,
        });
  const { response, log, integrationLatency } = answered;
  const latency = cloud.now() - began;
  recordRequest(cloud, {
    api,
    stage,
    route: match?.route,
    status: response.status,
    bytes: body.length + Buffer.byteLength(response.body),
    began,
    latency,
    integrationLatency,
  });
  if (stage.accessLog !== undefined) {
    await plane.accessLogs.write(stage, {
      accountId: cloud.accountId,
      apiId: api.id,
      domainName: incoming.headers.host ?? '',
      domainPrefix: api.id,
      extendedRequestId: requestId,
      httpMethod: method,
      'identity.sourceIp': facts.sourceIp,
      'identity.userAgent': incoming.headers['user-agent'] ?? '',
      path,
      protocol: facts.protocol,
      requestId,
      requestTime: logTime(began),
      requestTimeEpoch: began,
      responseLatency: latency,
      responseLength: Buffer.byteLength(response.body),
      routeKey: match?.route.key,
      stage: stage.name,
      status: response.status,
      ...log,
    });
  }
  return response;
}

async function answerRoute(plane: DataPlane, served: Served, request: RoutedRequest): Promise<Answered> {
  const { cloud, throttle } = plane;
  const { route, stage, api } = request;
  const limits = { ...stage.limits, ...stage.routeLimits?.[route.key] };
  if (!admitted(throttle, limits, `${api.id}/${stage.name}/${route.key}`, request.time)) {
    return { response: failure(429, 'Too Many Requests'), log: { 'error.message': 'Too Many Requests' } };
  }
  const decision = await authorize(cloud, request, served);
  if (!decision.allowed) {
    const { response, error } = decision;
    return { response, log: { 'authorizer.error': error, 'error.message': messageOf(response) } };
  }
  const integration = served.integrations[route.target?.replace(/^integrations\//, '') ?? ''];
  if (integration === undefined) return { response: internalServerError, log: {} };
  const began = cloud.now();
  const { response, error } = await callIntegration(cloud, { request, integration, identity: decision.identity });
  const integrationLatency = cloud.now() - began;
  const log = {
    integrationLatency,
    'integration.latency': integrationLatency,
    integrationErrorMessage: error,
    'integration.error': error,
    integrationStatus: error === undefined ? 200 : undefined,
  };
  return { response, log, integrationLatency };
}

function messageOf({ body }: HttpResponse): string {
  return (JSON.parse(body.toString()) as { readonly message: string }).message;
}

/** Without a limit of its own, a route has only that of the account, 10,000 requests a second, which no machine reaches. */
function admitted(throttle: Throttle, { rate, burst }: RouteLimits, key: string, now: number): boolean {
  if (rate === undefined && burst === undefined) return true;
  return throttle.admits(key, { rate: rate ?? 10_000, burst: burst ?? 5_000 }, now);
}

/** AWS decodes a path twice, and takes a question mark that the first time shows for the query's. Measured:
 * https://github.com/hotsock/voker/pull/8, vokerhttp/testdata/ingress-paths.json */
function decodePath(path: string): string | undefined {
  try {
    const [once = ''] = decodeURIComponent(path).split('?');
    return decodeURIComponent(once);
  } catch {
    return undefined;
  }
}

/** A mapping names the stage, and its base path is no part of the route. It stays in the path of the event.
 * https://github.com/aws-powertools/powertools-lambda-python/pull/579 */
function mappedStage(api: Api, path: string, { stage, basePath }: MappedApi): Place | undefined {
  return placeIn(api, api.stages[stage], basePath === '' ? path : path.slice(basePath.length + 1) || '/');
}

// The first part of the path may name a stage; any other request goes to $default, if that stage exists.
function findStage(api: Api, path: string): Place | undefined {
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  const named = first === '$default' || !Object.hasOwn(api.stages, first) ? undefined : api.stages[first];
  return placeIn(api, named ?? api.stages['$default'], named === undefined ? path : rest || '/');
}

/** `path` is that of routes. */
interface Place {
  readonly stage: Stage;
  readonly served: Served;
  readonly path: string;
}

function placeIn(api: Api, stage: Stage | undefined, path: string): Place | undefined {
  if (stage === undefined) return undefined;
  const served = stage.autoDeploy ? api : api.deployments[stage.deploymentId ?? '']?.served;
  return served && { stage, served, path };
}

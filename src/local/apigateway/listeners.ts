// The data plane of HTTP APIs: each API listens on its own loopback port and invokes the functions of its routes.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, type Cloud } from '../cloud.ts';
import { faultMessage, type HttpResponse, HttpServers, readBody, requestFacts, sendResponse } from '../http-servers.ts';
import { isLoopbackHost } from '../loopback.ts';
import { randomBase64 } from '../random.ts';
import { preflight, withCors } from './cors.ts';
import { type ApiRequest, eventV1, eventV2 } from './event.ts';
import { failure, internalServerError, toResponse } from './response.ts';
import { findRoute } from './router.ts';
import { functionOf } from './routes.ts';
import type { Api, ApiContext, Integration, Served, Stage } from './state.ts';

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const payloadBytes = 10 * 1024 * 1024;

export class Listeners {
  readonly #context: ApiContext;
  readonly #servers: HttpServers;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#servers = new HttpServers(context.cloud);
  }

  /** Listens for an API and resolves to its port: the preferred one, if it is free. */
  open(apiId: string, preferredPort: number | undefined): Promise<number> {
    return this.#servers.open(
      apiId,
      preferredPort,
      (incoming, outgoing) => void this.#answer(apiId, incoming, outgoing),
    );
  }

  close(apiId: string): Promise<void> {
    return this.#servers.close(apiId);
  }

  closeAll(): Promise<void> {
    return this.#servers.closeAll();
  }

  async #answer(apiId: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const requestId = randomBase64(11);
    let response: HttpResponse;
    try {
      const api = this.#context.apis.get(apiId);
      if (!isLoopbackHost(incoming.headers.host)) response = failure(403, 'Forbidden');
      else if (api === undefined) response = failure(404, 'Not Found');
      else response = await respond(this.#context.cloud, api, incoming, requestId);
    } catch (error) {
      response = failure(500, faultMessage(error));
    }
    const always = { 'apigw-requestid': requestId };
    sendResponse({ incoming, outgoing }, response, { malformed: internalServerError, always });
  }
}

async function respond(cloud: Cloud, api: Api, incoming: IncomingMessage, requestId: string): Promise<HttpResponse> {
  const header = (name: string) => incoming.headers[name] as string | undefined;
  const method = incoming.method ?? 'GET';
  const { cors } = api;
  const origin = header('origin');
  const answered =
    cors && preflight(cors, { origin, method, requestedMethod: header('access-control-request-method') });
  if (answered !== undefined) {
    incoming.resume();
    return answered;
  }
  const response = await routeRequest(cloud, api, incoming, { method, requestId });
  return cors === undefined ? response : withCors(cors, origin, response);
}

async function routeRequest(
  cloud: Cloud,
  api: Api,
  incoming: IncomingMessage,
  { method, requestId }: { method: string; requestId: string },
): Promise<HttpResponse> {
  const body = await readBody(incoming, payloadBytes);
  if (body === undefined) return failure(413, 'Request Entity Too Large');
  const { rawPath, ...facts } = requestFacts(incoming);
  const path = decodePath(rawPath);
  if (path === undefined) return failure(400, 'Bad Request');
  const place = findStage(api, path);
  const match = place && findRoute(Object.values(place.served.routes), method, place.path);
  if (place === undefined || match === undefined) return failure(404, 'Not Found');
  const { route, parameters } = match;
  const integration = place.served.integrations[route.target?.replace(/^integrations\//, '') ?? ''];
  if (integration === undefined) return internalServerError;
  const request: ApiRequest = {
    api,
    stage: place.stage,
    route,
    parameters,
    accountId: cloud.accountId,
    requestId,
    ...facts,
    path,
    port: api.port,
    body,
    time: cloud.now(),
  };
  return invokeFunction(cloud, request, integration);
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

// The first part of the path may name a stage; any other request goes to $default, if that stage exists.
function findStage(api: Api, path: string): { stage: Stage; served: Served; path: string } | undefined {
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  const named = first === '$default' || !Object.hasOwn(api.stages, first) ? undefined : api.stages[first];
  const stage = named ?? api.stages['$default'];
  if (stage === undefined) return undefined;
  const served = stage.autoDeploy ? api : api.deployments[stage.deploymentId ?? '']?.served;
  return served && { stage, served, path: named === undefined ? path : rest || '/' };
}

async function invokeFunction(cloud: Cloud, request: ApiRequest, integration: Integration): Promise<HttpResponse> {
  const { api, stage, route } = request;
  const event = integration.payloadFormat === '1.0' ? eventV1(request) : eventV2(request);
  const invoked = cloud.call(
    'lambda',
    'Invoke',
    {
      FunctionName: withVariables(functionOf(integration.uri) ?? '', stage),
      Payload: Buffer.from(JSON.stringify(event)),
    },
    {
      kind: 'service',
      service: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${api.id}/${stage.name}/${routeResource(route.key, request.method)}`,
    },
  );
  try {
    const answer = await cloud.pauses.within(integration.timeoutMs, invoked, cloud);
    if (answer === 'timeout') {
      // The function keeps running, but its answer is discarded.
      invoked.catch(() => undefined);
      return failure(503, 'Service Unavailable');
    }
    if (answer.FunctionError !== undefined) return internalServerError;
    return toResponse(Buffer.from(answer.Payload ?? []), integration.payloadFormat);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return invokeFailure(error);
  }
}

// A missing permission shows to the client only as an Internal Server Error, the same as on AWS.
function invokeFailure({ code }: AwsError): HttpResponse {
  if (code === 'RequestTooLargeException') return failure(413, 'Request Entity Too Large');
  if (code === 'TooManyRequestsException') return failure(503, 'Service Unavailable');
  return internalServerError;
}

/** The route's part of the ARN that permissions match: its template, not the path of the request. */
function routeResource(key: string, method: string): string {
  if (key === '$default') return '$default';
  const [routeMethod = '', path = ''] = key.split(' ');
  return `${routeMethod === 'ANY' ? method : routeMethod}${path}`;
}

function withVariables(text: string, { variables }: Pick<Stage, 'variables'>): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => variables[name] ?? '');
}

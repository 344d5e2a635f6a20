// The data plane of HTTP APIs: each listens on a loopback port of its own and invokes the functions of its routes.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError, type Cloud } from '../cloud.ts';
import { isLoopbackHost } from '../loopback.ts';
import { preflight, withCors } from './cors.ts';
import { type ApiRequest, eventV1, eventV2 } from './event.ts';
import { type ApiResponse, failure, internalServerError, toResponse } from './response.ts';
import { findRoute } from './router.ts';
import { functionOf } from './routes.ts';
import type { Api, ApiContext, Integration, Served, Stage } from './state.ts';

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const payloadBytes = 10 * 1024 * 1024;

export class Listeners {
  readonly #context: ApiContext;
  readonly #servers = new Map<string, Server>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** Listens for an API and resolves to its port: the wanted one if that is free. */
  async open(apiId: string, wanted: number | undefined): Promise<number> {
    const server = createServer((request, response) => void this.#answer(apiId, request, response));
    server.keepAliveTimeout = 75_000;
    try {
      await listen(server, wanted ?? 0);
    } catch (error) {
      if (wanted === undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await listen(server, 0);
    }
    this.#servers.set(apiId, server);
    return (server.address() as AddressInfo).port;
  }

  async close(apiId: string): Promise<void> {
    const server = this.#servers.get(apiId);
    this.#servers.delete(apiId);
    if (server === undefined) return;
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((id) => this.close(id)));
  }

  async #answer(apiId: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const requestId = randomBytes(11).toString('base64');
    let response: ApiResponse;
    try {
      const api = this.#context.apis.get(apiId);
      if (!isLoopbackHost(incoming.headers.host)) response = failure(403, 'Forbidden');
      else if (api === undefined) response = failure(404, 'Not Found');
      else response = await respond(this.#context.cloud, api, incoming, requestId);
    } catch (error) {
      // A fault of this local AWS, not of the function: told apart by its text.
      response = failure(500, `fault in the fx local AWS: ${error instanceof Error ? error.message : String(error)}`);
    }
    try {
      send(incoming, outgoing, response, requestId);
    } catch {
      // Node refuses a header that HTTP has no place for: the function's answer is malformed.
      send(incoming, outgoing, internalServerError, requestId);
    }
  }
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, response: ApiResponse, requestId: string): void {
  const headers = { ...response.headers, 'apigw-requestid': requestId };
  const hasBody = response.status !== 204 && response.status !== 304;
  outgoing.writeHead(response.status, {
    ...(headers as Record<string, string | string[]>),
    ...(hasBody ? { 'content-length': Buffer.byteLength(response.body) } : {}),
  });
  outgoing.end(hasBody && incoming.method !== 'HEAD' ? response.body : undefined);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', fail);
      done();
    });
  });
}

async function respond(cloud: Cloud, api: Api, incoming: IncomingMessage, requestId: string): Promise<ApiResponse> {
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
): Promise<ApiResponse> {
  const body = await readBody(incoming);
  if (body === undefined) return failure(413, 'Request Entity Too Large');
  const [, rawPath = '/', rawQuery = ''] = /^([^?]*)\??(.*)$/s.exec(incoming.url ?? '/') ?? [];
  const path = decodePath(rawPath);
  if (path === undefined) return failure(400, 'Bad Request');
  const place = findStage(api, path);
  const found = place && findRoute(Object.values(place.served.routes), method, place.path);
  if (place === undefined || found === undefined) return failure(404, 'Not Found');
  const { route, parameters } = found;
  const integration = place.served.integrations[route.target?.replace(/^integrations\//, '') ?? ''];
  if (integration === undefined) return internalServerError;
  const request: ApiRequest = {
    api,
    stage: place.stage,
    route,
    parameters,
    accountId: cloud.accountId,
    requestId,
    method,
    path,
    rawQuery,
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: (incoming.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    port: api.port,
    headers: headerPairs(incoming),
    body,
    time: cloud.now(),
  };
  return invokeFunction(cloud, request, integration);
}

/** Undefined where it is over 10 MB. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= payloadBytes) chunks.push(chunk);
  }
  return size <= payloadBytes ? Buffer.concat(chunks) : undefined;
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function headerPairs({ rawHeaders }: IncomingMessage): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([(rawHeaders[i] ?? '').toLowerCase(), rawHeaders[i + 1] ?? '']);
  }
  return pairs;
}

// A named stage is the first part of the path; what fits none belongs to $default, if there is that stage.
function findStage(api: Api, path: string): { stage: Stage; served: Served; path: string } | undefined {
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  const named = first === '$default' || !Object.hasOwn(api.stages, first) ? undefined : api.stages[first];
  const stage = named ?? api.stages['$default'];
  if (stage === undefined) return undefined;
  const served = stage.autoDeploy ? api : api.deployments[stage.deploymentId ?? '']?.served;
  return served && { stage, served, path: named === undefined ? path : rest || '/' };
}

async function invokeFunction(cloud: Cloud, request: ApiRequest, integration: Integration): Promise<ApiResponse> {
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
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<'timeout'>((done) => {
    timer = setTimeout(() => done('timeout'), integration.timeoutMs);
  });
  try {
    const answer = await Promise.race([invoked, timedOut]);
    if (answer === 'timeout') {
      // The function runs on; nobody waits for what it answers.
      invoked.catch(() => undefined);
      return failure(503, 'Service Unavailable');
    }
    if (answer.FunctionError !== undefined) return internalServerError;
    return toResponse(Buffer.from(answer.Payload ?? []), integration.payloadFormat);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return invokeFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

// A missing permission shows to the client only as an Internal Server Error, the same as on AWS.
function invokeFailure({ code }: AwsError): ApiResponse {
  if (code === 'RequestTooLargeException') return failure(413, 'Request Entity Too Large');
  if (code === 'TooManyRequestsException') return failure(503, 'Service Unavailable');
  return internalServerError;
}

/** The route's end of the ARN that permissions are matched with: its template, not the path of the request. */
function routeResource(key: string, method: string): string {
  if (key === '$default') return '$default';
  const [routeMethod = '', path = ''] = key.split(' ');
  return `${routeMethod === 'ANY' ? method : routeMethod}${path}`;
}

function withVariables(text: string, { variables }: Pick<Stage, 'variables'>): string {
  return text.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => variables[name] ?? '');
}

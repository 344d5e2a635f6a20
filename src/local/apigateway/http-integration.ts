// Integrations with HTTP endpoints: with mappings, or as a proxy.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Integration } from '@aws-sdk/client-api-gateway';
import { logCall } from './execution-log.ts';
import { configurationError, GatewayFailure } from './failure.ts';
import type { ApiResponse } from './integrate.ts';
import { type Answer, mapRequest } from './mapping.ts';
import { headerValue, type Pair, type RestRequest } from './request.ts';
import { responseHeaders } from './response-headers.ts';

interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly Pair[];
  readonly body: Buffer;
  readonly insecure?: boolean;
  readonly signal: AbortSignal;
}

export async function callHttp(request: RestRequest, integration: Integration, uri: string): Promise<Answer> {
  const mapped = mapRequest(integration, request);
  const given = (name: string) => headerValue(mapped.headers, name);
  const headers: Pair[] = [
    ...(given('accept') === undefined ? [['Accept', 'application/json'] as const] : []),
    ...(given('content-type') === undefined && mapped.body.length > 0
      ? [['Content-Type', 'application/json'] as const]
      : []),
    ...(given('user-agent') === undefined ? [['User-Agent', `AmazonAPIGateway_${request.api.id}`] as const] : []),
    ...mapped.headers,
    ...added(request),
  ];
  const url = urlOf(uri, mapped.path, mapped.query);
  const { insecureSkipVerification: insecure = false } = integration.tlsConfig ?? {};
  const method = methodOf(integration, request);
  const answered = logCall(request, { uri: String(url), headers, body: mapped.body.toString('utf8') });
  const incoming = await send({ method, url, headers, body: mapped.body, insecure, signal: request.signal });
  const body = await bodyOf(incoming);
  answered(incoming.statusCode ?? 0, headersOf(incoming), body.toString('utf8'));
  return {
    selector: String(incoming.statusCode),
    headers: { ...headersOf(incoming), 'X-Amzn-Trace-Id': request.traceId },
    body,
  };
}

export async function callHttpProxy(request: RestRequest, integration: Integration, uri: string): Promise<ApiResponse> {
  const mapped = mapRequest(
    { ...integration, requestTemplates: undefined, passthroughBehavior: 'WHEN_NO_MATCH' },
    request,
  );
  const names = new Set(['host', ...mapped.headers.map(([name]) => name.toLowerCase())]);
  const forwarded = request.headers.filter(([name]) => !names.has(name.toLowerCase()) && !ours.has(name.toLowerCase()));
  const headers = [...forwarded, ...mapped.headers, ...added(request)];
  const queried = new Set(mapped.query.map(([name]) => name));
  const query = [...request.query.filter(([name]) => !queried.has(name)), ...mapped.query];
  const { insecureSkipVerification: insecure = false } = integration.tlsConfig ?? {};
  const incoming = await send({
    method: methodOf(integration, request),
    url: urlOf(uri, mapped.path, query),
    headers,
    // a proxy passes the bytes on as they are
    body: request.body,
    insecure,
    signal: request.signal,
  });
  const head = { status: incoming.statusCode ?? 502, headers: responseHeaders(headersOf(incoming), true) };
  if (integration.responseTransferMode === 'STREAM') return { ...head, chunks: incoming };
  return { ...head, body: await bodyOf(incoming) };
}

/** The client's headers that a proxy does not pass on: those about the client and its connection, and those that API Gateway sets. */
const ours = new Set([
  'content-encoding',
  'via',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);
/** Mappings to these headers have no effect; Node could not send a trailer with a length either. */
const ignored = new Set(['connection', 'expect', 'proxy-authenticate', 'te', 'trailer', 'via']);

function added({ api, traceId }: RestRequest): Pair[] {
  return [
    ['x-amzn-apigateway-api-id', api.id],
    ['X-Amzn-Trace-Id', traceId],
  ];
}

function methodOf({ httpMethod = 'ANY' }: Integration, request: RestRequest): string {
  return httpMethod === 'ANY' ? request.httpMethod : httpMethod;
}

export function urlOf(uri: string, path: Readonly<Record<string, string>>, query: readonly Pair[]): URL {
  const filled = uri.replace(/\{([\w.-]+)\+?\}/g, (all, name: string) => path[name] ?? all);
  let url: URL;
  try {
    url = new URL(filled);
  } catch {
    throw configurationError('Invalid endpoint address');
  }
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url;
}

/** Node's own client, since it sends the headers as they are, and does not decompress. */
async function send({ method, url, headers, body, insecure = false, signal }: Call): Promise<IncomingMessage> {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const options = {
    method,
    headers: grouped([
      ...headers.filter(([name]) => !ignored.has(name.toLowerCase())),
      ['Content-Length', String(body.length)],
    ]),
    signal,
    ...(url.protocol === 'https:' ? { rejectUnauthorized: !insecure } : {}),
  };
  return new Promise((done, fail) => {
    const outgoing = start(url, options, done);
    outgoing.once('error', () => {
      fail(new GatewayFailure('INTEGRATION_FAILURE', 'Network error communicating with endpoint'));
    });
    outgoing.end(body);
  });
}

function grouped(pairs: readonly Pair[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    const key = Object.keys(headers).find((other) => other.toLowerCase() === name.toLowerCase()) ?? name;
    const before = headers[key];
    headers[key] = before === undefined ? value : [...[before].flat(), value];
  }
  return headers;
}

function headersOf({ rawHeaders }: IncomingMessage): Record<string, string | string[]> {
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return grouped(pairs);
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    throw new GatewayFailure('INTEGRATION_FAILURE', 'Network error communicating with endpoint');
  }
  return Buffer.concat(chunks);
}

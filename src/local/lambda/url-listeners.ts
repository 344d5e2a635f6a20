// The data plane of function URLs: each listens on a loopback port of its own and invokes its function or alias.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { preflight, withCors } from '../apigateway/cors.ts';
import { eventV2 } from '../apigateway/event.ts';
import { AwsError } from '../cloud.ts';
import { isLoopbackHost } from '../loopback.ts';
import type { LambdaContext } from './context.ts';
import { run } from './run.ts';
import type { FunctionUrl, LambdaFunction } from './state.ts';
import { accessOf, type Caller } from './url-access.ts';
import { badGateway, bufferedResponse, refusal, StreamedResponse, type UrlResponse } from './url-response.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const payloadBytes = 6_291_456;

export interface UrlReference {
  readonly name: string;
  /** `$LATEST` or an alias. */
  readonly qualifier: string;
}

export class UrlListeners {
  readonly #context: LambdaContext;
  readonly #servers = new Map<string, Server>();

  constructor(context: LambdaContext) {
    this.#context = context;
  }

  /** Listens for a URL and resolves to its port: the wanted one if that is free. */
  async open(reference: UrlReference, wanted: number | undefined): Promise<number> {
    const server = createServer((incoming, outgoing) => void this.#answer(reference, incoming, outgoing));
    server.keepAliveTimeout = 75_000;
    try {
      await listen(server, wanted ?? 0);
    } catch (error) {
      if (wanted === undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await listen(server, 0);
    }
    this.#servers.set(keyOf(reference), server);
    return (server.address() as AddressInfo).port;
  }

  async close(reference: UrlReference): Promise<void> {
    const server = this.#servers.get(keyOf(reference));
    this.#servers.delete(keyOf(reference));
    if (server !== undefined) await closeServer(server);
  }

  async closeAll(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.all(servers.map(closeServer));
  }

  async #answer(reference: UrlReference, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    let response: UrlResponse | undefined;
    try {
      response = await this.#respond(reference, { incoming, outgoing, requestId });
    } catch (error) {
      // A fault of this local AWS, not of the function: told apart by its text.
      const what = error instanceof Error ? error.message : String(error);
      response = refusal(500, `fault in the fx local AWS: ${what}`, 'ServiceException');
    }
    if (response === undefined) return;
    if (outgoing.headersSent) {
      // The stream broke off: so does the connection, since its status is long sent.
      outgoing.destroy();
      return;
    }
    try {
      send(incoming, outgoing, response, requestId);
    } catch {
      // Node refuses a header that HTTP has no place for: the function's answer is malformed.
      send(incoming, outgoing, badGateway, requestId);
    }
  }

  /** Undefined where the response was streamed. */
  async #respond(reference: UrlReference, request: UrlRequest): Promise<UrlResponse | undefined> {
    const { cloud, functions } = this.#context;
    const { incoming } = request;
    const fn = functions.get(reference.name);
    const url = fn?.urls?.[reference.qualifier];
    if (!isLoopbackHost(incoming.headers.host)) return refusal(403, 'Forbidden', 'AccessDeniedException');
    if (fn === undefined || url === undefined) return refusal(404, 'Not Found', 'ResourceNotFoundException');
    const origin = incoming.headers.origin;
    const method = incoming.method ?? 'GET';
    const requestedMethod = incoming.headers['access-control-request-method'];
    const answered = url.cors && preflight(url.cors, { origin, method, requestedMethod });
    if (answered !== undefined) {
      incoming.resume();
      return { ...answered, status: 200 };
    }
    const access = accessOf(cloud, fn, url, { qualifier: reference.qualifier, incoming });
    if (!access.allowed) {
      incoming.resume();
      return refusal(403, access.message, 'AccessDeniedException');
    }
    const cors = <R extends Omit<UrlResponse, 'body'>>(response: R): R =>
      url.cors === undefined
        ? response
        : { ...response, headers: withCors(url.cors, origin, { ...response, body: '' }).headers };
    const response = await this.#invoke({ ...request, fn, url, reference, caller: access.caller }, cors);
    return response && cors(response);
  }

  async #invoke(
    request: UrlRequest & Invoked,
    cors: (head: Omit<UrlResponse, 'body'>) => Omit<UrlResponse, 'body'>,
  ): Promise<UrlResponse | undefined> {
    const { reference, url, outgoing, requestId } = request;
    const body = await readBody(request.incoming);
    const payload = body && Buffer.from(JSON.stringify(eventOf(this.#context, request, body)));
    if (payload === undefined || payload.length > payloadBytes) {
      return refusal(413, 'Request must be smaller than 6291456 bytes', 'RequestEntityTooLargeException');
    }
    const sink =
      url.invokeMode === 'BUFFERED'
        ? undefined
        : new StreamedResponse(outgoing, ({ status, headers }) =>
            cors({ status, headers: { ...headers, 'x-amzn-requestid': requestId } }),
          );
    const target = { name: reference.name, qualifier: reference.qualifier === '$LATEST' ? '' : reference.qualifier };
    try {
      const call = { reference: target, payload, requestId, ...(sink === undefined ? {} : { sink }) };
      const { outcome } = await run(this.#context, call);
      if (outcome.failed) return badGateway;
      if (sink === undefined) return bufferedResponse(outcome.payload);
      if (sink.end()) return undefined;
      // The handler is none that streams: its answer is the body.
      if (outcome.payload.length === 0) return badGateway;
      return { status: 200, headers: { 'content-type': 'application/json' }, body: outcome.payload };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return refusal(error.status === 429 ? 429 : 502, error.message, error.code);
    }
  }
}

interface UrlRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly requestId: string;
}

interface Invoked {
  readonly fn: LambdaFunction;
  readonly url: FunctionUrl;
  readonly reference: UrlReference;
  readonly caller: Caller | undefined;
}

function keyOf({ name, qualifier }: UrlReference): string {
  return `${name}:${qualifier}`;
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

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

/** The event has the schema of HTTP APIs, with what belongs to APIs filled in. */
function eventOf({ cloud }: LambdaContext, { incoming, requestId, url, caller }: UrlRequest & Invoked, body: Buffer) {
  const [, path = '/', rawQuery = ''] = /^([^?]*)\??(.*)$/s.exec(incoming.url ?? '/') ?? [];
  const { requestContext, ...event } = eventV2({
    api: { id: url.id },
    stage: { name: '$default', variables: {} },
    route: { key: '$default' },
    parameters: {},
    accountId: cloud.accountId,
    requestId,
    method: incoming.method ?? 'GET',
    path,
    rawQuery,
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: (incoming.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    port: url.port,
    headers: headerPairs(incoming),
    body,
    time: cloud.now(),
  });
  return {
    ...event,
    requestContext: { ...requestContext, ...(caller === undefined ? {} : { authorizer: { iam: caller } }) },
  };
}

function headerPairs({ rawHeaders }: IncomingMessage): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([(rawHeaders[i] ?? '').toLowerCase(), rawHeaders[i + 1] ?? '']);
  }
  return pairs;
}

/** Undefined where it is over the limit. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= payloadBytes) chunks.push(chunk);
  }
  return size <= payloadBytes ? Buffer.concat(chunks) : undefined;
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, response: UrlResponse, requestId: string): void {
  const hasBody = response.status !== 204 && response.status !== 304;
  outgoing.writeHead(response.status, {
    ...(response.headers as Record<string, string | string[]>),
    'x-amzn-requestid': requestId,
    ...(hasBody ? { 'content-length': Buffer.byteLength(response.body) } : {}),
  });
  outgoing.end(hasBody && incoming.method !== 'HEAD' ? response.body : undefined);
}

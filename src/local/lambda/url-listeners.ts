// The data plane of function URLs: each URL listens on its own loopback port and invokes its function or alias.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { preflight, withCors } from '../apigatewayv2/cors.ts';
import { eventV2 } from '../apigatewayv2/event.ts';
import { AwsError } from '../cloud.ts';
import { faultMessage, type HttpResponse, HttpServers, readBody, requestFacts, sendResponse } from '../http-servers.ts';
import { isLoopbackHost } from '../loopback.ts';
import type { LambdaContext } from './context.ts';
import { run } from './run.ts';
import type { FunctionUrl, LambdaFunction } from './state.ts';
import { accessOf, type Caller } from './url-access.ts';
import { badGateway, bufferedResponse, refusal, StreamedResponse } from './url-response.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const payloadBytes = 6_291_456;

export interface UrlReference {
  readonly name: string;
  /** `$LATEST` or an alias. */
  readonly qualifier: string;
}

export class UrlListeners {
  readonly #context: LambdaContext;
  readonly #servers: HttpServers;

  constructor(context: LambdaContext) {
    this.#context = context;
    this.#servers = new HttpServers(context.cloud);
  }

  /** Listens for a URL and resolves to its port: the preferred one, if it is free. */
  open(reference: UrlReference, port: number | undefined): Promise<number> {
    const answer: RequestListener = (incoming, outgoing) => void this.#answer(reference, incoming, outgoing);
    return this.#servers.open(keyOf(reference), port, answer);
  }

  close(reference: UrlReference): Promise<void> {
    return this.#servers.close(keyOf(reference));
  }

  closeAll(): Promise<void> {
    return this.#servers.closeAll();
  }

  async #answer(reference: UrlReference, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    let response: HttpResponse | undefined;
    try {
      response = await this.#respond(reference, { incoming, outgoing, requestId });
    } catch (error) {
      response = refusal(500, faultMessage(error), 'ServiceException');
    }
    if (response === undefined) return;
    if (outgoing.headersSent) {
      // The stream failed after the status was sent, so the connection is closed.
      outgoing.destroy();
      return;
    }
    const always = { 'x-amzn-requestid': requestId };
    sendResponse({ incoming, outgoing }, response, { malformed: badGateway, always });
  }

  /** Undefined if the response was streamed. */
  async #respond(reference: UrlReference, request: UrlRequest): Promise<HttpResponse | undefined> {
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
    const cors = <R extends Omit<HttpResponse, 'body'>>(response: R): R =>
      url.cors === undefined
        ? response
        : { ...response, headers: withCors(url.cors, origin, { ...response, body: '' }).headers };
    const response = await this.#invoke({ ...request, fn, url, reference, caller: access.caller }, cors);
    return response && cors(response);
  }

  async #invoke(
    request: UrlRequest & Invoked,
    cors: (head: Omit<HttpResponse, 'body'>) => Omit<HttpResponse, 'body'>,
  ): Promise<HttpResponse | undefined> {
    const { reference, url, outgoing, requestId } = request;
    const body = await readBody(request.incoming, payloadBytes);
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
      // The handler does not stream: its answer is the body.
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

/** The event has the schema of HTTP APIs, with fixed values for the API's fields. Unlike there, the headers keep the cookies, `rawPath`
 * is not decoded, and a caller without a signature has no account. Measured:
 * https://github.com/hotsock/voker/pull/8, vokerhttp/testdata/functionurl-request.json */
function eventOf({ cloud }: LambdaContext, { incoming, requestId, url, caller }: UrlRequest & Invoked, body: Buffer) {
  const { rawPath, ...facts } = requestFacts(incoming);
  const { requestContext, headers, ...event } = eventV2({
    api: { id: url.id },
    stage: { name: '$default', variables: {} },
    route: { key: '$default' },
    parameters: {},
    accountId: caller?.accountId ?? 'anonymous',
    region: cloud.region,
    requestId,
    ...facts,
    path: rawPath,
    port: url.port,
    body,
    time: cloud.now(),
  });
  const { cookie } = incoming.headers;
  return {
    ...event,
    headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
    requestContext: {
      ...requestContext,
      http: { ...requestContext.http, path: decoded(rawPath) },
      ...(caller === undefined ? {} : { authorizer: { iam: caller } }),
    },
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

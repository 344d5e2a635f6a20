// The data plane of REST APIs: each API listens on its own loopback port.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiHost } from '../addresses.ts';
import type { Exchange, MappedApi } from '../cloud.ts';
import { faultMessage, type HttpResponse, HttpServers, readBody, sendResponse } from '../http-servers.ts';
import { isLoopbackHost } from '../loopback.ts';
import { randomBase64 } from '../random.ts';
import { failureResponse, forbidden, GatewayFailure } from './failure.ts';
import type { ApiResponse, StreamedResponse } from './integrate.ts';
import { type Pipeline, respond } from './pipeline.ts';
import { receive } from './request.ts';

// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const payloadBytes = 10 * 1024 * 1024;

export class Listeners {
  readonly #pipeline: Pipeline;
  readonly #servers: HttpServers;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#servers = new HttpServers(pipeline.cloud);
  }

  /** Listens for an API and resolves to its port: the preferred one, if it is free. */
  async open(apiId: string, preferredPort: number | undefined): Promise<number> {
    const { cloud } = this.#pipeline;
    const answerer = (incoming: IncomingMessage, outgoing: ServerResponse) =>
      this.answer(apiId, { incoming, outgoing });
    const port = await this.#servers.open(apiId, preferredPort, answerer);
    cloud.addresses.set(apiHost(apiId, cloud.region), port);
    return port;
  }

  /** Answers a request to an API, at whatever port it arrived. */
  answer(apiId: string, exchange: Exchange, mapped?: MappedApi): void {
    void answer(this.#pipeline, apiId, exchange, mapped);
  }

  close(apiId: string): Promise<void> {
    const { cloud } = this.#pipeline;
    cloud.addresses.delete(apiHost(apiId, cloud.region));
    return this.#servers.close(apiId);
  }

  closeAll(): Promise<void> {
    return this.#servers.closeAll();
  }
}

async function answer(
  pipeline: Pipeline,
  apiId: string,
  { incoming, outgoing }: Exchange,
  mapped: MappedApi | undefined,
): Promise<void> {
  const requestId = randomUUID();
  const extendedRequestId = `${randomBase64(11).slice(0, 15)}=`;
  const always = { 'x-amzn-RequestId': requestId, 'x-amz-apigw-id': extendedRequestId };
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  let response: ApiResponse;
  try {
    response = await responseTo(pipeline, apiId, incoming, {
      requestId,
      extendedRequestId,
      signal: gone.signal,
      mapped,
    });
  } catch (error) {
    response = plain(500, faultMessage(error));
  }
  if ('chunks' in response) return stream(outgoing, response, always);
  sendResponse({ incoming, outgoing }, response, { malformed: plain(502, 'Internal server error'), always });
}

interface Ids {
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly signal: AbortSignal;
  readonly mapped: MappedApi | undefined;
}

async function responseTo(
  pipeline: Pipeline,
  apiId: string,
  incoming: IncomingMessage,
  ids: Ids,
): Promise<ApiResponse> {
  const { apis, cloud } = pipeline;
  const api = apis.get(apiId);
  if (!isLoopbackHost(incoming.headers.host) || api === undefined) {
    incoming.resume();
    return plain(403, 'Forbidden');
  }
  const body = await readBody(incoming, payloadBytes);
  const received = receive(cloud, api, incoming, { ...ids, body: body ?? Buffer.alloc(0) });
  if (body !== undefined) return respond(pipeline, received, ids.mapped);
  const tooLarge = new GatewayFailure('REQUEST_TOO_LARGE', 'Request Too Long');
  return failureResponse(tooLarge, received, api);
}

function plain(status: number, message: string): HttpResponse {
  const errorType = status === 403 ? forbidden().errorType : 'InternalServerErrorException';
  const headers = { 'Content-Type': 'application/json', 'x-amzn-ErrorType': errorType };
  return { status, headers, body: JSON.stringify({ message }) };
}

async function stream(
  outgoing: ServerResponse,
  { status, headers, chunks }: StreamedResponse,
  always: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    outgoing.writeHead(status, { ...(headers as Record<string, string | string[]>), ...always });
    outgoing.flushHeaders();
    for await (const chunk of chunks) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(chunk)) await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]);
    }
    outgoing.end();
  } catch {
    // the status is sent already, so only the connection can tell
    outgoing.destroy();
  }
}

// Lambda's Runtime API for one execution environment, on its own loopback port.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Invocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON; absent if the caller sent none. */
  readonly clientContext?: string;
  /** Receives a streamed answer in chunks; without it, the answer is buffered. */
  readonly sink?: ResponseSink;
}

export interface ResponseSink {
  begin(contentType: string): void;
  /** Resolves when there is room for more. */
  write(chunk: Buffer): Promise<void>;
}

/** How an invocation ended, according to the runtime. */
export type Answer =
  | { readonly kind: 'response'; readonly body: Buffer; readonly contentType: string }
  | { readonly kind: 'error'; readonly body: Buffer; readonly errorType: string }
  | { readonly kind: 'too-large'; readonly size: number };

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, and 200 MB if the response is streamed.
const responseBytes = 6_291_556;
const streamedBytes = 209_715_200;
const base = '/2018-06-01/runtime/';
/** A header of fx on answers: the response is the runtime's next invocation. */
const nextHeader = 'fx-runtime-next';

interface Waiting {
  readonly invocation: Invocation;
  readonly deadline: number;
  readonly done: (answer: Answer) => void;
}

/** Gives one runtime its invocations and takes their answers. */
export class RuntimeApi {
  readonly #server: Server;
  #poll: ServerResponse | undefined;
  #waiting: Waiting | undefined;
  #sent = false;
  readonly #onReady: () => void;
  readonly #onInitError: (answer: Answer) => void;

  constructor(events: { onReady: () => void; onInitError: (answer: Answer) => void }) {
    this.#onReady = events.onReady;
    this.#onInitError = events.onInitError;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: Error) => response.destroy(error));
    });
    // `next` is held open until there is an invocation, which may be hours.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
  }

  /** Resolves to `host:port`. */
  async listen(): Promise<string> {
    await new Promise<void>((done, fail) => this.#server.once('error', fail).listen(0, '127.0.0.1', done));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Gives the runtime its next invocation and resolves to the answer; never rejects, may never resolve. */
  invoke(invocation: Invocation, deadline: number): Promise<Answer> {
    return new Promise((done) => {
      this.#waiting = { invocation, deadline, done };
      this.#sent = false;
      this.#send();
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'GET' && path === `${base}invocation/next`) {
      this.#poll = response;
      this.#ready();
      return;
    }
    if (request.method === 'POST' && path === `${base}init/error`) {
      this.#onInitError(errorAnswer(request, await readAll(request, responseBytes)));
      accept(response);
      return;
    }
    const [, requestId, kind] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (request.method !== 'POST' || requestId === undefined) {
      refuse(response, 404, 'InvalidStateTransition', `${request.method} ${path} is not part of the Runtime API`);
      return;
    }
    if (requestId !== this.#waiting?.invocation.requestId || !this.#sent) {
      request.resume();
      refuse(response, 400, 'InvalidRequestID', 'Invalid request ID');
      return;
    }
    const { done, invocation } = this.#waiting;
    const answer =
      kind === 'error'
        ? errorAnswer(request, await readAll(request, responseBytes))
        : await readResponse(request, invocation.sink);
    this.#waiting = undefined;
    if (answer.kind === 'too-large')
      refuse(response, 413, 'RequestEntityTooLarge', 'Exceeded maximum allowed payload size');
    else if (request.headers[nextHeader] === undefined) accept(response);
    else this.#poll = response;
    done(answer);
    if (this.#poll === response) this.#ready();
  }

  #ready(): void {
    this.#onReady();
    this.#send();
  }

  #send(): void {
    if (this.#poll === undefined || this.#waiting === undefined || this.#sent) return;
    const { invocation, deadline } = this.#waiting;
    this.#poll.writeHead(200, {
      'content-type': 'application/json',
      'content-length': invocation.payload.length,
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': String(deadline),
      'lambda-runtime-invoked-function-arn': invocation.functionArn,
      'lambda-runtime-trace-id': invocation.traceId,
      ...(invocation.clientContext === undefined ? {} : { 'lambda-runtime-client-context': invocation.clientContext }),
    });
    this.#poll.end(invocation.payload);
    this.#poll = undefined;
    this.#sent = true;
  }
}

async function readResponse(request: IncomingMessage, sink: ResponseSink | undefined): Promise<Answer> {
  const streamed = request.headers['lambda-runtime-function-response-mode'] === 'streaming';
  const body =
    streamed && sink !== undefined
      ? await streamBody(request, sink)
      : await readAll(request, streamed ? streamedBytes : responseBytes);
  if (typeof body === 'number') return { kind: 'too-large', size: body };
  // A stream that fails after its first byte says so in trailers.
  const failed = request.trailers['lambda-runtime-function-error-type'];
  if (failed !== undefined) {
    const error = Buffer.from(request.trailers['lambda-runtime-function-error-body'] ?? '', 'base64');
    return { kind: 'error', body: error, errorType: failed };
  }
  return { kind: 'response', body, contentType: request.headers['content-type'] ?? 'application/json' };
}

function errorAnswer(request: IncomingMessage, body: Buffer | number): Answer {
  const errorType = String(request.headers['lambda-runtime-function-error-type'] ?? 'Runtime.Unknown');
  return typeof body === 'number' ? { kind: 'too-large', size: body } : { kind: 'error', body, errorType };
}

/** Streams the body to the sink. Resolves to an empty buffer, or to the size if that exceeds the limit. */
async function streamBody(request: IncomingMessage, sink: ResponseSink): Promise<Buffer | number> {
  let size = 0;
  sink.begin(request.headers['content-type'] ?? 'application/octet-stream');
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= streamedBytes) await sink.write(chunk);
  }
  return size <= streamedBytes ? Buffer.alloc(0) : size;
}

/** The body, or its size if that exceeds the limit. */
async function readAll(request: IncomingMessage, limit: number): Promise<Buffer | number> {
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((done, fail) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    });
    request.once('end', done);
    request.once('error', fail);
  });
  return size <= limit ? Buffer.concat(chunks) : size;
}

const accepted = '{"status":"OK"}\n';
const acceptedHeaders = { 'content-type': 'application/json', 'content-length': accepted.length };

function accept(response: ServerResponse): void {
  response.writeHead(202, acceptedHeaders).end(accepted);
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  const body = JSON.stringify({ errorType, errorMessage });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

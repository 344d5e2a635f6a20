// Turns what a function answered, whole or as a stream, into the response of its URL.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
import type { ServerResponse } from 'node:http';
import type { HttpResponse } from '../http-servers.ts';
import type { ResponseSink } from './runtime-api.ts';

export function refusal(status: number, message: string, errorType: string): HttpResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': errorType };
  return { status, headers, body: JSON.stringify({ Message: message }) };
}

/** What a client sees of a function that failed or whose answer is malformed. */
export const badGateway: HttpResponse = {
  status: 502,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'InternalServerErrorException' },
  body: 'Internal Server Error',
};

interface Metadata {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly cookies?: unknown;
}

export function bufferedResponse(payload: Buffer): HttpResponse {
  const text = payload.toString('utf8');
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    return badGateway;
  }
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
  const response = (isObject ? result : {}) as Metadata & { body?: unknown; isBase64Encoded?: unknown };
  if (response.statusCode === undefined) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: text };
  }
  const head = headOf(response);
  const { body = '' } = response;
  if (head === undefined || (body !== null && typeof body !== 'string')) return badGateway;
  return { ...head, body: response.isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? '') };
}

// The server frames the response: a function's own framing headers would break the connection.
const framing = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

function headOf({ statusCode = 200, headers = {}, cookies = [] }: Metadata): Omit<HttpResponse, 'body'> | undefined {
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (typeof headers !== 'object' || headers === null || !Array.isArray(cookies)) return undefined;
  const fields = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => !framing.has(name) && value !== null);
  if (fields.some(([, value]) => typeof value === 'object')) return undefined;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(fields.map(([name, value]) => [name, String(value)])),
      ...(cookies.length > 0 ? { 'set-cookie': cookies.map(String) } : {}),
    },
  };
}

const withMetadata = 'application/vnd.awslambda.http-integration-response';
/** Separates the metadata from the body. */
const separator = Buffer.alloc(8);
const metadataBytes = 1_048_576;

/** Passes a streamed answer to the client in chunks. */
export class StreamedResponse implements ResponseSink {
  readonly #outgoing: ServerResponse;
  readonly #finish: (response: Omit<HttpResponse, 'body'>) => Omit<HttpResponse, 'body'>;
  /** The metadata received so far; undefined once they are sent. */
  #prelude: Buffer | undefined = Buffer.alloc(0);
  #isBroken = false;

  /** `finish` adds the headers that are not the function's. */
  constructor(outgoing: ServerResponse, finish: (head: Omit<HttpResponse, 'body'>) => Omit<HttpResponse, 'body'>) {
    this.#outgoing = outgoing;
    this.#finish = finish;
  }

  /** Whether the client has received anything. */
  get hasBegun(): boolean {
    return this.#outgoing.headersSent;
  }

  begin(contentType: string): void {
    if (contentType === withMetadata) return;
    this.#prelude = undefined;
    this.#writeHead({ status: 200, headers: { 'content-type': contentType } });
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#isBroken) return;
    const body = this.#prelude === undefined ? chunk : this.#readPrelude(Buffer.concat([this.#prelude, chunk]));
    if (body === undefined || body.length === 0 || this.#outgoing.destroyed) return;
    if (this.#outgoing.write(body)) return;
    await new Promise<void>((done) => {
      this.#outgoing.once('drain', done);
      this.#outgoing.once('close', done);
    });
  }

  /** Undefined if nothing was sent or the metadata were malformed: then the caller answers. */
  end(): true | undefined {
    if (!this.hasBegun || this.#isBroken) return undefined;
    this.#outgoing.end();
    return true;
  }

  #readPrelude(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(separator);
    if (end < 0) {
      this.#prelude = bytes;
      this.#isBroken = bytes.length > metadataBytes;
      return undefined;
    }
    let head: Omit<HttpResponse, 'body'> | undefined;
    try {
      head = headOf(JSON.parse(bytes.toString('utf8', 0, end)) as Metadata);
    } catch {
      head = undefined;
    }
    if (head === undefined) {
      this.#isBroken = true;
      return undefined;
    }
    this.#prelude = undefined;
    this.#writeHead(head);
    return bytes.subarray(end + separator.length);
  }

  #writeHead(head: Omit<HttpResponse, 'body'>): void {
    const { status, headers } = this.#finish(head);
    try {
      this.#outgoing.writeHead(status, headers as Record<string, string | string[]>);
    } catch {
      // Node refuses invalid headers: the function's answer is malformed.
      this.#isBroken = true;
    }
  }
}

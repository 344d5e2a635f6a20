// The HTTP servers of HTTP APIs and function URLs, each on its own loopback port.
import { randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Upgrade } from './cloud.ts';
import type { Following } from './following.ts';

export interface HttpResponse {
  readonly status: number;
  /** The words after the status, if not its own. */
  readonly reason?: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | string;
}

const portAttempts = 20;

/** Below the ports that systems give to outgoing connections: an address must still be free when the local AWS starts again.
 * https://www.rfc-editor.org/rfc/rfc6335.html#section-6, and Linux's ip_local_port_range, which begins at 32768 */
const newPort = (): number => randomInt(20_000, 30_000);

export class HttpServers {
  readonly #following: Following;
  readonly #servers = new Map<string, Server>();

  constructor({ following }: { readonly following: Following }) {
    this.#following = following;
  }

  /** Starts a server under a name. Resolves to its port: the requested one, if it is free. */
  async open(
    name: string,
    port: number | undefined,
    answer: RequestListener,
    { upgrade }: { readonly upgrade?: (upgrade: Upgrade) => void } = {},
  ): Promise<number> {
    const server = createServer(this.#following.traced(answer));
    if (upgrade !== undefined) server.on('upgrade', (incoming, socket, head) => upgrade({ incoming, socket, head }));
    server.keepAliveTimeout = 75_000;
    const preferred = port === undefined ? [] : [port];
    for (const candidate of [...preferred, ...Array.from({ length: portAttempts }, newPort), 0]) {
      try {
        await listen(server, candidate);
        break;
      } catch (error) {
        if (candidate === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    this.#servers.set(name, server);
    return (server.address() as AddressInfo).port;
  }

  async close(name: string): Promise<void> {
    const server = this.#servers.get(name);
    this.#servers.delete(name);
    if (server === undefined) return;
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((name) => this.close(name)));
  }
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

/** The parts of a request that an event contains, without decoding. */
export function requestFacts(incoming: IncomingMessage) {
  const [, rawPath = '/', rawQuery = ''] = /^([^?]*)\??(.*)$/s.exec(incoming.url ?? '/') ?? [];
  return {
    method: incoming.method ?? 'GET',
    rawPath,
    rawQuery,
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: (incoming.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    headers: headerPairs(incoming),
  };
}

function headerPairs({ rawHeaders }: IncomingMessage): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([(rawHeaders[i] ?? '').toLowerCase(), rawHeaders[i + 1] ?? '']);
  }
  return pairs;
}

/** Reads the whole body. Undefined if it exceeds the limit. */
export async function readBody(incoming: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  if (!hasBody(incoming)) {
    incoming.resume();
    return Buffer.alloc(0);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((done, fail) => {
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostBytes) chunks.push(chunk);
    });
    incoming.once('end', done);
    incoming.once('error', fail);
  });
  return size <= mostBytes ? Buffer.concat(chunks) : undefined;
}

/** One of these headers announces a body: https://www.rfc-editor.org/rfc/rfc9112.html#section-6 */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** The message for an error of the local AWS itself, not of the function. */
export function faultMessage(error: unknown): string {
  return `fault in the fx local AWS: ${error instanceof Error ? error.message : String(error)}`;
}

/** Sends the response, or `malformed` if Node rejects a header as invalid. Both get the headers in `always`. */
export function sendResponse(
  { incoming, outgoing }: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
  response: HttpResponse,
  { malformed, always }: { readonly malformed: HttpResponse; readonly always: Readonly<Record<string, string>> },
): void {
  const send = ({ status, reason, headers, body }: HttpResponse) => {
    const hasBody = status !== 204 && status !== 304;
    if (reason !== undefined) outgoing.statusMessage = reason;
    outgoing.writeHead(status, {
      ...(headers as Record<string, string | string[]>),
      ...always,
      ...(hasBody ? { 'content-length': Buffer.byteLength(body) } : {}),
    });
    outgoing.end(hasBody && incoming.method !== 'HEAD' ? body : undefined);
  };
  try {
    send(response);
  } catch {
    send(malformed);
  }
}

// One port for HTTP/1.1 and for HTTP/2 without TLS: the SDK's Kinesis client speaks only the latter.
// https://www.rfc-editor.org/rfc/rfc9113.html#section-3.3
import type { Server } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer, type Server as NetServer, type Socket } from 'node:net';

/** How every HTTP/2 connection begins. */
const preface = Buffer.from('PRI * HTTP/2');

export interface Front {
  readonly server: NetServer;
  closeAllConnections(): void;
}

/** Hands each connection to `http1`, or to an HTTP/2 server with the same handlers of requests. */
export function frontOf(http1: Server): Front {
  const sockets = new Set<Socket>();
  let http2: Http2Server | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // until its server has it
    const ignore = () => undefined;
    socket.on('error', ignore);
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      const isHttp2 = first.length >= preface.length && first.subarray(0, preface.length).equals(preface);
      if (isHttp2) http2 ??= http2Beside(http1);
      (isHttp2 ? http2 : http1)?.emit('connection', socket);
      socket.removeListener('error', ignore);
    });
  });
  return {
    server,
    closeAllConnections() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function http2Beside(http1: Server): Http2Server {
  return createHttp2Server((request: Http2ServerRequest, response: Http2ServerResponse) => {
    // https://www.rfc-editor.org/rfc/rfc9113.html#section-8.3.1: in place of the header
    request.headers.host ??= request.authority;
    http1.emit('request', request, response);
  });
}

// The connections of WebSocket APIs: handshakes, messages to the functions of their routes, and messages to clients.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Cancel } from '../clock.ts';
import type { MappedApi, Upgrade } from '../cloud.ts';
import { requestFacts } from '../http-servers.ts';
import { isLoopbackHost } from '../loopback.ts';
import { randomBase64 } from '../random.ts';
import type { DataPlane } from './respond.ts';
import type { Api, ApiContext, Route, Served, Stage } from './state.ts';
import { type Answer, callRoute } from './web-socket-call.ts';
import { admit } from './web-socket-connect.ts';
import { type Connection, type EventKind, socketEvent } from './web-socket-event.ts';
import { frameLengths } from './web-socket-frames.ts';

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
export const messageBytes = 128 * 1024;
const frameBytes = 32 * 1024;
const idleMs = 10 * 60 * 1000;
const longestMs = 2 * 3600 * 1000;

export interface Open {
  readonly connection: Connection;
  readonly socket: WebSocket;
  lastActiveAt: number;
  cancelIdle: Cancel;
  readonly cancelLongest: Cancel;
}

export class WebSockets {
  readonly #context: ApiContext;
  readonly #plane: DataPlane;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: messageBytes, handleProtocols: () => false });
  /** By the id of the connection. */
  readonly #open = new Map<string, Open>();

  constructor(context: ApiContext, plane: DataPlane) {
    this.#context = context;
    this.#plane = plane;
  }

  /** Not one that is ending. */
  find(apiId: string, connectionId: string): Open | undefined {
    const open = this.#open.get(connectionId);
    const isOpen = open?.socket.readyState === WebSocket.OPEN;
    return isOpen && open.connection.api.id === apiId ? open : undefined;
  }

  /** Ends the connections of an API that goes away, or all. */
  closeAll(apiId?: string): void {
    for (const { connection, socket, cancelIdle, cancelLongest } of this.#open.values()) {
      if (apiId !== undefined && connection.api.id !== apiId) continue;
      cancelIdle();
      cancelLongest();
      this.#open.delete(connection.id);
      socket.terminate();
    }
  }

  /** Sends to a client, which counts as activity. */
  send(open: Open, data: string): void {
    this.#touch(open);
    open.socket.send(data);
  }

  upgrade(apiId: string, upgrade: Upgrade, mapped?: MappedApi): void {
    // a client that leaves during the handshake is not an error
    upgrade.socket.on('error', () => upgrade.socket.destroy());
    this.#connect(apiId, upgrade, mapped).catch(() => refuse(upgrade.socket, 500));
  }

  async #connect(apiId: string, upgrade: Upgrade, mapped: MappedApi | undefined): Promise<void> {
    const { cloud } = this.#context;
    const api = this.#context.apis.get(apiId);
    const place = api === undefined ? undefined : placeOf(api, upgrade.incoming, mapped);
    if (api === undefined || place === undefined || !isLoopbackHost(upgrade.incoming.headers.host)) {
      return refuse(upgrade.socket, 403);
    }
    const { stage, served } = place;
    const limits = stage.limits;
    if (limits?.rate !== undefined) {
      const limit = { rate: limits.rate, burst: limits.burst ?? limits.rate };
      if (!this.#plane.throttle.admits(`${apiId}/${stage.name}/$connect`, limit, cloud.now())) {
        return refuse(upgrade.socket, 429);
      }
    }
    const bare = connectionOf(api, stage, upgrade.incoming, {
      accountId: cloud.accountId,
      region: cloud.region,
      now: cloud.now(),
    });
    const route = routeOf(served, '$connect');
    const admission = await admit(cloud, bare, route, served.authorizers ?? {});
    if (!admission.admitted) return refuse(upgrade.socket, admission.status);
    const connection: Connection = { ...bare, authorizer: admission.authorizer };
    const answer = await this.#run(served, connection, { routeKey: '$connect', kind: { type: 'CONNECT' } });
    const status = answer === undefined ? 200 : answer.status;
    if (status < 200 || status > 299) return refuse(upgrade.socket, status);
    if (upgrade.socket.destroyed) return;
    const protocol = Object.entries(answer?.headers ?? {}).find(
      ([name]) => name.toLowerCase() === 'sec-websocket-protocol',
    );
    const addProtocol = (lines: string[]) => {
      if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol[1]}`);
    };
    this.#server.once('headers', addProtocol);
    this.#server.handleUpgrade(upgrade.incoming, upgrade.socket, upgrade.head, (socket) => {
      this.#opened(connection, socket);
      // browsers send a message in one frame, whatever its size
      const measure = frameLengths((length) => {
        if (length > frameBytes) socket.close(1009, 'Message too big');
      });
      // before ws reads the same bytes
      upgrade.socket.prependListener('data', measure);
    });
    this.#server.removeListener('headers', addProtocol);
  }

  #opened(connection: Connection, socket: WebSocket): void {
    const { cloud } = this.#context;
    const open: Open = {
      connection,
      socket,
      lastActiveAt: cloud.now(),
      cancelIdle: () => undefined,
      cancelLongest: cloud.after(longestMs, () => socket.close(1001, 'Going away')),
    };
    this.#open.set(connection.id, open);
    this.#touch(open);
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (socket.readyState !== socket.OPEN) return;
      this.#touch(open);
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-binary-media-types.html
      if (isBinary) socket.close(1003, 'Unsupported Data');
      else void this.#received(open, data.toString('utf8'));
    });
    // ws closes the socket after an error
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      open.cancelIdle();
      open.cancelLongest();
      if (!this.#open.delete(connection.id)) return;
      const kind: EventKind = { type: 'DISCONNECT', code, reason: reason.toString() };
      const served = this.#servedBy(connection);
      if (served !== undefined) void this.#run(served, connection, { routeKey: '$disconnect', kind });
    });
  }

  #touch(open: Open): void {
    const { cloud } = this.#context;
    open.lastActiveAt = cloud.now();
    open.cancelIdle();
    open.cancelIdle = cloud.after(idleMs, () => open.socket.close(1001, 'Going away'));
  }

  #servedBy({ api, stage }: Connection): Served | undefined {
    const current = this.#context.apis.get(api.id);
    const found = current?.stages[stage.name];
    return current && found && servedIn(current, found);
  }

  async #received(open: Open, text: string): Promise<void> {
    const { connection, socket } = open;
    const served = this.#servedBy(connection);
    const api = this.#context.apis.get(connection.api.id);
    if (served === undefined || api === undefined) return socket.close(1001, 'Going away');
    const selected = selectedKey(api.routeSelection ?? '', text);
    const route = (selected === undefined ? undefined : routeOf(served, selected)) ?? routeOf(served, '$default');
    const requestId = randomBase64(11);
    const tell = (message: string) =>
      this.send(open, JSON.stringify({ message, connectionId: connection.id, requestId }));
    if (route === undefined || route.key === '$connect' || route.key === '$disconnect') return tell('Forbidden');
    const kind: EventKind = { type: 'MESSAGE', messageId: randomBase64(11) };
    const answer = await this.#run(served, connection, { routeKey: route.key, kind }, text);
    if (socket.readyState !== socket.OPEN) return;
    if (answer === undefined || answer.failed) return tell('Internal server error');
    const responds = route.responds === true && Object.keys(route.responses ?? {}).length > 0;
    if (responds && answer.body !== undefined) this.send(open, answer.body);
  }

  /** Calls the function of a route. Undefined without a function. */
  async #run(
    served: Served,
    connection: Connection,
    what: { readonly routeKey: string; readonly kind: EventKind },
    body?: string,
  ): Promise<Answer | undefined> {
    const route = routeOf(served, what.routeKey);
    const integration = served.integrations[route?.target?.replace(/^integrations\//, '') ?? ''];
    if (route === undefined || integration === undefined) return undefined;
    const { cloud } = this.#context;
    const now = cloud.now();
    const event = socketEvent(connection, { ...what, now }, body);
    const answer = await callRoute(cloud, connection, { key: route.key, integration, event });
    await this.#plane.accessLogs.write(this.#stageOf(connection), {
      ...flat(event.requestContext),
      status: answer.status,
      integrationLatency: cloud.now() - now,
      integrationErrorMessage: answer.error,
    });
    return answer;
  }

  #stageOf({ api, stage }: Connection): Pick<Stage, 'accessLog'> {
    return this.#context.apis.get(api.id)?.stages[stage.name] ?? {};
  }
}

function routeOf(served: Served, key: string): Route | undefined {
  return Object.values(served.routes).find((route) => route.key === key);
}

function servedIn(api: Api, stage: Stage): Served | undefined {
  return stage.autoDeploy ? api : api.deployments[stage.deploymentId ?? '']?.served;
}

/** The stage that the path, or the mapping of a domain, names. */
function placeOf(api: Api, { url = '/' }: IncomingMessage, mapped: MappedApi | undefined) {
  if (mapped === undefined && api.endpointDisabled === true) return undefined;
  const name = mapped?.stage ?? /^\/([^/?]+)\/?(?:\?|$)/.exec(url)?.[1] ?? '';
  const stage = Object.hasOwn(api.stages, name) ? api.stages[name] : undefined;
  const served = stage && servedIn(api, stage);
  return stage && served && { stage, served };
}

/** The value that `$request.body.action` selects in a message of JSON. */
function selectedKey(expression: string, text: string): string | undefined {
  const path = /^\$\{?request\.body\.([\w.]+)\}?$/.exec(expression)?.[1]?.split('.') ?? [];
  try {
    let value: unknown = JSON.parse(text);
    for (const part of path) value = (value as Record<string, unknown> | null)?.[part];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  } catch {
    return undefined;
  }
}

function connectionOf(
  api: Api,
  stage: Stage,
  incoming: IncomingMessage,
  { accountId, region, now }: { readonly accountId: string; readonly region: string; readonly now: number },
): Connection {
  const { rawHeaders } = incoming;
  const { sourceIp, rawQuery } = requestFacts(incoming);
  const names = rawHeaders.filter((_, i) => i % 2 === 0);
  return {
    id: randomBase64(11),
    api: { id: api.id },
    stage: { name: stage.name, variables: stage.variables },
    accountId,
    region,
    host: incoming.headers.host ?? '',
    sourceIp,
    headers: names.map((name, i) => [name, rawHeaders[2 * i + 1] ?? ''] as const),
    rawQuery,
    connectedAt: now,
    authorizer: undefined,
  };
}

function flat(context: object): Record<string, string | number | undefined> {
  return Object.fromEntries(
    Object.entries(context).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value as object).map(([inner, text]) => [`${name}.${inner}`, String(text)])
        : [[name, value as string | number]],
    ),
  );
}

/** Ends a handshake without a connection. */
function refuse(socket: Duplex, status: number): void {
  const messages: Readonly<Record<number, string>> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    429: 'Too Many Requests',
  };
  const body = JSON.stringify({
    message: messages[status] ?? 'Internal server error',
    connectionId: randomBase64(11),
    requestId: randomBase64(11),
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

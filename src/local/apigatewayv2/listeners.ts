// The data plane of HTTP and WebSocket APIs: each API listens on its own loopback port, and answers under its host name on the port of the local AWS.
import { apiHost } from '../addresses.ts';
import type { Exchange, MappedApi, Upgrade } from '../cloud.ts';
import { faultMessage, type HttpResponse, HttpServers, sendResponse } from '../http-servers.ts';
import { isLoopbackHost } from '../loopback.ts';
import { randomBase64 } from '../random.ts';
import { Throttle } from '../throttle.ts';
import { AccessLogs } from './access-log.ts';
import { manageConnection } from './connections.ts';
import { type DataPlane, respond } from './respond.ts';
import { failure, internalServerError } from './response.ts';
import { type ApiContext, isWebSocket } from './state.ts';
import { WebSockets } from './web-sockets.ts';

export class Listeners {
  readonly #context: ApiContext;
  readonly #servers: HttpServers;
  readonly #plane: DataPlane;
  readonly #sockets: WebSockets;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#servers = new HttpServers(context.cloud);
    this.#plane = { cloud: context.cloud, throttle: new Throttle(), accessLogs: new AccessLogs(context.cloud) };
    this.#sockets = new WebSockets(context, this.#plane);
  }

  /** Listens for an API and resolves to its port: the preferred one, if it is free. */
  async open(apiId: string, preferredPort: number | undefined, protocol: 'HTTP' | 'WEBSOCKET'): Promise<number> {
    const { cloud } = this.#context;
    const port = await this.#servers.open(
      apiId,
      preferredPort,
      (incoming, outgoing) => this.answer(apiId, { incoming, outgoing }),
      {
        ...(protocol === 'HTTP' ? {} : { upgrade: (upgrade) => this.#sockets.upgrade(apiId, upgrade) }),
      },
    );
    cloud.addresses.set(apiHost(apiId, cloud.region), port);
    return port;
  }

  close(apiId: string): Promise<void> {
    const { cloud } = this.#context;
    cloud.addresses.delete(apiHost(apiId, cloud.region));
    this.#plane.throttle.forget(`${apiId}/`);
    this.#sockets.closeAll(apiId);
    return this.#servers.close(apiId);
  }

  closeAll(): Promise<void> {
    this.#sockets.closeAll();
    return this.#servers.closeAll();
  }

  /** Opens a connection to a WebSocket API. */
  upgrade(apiId: string, upgrade: Upgrade, mapped?: MappedApi): void {
    this.#sockets.upgrade(apiId, upgrade, mapped);
  }

  answer(apiId: string, exchange: Exchange, mapped?: MappedApi): void {
    void this.#answer(apiId, exchange, mapped);
  }

  async #answer(apiId: string, { incoming, outgoing }: Exchange, mapped: MappedApi | undefined): Promise<void> {
    const requestId = randomBase64(11);
    let response: HttpResponse;
    try {
      const api = this.#context.apis.get(apiId);
      if (!isLoopbackHost(incoming.headers.host)) response = failure(403, 'Forbidden');
      else if (api === undefined) response = failure(404, 'Not Found');
      else if (isWebSocket(api)) response = await manageConnection(this.#context, api, this.#sockets, incoming);
      else response = await respond(this.#plane, api, incoming, { requestId, mapped });
    } catch (error) {
      response = failure(500, faultMessage(error));
    }
    const always = { 'apigw-requestid': requestId };
    sendResponse({ incoming, outgoing }, response, { malformed: internalServerError, always });
  }
}

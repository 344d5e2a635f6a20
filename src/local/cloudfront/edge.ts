// The loopback ports of distributions. Each has an address under the distribution's domain name, so that outputs with it work here.
import type { Exchange } from '../cloud.ts';
import { faultMessage, type HttpResponse, HttpServers, sendResponse } from '../http-servers.ts';
import { isLoopbackHost } from '../loopback.ts';
import { failure } from './origins.ts';
import { respond } from './serve.ts';
import type { CloudFrontContext, Distribution } from './state.ts';

export class Edge {
  readonly #context: CloudFrontContext;
  readonly #servers: HttpServers;

  constructor(context: CloudFrontContext) {
    this.#context = context;
    this.#servers = new HttpServers(context.cloud);
  }

  /** Listens, on the same loopback port as before if it is free. */
  async open({ id, domainName }: Distribution): Promise<void> {
    const { ports, cloud } = this.#context;
    const port = await this.#servers.open(
      id,
      ports.get(id),
      (incoming, outgoing) => void this.#answer(id, { incoming, outgoing }),
    );
    ports.set(id, port);
    cloud.addresses.set(domainName, port);
  }

  async close({ id, domainName }: Distribution): Promise<void> {
    this.#context.ports.delete(id);
    this.#context.cloud.addresses.delete(domainName);
    await this.#servers.close(id);
  }

  closeAll(): Promise<void> {
    return this.#servers.closeAll();
  }

  async #answer(id: string, exchange: Exchange): Promise<void> {
    let response: HttpResponse;
    try {
      const distribution = this.#context.distributions.get(id);
      if (!isLoopbackHost(exchange.incoming.headers.host)) response = failure(403, 'Forbidden');
      else if (distribution?.config.Enabled !== true) response = failure(403, 'The distribution is not enabled.');
      else response = await respond(this.#context, distribution, exchange.incoming);
    } catch (error) {
      response = failure(500, faultMessage(error));
    }
    sendResponse(exchange, response, { malformed: failure(502, 'The origin sent an invalid header.'), always: {} });
  }
}

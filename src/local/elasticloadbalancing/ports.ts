// The loopback ports of listeners. Each has an address under the DNS name of its load balancer, so that outputs with it work here.

import type { Exchange } from '../cloud.ts';
import { faultMessage, type HttpResponse, HttpServers, sendResponse } from '../http-servers.ts';
import { isLoopbackHost } from '../loopback.ts';
import { badGateway, failure } from './response.ts';
import { respond } from './serve.ts';
import { type BalancerContext, type Listener, rulesOf } from './state.ts';

export class Ports {
  readonly #context: BalancerContext;
  readonly #servers: HttpServers;

  constructor(context: BalancerContext) {
    this.#context = context;
    this.#servers = new HttpServers(context.cloud);
  }

  /** Listens, on the same loopback port as before if it is free, and saves the listener. */
  async open(listener: Listener): Promise<Listener> {
    const localPort = await this.#servers.open(
      listener.arn,
      listener.localPort === 0 ? undefined : listener.localPort,
      (incoming, outgoing) => void this.#answer(listener.arn, { incoming, outgoing }),
    );
    const opened = { ...listener, localPort };
    this.#context.listeners.set(listener.arn, opened);
    this.#announce(opened);
    return opened;
  }

  /** Saves a listener with another protocol or port: it stays where it is on this machine. */
  async move(before: Listener, after: Listener): Promise<void> {
    this.#withdraw(before);
    this.#context.listeners.set(after.arn, after);
    this.#announce(after);
  }

  /** Deletes a listener with its rules. */
  async remove(listener: Listener): Promise<void> {
    for (const { arn } of rulesOf(this.#context, listener.arn)) {
      this.#context.rules.delete(arn);
      this.#context.tags.delete(arn);
    }
    this.#context.listeners.delete(listener.arn);
    this.#context.tags.delete(listener.arn);
    this.#withdraw(listener);
    await this.#servers.close(listener.arn);
  }

  closeAll(): Promise<void> {
    return this.#servers.closeAll();
  }

  #announce({ loadBalancerArn, port, localPort }: Listener): void {
    const name = this.#context.balancers.get(loadBalancerArn)?.dnsName;
    if (name !== undefined) this.#context.cloud.addresses.set(name, localPort, port);
  }

  #withdraw({ loadBalancerArn, port }: Listener): void {
    const name = this.#context.balancers.get(loadBalancerArn)?.dnsName;
    if (name !== undefined) this.#context.cloud.addresses.delete(name, port);
  }

  async #answer(arn: string, exchange: Exchange): Promise<void> {
    let response: HttpResponse;
    try {
      const listener = this.#context.listeners.get(arn);
      if (!isLoopbackHost(exchange.incoming.headers.host)) response = failure(403);
      else if (listener === undefined) response = failure(503);
      else response = await respond(this.#context, listener, exchange.incoming);
    } catch (error) {
      response = { ...failure(500), body: faultMessage(error) };
    }
    sendResponse(exchange, response, { malformed: badGateway, always: {} });
  }
}

// One region of the local account. A service starts on its first call, or at once if its saved state has something to run.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { Addresses } from './addresses.ts';
import { Arrivals } from './arrivals.ts';
import type { Clock } from './clock.ts';
import {
  AwsError,
  type Blobs,
  type Cloud,
  type Credentials,
  type Principal,
  type Request,
  type Service,
  type ServiceName,
} from './cloud.ts';
import type { Following } from './following.ts';
import { services } from './index.ts';
import { perform } from './operation.ts';
import type { Pauses } from './pauses.ts';
import type { Store } from './store.ts';

export interface RegionParts {
  readonly accountId: string;
  readonly region: string;
  readonly endpoint: string;
  readonly directory: string;
  readonly codeDirectory: string;
  readonly store: Store;
  readonly globalStore: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly following: Following;
  readonly pauses: Pauses;
  credentialsFor(role: string, session: string): Credentials;
  principalOf(accessKeyId: string): Principal;
  inRegion(name: string): Promise<Cloud>;
}

export const user: Principal = { kind: 'user' };
/** An in-process caller never disconnects. */
const neverAborted = new AbortController().signal;

export class Region {
  readonly cloud: Cloud;
  readonly #store: Store;
  readonly #running = new Map<ServiceName, Promise<Service>>();
  #isStopped = false;

  constructor(parts: RegionParts) {
    const {
      accountId,
      region,
      endpoint,
      directory,
      codeDirectory,
      blobs,
      store,
      globalStore,
      clock,
      following,
      pauses,
    } = parts;
    mkdirSync(directory, { recursive: true });
    this.#store = store;
    this.cloud = {
      accountId,
      region,
      endpoint,
      directory,
      codeDirectory,
      blobs,
      addresses: new Addresses(),
      arrivals: new Arrivals(),
      following,
      pauses,
      collection: (name) => store.collection(name),
      globalCollection: (name) => globalStore.collection(name),
      now: () => clock.now(),
      after: (ms, run) => clock.after(ms, run),
      skew: () => clock.skew(),
      credentialsFor: parts.credentialsFor,
      principalOf: parts.principalOf,
      inRegion: (name) => (name === region ? Promise.resolve(this.cloud) : parts.inRegion(name)),
      call: async (service, operation, input, principal = user) => {
        const request: Request = { principal, requestId: randomUUID(), signal: neverAborted };
        const called = { service, name: operation };
        // a call by name loses the type of the operation
        return (await perform(this.cloud, await this.service(service), called, { input, request })) as never;
      },
    };
  }

  /** The service; started if necessary, refused with `ServiceUnavailable` after the region has stopped. */
  service(name: ServiceName): Promise<Service> {
    let service = this.#running.get(name);
    if (service === undefined) {
      if (this.#isStopped)
        return Promise.reject(new AwsError('ServiceUnavailable', 'the fx local AWS has stopped', 503));
      service = this.#start(name);
      this.#running.set(name, service);
    }
    return service;
  }

  async #start(name: ServiceName): Promise<Service> {
    const service = await services[name].create(this.cloud);
    await service.start?.();
    return service;
  }

  /** Starts the services that have something to run. */
  async resume(): Promise<void> {
    const names = Object.keys(services) as ServiceName[];
    const running = names.filter((name) => services[name].runs?.some((collection) => this.#store.has(collection)));
    await Promise.all(running.map((name) => this.service(name)));
  }

  async stop(): Promise<void> {
    const stopped = new Set<Service>();
    // a service that stops may call one that did not run yet
    while (stopped.size < this.#running.size) {
      const running = (await Promise.all(this.#running.values())).filter((service) => !stopped.has(service));
      await Promise.all(running.map((service) => service.stop?.()));
      for (const service of running) stopped.add(service);
    }
    this.#isStopped = true;
  }
}

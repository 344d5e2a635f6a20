// Holds the embedded AWS together: one account, its regions, their services and kept state, behind one loopback port.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlobs } from './blobs.ts';
import { AdjustableClock, type Clock } from './clock.ts';
import {
  AwsError,
  type Blobs,
  type Cloud,
  type Operations,
  type Principal,
  type Request,
  type Service,
  type ServiceName,
} from './cloud.ts';
import { services } from './index.ts';
import { type Listener, listen } from './server.ts';
import { Store } from './store.ts';

/** An account number that no real account has, so that nobody takes a local ARN for a real one. */
const localAccountId = '000000000000';
const user: Principal = { kind: 'user' };
/** In process the caller never goes away. */
const neverAborted = new AbortController().signal;

export interface LocalAwsOptions {
  /** Where state is kept between runs; without it nothing outlives `stop`. */
  readonly folder?: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly accountId?: string;
  /** The machine's clock, unless a test brings its own. */
  readonly clock?: Clock;
}

export interface LocalAws {
  readonly endpoint: string;
  readonly port: number;
  readonly accountId: string;
  cloud(region?: string): Promise<Cloud>;
  /** Ends every function, poller and listener, and writes what is not yet written. */
  stop(): Promise<void>;
}

type RunningServices = ReadonlyMap<ServiceName, Service>;

/** Starts the local AWS on loopback; resolves once it answers. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'fx-local-aws-'));
  mkdirSync(folder, { recursive: true });
  const accountId = options.accountId ?? localAccountId;
  const clock = options.clock ?? new AdjustableClock();
  const kept = (path: string) => new Store(options.folder === undefined ? undefined : join(folder, 'state', path));
  const globalStore = kept('global');
  const stores: Store[] = [globalStore];
  const blobs = createBlobs(join(folder, 'blobs'));
  const regions = new Map<string, Promise<{ cloud: Cloud; running: RunningServices }>>();
  let listener: Listener;

  const region = (name: string) => {
    let entry = regions.get(name);
    if (entry === undefined) {
      const store = kept(join('regions', name));
      stores.push(store);
      entry = startRegion({
        accountId,
        region: name,
        endpoint: listener.endpoint,
        directory: join(folder, 'regions', name),
        store,
        globalStore,
        blobs,
        clock,
      });
      regions.set(name, entry);
    }
    return entry;
  };

  listener = await listen(options.port ?? 0, {
    accountId,
    operation: async (regionName, service, operation) => {
      const { running } = await region(regionName);
      return operationOf(running, service, operation);
    },
  });
  const known = join(folder, 'state', 'regions');
  try {
    await Promise.all((existsSync(known) ? readdirSync(known) : []).map(region));
  } catch (error) {
    await listener.close();
    throw error;
  }

  return {
    endpoint: listener.endpoint,
    port: listener.port,
    accountId,
    cloud: async (name = 'us-east-1') => (await region(name)).cloud,
    stop: async () => {
      await listener.close();
      const started = await Promise.all(regions.values());
      for (const { running } of started) await Promise.all([...running.values()].map((service) => service.stop?.()));
      for (const store of stores) store.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface RegionParts {
  readonly accountId: string;
  readonly region: string;
  readonly endpoint: string;
  readonly directory: string;
  readonly store: Store;
  readonly globalStore: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
}

async function startRegion(parts: RegionParts): Promise<{ cloud: Cloud; running: RunningServices }> {
  const running = new Map<ServiceName, Service>();
  mkdirSync(parts.directory, { recursive: true });
  const cloud: Cloud = {
    accountId: parts.accountId,
    region: parts.region,
    endpoint: parts.endpoint,
    directory: parts.directory,
    blobs: parts.blobs,
    collection: (name) => parts.store.collection(name),
    globalCollection: (name) => parts.globalStore.collection(name),
    now: () => parts.clock.now(),
    after: (ms, run) => parts.clock.after(ms, run),
    skew: () => parts.clock.skew(),
    call: async (service, operation, input, principal = user) => {
      const request: Request = { principal, requestId: randomUUID(), signal: neverAborted };
      // The table's types tie a service's name to its operations; reached by name, that tie is lost and stated again here.
      return (await operationOf(running, service, operation)(input, request)) as never;
    },
  };
  for (const name of Object.keys(services) as ServiceName[]) running.set(name, await services[name](cloud));
  await Promise.all([...running.values()].map((service) => service.start?.()));
  return { cloud, running };
}

type AnyOperation = (input: unknown, request: Request) => unknown;

function operationOf(running: RunningServices, service: ServiceName, operation: string): AnyOperation {
  const operations = running.get(service)?.operations as Operations<ServiceName> &
    Record<string, AnyOperation | undefined>;
  const found = operations[operation];
  if (found === undefined) {
    throw new AwsError('NotImplemented', `${service}:${operation} is not implemented by the fx local AWS`, 501);
  }
  return found;
}

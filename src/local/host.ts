// The embedded AWS as a whole: one account with its regions, services and saved state, on one loopback port.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerHost, upgradeHost } from './api-hosts.ts';
import { createBlobs } from './blobs.ts';
import { AdjustableClock, type Clock } from './clock.ts';
import type { Cloud } from './cloud.ts';
import { makeCodePlace, provideSdk, removeCodePlace } from './code-place.ts';
import { Following } from './following.ts';
import { perform } from './operation.ts';
import { Pauses } from './pauses.ts';
import { Region, user } from './region.ts';
import { RoleSessions } from './role-sessions.ts';
import { type Listener, listen } from './server.ts';
import { Store } from './store.ts';

/** Not a real account number, so that nobody mistakes a local ARN for a real one. */
const localAccountId = '000000000000';

export interface LocalAwsOptions {
  /** The folder for persistent state. Without it, `stop` discards everything. */
  readonly folder?: string;
  /** An @aws-sdk folder with what Lambda's Node.js runtimes have, which functions then find. */
  readonly sdk?: string;
  /** 0 or undefined: any free port. */
  readonly port?: number;
  readonly accountId?: string;
  /** The machine's clock by default; tests pass their own. */
  readonly clock?: Clock;
}

export interface LocalAws {
  readonly endpoint: string;
  readonly port: number;
  readonly accountId: string;
  cloud(region?: string): Promise<Cloud>;
  /** Stops every function, poller and listener, and writes pending changes. */
  stop(): Promise<void>;
}

/** Starts the local AWS on loopback. Resolves when it answers. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'fx-local-aws-'));
  mkdirSync(folder, { recursive: true });
  const accountId = options.accountId ?? localAccountId;
  const clock = options.clock ?? new AdjustableClock();
  const storeAt = (path: string) => new Store(options.folder === undefined ? undefined : join(folder, 'state', path));
  const globalStore = storeAt('global');
  const stores: Store[] = [globalStore];
  const codePlace = makeCodePlace(folder);
  if (options.sdk !== undefined) provideSdk(codePlace, options.sdk);
  const blobs = createBlobs(join(folder, 'blobs'));
  const following = new Following();
  const pauses = new Pauses();
  const regions = new Map<string, Promise<Region>>();
  const sessions = new RoleSessions();
  const principalOf = (accessKeyId: string) => sessions.principalOf(accessKeyId) ?? user;
  let listener: Listener;

  const region = (name: string): Promise<Region> => {
    let entry = regions.get(name);
    if (entry === undefined) {
      const store = storeAt(join('regions', name));
      stores.push(store);
      const started = new Region({
        accountId,
        region: name,
        endpoint: listener.endpoint,
        directory: join(folder, 'regions', name),
        codeDirectory: join(codePlace, name),
        store,
        globalStore,
        blobs,
        clock,
        following,
        pauses,
        credentialsFor: (role, session) => sessions.credentialsFor(role, session),
        principalOf,
        inRegion: async (other) => (await region(other)).cloud,
      });
      entry = started.resume().then(() => started);
      regions.set(name, entry);
    }
    return entry;
  };

  listener = await listen(options.port ?? 0, {
    accountId,
    blobs,
    principalOf,
    following,
    cloud: async (name) => (await region(name)).cloud,
    answerHost: (host, exchange) => answerHost(regions, host, exchange),
    upgradeHost: (host, upgrade) => upgradeHost(regions, host, upgrade),
    perform: async (regionName, called, call) => {
      const started = await region(regionName);
      return perform(started.cloud, await started.service(called.service), called, call);
    },
  });
  const regionsFolder = join(folder, 'state', 'regions');
  try {
    await Promise.all((existsSync(regionsFolder) ? readdirSync(regionsFolder) : []).map(region));
  } catch (error) {
    await listener.close();
    removeCodePlace(folder);
    throw error;
  }

  return {
    endpoint: listener.endpoint,
    port: listener.port,
    accountId,
    cloud: async (name = 'us-east-1') => (await region(name)).cloud,
    stop: async () => {
      await listener.close();
      for (const started of await Promise.all(regions.values())) await started.stop();
      for (const store of stores) store.close();
      removeCodePlace(folder);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

// The embedded AWS as a whole: one account with its regions, services and saved state, on one loopback port.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerHost, upgradeHost } from './api-hosts.ts';
import { createBlobs } from './blobs.ts';
import { AdjustableClock, type Clock } from './clock.ts';
import { AwsError, type Cloud } from './cloud.ts';
import { makeCodePlace, provideSdk, removeCodePlace } from './code-place.ts';
import { Following } from './following.ts';
import { perform } from './operation.ts';
import { Pauses } from './pauses.ts';
import { Region, user } from './region.ts';
import { RoleSessions } from './role-sessions.ts';
import { type Listener, listen } from './server.ts';
import { type SavedRecords, Store } from './store.ts';

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
  /** Called whenever the clock has moved. */
  readonly moved?: (skewMs: number) => void;
}

export interface LocalAws {
  readonly endpoint: string;
  readonly port: number;
  readonly accountId: string;
  cloud(region?: string): Promise<Cloud>;
  /** Keeps all that is there now, for `reset`. */
  save(): Promise<void>;
  /** Makes all as it was when it was saved last; code that runs ends. The time stays. Rejects with NotSaved if nothing was saved. */
  reset(): Promise<void>;
  /** Moves the clock on. What falls due meanwhile happens, each at its own time. */
  advance(ms: number): Promise<void>;
  now(): number;
  /** Stops every function, poller and listener, and writes pending changes. */
  stop(): Promise<void>;
}

interface Saved {
  /** By region; '' for what is of no region. */
  readonly records: ReadonlyMap<string, SavedRecords>;
  readonly regions: readonly string[];
}

function copied(from: string, to: string): void {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}

/** Starts the local AWS on loopback. Resolves when it answers. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'fx-local-aws-'));
  mkdirSync(folder, { recursive: true });
  const accountId = options.accountId ?? localAccountId;
  const clock = options.clock ?? new AdjustableClock();
  const storeAt = (path: string) => new Store(options.folder === undefined ? undefined : join(folder, 'state', path));
  const globalStore = storeAt('global');
  const stores = new Map<string, Store>([['', globalStore]]);
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
      const store = stores.get(name) ?? storeAt(join('regions', name));
      stores.set(name, store);
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

  let saved: Saved | undefined;
  const savedLogs = join(folder, 'saved-logs');
  const logsOf = (name: string) => join(folder, 'regions', name, 'logs');
  const stopRegions = async () => {
    for (const started of await Promise.all(regions.values())) await started.stop();
  };
  const save = async () => {
    saved = {
      records: new Map([...stores].map(([name, store]) => [name, store.save()])),
      regions: [...regions.keys()],
    };
    rmSync(savedLogs, { recursive: true, force: true });
    for (const name of saved.regions) copied(logsOf(name), join(savedLogs, name));
  };
  const reset = async () => {
    if (saved === undefined) throw new AwsError('NotSaved', 'nothing was saved, so there is nothing to go back to');
    await stopRegions();
    const names = [...regions.keys()];
    regions.clear();
    for (const [name, store] of stores) store.restore(saved.records.get(name) ?? new Map());
    for (const name of names) {
      rmSync(logsOf(name), { recursive: true, force: true });
      copied(join(savedLogs, name), logsOf(name));
    }
    await Promise.all(saved.regions.map(region));
  };
  const advance = async (ms: number) => {
    if (clock.advance === undefined) throw new AwsError('InvalidRequest', 'this clock cannot be moved on');
    await clock.advance(ms);
    options.moved?.(clock.skew());
  };

  listener = await listen(options.port ?? 0, {
    accountId,
    controls: { save, reset, advance, now: () => clock.now() },
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
    save,
    reset,
    advance,
    now: () => clock.now(),
    stop: async () => {
      await listener.close();
      await stopRegions();
      for (const store of stores.values()) store.close();
      removeCodePlace(folder);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

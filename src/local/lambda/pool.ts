// The warm execution environments of a region's functions: reused while they fit, added under load, ended when idle.
import { availableParallelism } from 'node:os';
import { AwsError, type Cloud } from '../cloud.ts';
import { ExecutionEnvironment } from './environment.ts';
import type { Outcome } from './invocation-end.ts';
import { Processors } from './processors.ts';
import type { Invocation } from './runtime-api.ts';
import { fingerprint, isIdle, isYoung, type Slot, turnOf } from './slot.ts';
import type { FunctionVersion, LambdaFunction } from './state.ts';
import { Turns } from './turns.ts';

/** The limit of processes; further invocations wait, since AWS would have room for them. */
const environmentLimit = 32;
/** The limit of environments started ahead for a version, since each is a process. */
const provisionedLimit = 4;
/** Lambda does not document how long it keeps an idle environment; usually minutes. */
const idleMs = 5 * 60_000;
/** Of functions that nobody has called yet, how many start ahead at once. */
const aheadLimit = 3;

/** How many environments of a version to start ahead. */
export interface WarmVersion {
  readonly version: FunctionVersion;
  readonly count: number;
}

interface Warm extends WarmVersion {
  state: 'IN_PROGRESS' | 'READY' | 'FAILED';
}

export class EnvironmentPool {
  readonly #cloud: Cloud;
  readonly #slots = new Set<Slot>();
  /** Invocations without an environment of their version, when there are as many as there may be. */
  readonly #waiting: (() => void)[] = [];
  /** Invocations that may get one of their version. */
  readonly #turns = new Turns();
  readonly #processors = new Processors();
  /** Invocations of inspected functions, each of which has one environment. */
  readonly #awaitingTurn: (() => void)[] = [];
  #startingAhead = 0;
  #isStopped = false;
  /** By function and version. */
  readonly #running = new Map<string, number>();
  readonly #ending = new Set<Promise<void>>();
  /** By function and version. */
  readonly #warm = new Map<string, Warm>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Runs one invocation; throws TooManyRequestsException over the function's reserved concurrency. */
  async run(fn: LambdaFunction, version: FunctionVersion, invocation: Invocation): Promise<Outcome> {
    if (!this.#hasRoom(fn, version)) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        Type: 'User',
      });
    }
    const key = `${fn.name}:${version.version}`;
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
    try {
      const slot = await this.#acquire(fn.name, version);
      try {
        return await slot.environment.invoke(invocation);
      } finally {
        // The environment is free once the runtime has finished or exited.
        slot.finishing = slot.environment.whenIdle().then(() => this.#release(slot));
      }
    } finally {
      const left = (this.#running.get(key) ?? 1) - 1;
      if (left === 0) this.#running.delete(key);
      else this.#running.set(key, left);
    }
  }

  /** How many invocations each function has in progress. */
  running(): ReadonlyMap<string, number> {
    const byName = new Map<string, number>();
    for (const [key, count] of this.#running) {
      const name = key.slice(0, key.lastIndexOf(':'));
      byName.set(name, (byName.get(name) ?? 0) + count);
    }
    return byName;
  }

  /** How many invocations of a version are in progress, and for how many it has provisioned concurrency. */
  usage(name: string, version: string): { readonly ofVersion: number; readonly provisioned: number } {
    const key = `${name}:${version}`;
    const warm = this.#warm.get(key);
    return { ofVersion: this.#running.get(key) ?? 0, provisioned: warm?.state === 'READY' ? warm.count : 0 };
  }

  // Provisioned concurrency is a part of the reserved one, for its own version only:
  // https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
  #hasRoom({ name, reservedConcurrency }: LambdaFunction, { version }: FunctionVersion): boolean {
    if (reservedConcurrency === undefined) return true;
    const provisioned = (key: string) => this.#warm.get(key)?.count ?? 0;
    const running = (key: string) => this.#running.get(key) ?? 0;
    const invoked = `${name}:${version}`;
    if (running(invoked) < provisioned(invoked)) return true;
    const keys = [...new Set([...this.#warm.keys(), ...this.#running.keys()])];
    const used = keys
      .filter((key) => key.startsWith(`${name}:`))
      .reduce((sum, key) => sum + Math.max(running(key), provisioned(key)), 0);
    return used < reservedConcurrency;
  }

  /** Starts an environment of the version, unless there is one. */
  async prepare(name: string, version: FunctionVersion): Promise<void> {
    const slots = [...this.#slots].filter((slot) => slot.name === name);
    const key = fingerprint(version);
    const inspected = this.#cloud.following.inspected(name);
    const isThere = (slot: Slot) =>
      slot.version === version.version && slot.fingerprint === key && slot.inspected === inspected && !slot.isRetired;
    if (slots.some(isThere) || this.#isStopped || this.#slots.size >= environmentLimit) return;
    if (slots.length === 0 && inspected === undefined && this.#startingAhead >= aheadLimit) return;
    this.#startingAhead += 1;
    try {
      const slot = inspected === undefined ? this.#add(name, version, key) : await this.#acquire(name, version);
      // an invocation that comes meanwhile waits for it
      const ready = slot.environment.isUsable ? slot.environment.prepare() : Promise.resolve(false);
      slot.starting = ready.then(() => this.#release(slot));
      await slot.starting;
    } finally {
      this.#startingAhead -= 1;
    }
  }

  /** Ends the environments of a function, or of one version of it, except those of that fingerprint. */
  async retire(name: string, version?: string, except?: string): Promise<void> {
    const retired = [...this.#slots].filter(
      (slot) => slot.name === name && (version ?? slot.version) === slot.version && slot.fingerprint !== except,
    );
    for (const slot of retired) slot.isRetired = true;
    await Promise.all(retired.filter(({ isBusy }) => !isBusy).map((slot) => this.#end(slot)));
  }

  /** Starts missing environments; unneeded ones end when they have been idle. */
  keepWarm(name: string, versions: readonly WarmVersion[]): void {
    for (const slot of this.#slots) {
      if (slot.name !== name || !slot.isProvisioned) continue;
      if (versions.some(({ version }) => version.version === slot.version)) continue;
      slot.isProvisioned = false;
      if (!slot.isBusy) this.#release(slot);
    }
    const before = new Map([...this.#warm].filter(([key]) => key.startsWith(`${name}:`)));
    for (const key of before.keys()) this.#warm.delete(key);
    for (const { version, count } of versions) {
      const key = `${name}:${version.version}`;
      const old = before.get(key);
      const warm: Warm = old?.count === count ? old : { version, count, state: 'IN_PROGRESS' };
      this.#warm.set(key, warm);
      if (warm !== old) void this.#warmUp(name, warm);
    }
  }

  /** The state of the environments that `keepWarm` requested for a version. */
  warmth(name: string, version: string): Warm['state'] {
    return this.#warm.get(`${name}:${version}`)?.state ?? 'IN_PROGRESS';
  }

  async #warmUp(name: string, warm: Warm): Promise<void> {
    const { version, count } = warm;
    warm.state = 'IN_PROGRESS';
    const key = fingerprint(version);
    const provisioned = [...this.#slots].filter(({ isProvisioned }) => isProvisioned);
    const there = provisioned.filter((slot) => slot.name === name && slot.version === version.version);
    const room = environmentLimit / 2 - provisioned.length;
    const missing = Math.min(count - there.length, provisionedLimit - there.length, room);
    const started = Array.from({ length: Math.max(0, missing) }, () => this.#add(name, version, key, true));
    const ready = await Promise.all(
      started.map(async (slot) => {
        const isReady = await slot.environment.prepare();
        this.#release(slot);
        return isReady;
      }),
    );
    warm.state = ready.every(Boolean) ? 'READY' : 'FAILED';
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const waiting of [...this.#waiting, ...this.#awaitingTurn]) waiting();
    this.#turns.stop();
    await Promise.all([...this.#slots].map((slot) => this.#end(slot)));
    await Promise.all(this.#ending);
  }

  async #acquire(name: string, version: FunctionVersion): Promise<Slot> {
    const key = fingerprint(version);
    const { following } = this.#cloud;
    const awaited = new Set<Promise<void>>();
    let hasWaited = false;
    for (;;) {
      if (this.#isStopped) throw new AwsError('ServiceException', 'the fx local AWS is stopping', 500);
      const inspected = following.inspected(name);
      const own = [...this.#slots].filter((slot) => slot.name === name);
      const fitting = own.filter(
        (slot) => slot.version === version.version && slot.fingerprint === key && slot.inspected === inspected,
      );
      const warm = fitting.find(({ isBusy }) => !isBusy);
      if (warm?.environment.isUsable) {
        warm.cancelEnd?.();
        warm.isBusy = true;
        return warm;
      }
      if (warm !== undefined) {
        void this.#end(warm);
        continue;
      }
      const ahead = fitting.find(({ starting }) => starting !== undefined && !awaited.has(starting))?.starting;
      if (ahead !== undefined) {
        awaited.add(ahead);
        await ahead;
        continue;
      }
      if (inspected !== undefined && own.length > 0) {
        await this.#turn(own);
        continue;
      }
      const isFull = this.#slots.size >= environmentLimit;
      if (fitting.length > 0 && (!hasWaited || (isFull && ![...this.#slots].some(isIdle)))) {
        const given = await this.#turns.wait(turnOf(name, version.version, key), {
          isFinishing: () => fitting.some(({ finishing }) => finishing !== undefined),
          // where the processors have no time left, another process helps nobody
          mayStart: () =>
            [...this.#slots].filter(isYoung).length < availableParallelism() && this.#processors.haveRoom(),
          isFull,
        });
        hasWaited = true;
        if (given !== undefined) return given;
      } else if (!isFull) return this.#add(name, version, key);
      else await this.#room();
    }
  }

  /** Until the one environment of an inspected function is free, or has ended. */
  async #turn(own: readonly Slot[]): Promise<void> {
    const idle = own.filter(({ isBusy }) => !isBusy);
    if (idle.length > 0) await Promise.all(idle.map((slot) => this.#end(slot)));
    else await new Promise<void>((done) => this.#awaitingTurn.push(done));
  }

  #add(name: string, version: FunctionVersion, key: string, isProvisioned = false): Slot {
    const inspected = this.#cloud.following.inspected(name);
    const slot: Slot = {
      environment: new ExecutionEnvironment({
        cloud: this.#cloud,
        name,
        version,
        initializationType: isProvisioned ? 'provisioned-concurrency' : 'on-demand',
        inspected,
      }),
      name,
      version: version.version,
      fingerprint: key,
      inspected,
      isProvisioned,
      isBusy: true,
      addedAt: performance.now(),
      finishing: undefined,
      starting: undefined,
      isRetired: false,
      cancelEnd: undefined,
    };
    this.#slots.add(slot);
    return slot;
  }

  /** Resolves when an environment has become free or was ended; an idle one of another function makes room. */
  #room(): Promise<void> {
    const idle = [...this.#slots].find(isIdle);
    if (idle !== undefined) return this.#end(idle);
    return new Promise((done) => this.#waiting.push(done));
  }

  #release(slot: Slot): void {
    slot.finishing = undefined;
    slot.starting = undefined;
    const isUsable = !slot.isRetired && slot.environment.isUsable;
    // who has no environment at all goes first
    const isFree = isUsable && slot.inspected === undefined && this.#waiting.length === 0;
    slot.isBusy = isFree && this.#turns.give(turnOf(slot.name, slot.version, slot.fingerprint), slot);
    if (slot.isBusy) return;
    if (!isUsable) void this.#end(slot);
    else {
      if (!slot.isProvisioned) slot.cancelEnd = this.#cloud.after(idleMs, () => void this.#end(slot));
      this.#waiting.shift()?.();
      this.#turnOver();
    }
  }

  #turnOver(): void {
    for (const next of this.#awaitingTurn.splice(0)) next();
  }

  async #end(slot: Slot): Promise<void> {
    if (!this.#slots.delete(slot)) return;
    slot.cancelEnd?.();
    const ended = slot.environment.end().then(() => slot.environment.logged());
    this.#ending.add(ended);
    await ended;
    this.#ending.delete(ended);
    this.#turns.ended(turnOf(slot.name, slot.version, slot.fingerprint));
    this.#waiting.shift()?.();
    this.#turnOver();
    // Another replaces it, unless it could not be started.
    const warm = slot.isProvisioned ? this.#warm.get(`${slot.name}:${slot.version}`) : undefined;
    if (warm?.state === 'READY' && !this.#isStopped) void this.#warmUp(slot.name, warm);
  }
}

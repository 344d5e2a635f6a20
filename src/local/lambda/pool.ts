// The warm execution environments of a region's functions: reused while they fit, added under load, ended when idle.
import { createHash } from 'node:crypto';
import { AwsError, type Cloud } from '../cloud.ts';
import { ExecutionEnvironment, type Outcome } from './environment.ts';
import type { Invocation } from './runtime-api.ts';
import type { FunctionVersion, LambdaFunction } from './state.ts';

/** Processes at once; an invocation beyond waits, since on AWS there would be room for it. */
const environmentLimit = 32;
/** Lambda keeps an idle environment for an unstated while; minutes as a rule. */
const idleMs = 5 * 60_000;

/** The same for two states of a function exactly if an environment of one can serve the other. */
export function fingerprint({ settings, code }: FunctionVersion): string {
  return createHash('sha256')
    .update(JSON.stringify([settings, code]))
    .digest('hex');
}

interface Slot {
  readonly environment: ExecutionEnvironment;
  readonly name: string;
  readonly version: string;
  readonly fingerprint: string;
  isBusy: boolean;
  /** To be ended as soon as it is free. */
  isRetired: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class EnvironmentPool {
  readonly #cloud: Cloud;
  readonly #slots = new Set<Slot>();
  readonly #waiting: (() => void)[] = [];
  #isStopped = false;
  readonly #running = new Map<string, number>();
  readonly #ending = new Set<Promise<void>>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Runs one invocation; throws TooManyRequestsException over the function's reserved concurrency. */
  async run(fn: LambdaFunction, version: FunctionVersion, invocation: Invocation): Promise<Outcome> {
    const running = this.#running.get(fn.name) ?? 0;
    if (running >= (fn.reservedConcurrency ?? Number.POSITIVE_INFINITY)) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        Type: 'User',
      });
    }
    this.#running.set(fn.name, running + 1);
    try {
      const slot = await this.#acquire(fn.name, version);
      try {
        return await slot.environment.invoke(invocation);
      } finally {
        // The runtime may still be at work for a moment, or about to exit: only then is the environment free.
        void slot.environment.whenIdle().then(() => this.#release(slot));
      }
    } finally {
      this.#running.set(fn.name, (this.#running.get(fn.name) ?? 1) - 1);
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

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const waiting of this.#waiting) waiting();
    await Promise.all([...this.#slots].map((slot) => this.#end(slot)));
    await Promise.all(this.#ending);
  }

  async #acquire(name: string, version: FunctionVersion): Promise<Slot> {
    const wanted = fingerprint(version);
    for (;;) {
      if (this.#isStopped) throw new AwsError('ServiceException', 'the fx local AWS is stopping', 500);
      const warm = [...this.#slots].find(
        (slot) => !slot.isBusy && slot.name === name && slot.version === version.version && slot.fingerprint === wanted,
      );
      if (warm?.environment.isUsable) {
        clearTimeout(warm.timer);
        warm.isBusy = true;
        return warm;
      }
      if (warm !== undefined) void this.#end(warm);
      else if (this.#slots.size < environmentLimit) return this.#add(name, version, wanted);
      else await this.#room();
    }
  }

  #add(name: string, version: FunctionVersion, wanted: string): Slot {
    const slot: Slot = {
      environment: new ExecutionEnvironment({ cloud: this.#cloud, name, version }),
      name,
      version: version.version,
      fingerprint: wanted,
      isBusy: true,
      isRetired: false,
      timer: undefined,
    };
    this.#slots.add(slot);
    return slot;
  }

  /** Resolves when an environment has become free or was ended; an idle one of another function makes room. */
  #room(): Promise<void> {
    const idle = [...this.#slots].find(({ isBusy }) => !isBusy);
    if (idle !== undefined) return this.#end(idle);
    return new Promise((done) => this.#waiting.push(done));
  }

  #release(slot: Slot): void {
    slot.isBusy = false;
    if (slot.isRetired || !slot.environment.isUsable) void this.#end(slot);
    else {
      slot.timer = setTimeout(() => void this.#end(slot), idleMs);
      this.#waiting.shift()?.();
    }
  }

  async #end(slot: Slot): Promise<void> {
    if (!this.#slots.delete(slot)) return;
    clearTimeout(slot.timer);
    const ended = slot.environment.end();
    this.#ending.add(ended);
    await ended;
    this.#ending.delete(ended);
    this.#waiting.shift()?.();
  }
}

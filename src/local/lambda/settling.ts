// The short time in which a created or updated function is not ready yet: on AWS too, callers have to wait for it.
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
import { randomUUID } from 'node:crypto';
import type { Cancel } from '../clock.ts';
import type { Cloud } from '../cloud.ts';
import type { Functions, PublishedVersion } from './state.ts';

const settleMs = 25;

export class Settling {
  readonly #cloud: Cloud;
  readonly #functions: Functions;
  readonly #cancels = new Map<string, Cancel>();

  constructor(cloud: Cloud, functions: Functions) {
    this.#cloud = cloud;
    this.#functions = functions;
  }

  begin(name: string): void {
    this.#cancels.get(name)?.();
    const cancel = this.#cloud.after(settleMs, () => {
      this.#cancels.delete(name);
      this.#finish(name);
    });
    this.#cancels.set(name, cancel);
  }

  /** Finishes what was settling when the local AWS last ended. */
  finishAll(): void {
    for (const name of this.#functions.keys()) this.#finish(name);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  #finish(name: string): void {
    const fn = this.#functions.get(name);
    if (fn === undefined || fn.latest.progress === 'ready') return;
    const ready = (version: PublishedVersion): PublishedVersion => ({ ...version, progress: 'ready' });
    const versions = Object.entries(fn.versions).map(([number, version]) => [number, ready(version)] as const);
    this.#functions.set(name, {
      ...fn,
      latest: { ...fn.latest, progress: 'ready', revisionId: randomUUID() },
      versions: Object.fromEntries(versions),
    });
  }
}

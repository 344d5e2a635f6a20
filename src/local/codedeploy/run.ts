// One deployment under way: what ends its waits early, and the hooks that have yet to report.
import type { Cloud } from '../cloud.ts';
import type { Failure } from './failure.ts';

export type HookResult = 'Succeeded' | 'Failed';

export class Run {
  readonly cloud: Cloud;
  /** Set as soon as the alias is known to be where the AppSpec says: only then is there something to roll back. */
  isChecked = false;
  failure: Failure | undefined;
  /** By the id of the hook's execution. */
  readonly #reports = new Map<string, (result: HookResult) => void>();
  readonly #halts = new Set<(failure: Failure) => void>();

  constructor(cloud: Cloud) {
    this.cloud = cloud;
  }

  /** Ends the deployment at its next step; the first failure counts. */
  halt(failure: Failure): void {
    this.failure ??= failure;
    for (const reject of [...this.#halts]) reject(this.failure);
  }

  continueOrThrow(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Waits by the clock of the local AWS. */
  async wait(ms: number): Promise<void> {
    await this.until<void>((done) => this.cloud.after(ms, () => done()));
  }

  /** Resolves with the result of the hook; `timedOut` after that time. */
  async report(hookId: string, ms: number): Promise<HookResult | 'timedOut'> {
    try {
      return await this.until((done) => {
        this.#reports.set(hookId, done);
        return this.cloud.after(ms, () => done('timedOut'));
      });
    } finally {
      this.#reports.delete(hookId);
    }
  }

  /** False if nobody waits for that hook. */
  reported(hookId: string, result: HookResult): boolean {
    const done = this.#reports.get(hookId);
    done?.(result);
    return done !== undefined;
  }

  /** `begin` returns what to cancel at the end. */
  async until<T>(begin: (done: (value: T) => void) => () => void): Promise<T> {
    this.continueOrThrow();
    let cancel = () => {};
    let halt: (failure: Failure) => void = () => {};
    try {
      return await new Promise<T>((resolve, reject) => {
        halt = reject;
        this.#halts.add(halt);
        cancel = begin(resolve);
      });
    } finally {
      this.#halts.delete(halt);
      cancel();
    }
  }
}

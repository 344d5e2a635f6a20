// Who waits for what is written to streams of a region: pollers need not ask again and again.
import type { Clock } from './clock.ts';

export class Arrivals {
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Something was written to the stream of this ARN. */
  note(arn: string): void {
    this.#counts.set(arn, this.count(arn) + 1);
    for (const wake of this.#waiting.get(arn) ?? []) wake();
  }

  /** How much was written since the local AWS began. */
  count(arn: string): number {
    return this.#counts.get(arn) ?? 0;
  }

  forget(arn: string): void {
    this.#counts.delete(arn);
  }

  /** Resolves when more than `count` was written, when the time is over, or when the signal is aborted. */
  after(
    { arn, count }: { readonly arn: string; readonly count: number },
    { clock, ms, signal }: { readonly clock: Pick<Clock, 'after'>; readonly ms: number; readonly signal: AbortSignal },
  ): Promise<void> {
    return new Promise((done) => {
      if (signal.aborted || this.count(arn) > count) return done();
      const waiting = this.#waiting.get(arn) ?? new Set();
      this.#waiting.set(arn, waiting);
      const finish = () => {
        cancel();
        signal.removeEventListener('abort', finish);
        waiting.delete(finish);
        if (waiting.size === 0) this.#waiting.delete(arn);
        done();
      };
      const cancel = clock.after(ms, finish);
      signal.addEventListener('abort', finish);
      waiting.add(finish);
    });
  }
}

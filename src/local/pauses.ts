// Timeouts that stand still while a debugger holds a function: neither the function nor what waits for it times out meanwhile.
import type { Cancel, Clock } from './clock.ts';

interface Timer {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly run: () => void;
  left: number;
  began: number;
  cancel: Cancel | undefined;
}

/** The time in which the processes of functions run. */
const realTime: Pick<Clock, 'now' | 'after'> = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export class Pauses {
  #held = 0;
  readonly #timers = new Set<Timer>();

  /** A function is held. Call what this returns when it runs on; once is enough. */
  begin(): () => void {
    if (this.#held++ === 0) for (const timer of this.#timers) stop(timer);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--this.#held === 0) for (const timer of this.#timers) this.#arm(timer);
    };
  }

  /** As a clock's `after`, without the time in which a function was held. */
  after(ms: number, run: () => void, clock = realTime): Cancel {
    const timer: Timer = { clock, run, left: ms, began: clock.now(), cancel: undefined };
    this.#timers.add(timer);
    if (this.#held === 0) this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel?.();
    };
  }

  /** The promise's result, or 'timeout' after that many milliseconds. */
  async within<T>(ms: number, promise: Promise<T>, clock = realTime): Promise<T | 'timeout'> {
    let cancel: Cancel = () => {};
    const timedOut = new Promise<'timeout'>((done) => {
      cancel = this.after(ms, () => done('timeout'), clock);
    });
    try {
      return await Promise.race([promise, timedOut]);
    } finally {
      cancel();
    }
  }

  #arm(timer: Timer): void {
    timer.began = timer.clock.now();
    timer.cancel = timer.clock.after(timer.left, () => {
      this.#timers.delete(timer);
      timer.run();
    });
  }
}

function stop(timer: Timer): void {
  timer.cancel?.();
  timer.cancel = undefined;
  timer.left = Math.max(0, timer.left - (timer.clock.now() - timer.began));
}

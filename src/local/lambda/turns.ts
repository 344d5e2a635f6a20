// Invocations that wait until an environment of their version is free: the first to come is the first to go.
import type { Slot } from './slot.ts';

/** About as long as a process takes to start: a function that answers faster needs no second one. */
const patienceMs = 30;
/** An environment that has answered is free soon, even on a busy machine. */
const finishMs = 100;
/** Nobody waits longer while others go on: AWS would have an environment for each invocation. */
const longestMs = 100;
/** How late a timer may be while the processors have time. */
const lateMs = 10;
/** How often to look whether there is room after all. */
const fullMs = 250;

interface Situation {
  /** Whether an environment has answered, and is not free yet. */
  isFinishing(): boolean;
  /** Whether another may start although some become free. */
  mayStart(): boolean;
  /** Whether there are as many environments as there may be. */
  readonly isFull: boolean;
}

interface Waiting {
  readonly take: (slot: Slot | undefined) => void;
}

export class Turns {
  /** By version. */
  readonly #queues = new Map<string, Waiting[]>();
  /** When an environment of a version was last free. */
  readonly #progress = new Map<string, number>();

  /** An environment, or undefined if it is better to look again: none becomes free in time, or one has ended. */
  wait(key: string, { isFinishing, mayStart, isFull }: Situation): Promise<Slot | undefined> {
    const began = performance.now();
    return new Promise((done) => {
      const leave = () => {
        this.#remove(key, waiting);
        done(undefined);
      };
      const look = () => {
        const now = performance.now();
        // this process itself had no turn: what became free meanwhile is reported after the timers
        if (now - due > lateMs) return arm(1);
        const still = now - Math.max(began, this.#progress.get(key) ?? 0);
        const limit = isFinishing() ? finishMs : patienceMs;
        const isLate = now - began >= longestMs;
        if (isFull || still >= limit || (isLate && mayStart())) return leave();
        arm(Math.max(1, Math.min(limit - still, isLate ? patienceMs : longestMs - (now - began))));
      };
      let timer: NodeJS.Timeout;
      let due = 0;
      const arm = (ms: number) => {
        due = performance.now() + ms;
        timer = setTimeout(look, ms);
      };
      arm(isFull ? fullMs : patienceMs);
      const waiting: Waiting = {
        take: (slot) => {
          clearTimeout(timer);
          done(slot);
        },
      };
      const queue = this.#queues.get(key);
      if (queue === undefined) this.#queues.set(key, [waiting]);
      else queue.push(waiting);
    });
  }

  /** Gives a free environment to the invocation that has waited longest. False if none waits. */
  give(key: string, slot: Slot): boolean {
    const first = this.#queues.get(key)?.[0];
    if (first === undefined) return false;
    this.#progress.set(key, performance.now());
    this.#remove(key, first);
    first.take(slot);
    return true;
  }

  /** An environment has ended: one invocation looks again. */
  ended(key: string): void {
    const first = this.#queues.get(key)?.[0];
    if (first === undefined) return;
    this.#remove(key, first);
    first.take(undefined);
  }

  stop(): void {
    for (const queue of this.#queues.values()) for (const { take } of queue) take(undefined);
    this.#queues.clear();
  }

  #remove(key: string, waiting: Waiting): void {
    const others = (this.#queues.get(key) ?? []).filter((other) => other !== waiting);
    if (others.length > 0) this.#queues.set(key, others);
    else {
      this.#queues.delete(key);
      this.#progress.delete(key);
    }
  }
}

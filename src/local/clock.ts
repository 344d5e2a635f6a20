// The clock of the local AWS: the time and the timers. Tests set and advance it, so that delays, visibility timeouts, retention,
// schedules and retries pass at once. Function processes run in real time.
import { setImmediate } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` after that many milliseconds. Returns a function that cancels the call. */
  after(ms: number, run: () => void): Cancel;
  /** How far this clock is ahead of the machine's, in milliseconds. */
  skew(): number;
  /** Absent if this clock cannot be moved on. */
  advance?(ms: number): Promise<void>;
}

export type Cancel = () => void;

// Node's timers overflow beyond 2^31-1 ms: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const longestTimerMs = 2_147_483_647;

interface Alarm {
  readonly due: number;
  readonly run: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** Runs at the speed of the machine's clock, starting at any time. */
export class AdjustableClock implements Clock {
  #skewMs: number;
  readonly #alarms = new Set<Alarm>();

  constructor(start?: string) {
    this.#skewMs = start === undefined ? 0 : Date.parse(start) - Date.now();
    if (Number.isNaN(this.#skewMs))
      throw new Error(`"${start}" is not a time; expected one such as 2026-11-26T12:00:00Z`);
  }

  now(): number {
    return Date.now() + this.#skewMs;
  }

  skew(): number {
    return this.#skewMs;
  }

  after(ms: number, run: () => void): Cancel {
    const alarm: Alarm = { due: this.now() + ms, run, timer: undefined };
    this.#alarms.add(alarm);
    this.#arm(alarm);
    return () => this.#cancel(alarm);
  }

  /** Advances the time, and runs every alarm that falls due, in order, each at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.now() + ms;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.due > end) break;
      this.#skewMs += Math.max(0, next.due - this.now());
      this.#fire(next);
      // the alarm may have caused another one that is due before the end
      await setImmediate();
    }
    this.#skewMs += Math.max(0, end - this.now());
    for (const alarm of this.#alarms) this.#arm(alarm);
  }

  #earliest(): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (const alarm of this.#alarms) if (earliest === undefined || alarm.due < earliest.due) earliest = alarm;
    return earliest;
  }

  #arm(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const waitMs = Math.max(0, alarm.due - this.now());
    alarm.timer = setTimeout(
      () => {
        if (waitMs > longestTimerMs) this.#arm(alarm);
        else this.#fire(alarm);
      },
      Math.min(waitMs, longestTimerMs),
    );
  }

  #fire(alarm: Alarm): void {
    this.#cancel(alarm);
    alarm.run();
  }

  #cancel(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    this.#alarms.delete(alarm);
  }
}

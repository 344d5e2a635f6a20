// The clock of the local AWS: what time it is, and what happens later. A test sets it and advances it; the time that AWS's
// services measure (delays, visibility, retention, schedules, retries) then passes at once. Processes of functions run in real time.
import { setImmediate } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once that many milliseconds have passed; the answer cancels it. */
  after(ms: number, run: () => void): Cancel;
  /** How far this clock is ahead of the machine's. */
  skew(): number;
}

export type Cancel = () => void;

// Node's timers overflow above 2^31-1 ms: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const longestTimerMs = 2_147_483_647;

interface Alarm {
  readonly due: number;
  readonly run: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** Runs at the pace of the machine's clock, from whatever time it is set to. */
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

  /** Lets the time pass, with everything that falls due in it, in order and each at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.now() + ms;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.due > end) break;
      this.#skewMs += Math.max(0, next.due - this.now());
      this.#fire(next);
      // what it set off may ask for a further alarm within the same stretch of time
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

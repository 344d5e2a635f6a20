// For tests: a local AWS that starts on a fixed day, so that no test fails when AWS retires a runtime.
import { AdjustableClock } from './clock.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from './host.ts';

/** The time in every test: none of the runtimes in use is retired then. */
export const suiteTime = '2026-11-26T08:00:00Z';

export function testClock(): AdjustableClock {
  return new AdjustableClock(suiteTime);
}

export function startTestAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  return startLocalAws({ clock: testClock(), ...options });
}

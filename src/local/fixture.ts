// For tests: a local AWS on a day that never passes, so that what AWS ends on some day ends no test.
import { AdjustableClock } from './clock.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from './host.ts';

/** The time at which the suite runs, whenever it runs: no runtime that it uses is retired. */
export const suiteTime = '2026-11-26T08:00:00Z';

export function testClock(): AdjustableClock {
  return new AdjustableClock(suiteTime);
}

export function startTestAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  return startLocalAws({ clock: testClock(), ...options });
}

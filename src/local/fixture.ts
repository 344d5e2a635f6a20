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

/** A local AWS with a clock that the test sets, until the end of the block. */
export async function startWithClock(clock = testClock()) {
  const aws = await startTestAws({ clock });
  return { clock, cloud: await aws.cloud(), [Symbol.asyncDispose]: () => aws.stop() };
}

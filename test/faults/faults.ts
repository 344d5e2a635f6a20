// The faults that hit one call of a command each: once, or from that call on.
import type { Fault, FaultyCall } from '../support/faulty-aws.ts';

export interface FaultKind {
  readonly name: string;
  /** What happens to a call if the fault hits call `at`. */
  faultOf(call: FaultyCall, at: FaultyCall): Fault | undefined;
  /** Kills fx, as kill -9 does, once this call was answered. */
  readonly kills?: true;
}

const once = (name: string, fault: Fault): FaultKind => ({
  name,
  faultOf: ({ number }, at) => (number === at.number ? fault : undefined),
});
const always = (name: string, fault: Fault): FaultKind => ({
  name,
  faultOf: ({ number }, at) => (number >= at.number ? fault : undefined),
});
const throttledTimes = 4;

export const faultKinds: readonly FaultKind[] = [
  once('throttled once', 'throttled'),
  {
    name: `throttled ${throttledTimes} times`,
    faultOf: ({ number }, at) => (number >= at.number && number < at.number + throttledTimes ? 'throttled' : undefined),
  },
  once('500 once', { status: 500 }),
  always('500 from then on', { status: 500 }),
  once('503 once', { status: 503 }),
  once('reset before it arrived', 'reset'),
  once('reset after it arrived', 'lost'),
  once('slow', 'slow'),
  once('truncated', 'truncated'),
  always('credentials expired', 'expired'),
  {
    name: 'denied',
    faultOf: ({ operation, number }, at) => (number >= at.number && operation === at.operation ? 'denied' : undefined),
  },
  { name: 'kill -9', faultOf: () => undefined, kills: true },
];

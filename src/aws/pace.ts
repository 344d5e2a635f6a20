// Keeps the calls to one API below its rate limit.
import type { FinalizeRequestMiddleware, MiddlewareStack } from '@smithy/types';
import type { Config } from './sdk-call.ts';
import { sharedValue } from './shared.ts';

export interface Rate {
  readonly calls: number;
  readonly perMs: number;
}

/** Lambda allows 15 control-plane calls a second per account and region, across nearly all operations, and the quota cannot be
 * raised. fx leaves one call for others, and a tenth of a second for calls in flight.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests */
export const lambdaRate: Rate = { calls: 14, perMs: 1_100 };

/** FilterLogEvents takes 5 calls a second for an account and region. https://repost.aws/knowledge-center/cloudwatch-logs-throttling */
export const logsRate: Rate = { calls: 5, perMs: 1_100 };

/** GetMetricData takes 50 calls a second, and 90,000 datapoints, as CloudWatch estimates them from the range and the period. fx asks for at most half
 * of them in a call. ListMetrics takes 25 calls a second. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
export const metricDataRate: Rate = { calls: 2, perMs: 1_100 };
export const datapointsPerCall = 45_000;
export const metricListRate: Rate = { calls: 20, perMs: 1_100 };

export interface PaceClock {
  now(): number;
  wait(ms: number): Promise<void>;
}

const realClock: PaceClock = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Returns a function that resolves when the next call may go out, first come, first served. */
export function paced({ calls, perMs }: Rate, clock: PaceClock = realClock): () => Promise<void> {
  const sent: number[] = [];
  let turn = Promise.resolve();
  const next = async () => {
    const oldest = sent.length < calls ? undefined : sent.shift();
    const waitMs = oldest === undefined ? 0 : oldest + perMs - clock.now();
    if (waitMs > 0) await clock.wait(waitMs);
    sent.push(clock.now());
  };
  return () => {
    turn = turn.then(next);
    return turn;
  };
}

/** Delays each request of a client until it may go out. Below the retries, so that every attempt counts. */
export function paceRequests<I extends object, O extends object>(
  stack: MiddlewareStack<I, O>,
  rate: Rate,
  { region, profile = '', shared }: Config,
): void {
  const turn = sharedValue(shared?.turns, `${rate.calls} ${region} ${profile}`, () => paced(rate));
  const middleware: FinalizeRequestMiddleware<I, O> = (next) => async (request) => {
    await turn();
    return next(request);
  };
  stack.add(middleware, { step: 'finalizeRequest', priority: 'low', name: 'fxPace' });
}

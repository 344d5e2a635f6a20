// Runs the part of a verb that changes an environment: under its lease, so that no two fx change it at once.
import type { Identity } from '../aws/aws.ts';
import { isRunning, processSpace } from '../base/process-space.ts';
import type { Environment } from '../project/environment.ts';
import { type Lease, type LeaseOptions, takeLease } from '../release/lease.ts';
import { type Context, commandLine, ledgerPlace } from './context.ts';

export interface Exclusive {
  /** Its signal also aborts when the lease is lost. */
  readonly context: Context;
  readonly lease: Lease;
}

export interface ExclusiveOptions extends LeaseOptions {
  readonly bucket: string;
  readonly identity: Identity;
  readonly verb: string;
}

/** Takes the lease, works, and releases it however the work ends. Throws BUSY without waiting if the context says so. */
export async function exclusively<T>(
  environment: Environment,
  { bucket, identity, verb, ...options }: ExclusiveOptions,
  context: Context,
  work: (exclusive: Exclusive) => Promise<T>,
): Promise<T> {
  const { aws, report, signal, pollMs, wait, version: fx, now } = context;
  const lease = await takeLease(
    ledgerPlace(environment, bucket),
    { who: identity.arn, command: commandLine(verb, environment), fx },
    { objects: aws.uninterrupted().objects, report, signal, pollMs, wait, space: processSpace(), isRunning, now },
    options,
  );
  try {
    return await work({ lease, context: { ...context, signal: AbortSignal.any([signal, lease.lost]) } });
  } finally {
    await lease.release();
  }
}

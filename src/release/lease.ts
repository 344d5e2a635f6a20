// The lease of an environment: only its holder changes the environment. An object in the bucket, taken, renewed and released with S3's
// conditional requests. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
import { randomUUID } from 'node:crypto';
import type { Objects, TaggedObject } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import type { Reporter } from '../base/report.ts';
import { leasePrefix } from '../cfn/names.ts';
import { type LeaseRecord, leaseText, readLease } from './lease-record.ts';
import type { LedgerPlace } from './ledger.ts';

/** Without a renewal in this time, a lease has expired. */
export const leaseMs = 60_000;
const renewalMs = leaseMs / 4;
/** S3 accepts requests from clocks that differ by up to 15 minutes.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList (RequestTimeTooSkewed) */
const clockSkewMs = 15 * 60_000;

export interface LeaseContext {
  /** Calls that continue after an interruption, so that the lease is released. */
  readonly objects: Pick<Objects, 'getTagged' | 'putIf' | 'deleteIf'>;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  readonly pollMs: number;
  /** False: BUSY instead of waiting. */
  readonly wait: boolean;
  /** Which processes `isRunning` knows. */
  readonly space: string;
  isRunning(pid: number): boolean;
  now(): number;
}

export interface Lease {
  /** Whether this fx asked the holder before it to give up. */
  readonly didAsk: boolean;
  /** Whether somebody else held it before, alive or not, so that what was read earlier is outdated. */
  readonly waited: boolean;
  /** Aborts, with an error as its reason, once somebody else has taken the lease. */
  readonly lost: AbortSignal;
  /** Aborts once somebody asks the holder to give up, as `fx rollback` does during a canary. */
  readonly asked: AbortSignal;
  /** Renews it now, so that `lost` and `asked` are up to date. */
  check(): Promise<void>;
  release(): Promise<void>;
}

export function leaseKey({ project, environment }: LedgerPlace): string {
  return `${leasePrefix}${project}/${environment}.json`;
}

export type LeaseHolder = Pick<LeaseRecord, 'who' | 'command' | 'fx'>;

export interface LeaseOptions {
  /** Asks a holder of this command to give up, instead of only waiting for it. */
  readonly ask?: (holder: LeaseRecord) => boolean;
}

/** Resolves when the lease is held: waits for another holder, and takes over a lease that has expired. Throws BUSY. */
export async function takeLease(
  place: LedgerPlace,
  holder: LeaseHolder,
  context: LeaseContext,
  options: LeaseOptions = {},
): Promise<Lease> {
  const { objects } = context;
  const key = leaseKey(place);
  const mine: LeaseRecord = {
    ...holder,
    id: randomUUID(),
    renewal: 0,
    began: new Date(context.now()).toISOString(),
    space: context.space,
    pid: process.pid,
  };
  const watch = new Watch(context);
  // the object to replace, if it can be: none, or one that holds nothing
  let free: { readonly etag: string | undefined } | undefined = { etag: undefined };
  let didAsk = false;
  for (let waited = false; ; waited = true) {
    if (free !== undefined) {
      const etag = await objects.putIf(place.bucket, key, free.etag, leaseText(mine));
      if (etag !== undefined) return hold({ place, key, record: mine, etag, waited, didAsk }, context);
    }
    const found = await objects.getTagged(place.bucket, key);
    const record = found === undefined ? undefined : readLease(found.body);
    free = { etag: found?.etag };
    if (found === undefined || record === undefined) continue;
    if (watch.hasExpired(found, record)) {
      context.report({ kind: 'lease-expired', ...shown(record) });
      continue;
    }
    free = undefined;
    if (!context.wait) throw busy(place, record);
    if (watch.isNew(record)) context.report({ kind: 'waiting-for-lease', ...shown(record) });
    if (options.ask?.(record) === true && record.asked === undefined) {
      const etag = await objects.putIf(place.bucket, key, found.etag, leaseText({ ...record, asked: holder }));
      didAsk ||= etag !== undefined;
    }
    await pause(context.pollMs, context.signal);
  }
}

function shown({ who, command, began }: LeaseRecord) {
  return { who, command, began };
}

function busy({ environment }: LedgerPlace, { who, command, began }: LeaseRecord): FxError {
  return new FxError('BUSY', `${who} is changing "${environment}" with \`${command}\` since ${began}`, {
    hint: 'without --no-wait, fx waits until that ends',
  });
}

/** Watches somebody else's lease. Clocks differ, so a lease expires by the watcher's: when nothing renewed it for its whole time. */
class Watch {
  readonly #context: LeaseContext;
  #seen: { readonly etag: string; readonly at: number } | undefined;
  #reported: string | undefined;

  constructor(context: LeaseContext) {
    this.#context = context;
  }

  hasExpired({ etag, modified }: TaggedObject, { space, pid }: LeaseRecord): boolean {
    const { now, isRunning } = this.#context;
    if (space === this.#context.space && !isRunning(pid)) return true;
    if (modified !== undefined && now() - modified.getTime() > leaseMs + clockSkewMs) return true;
    if (this.#seen?.etag !== etag) this.#seen = { etag, at: performance.now() };
    return performance.now() - this.#seen.at > leaseMs;
  }

  /** Whether this holder was not reported yet. */
  isNew({ id }: LeaseRecord): boolean {
    const isNew = this.#reported !== id;
    this.#reported = id;
    return isNew;
  }
}

interface Holding {
  readonly place: LedgerPlace;
  readonly key: string;
  record: LeaseRecord;
  etag: string;
  readonly waited: boolean;
  readonly didAsk: boolean;
}

/** Renews the lease until it is released or lost. */
function hold(holding: Holding, { objects, report }: LeaseContext): Lease {
  const { place, key } = holding;
  const lost = new AbortController();
  const asked = new AbortController();
  let renewing: Promise<void> = Promise.resolve();

  const renew = async (): Promise<void> => {
    const next = { ...holding.record, renewal: holding.record.renewal + 1 };
    const etag = await objects.putIf(place.bucket, key, holding.etag, leaseText(next));
    if (etag !== undefined) {
      holding.etag = etag;
      holding.record = next;
      return;
    }
    const found = await objects.getTagged(place.bucket, key);
    const record = found === undefined ? undefined : readLease(found.body);
    if (found !== undefined && record?.id === holding.record.id) {
      // somebody asked
      holding.etag = found.etag;
      holding.record = record;
      asked.abort();
      return;
    }
    const by = record === undefined ? 'somebody else' : record.who;
    lost.abort(
      new FxError('BUSY', `${by} has taken over the lease of "${place.environment}": it was not renewed in time`, {
        hint: 'run the same command again: it waits for the change in progress, and compares again',
      }),
    );
  };
  const renewNow = (): Promise<void> => {
    // without an answer, the next renewal tells whether the lease is lost
    renewing = renewing.then(() => (lost.signal.aborted ? undefined : renew())).catch(() => {});
    return renewing;
  };
  const timer = setInterval(() => void renewNow(), renewalMs);
  timer.unref();
  return {
    waited: holding.waited,
    didAsk: holding.didAsk,
    check: renewNow,
    lost: lost.signal,
    asked: asked.signal,
    async release() {
      clearInterval(timer);
      await renewing;
      if (lost.signal.aborted) return;
      try {
        // asked in the meantime: the ETag is another
        if (!(await objects.deleteIf(place.bucket, key, holding.etag))) {
          await renew();
          if (!lost.signal.aborted) await objects.deleteIf(place.bucket, key, holding.etag);
        }
      } catch (error) {
        if (!(error instanceof FxError)) throw error;
        report({ kind: 'lease-not-released', seconds: leaseMs / 1000, reason: error.message });
      }
    },
  };
}

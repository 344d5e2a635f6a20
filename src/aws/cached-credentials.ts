// Credentials that are found once for all clients of a run, and again shortly before they expire.

/** Renewed while they are still valid: a call may take a while. */
const reserveMs = 5 * 60_000;
/** For credentials whose expiration has passed when they arrive: the machine's clock and AWS's disagree. */
const assumedMs = 3_600_000;

interface Expiring {
  readonly expiration?: Date | undefined;
}

export function cachedCredentials<T extends Expiring>(find: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let renewAt = Number.POSITIVE_INFINITY;
  return () => {
    if (Date.now() >= renewAt) current = undefined;
    if (current !== undefined) return current;
    renewAt = Number.POSITIVE_INFINITY;
    const found = find();
    current = found;
    found.then(
      ({ expiration }) => {
        if (expiration === undefined) return;
        const left = expiration.getTime() - Date.now();
        renewAt = Date.now() + (left > 0 ? left : assumedMs) - reserveMs;
      },
      // do not cache a failure: the next call tries again
      () => {
        if (current === found) current = undefined;
      },
    );
    return found;
  };
}

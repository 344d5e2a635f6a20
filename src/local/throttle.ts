// Token buckets, as API Gateway throttles with: `burst` requests at once, refilled at `rate` a second.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html

export interface Limit {
  /** Requests a second. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** The buckets of one kind of caller or route, by key. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one request out of the bucket. False if it is empty. `now` is in milliseconds. */
  admits(key: string, { rate, burst }: Limit, now: number): boolean {
    const before = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before.tokens + (Math.max(0, now - before.at) / 1000) * rate);
    const admitted = tokens >= 1;
    this.#buckets.set(key, { tokens: admitted ? tokens - 1 : tokens, at: now });
    return admitted;
  }

  /** Forgets the buckets whose keys begin with the prefix. */
  forget(prefix: string): void {
    for (const key of this.#buckets.keys()) if (key.startsWith(prefix)) this.#buckets.delete(key);
  }
}

// How often to retry a call. Throttling passes, so fx waits minutes and the client as a whole slows down; a lost
// connection or a server error gets the SDK's usual three attempts.
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';

const attempts = 3;
const throttledAttempts = 20;
const baseDelayMs = 100;
const throttledDelayMs = 250;
const longestDelayMs = 20_000;

/** A strategy with the SDK's adaptive rate limiter but without its retry budget: a rollback must not fail because many calls were
 * throttled. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
export async function retryStrategy(): Promise<RetryStrategyV2> {
  const { DefaultRateLimiter } = await import('@smithy/core/retry');
  const limiter = new DefaultRateLimiter();
  return {
    async acquireInitialRetryToken() {
      await limiter.getSendToken();
      return retryToken(0, 0);
    },
    async refreshRetryTokenForRetry(token: RetryToken, info: RetryErrorInfo) {
      limiter.updateClientSendingRate(info);
      const count = token.getRetryCount() + 1;
      const { most, delayMs } = ruleOf(info);
      if (count >= most) throw new Error('no attempt is left');
      await limiter.getSendToken();
      return retryToken(count, Math.random() * Math.min(longestDelayMs, delayMs * 2 ** (count - 1)));
    },
    recordSuccess: () => limiter.updateClientSendingRate({}),
  };
}

/** For calls that must not run twice: a throttled call did not run. */
export async function throttlingOnly(): Promise<RetryStrategyV2> {
  const strategy = await retryStrategy();
  return {
    ...strategy,
    refreshRetryTokenForRetry(token: RetryToken, info: RetryErrorInfo) {
      if (info.errorType !== 'THROTTLING') throw new Error('the call may have been made');
      return strategy.refreshRetryTokenForRetry(token, info);
    },
  };
}

/** For calls whose caller waits by itself when they are throttled, and says so. */
export async function exceptThrottling(): Promise<RetryStrategyV2> {
  const strategy = await retryStrategy();
  return {
    ...strategy,
    refreshRetryTokenForRetry(token: RetryToken, info: RetryErrorInfo) {
      if (info.errorType === 'THROTTLING') throw new Error('the caller waits');
      return strategy.refreshRetryTokenForRetry(token, info);
    },
  };
}

function ruleOf({ errorType }: RetryErrorInfo): { readonly most: number; readonly delayMs: number } {
  if (errorType === 'THROTTLING') return { most: throttledAttempts, delayMs: throttledDelayMs };
  return { most: errorType === 'TRANSIENT' ? attempts : 1, delayMs: baseDelayMs };
}

function retryToken(count: number, delayMs: number): RetryToken {
  return { getRetryCount: () => count, getRetryDelay: () => delayMs };
}

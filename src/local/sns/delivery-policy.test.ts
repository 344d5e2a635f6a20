import { expect, test } from 'vitest';
import { effectiveDeliveryPolicy, retryDelays } from './delivery-policy.ts';

const delays = (healthyRetryPolicy: object, ofTopic?: object) => {
  const own = JSON.stringify({ healthyRetryPolicy });
  return retryDelays(effectiveDeliveryPolicy(own, JSON.stringify(ofTopic ?? {})).healthyRetryPolicy);
};

test('three retries come after 20 seconds each, unless a policy says otherwise', () => {
  expect(delays({})).toEqual([20_000, 20_000, 20_000]);
  expect(
    delays({
      minDelayTarget: 1,
      maxDelayTarget: 9,
      numRetries: 6,
      numNoDelayRetries: 1,
      numMinDelayRetries: 1,
      numMaxDelayRetries: 1,
    }),
  ).toEqual([0, 1000, 1000, 5000, 9000, 9000]);
});

test('a topic has the defaults, and may forbid others', () => {
  const http = { defaultHealthyRetryPolicy: { numRetries: 1, minDelayTarget: 5, maxDelayTarget: 5 } };
  expect(delays({}, { http })).toEqual([5000]);
  expect(delays({ numRetries: 2 }, { http })).toEqual([5000, 5000]);
  expect(delays({ numRetries: 2 }, { http: { ...http, disableSubscriptionOverrides: true } })).toEqual([5000]);
});

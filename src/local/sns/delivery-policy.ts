// How often and when SNS retries an HTTP endpoint, and with which content type: the policies of topics and subscriptions.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html#creating-delivery-policy

export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: string;
}

const usualRetries: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};
const usualContentType = 'text/plain; charset=UTF-8';

interface RequestPolicy {
  readonly headerContentType?: string;
}

interface WrittenTopicPolicy {
  readonly http?: {
    readonly defaultHealthyRetryPolicy?: Partial<RetryPolicy>;
    readonly disableSubscriptionOverrides?: boolean;
    readonly defaultRequestPolicy?: RequestPolicy;
  };
}

interface WrittenPolicy {
  readonly healthyRetryPolicy?: Partial<RetryPolicy> | null;
  readonly requestPolicy?: RequestPolicy | null;
}

/** The written policy; undefined if it is not a JSON object. */
export function deliveryPolicy(text: string | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function topicDeliveryPolicy(text: string | undefined) {
  const { http = {} } = (deliveryPolicy(text) ?? {}) as WrittenTopicPolicy;
  return {
    http: {
      defaultHealthyRetryPolicy: { ...usualRetries, ...http.defaultHealthyRetryPolicy },
      disableSubscriptionOverrides: http.disableSubscriptionOverrides ?? false,
      defaultRequestPolicy: { headerContentType: http.defaultRequestPolicy?.headerContentType ?? usualContentType },
    },
  };
}

/** As `GetSubscriptionAttributes` shows a written policy: with every part. */
export function wholeDeliveryPolicy(text: string): object {
  const written = (deliveryPolicy(text) ?? {}) as WrittenPolicy;
  return {
    healthyRetryPolicy: written.healthyRetryPolicy ?? null,
    sicklyRetryPolicy: null,
    throttlePolicy: null,
    requestPolicy: written.requestPolicy ?? null,
    guaranteed: false,
  };
}

/** What applies to a subscription, from its own policy and the one of its topic. */
export function effectiveDeliveryPolicy(own: string | undefined, ofTopic: string | undefined) {
  const { http } = topicDeliveryPolicy(ofTopic);
  const written = http.disableSubscriptionOverrides ? {} : ((deliveryPolicy(own) ?? {}) as WrittenPolicy);
  return {
    healthyRetryPolicy: { ...http.defaultHealthyRetryPolicy, ...written.healthyRetryPolicy },
    sicklyRetryPolicy: null,
    throttlePolicy: null,
    requestPolicy: {
      headerContentType: written.requestPolicy?.headerContentType ?? http.defaultRequestPolicy.headerContentType,
    },
    guaranteed: false,
  };
}

/** The delay before each retry, in milliseconds: at once, then the least, then growing, then the longest. */
export function retryDelays(policy: RetryPolicy): number[] {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  const between = Math.max(0, numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries);
  const span = policy.maxDelayTarget - policy.minDelayTarget;
  const times = (count: number, seconds: (index: number) => number) =>
    Array.from({ length: count }, (_, index) => seconds(index) * 1000);
  return [
    ...times(numNoDelayRetries, () => 0),
    ...times(numMinDelayRetries, () => policy.minDelayTarget),
    ...times(between, (index) => policy.minDelayTarget + (between > 1 ? (span * index) / (between - 1) : 0)),
    ...times(numMaxDelayRetries, () => policy.maxDelayTarget),
  ].slice(0, numRetries);
}

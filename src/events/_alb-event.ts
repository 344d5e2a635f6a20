// An `alb` event as users write it.
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  list,
  located,
  object,
  type Schema,
  text,
} from '../base/schema.ts';
import { type AlbConditions, conditionsSchema } from './_alb-conditions.ts';
import { type HealthCheck, healthCheckSchema, listenerSchema } from './_alb-section.ts';

export interface AlbEvent {
  readonly listener?: { readonly value: Plain; readonly at: Span };
  readonly priority: { readonly value: number; readonly at: Span };
  readonly conditions: AlbConditions;
  readonly multiValueHeaders: boolean;
  /** Undefined if the function is not checked. */
  readonly healthCheck: HealthCheck | undefined;
  /** Names of `alb.authenticators`. */
  readonly authenticate: readonly { readonly value: string; readonly at: Span }[];
  readonly targetGroupName?: { readonly value: string; readonly at: Span };
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
const leastPriority = 1;
const mostPriority = 50_000;
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
export const longestGroupName = 32;

const authenticatorName = located(text({ expected: 'the name of one of alb.authenticators' }));
export const albEventSchema: Schema<AlbEvent> = converted(
  object({
    required: {
      priority: described(
        'The rules of a listener are tried from the lowest number on. No two have the same.',
        located(integer({ least: leastPriority, most: mostPriority })),
        { examples: [10] },
      ),
      conditions: described('Which requests: all of the conditions must match.', conditionsSchema, {
        examples: [{ path: '/orders/*' }],
        aws: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html',
      }),
    },
    optional: {
      listener: listenerSchema,
      multiValueHeaders: described(
        'Headers and query parameters as lists, in the event and in the answer. Without it, the last value of a name counts.',
        flag,
        { default: false, examples: [true] },
      ),
      healthCheck: described('Call the function at an interval to see whether it is healthy.', healthCheckSchema, {
        default: false,
        examples: [true, { path: '/health', interval: '60s' }],
        aws: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#enable-health-checks-lambda',
      }),
      authenticate: described(
        'Who must sign in first: one of alb.authenticators, or several in order.',
        byKind({
          scalar: converted(authenticatorName, (one) => ({ value: [one] })),
          list: list(authenticatorName, { least: 1 }),
          expected: 'the name of one of alb.authenticators, or a list of them',
        }),
        { examples: ['staff'] },
      ),
      targetGroupName: described(
        'The name of the target group in AWS, unique in the region.',
        located(
          text({
            pattern: /^(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/,
            expected: `a name of at most ${longestGroupName} letters, digits and -`,
          }),
        ),
        { examples: ['shop-orders'] },
      ),
    },
    elsewhere: {
      listenerArn: 'listener',
      authorizer: 'authenticate',
      path: 'conditions: {path: …}',
      host: 'conditions: {host: …}',
      method: 'conditions: {method: …}',
      header: 'conditions: {header: …}',
      query: 'conditions: {query: …}',
      ip: 'conditions: {ip: …}',
    },
  }),
  ({ healthCheck, multiValueHeaders = false, authenticate = [], ...own }) => ({
    value: { ...own, multiValueHeaders, authenticate, healthCheck: healthCheck?.checks },
  }),
);

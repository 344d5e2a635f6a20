// The traffic that a function expects in a month, from which fx forecasts its cost. Nothing of it is deployed.
import { count, fraction, milliseconds, size } from '../base/quantity.ts';
import { described, object, type Schema } from '../base/schema.ts';
import type { Setting } from './setting.ts';

export interface Traffic {
  /** Invocations a month. */
  readonly requests?: number;
  /** Milliseconds of one, without initialization. */
  readonly duration?: number;
  /** The share of invocations that start an execution environment, from 0 to 1. */
  readonly coldStarts?: number;
  /** Milliseconds of an initialization. */
  readonly initialization?: number;
  /** Bytes of one response. */
  readonly response?: number;
  /** Bytes that one invocation logs. */
  readonly logs?: number;
  /** Bytes that one invocation moves through a NAT gateway, both ways. */
  readonly nat?: number;
  /** Minutes a month that all clients of a WebSocket API together are connected. */
  readonly connectionMinutes?: number;
}

export const trafficFields = {
  requests: described('Invocations a month. Scheduled ones are counted without it.', count, { examples: ['3M'] }),
  duration: described('How long one takes, without initialization.', milliseconds, { examples: ['120ms'] }),
  coldStarts: described('The share of invocations that start an execution environment.', fraction, {
    default: '0%',
    examples: ['1%'],
  }),
  initialization: described('How long an initialization takes. Lambda bills it like the duration.', milliseconds, {
    default: '0ms',
    examples: ['400ms'],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html',
  }),
  response: described('The size of one response. It costs where responses are streamed.', size, {
    default: '0B',
    examples: ['20KB'],
  }),
  logs: described('How much one invocation logs; the lines that Lambda writes are about 500 bytes.', size, {
    default: '500B',
    examples: ['2KB'],
  }),
  nat: described('How much one invocation moves through a NAT gateway, both ways.', size, {
    default: '0B',
    examples: ['50KB'],
  }),
  connectionMinutes: described(
    'How many minutes a month the clients of a WebSocket API are connected, together. Of one function of the API.',
    count,
    { default: 0, examples: ['4M'] },
  ),
} as const;

const schema: Schema<Traffic> = object({ required: {}, optional: trafficFields });

export const traffic: Setting<Traffic> = {
  schema: described('The traffic expected in a month, for fx cost and fx plan --cost.', schema, {
    examples: [{ requests: '3M', duration: '120ms' }],
  }),
};

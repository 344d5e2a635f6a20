// The settings that every kind of API has, as users write them.
import type { Plain } from '../base/located.ts';
import { described, flag, integer, located, mapOf, object, oneOf, type Schema, text } from '../base/schema.ts';
import type { Value } from '../cfn/resource.ts';
import { domainsSchema } from './_domain.ts';

/** The names of APIs, authorizers, keys and plans. */
export const apiName = {
  pattern: /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/,
  expected: 'a name (a letter, then letters, digits, - and _, at most 64)',
};

export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
export const throttleSchema: Schema<Throttle> = object({
  required: {
    rate: described('Requests a second, on average.', integer({ least: 0, most: 10_000_000 }), { examples: [100] }),
    burst: described('Requests at once.', integer({ least: 0, most: 10_000_000 }), { examples: [50] }),
  },
  optional: {},
  elsewhere: {
    throttlingRateLimit: 'rate',
    throttlingBurstLimit: 'burst',
    rateLimit: 'rate',
    burstLimit: 'burst',
  },
});

/** The limit as a stage has it. */
export const throttleProperties = (throttle: Throttle | undefined): Readonly<Record<string, Value>> =>
  throttle === undefined ? {} : { ThrottlingRateLimit: throttle.rate, ThrottlingBurstLimit: throttle.burst };

const authorizerExpected = 'the name of an authorizer, iam or none';

/** The authorizer that a route names, or the API for all that name none. */
export const authorizerNameSchema = located(text({ expected: authorizerExpected }));

export const apiReferenceSchema = located(text({ expected: 'the name of an API' }));
export const functionReferenceSchema = located(text({ expected: 'the name of a function' }));

interface DomainText {
  /** Whose domains they are. */
  readonly domains: string;
  readonly aws: `https://docs.aws.amazon.com/${string}`;
}

export const sharedFields = ({ domains, aws }: DomainText) => ({
  description: described('A description of the API.', text({ longest: 1024 }), { examples: ['The public API'] }),
  throttle: described('The limit of each route.', throttleSchema, { examples: [{ rate: 100, burst: 50 }] }),
  metrics: described('Metrics for each route.', flag, { default: false, examples: [true] }),
  defaultEndpoint: described('With false, the API answers only at its domain.', located(flag), {
    default: true,
    examples: [false],
  }),
  domain: described(domains, domainsSchema, {
    examples: [{ name: 'api.example.com', zone: '${zone:example.com}' }, 'api.example.com/v1'],
    aws,
  }),
  ipAddressType: oneOf(['ipv4', 'dualstack'], 'The kinds of address that may call the API.', {
    default: 'ipv4',
    examples: ['dualstack'],
  }),
});

/** The key `apis` of a section. */
export const furtherApis = <T>(api: Schema<T>, example: Plain) =>
  described('Further APIs by name, for routes with `api: NAME`.', mapOf(api, apiName), { examples: [example] });

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.stage-variables.html */
export const stageVariablesSchema = described(
  'Variables of the stage, which functions find in their events.',
  mapOf(text({ pattern: /^[A-Za-z0-9\-._~:/?#&=,]+$/, expected: 'a value of letters, digits and -._~:/?#&=,' }), {
    pattern: /^\w+$/,
    expected: 'a name of letters, digits and _',
  }),
  { examples: [{ table: 'orders' }] },
);

/** The names of stages that have to be in a path. */
export const stageNameSchema = text({
  pattern: /^[A-Za-z0-9_-]{1,128}$/,
  expected: 'a name of letters, digits, - and _',
});

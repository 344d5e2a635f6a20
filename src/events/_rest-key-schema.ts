// The API keys and the usage plans of a REST API, as users write them.
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  list,
  located,
  mapOf,
  object,
  oneOf,
  type Read,
  type Schema,
  text,
} from '../base/schema.ts';
import { apiName, throttleSchema } from './_api-settings.ts';

export interface ApiKey {
  readonly value?: string;
  readonly description?: string;
  readonly enabled?: boolean;
  readonly customerId?: string;
}

const keyMap: Schema<ReadonlyMap<string, ApiKey>> = mapOf(
  object({
    required: {},
    optional: {
      value: described(
        'The key itself, of 20 to 128 characters. It is in the template as plain text; without it, AWS makes one.',
        text({ pattern: /^[^\s]{20,128}$/, expected: 'a key of 20 to 128 characters' }),
        { examples: ['${var.MOBILE_KEY}'] },
      ),
      description: described('What the key is for.', text(), { examples: ['The mobile app'] }),
      enabled: described('Whether the key works.', flag, { default: true, examples: [false] }),
      customerId: described('The customer in AWS Marketplace.', text(), { examples: ['abc'] }),
    },
  }),
  apiName,
);
export const apiKeysSchema: Schema<ReadonlyMap<string, ApiKey>> = byKind<ReadonlyMap<string, ApiKey>>({
  list: converted(list(text(apiName), { least: 1 }), (names) => ({ value: new Map(names.map((key) => [key, {}])) })),
  map: keyMap,
  expected: 'a list of names, or a map of keys by name',
});

export const usagePlanSchema = object({
  required: {},
  optional: {
    description: described('What the plan is for.', text(), { examples: ['Partners'] }),
    quota: described(
      'How many requests a period has.',
      object({
        required: {
          limit: described('Requests a period.', integer({ least: 1, most: 2_147_483_647 }), { examples: [100_000] }),
          period: oneOf(['day', 'week', 'month'], 'The period.', { examples: ['month'] }),
        },
        optional: {
          offset: described('The day on which the first period begins.', integer({ least: 0, most: 28 }), {
            examples: [1],
          }),
        },
      }),
      { examples: [{ limit: 100_000, period: 'month' }] },
    ),
    throttle: described('The limit of each key.', throttleSchema, { examples: [{ rate: 10, burst: 5 }] }),
    keys: described(
      'The keys of the plan, by name; without them, all of apiKeys.',
      list(located(text({ expected: 'the name of a key' })), { least: 1 }),
      {
        examples: [['mobile']],
      },
    ),
  },
  elsewhere: { apiKeys: 'keys', limit: 'quota.limit' },
});
export type UsagePlan = Read<typeof usagePlanSchema>;

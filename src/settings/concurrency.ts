// How many calls a function handles at once: the limit, and the capacity kept ready.
import { described, integer } from '../base/schema.ts';
import type { Setting } from './setting.ts';

// The default quota of an account is 1,000; AWS can raise it: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const mostConcurrency = 100_000;

export const reservedConcurrency: Setting<number> = {
  schema: described(
    'Reserved concurrent executions: at most this many, and always available. 0 stops the function.',
    integer({ least: 0, most: mostConcurrency }),
    { examples: [20], aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html' },
  ),
  elsewhere: ['concurrency', 'reservedConcurrentExecutions'],
  compile: (ReservedConcurrentExecutions) => ({ properties: { ReservedConcurrentExecutions } }),
};

export const provisionedConcurrency: Setting<number> = {
  schema: described(
    'How many execution environments of the live version to keep initialized. They cost money while idle.',
    integer({ least: 1, most: mostConcurrency }),
    { examples: [5], aws: 'https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html' },
  ),
  elsewhere: ['provisionedConcurrentExecutions', 'provisionedConcurrencyConfig'],
  check(value, { reservedConcurrency: reserved }) {
    return typeof reserved === 'number' && value > reserved
      ? {
          message: `provisionedConcurrency is ${value}, more than the reservedConcurrency of ${reserved}`,
          hint: 'provisioned concurrency is part of reserved concurrency: lower one or raise the other',
        }
      : undefined;
  },
  compile: (ProvisionedConcurrentExecutions) => ({
    alias: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions } },
  }),
};

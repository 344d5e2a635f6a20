// How many calls a function takes at once: at most, and kept ready.
import { described, integer } from '../base/schema.ts';
import type { Setting } from './setting.ts';

// An account begins with 1,000, and has what it asked for: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const mostConcurrency = 100_000;

export const reservedConcurrency: Setting<number> = {
  schema: described(
    'Reserved concurrent executions: never more at once, and these always. 0 stops the function.',
    integer({ least: 0, most: mostConcurrency }),
    { examples: [20], aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html' },
  ),
  elsewhere: ['concurrency', 'reservedConcurrentExecutions'],
  compile: (ReservedConcurrentExecutions) => ({ properties: { ReservedConcurrentExecutions } }),
};

export const provisionedConcurrency: Setting<number> = {
  schema: described(
    'How many environments of the live version are kept started. They cost while they wait.',
    integer({ least: 1, most: mostConcurrency }),
    { examples: [5], aws: 'https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html' },
  ),
  elsewhere: ['provisionedConcurrentExecutions', 'provisionedConcurrencyConfig'],
  check(value, { reservedConcurrency: reserved }) {
    return typeof reserved === 'number' && value > reserved
      ? {
          message: `provisionedConcurrency is ${value}, more than the reservedConcurrency of ${reserved}`,
          hint: 'what is kept ready counts against what is reserved',
        }
      : undefined;
  },
  compile: (ProvisionedConcurrentExecutions) => ({
    alias: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions } },
  }),
};

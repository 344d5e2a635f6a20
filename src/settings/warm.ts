// How often a schedule calls the function to keep an execution environment of it: an event that the handler leaves alone.
import { duration } from '../base/duration.ts';
import { converted, described } from '../base/schema.ts';
import type { Setting } from './setting.ts';

/** What the function receives then. */
export const warmEvent = { source: 'fx.warm' } as const;

const expected = 'a time from 1m to 15m';

export const warm: Setting<number> = {
  functionOnly: true,
  schema: described(
    'Call the function so often, with the event {"source": "fx.warm"}, to keep one execution environment of it: at least every 15 minutes.',
    converted(duration({ least: 60, most: 900, expected }), (seconds) =>
      seconds % 60 === 0 ? { value: seconds } : { wrong: `expected ${expected}, in whole minutes, found ${seconds}s` },
    ),
    { examples: ['5m'], aws: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html' },
  ),
  check(_, { provisionedConcurrency }) {
    return provisionedConcurrency === undefined
      ? undefined
      : {
          message: 'warm and provisionedConcurrency exclude each other',
          hint: 'provisioned concurrency is warm already',
        };
  },
};

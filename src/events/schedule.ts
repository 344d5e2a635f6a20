// `schedule`: an EventBridge rule that calls the function's live alias at a rate or by a cron expression (UTC).
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, flag, object, type Schema, text, verbatim } from '../base/schema.ts';
import { arnOf } from '../cfn/arn.ts';
import { parseSchedule } from '../cfn/schedule-expression.ts';
import { allowInvoke } from './_invoke.ts';
import type { EventSource } from './source.ts';

export interface Schedule {
  readonly expression: string;
  readonly enabled: boolean;
  readonly description: string | undefined;
  /** What the function receives in place of the scheduled event. */
  readonly input: Plain | undefined;
}

const expected = 'rate(5 minutes) or cron(0 9 ? * MON-FRI *)';
const expression: Schema<string> = converted(text({ expected }), (written) => {
  const parsed = parseSchedule(written);
  return parsed.kind === 'invalid' ? { wrong: `${JSON.stringify(written)}: ${parsed.reason}` } : { value: written };
});

const short: Schema<Schedule> = converted(expression, (value) => ({
  value: { expression: value, enabled: true, description: undefined, input: undefined },
}));
const long: Schema<Schedule> = converted(
  object({
    required: {
      expression: described('rate(5 minutes) or cron(0 9 ? * MON-FRI *), in UTC.', expression, {
        examples: ['rate(5 minutes)', 'cron(0 9 ? * MON-FRI *)'],
      }),
    },
    optional: {
      enabled: described('With false, the schedule is off.', flag, { default: true }),
      description: described('A description, shown next to the name in AWS.', text({ longest: 512 }), {
        examples: ['Every working day at nine'],
      }),
      input: described("What the function receives in place of AWS's event.", verbatim, {
        examples: [{ report: 'daily' }],
      }),
    },
  }),
  ({ expression: value, enabled, description, input }) => ({
    value: { expression: value, enabled: enabled ?? true, description, input },
  }),
);

export const schedule: EventSource<'schedule', Schedule> = {
  kind: 'schedule',
  schema: byKind({ scalar: short, map: long, expected }),
  docs: {
    summary: 'Calls the function at a rate or by a cron expression, in UTC.',
    example: 'schedule: rate(5 minutes)',
    aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html',
  },
  describe: ({ expression: value, enabled }) => `${value}${enabled ? '' : ' (disabled)'}`,
  check: (): readonly Problem[] => [],
  compile({ function: target, config, ordinal }) {
    const id = target.id(`Schedule${ordinal === 1 ? '' : ordinal}`);
    return {
      resources: {
        [id]: {
          Type: 'AWS::Events::Rule',
          Properties: {
            ...(config.description === undefined ? {} : { Description: config.description }),
            ScheduleExpression: config.expression,
            State: config.enabled ? 'ENABLED' : 'DISABLED',
            Targets: [
              {
                Id: 'live',
                Arn: target.alias,
                ...(config.input === undefined ? {} : { Input: JSON.stringify(config.input) }),
              },
            ],
          },
        },
        [`${id}Permission`]: allowInvoke(target, 'events.amazonaws.com', arnOf(id, 'AWS::Events::Rule')),
      },
    };
  },
};

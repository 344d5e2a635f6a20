// What users write for an `eventbridge` event.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, flag, mapOf, object, type Schema, text, verbatim } from '../base/schema.ts';
import { busDialect } from '../cfn/event-pattern-language.ts';
import { isIntrinsic } from '../cfn/resource-schema.ts';
import { deadLettersSchema } from './_dead-letters.ts';
import { type Archive, archiveSchema } from './_event-bus.ts';
import { eventPattern } from './_pattern.ts';
import { type RuleTarget, retrySchema, ruleInputFields, severalInputs } from './_rule-target.ts';

export interface BusEvent extends RuleTarget {
  readonly pattern: Plain;
  /** default, a bus of the section, a logical id, a name, an ARN or an intrinsic. */
  readonly bus: Plain;
  readonly enabled: boolean;
  readonly description?: string;
  readonly name?: string;
  readonly archive?: Archive;
  readonly tags?: ReadonlyMap<string, string>;
}

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
const longestPattern = 4096;
const expectedBus = 'default, a bus of the project, or the name or ARN of an event bus';

const bus: Schema<Plain> = byKind<Plain>({
  scalar: text({
    pattern: /^([/.A-Za-z0-9_-]{1,256}|arn:\S+)$/,
    expected: expectedBus,
  }),
  map: converted(verbatim, (value) => (isIntrinsic(value) ? { value } : { wrong: `expected ${expectedBus}` })),
  expected: expectedBus,
});

export const busEventSchema: Schema<BusEvent> = converted(
  object({
    required: {
      pattern: described('Which events call the function.', eventPattern(busDialect, longestPattern), {
        examples: [{ source: ['shop'], 'detail-type': ['OrderPlaced'], detail: { total: [{ numeric: ['>', 100] }] } }],
        aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html',
      }),
    },
    optional: {
      bus: described(
        'The bus: default, one of the section eventbridge, a logical id under resources, or the name or ARN of one that exists.',
        bus,
        { default: 'default', examples: ['orders'] },
      ),
      enabled: described('With false, the rule is off.', flag, { default: true }),
      description: described('A description, shown next to the name in AWS.', text({ longest: 512 }), {
        examples: ['Large orders'],
      }),
      name: described(
        'The name of the rule in AWS; CloudFormation makes one without it.',
        text({ pattern: /^[.A-Za-z0-9_-]+$/, expected: 'a name of letters, digits, . _ and -', longest: 64 }),
        { examples: ['large-orders'] },
      ),
      input: described('What the function receives in place of the event.', verbatim, {
        examples: [{ reload: true }],
      }),
      ...ruleInputFields,
      retry: retrySchema,
      deadLetters: deadLettersSchema,
      archive: archiveSchema('Keeps the events that match, to replay them.'),
      tags: described('Tags of the rule.', mapOf(text()), { examples: [{ team: 'orders' }] }),
    },
    elsewhere: {
      eventBus: 'bus',
      eventBusName: 'bus',
      eventPattern: 'pattern',
      inputTransformer: 'transformer',
      retryPolicy: 'retry',
      deadLetterQueueArn: 'deadLetters',
      deadLetterConfig: 'deadLetters',
      schedule: 'a schedule event',
    },
  }),
  ({ bus: written = 'default', enabled = true, ...settings }) => {
    const wrong = severalInputs(settings);
    return wrong === undefined ? { value: { ...settings, bus: written, enabled } } : { wrong };
  },
);

// What a function receives from a rule of EventBridge or a schedule, and what happens if it cannot be called: keys of project.yml, and the
// properties of a target.
import { duration } from '../base/duration.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, integer, mapOf, object, type Schema, text, verbatim } from '../base/schema.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import { type DeadLetters, deadLetterQueue } from './_dead-letters.ts';
import { allowInvoke } from './_invoke.ts';
import type { FunctionReference } from './source.ts';

export interface Retry {
  readonly attempts?: number;
  /** Seconds. */
  readonly age?: number;
}

export interface Transformer {
  readonly paths: Readonly<Record<string, string>>;
  /** As AWS takes it. */
  readonly template: string;
}

export interface RuleTarget {
  readonly input?: Plain;
  readonly inputPath?: string;
  readonly transformer?: Transformer;
  readonly retry?: Retry;
  readonly deadLetters?: DeadLetters;
}

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
export const retrySchema: Schema<Retry> = described(
  'How often and how long AWS tries again to call the function. By default 185 times within 24 hours.',
  object({
    required: {},
    optional: {
      attempts: described('How many times to try again.', integer({ least: 0, most: 185 }), { default: 185 }),
      age: described(
        'How old an event may become, from 1m to 24h.',
        duration({ least: 60, most: 86_400, expected: 'a time from 1m to 24h' }),
        { default: '24h' },
      ),
    },
    elsewhere: {
      maximumRetryAttempts: 'attempts',
      maximumEventAge: 'age',
      maximumEventAgeInSeconds: 'age',
    },
  }),
  { examples: [{ attempts: 2, age: '1h' }] },
);

const jsonPath = text({
  pattern: /^\$([.[].*)?$/,
  expected: 'a path such as $.detail.id',
  longest: 256,
});

const template: Schema<string> = byKind<string>({
  // a text is what the function receives, unless it is JSON already
  scalar: converted(text(), (written) => ({ value: /^\s*["{[]/.test(written) ? written : JSON.stringify(written) })),
  list: converted(verbatim, (written) => ({ value: unquoted(written) })),
  map: converted(verbatim, (written) => ({ value: unquoted(written) })),
  expected: 'a text, or a map with <names>',
});

/** A value that is only a placeholder becomes what it stands for, with its type. */
function unquoted(value: Plain): string {
  return JSON.stringify(value).replace(/"(<[^<>\s"]+>)"/g, '$1');
}

const transformerSchema: Schema<Transformer> = converted(
  object({
    required: {
      template: described('What the function receives: a text, or a map; <name> stands for a value.', template, {
        examples: [{ order: '<id>', text: 'order <id> of <customer>' }],
      }),
    },
    optional: {
      paths: described('Where in the event the values are, by name.', mapOf(jsonPath), {
        examples: [{ id: '$.detail.id', customer: '$.detail.customer' }],
      }),
    },
    elsewhere: { inputPathsMap: 'paths', inputTemplate: 'template' },
  }),
  ({ paths = new Map<string, string>(), template: written }) => {
    const names = [...written.matchAll(/<([^<>\s"]+)>/g)].map(([, name = '']) => name);
    const unknown = names.find((name) => !paths.has(name) && !predefined.has(name));
    if (unknown !== undefined) {
      return {
        wrong: `the template has <${unknown}>, but paths has no "${unknown}"`,
        hint: `add ${unknown}: $.… to paths`,
      };
    }
    return { value: { paths: Object.fromEntries(paths), template: written } };
  },
);

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-predefined
const predefined = new Set([
  ...['aws.events.rule-arn', 'aws.events.rule-name', 'aws.events.event', 'aws.events.event.json'],
  'aws.events.event.ingestion-time',
]);

/** The keys of what a rule sends, for the `optional` part of a schema. */
export const ruleInputFields = {
  inputPath: described('The part of the event that the function receives.', jsonPath, { examples: ['$.detail'] }),
  transformer: described('Makes what the function receives out of the event.', transformerSchema, {
    aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html',
  }),
} as const;

/** A problem with the combination of keys. */
export function severalInputs({ input, inputPath, transformer }: RuleTarget): string | undefined {
  const given = Object.entries({ input, inputPath, transformer }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  return given.length > 1 ? `${given.join(' and ')} exclude each other` : undefined;
}

export function retryPolicy({ attempts, age }: Retry): Readonly<Record<string, Value>> {
  return {
    ...(attempts === undefined ? {} : { MaximumRetryAttempts: attempts }),
    ...(age === undefined ? {} : { MaximumEventAgeInSeconds: age }),
  };
}

/** Exactly this rule may call the function, and no one else. A state machine is started with a role. */
export function rulePermission(to: FunctionReference, id: string, arn: Value): Readonly<Record<string, Resource>> {
  return to.startRole === undefined ? { [`${id}Permission`]: allowInvoke(to, 'events.amazonaws.com', arn) } : {};
}

/** The target of a rule, and the dead letter queue that it needs. */
export function ruleTarget(
  to: FunctionReference,
  settings: RuleTarget,
  rule: { readonly id: string; readonly arn: Value },
): { readonly target: Value; readonly resources: Readonly<Record<string, Resource>> } {
  const { input, inputPath, transformer, retry, deadLetters } = settings;
  const pushing = { principal: 'events.amazonaws.com', sourceArn: rule.arn };
  const queue = deadLetters === undefined ? undefined : deadLetterQueue(deadLetters, `${rule.id}DeadLetters`, pushing);
  const target = {
    Id: to.startRole === undefined ? 'live' : 'start',
    Arn: to.alias,
    ...(to.startRole === undefined ? {} : { RoleArn: to.startRole }),
    ...(input === undefined ? {} : { Input: JSON.stringify(input) }),
    ...(inputPath === undefined ? {} : { InputPath: inputPath }),
    ...(transformer === undefined
      ? {}
      : {
          InputTransformer: {
            ...(Object.keys(transformer.paths).length === 0 ? {} : { InputPathsMap: transformer.paths }),
            InputTemplate: transformer.template,
          },
        }),
    ...(retry === undefined ? {} : { RetryPolicy: retryPolicy(retry) }),
    ...(queue === undefined ? {} : { DeadLetterConfig: { Arn: queue.arn } }),
  };
  return { target, resources: queue?.resources ?? {} };
}

// `s3`: what happens to the objects of a bucket. The bucket calls the function's live alias, or EventBridge does by a rule.
import type { Problem } from '../base/error.ts';
import { byKind, converted, described, flag, list, mapOf, object, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { bucketEvents, encodedFilter, overlapOf } from '../cfn/bucket-events.ts';
import type { Part } from '../cfn/part.ts';
import { type Resource, ref } from '../cfn/resource.ts';
import {
  arnForPermission,
  bucketId,
  bucketIdPart,
  bucketPart,
  bucketResource,
  checkBucket,
  describedBucket,
  existingName,
  knownValues,
  madeBuckets,
  type NamedBucket,
  namedBucket,
} from './_bucket.ts';
import { writtenNotifications } from './_bucket-notifications.ts';
import { bucketPattern, missingOnBus } from './_bucket-rule.ts';
import { checkDeadLetters, deadLettersSchema, warnOfPolicy } from './_dead-letters.ts';
import { allowInvoke, calledAfter, whileExists } from './_invoke.ts';
import { type RuleTarget, retrySchema, ruleInputFields, ruleTarget, severalInputs } from './_rule-target.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

interface ByRule extends RuleTarget {
  readonly tags?: ReadonlyMap<string, string>;
}

export interface BucketSource {
  readonly bucket: NamedBucket;
  /** Keys of `bucketEvents`. */
  readonly events: readonly string[];
  readonly prefix: string | undefined;
  readonly suffix: string | undefined;
  /** By a rule of EventBridge. */
  readonly rule: ByRule | undefined;
}

const usualEvents = ['s3:ObjectCreated:*'];

const eventName: Schema<string> = converted(text({ expected: 'an event such as ObjectCreated:*' }), (written) => {
  const name = written.startsWith('s3:') ? written : `s3:${written}`;
  if (bucketEvents.has(name)) return { value: name };
  const suggestion = nearest(name, [...bucketEvents.keys()]);
  const known = suggestion ?? `${[...bucketEvents.keys()].filter((key) => key.endsWith('*')).join(', ')} and more`;
  return {
    wrong: `S3 has no event "${written}"`,
    hint: suggestion === undefined ? `events are ${known}` : `did you mean "${suggestion.slice('s3:'.length)}"?`,
  };
});

const rule: Schema<ByRule | false> = byKind<ByRule | false>({
  scalar: converted(flag, (on) => ({ value: on ? {} : false })),
  map: converted(
    object({
      required: {},
      optional: {
        ...ruleInputFields,
        retry: retrySchema,
        deadLetters: deadLettersSchema,
        tags: described('Tags of the rule.', mapOf(text()), { examples: [{ team: 'media' }] }),
      },
      elsewhere: { retryPolicy: 'retry', deadLetterConfig: 'deadLetters', inputTransformer: 'transformer' },
    }),
    (written) => {
      const wrong = severalInputs(written);
      return wrong === undefined ? { value: written } : { wrong };
    },
  ),
  expected: 'true, or a map with inputPath, transformer, retry, deadLetters, tags',
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_FilterRule.html
const keyPart = text({ longest: 1024 });

const short: Schema<BucketSource> = converted(
  text({ expected: 'the logical id, name or ARN of a bucket' }),
  (named) => ({
    value: {
      bucket: { kind: 'existing', named },
      events: usualEvents,
      prefix: undefined,
      suffix: undefined,
      rule: undefined,
    },
  }),
);
const long: Schema<BucketSource> = converted(
  object({
    required: { bucket: namedBucket },
    optional: {
      events: described("Which events, by S3's names.", list(eventName, { least: 1 }), {
        default: ['ObjectCreated:*'],
        examples: [['ObjectCreated:*', 'ObjectRemoved:Delete']],
        aws: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html',
      }),
      prefix: described('Only keys that begin so.', keyPart, { examples: ['images/'] }),
      suffix: described('Only keys that end so.', keyPart, { examples: ['.jpg'] }),
      rule: described(
        "By a rule of EventBridge instead of the bucket itself: the event has EventBridge's form, rules may overlap, and failed calls can be kept. Always so for a bucket outside of the project, which must send its events to EventBridge.",
        rule,
        { default: false, examples: [true] },
      ),
    },
    elsewhere: {
      event: 'events',
      rules: 'prefix and suffix',
      filter: 'prefix and suffix',
      filterPrefix: 'prefix',
      filterSuffix: 'suffix',
      existing: 'bucket',
    },
  }),
  ({ events = usualEvents, rule: byRule, ...written }) => {
    const config: BucketSource = {
      prefix: undefined,
      suffix: undefined,
      ...written,
      events,
      rule: byRule || undefined,
    };
    const whole = events.find((name) => events.some((other) => other !== name && covers(name, other)));
    if (whole !== undefined) return { wrong: `${whole.slice('s3:'.length)} includes the other event: remove that one` };
    if (new Set(events).size < events.length) return { wrong: 'an event is there twice' };
    return { value: config };
  },
);

/** A bucket of another stack, as far as its name tells. */
function isElsewhere({ bucket }: BucketSource): boolean {
  return bucket.kind === 'existing' && !/^[A-Za-z0-9]*[A-Z]/.test(String(bucket.named));
}

function covers(name: string, other: string): boolean {
  return bucketEvents.get(name)?.includes(other) === true;
}

export const s3: EventSource<'s3', BucketSource> = {
  kind: 's3',
  schema: byKind({ scalar: short, map: long, expected: 'a bucket' }),
  docs: {
    summary: 'Calls the function when objects of an S3 bucket are created, deleted or changed.',
    example: 's3: {bucket: Uploads, prefix: images/, suffix: .jpg}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html',
  },

  fire({ function: target, config: { bucket, prefix = '', suffix = '' } }) {
    const id = bucketId(bucket, target);
    return { to: 'bucket', at: id === undefined ? (existingName(bucket) ?? '') : ref(id), key: `${prefix}fx${suffix}` };
  },
  sampleOf: (config) => (isElsewhere(config) || config.rule !== undefined ? 's3-rule' : 's3'),
  typeOf: (config) =>
    isElsewhere(config) || config.rule !== undefined
      ? 'lambda.EventBridgeEvent<string, Record<string, unknown>>'
      : 'lambda.S3Event',

  describe(config) {
    const { bucket, events, prefix = '', suffix = '' } = config;
    const keys = prefix === '' && suffix === '' ? '' : ` ${prefix}*${suffix}`;
    const by = isElsewhere(config)
      ? ' by a rule (the bucket must send its events to EventBridge)'
      : config.rule === undefined
        ? ''
        : ' by a rule';
    return `s3 ${describedBucket(bucket)}${keys} ${events.map((name) => name.slice('s3:'.length)).join(', ')}${by}`;
  },

  check(uses, context) {
    const made = madeBuckets(uses);
    return [
      ...uses.flatMap((use) => [
        ...checkBucket(use, made, context),
        ...checkDeadLetters(use.config.rule?.deadLetters, use, context),
        ...checkBusEvents(use, made, context),
        ...checkWildcards(use, made, context),
      ]),
      ...sameIds(uses),
      ...overlaps(uses, context),
    ];
  },
  warn: (uses, context) =>
    uses.flatMap((use) => warnOfPolicy(use.config.rule?.deadLetters, use, context, 'events.amazonaws.com')),

  compile(use, context, uses) {
    const { config } = use;
    const id = templateId(use, madeBuckets(uses), context);
    const own =
      config.bucket.kind === 'made' && id !== undefined ? bucketPart(id, config.bucket.made, context.names) : {};
    const called = isByRule(use, madeBuckets(uses), context)
      ? byRule(use, uses, id)
      : byBucket(use, uses, context, id ?? '');
    return { ...called, resources: { ...own.resources, ...called.resources }, outputs: own.outputs ?? {} };
  },
};

/** The logical id of a bucket of the template. */
function templateId(
  { function: to, config: { bucket } }: Use<BucketSource>,
  made: ReturnType<typeof madeBuckets>,
  { resources }: SourceContext,
): string | undefined {
  if (bucket.kind === 'made') return bucketId(bucket, to);
  const { named } = bucket;
  return typeof named === 'string' && (made.has(named) || resources.has(named)) ? named : undefined;
}

/** The bucket of another stack has one configuration, which that stack writes: fx does not change it. */
function isByRule(use: Use<BucketSource>, made: ReturnType<typeof madeBuckets>, context: SourceContext): boolean {
  return use.config.rule !== undefined || templateId(use, made, context) === undefined;
}

function byBucket(
  { function: to, config }: Use<BucketSource>,
  uses: readonly Use<BucketSource>[],
  context: SourceContext,
  id: string,
): Part {
  const bucket = bucketResource(id, madeBuckets(uses), context) ?? { Type: '' };
  const permission = to.id(`S3${bucketIdPart(config.bucket, to)}Permission`);
  const Rules = [
    ...(config.prefix === undefined ? [] : [{ Name: 'prefix', Value: encodedFilter(config.prefix) }]),
    ...(config.suffix === undefined ? [] : [{ Name: 'suffix', Value: encodedFilter(config.suffix) }]),
  ];
  // S3 checks that it may call the function
  const called = calledAfter(to, permission);
  const Filter = Rules.length === 0 ? {} : { Filter: { S3Key: { Rules } } };
  const LambdaConfigurations = config.events.map((Event) =>
    whileExists(to, { Event, Function: called.alias, ...Filter }),
  );
  const arn = arnForPermission(id, bucket, context.stackName);
  return {
    resources: { [permission]: allowInvoke(to, 's3.amazonaws.com', arn, ref('AWS::AccountId')) },
    additions: {
      [id]: {
        properties: { NotificationConfiguration: { LambdaConfigurations } },
        dependsOn: called.dependsOn,
        knownValues: knownValues(bucket),
        remedy: `give "${id}" a BucketName, or let EventBridge call the function: s3: {bucket: ${id}, rule: true}`,
      },
    },
  };
}

function byRule(use: Use<BucketSource>, uses: readonly Use<BucketSource>[], id: string | undefined): Part {
  const { function: to, config } = use;
  const name = id === undefined ? existingName(config.bucket) : ref(id);
  const part = bucketIdPart(config.bucket, to);
  const same = uses.filter(
    (other) => other.function.name === to.name && bucketIdPart(other.config.bucket, other.function) === part,
  );
  const number = same.indexOf(use) + 1;
  const ruleId = to.id(`S3${part}Rule${number <= 1 ? '' : number}`);
  const arn = arnOf(ruleId, 'AWS::Events::Rule');
  const sent = ruleTarget(to, config.rule ?? {}, { id: ruleId, arn });
  const tags = [...(config.rule?.tags ?? [])].map(([Key, Value]) => ({ Key, Value }));
  const { events, prefix, suffix } = config;
  const resource: Resource = {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: bucketPattern({ bucket: name ?? '', events, prefix, suffix }),
      State: 'ENABLED',
      Targets: [sent.target],
      ...(tags.length === 0 ? {} : { Tags: tags }),
    },
  };
  const toBus = { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } };
  return {
    resources: {
      [ruleId]: resource,
      [`${ruleId}Permission`]: allowInvoke(to, 'events.amazonaws.com', arn),
      ...sent.resources,
    },
    ...(id === undefined ? {} : { additions: { [id]: { properties: toBus } } }),
  };
}

function checkBusEvents(
  use: Use<BucketSource>,
  made: ReturnType<typeof madeBuckets>,
  context: SourceContext,
): Problem[] {
  const missing = isByRule(use, made, context) ? missingOnBus(use.config.events) : undefined;
  if (missing === undefined) return [];
  return [{ at: use.at, message: `S3 does not send ${missing.slice('s3:'.length)} to EventBridge` }];
}

function checkWildcards(
  use: Use<BucketSource>,
  made: ReturnType<typeof madeBuckets>,
  context: SourceContext,
): Problem[] {
  const { prefix = '', suffix = '' } = use.config;
  const wildcard = [prefix, suffix].find((text) => text.includes('*'));
  if (wildcard === undefined || isByRule(use, made, context)) return [];
  return [
    { at: use.at, message: `"${wildcard}": S3 takes no wildcards`, hint: 'write how keys begin or end, as it is' },
  ];
}

function sameIds(uses: readonly Use<BucketSource>[]): Problem[] {
  const seen = new Set<string>();
  return uses.flatMap(({ function: to, config: { bucket }, at }) => {
    if (bucket.kind !== 'made') return [];
    const id = bucketId(bucket, to) ?? '';
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = `two buckets would have the logical id "${id}"`;
    return [{ at, message, hint: `for events of the same bucket: s3: ${id}` }];
  });
}

/** S3 refuses two notifications about one event of one key, whatever their destinations. */
function overlaps(uses: readonly Use<BucketSource>[], context: SourceContext): Problem[] {
  const made = madeBuckets(uses);
  const direct = uses.filter((use) => !isByRule(use, made, context));
  return direct.flatMap((use, index) => {
    const id = templateId(use, made, context) ?? '';
    const before = direct
      .slice(0, index)
      .filter((other) => templateId(other, made, context) === id)
      .map((other) => ({ ...other.config, of: `"${other.function.name}"` }));
    const written = writtenNotifications(context.resources.get(id));
    for (const other of [...written, ...before]) {
      const event = overlapOf(use.config, other);
      if (event === undefined) continue;
      const message = `${other.of} gets ${event.slice('s3:'.length)} of the same keys of "${id}", and S3 notifies only one destination of an event`;
      const hint = 'choose prefixes or suffixes that exclude each other, or write rule: true at one of them';
      return [{ at: use.at, message, hint }];
    }
    return [];
  });
}

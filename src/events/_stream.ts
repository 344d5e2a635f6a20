// Shared by the streams that Lambda reads, of tables and of Kinesis: the keys in project.yml, checks, and the mapping.

import { duration } from '../base/duration.ts';
import type { Problem, Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { converted, described, flag, integer, oneOf, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { allow, type Part, type Statement } from '../cfn/part.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import { type DeadLetters, deadLetterQueue, deadLettersSchema } from './_dead-letters.ts';
import { checkMapping, eventSourceMapping, type MappingSettings, mappingDefaults, mappingFields } from './_mapping.ts';
import { logicalIdOf } from './_queue-name.ts';
import type { FunctionReference, SourceContext } from './source.ts';

type Position = 'AT_TIMESTAMP' | 'LATEST' | 'TRIM_HORIZON';

export interface StreamSettings extends MappingSettings {
  /** Undefined where the source has none. */
  readonly startingPosition: Position | undefined;
  readonly bisect: boolean;
  /** -1 without a limit. */
  readonly maximumRetryAttempts: number | undefined;
  /** Seconds. */
  readonly maximumRecordAge: number | undefined;
  readonly parallelization: number | undefined;
  /** Seconds. */
  readonly tumblingWindow: number | undefined;
  /** A queue that fx makes, or an existing queue, topic or bucket. */
  readonly onFailure: DeadLetters | undefined;
}

export const defaultStreamBatch = 100;

export const streamDefaults = {
  ...mappingDefaults,
  batchSize: defaultStreamBatch,
  startingPosition: 'TRIM_HORIZON',
  bisect: false,
  maximumRetryAttempts: undefined,
  maximumRecordAge: undefined,
  parallelization: undefined,
  tumblingWindow: undefined,
  onFailure: undefined,
} as const;

const {
  // for queues and Kafka: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
  maximumConcurrency: _,
  provisionedPollers: __,
  ...common
} = mappingFields({
  record: 'record',
  batchSize: { default: defaultStreamBatch, most: 10_000, about: 'The maximum number of records per call.' },
  pollers: { least: 1, most: 1 },
});

/** Seconds since 1970. */
export const timestamp: Schema<number> = converted(
  text({ pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?Z$/, expected: 'a time such as 2027-01-31T09:00:00Z' }),
  (written) => {
    const value = Date.parse(written) / 1000;
    return Number.isNaN(value) ? { wrong: `${written} is not a time` } : { value };
  },
);

const onFailure: Schema<DeadLetters> = described(
  'Where the place of a batch goes that failed on every attempt: true for a new queue, or the logical id or ARN of a queue, topic or bucket.',
  deadLettersSchema,
  { examples: [true, 'FailedRecords'] },
);

/** https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html, https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html */
export function streamFields<P extends Position>(positions: readonly P[]) {
  return {
    ...common,
    startingPosition: oneOf(positions, 'Where a new mapping begins: with the oldest record, or with what is new.', {
      default: 'TRIM_HORIZON' as P,
    }),
    bisect: described('Splits a batch that failed in two, to find the records that fail.', flag, { default: false }),
    maximumRetryAttempts: described(
      'How often a failed batch is tried again, from 0 to 10000. Without it, until its records expire; nothing after it is read meanwhile.',
      integer({ least: -1, most: 10_000 }),
      { examples: [3] },
    ),
    maximumRecordAge: described(
      'Older records are given up. Without it, those that the stream still has are tried.',
      duration({ least: 60, most: 604_800, expected: 'a time from 1m to 7d' }),
      { examples: ['1h'] },
    ),
    parallelization: described(
      'How many batches of a shard are processed at once; the records of one key stay in order.',
      integer({ least: 1, most: 10 }),
      { default: 1 },
    ),
    tumblingWindow: described(
      'Seconds of a window, over which the function keeps a state from call to call.',
      integer({ least: 1, most: 900 }),
      { examples: [60], aws: 'https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html' },
    ),
    onFailure,
  };
}

/** The mapping of a stream, where its failed batches go, and what the role needs for both. */
export function streamMapping(
  target: FunctionReference,
  id: string,
  source: { readonly properties: Readonly<Record<string, Value>>; readonly statements: readonly Statement[] },
  settings: StreamSettings,
  context: SourceContext,
): Part {
  const { startingPosition, bisect, maximumRetryAttempts, maximumRecordAge, parallelization, tumblingWindow } =
    settings;
  const letters = settings.onFailure === undefined ? undefined : failures(settings.onFailure, `${id}Failures`, context);
  const mapping = eventSourceMapping(
    target,
    {
      ...source.properties,
      ...(startingPosition === undefined ? {} : { StartingPosition: startingPosition }),
      ...(bisect ? { BisectBatchOnFunctionError: true } : {}),
      ...(maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
      ...(maximumRecordAge === undefined ? {} : { MaximumRecordAgeInSeconds: maximumRecordAge }),
      ...(parallelization === undefined ? {} : { ParallelizationFactor: parallelization }),
      ...(tumblingWindow === undefined ? {} : { TumblingWindowInSeconds: tumblingWindow }),
      ...(letters === undefined ? {} : { DestinationConfig: { OnFailure: { Destination: letters.arn } } }),
    },
    settings,
  );
  return {
    resources: { [id]: mapping, ...letters?.resources },
    statements: [...source.statements, ...(letters?.statements ?? [])],
  };
}

interface Failures {
  readonly arn: Value;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly statements: readonly Statement[];
}

const targetTypes: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 's3',
  'AWS::SNS::Topic': 'sns',
  'AWS::SQS::Queue': 'sqs',
};

/** https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html */
function failures(letters: DeadLetters, id: string, { resources }: SourceContext): Failures {
  if (letters === 'made') {
    const made = deadLetterQueue(letters, id);
    return { ...made, statements: [allow('sqs:SendMessage', made.arn)] };
  }
  const { queue: named } = letters;
  const logicalId = logicalIdOf(named);
  const type = resources.get(logicalId ?? '')?.Type ?? '';
  const arn = logicalId === undefined ? named : arnOf(logicalId, type);
  switch (logicalId === undefined ? serviceIn(named) : targetTypes[type]) {
    case 's3':
      return {
        arn,
        resources: {},
        statements: [allow('s3:PutObject', { 'Fn::Join': ['', [arn, '/*']] }), allow('s3:ListBucket', arn)],
      };
    case 'sns':
      return { arn, resources: {}, statements: [allow('sns:Publish', arn)] };
    default:
      return { arn, resources: {}, statements: [allow('sqs:SendMessage', arn)] };
  }
}

const serviceIn = (named: Plain): string | undefined => (typeof named === 'string' ? named.split(':')[2] : undefined);

/** What is wrong with the settings of a stream, whatever the stream. `keys`: the top-level keys of a record, for filters. */
export function checkStream(
  settings: StreamSettings,
  {
    keys,
    at,
    resources,
  }: { readonly keys: readonly string[]; readonly at: Span; readonly resources: SourceContext['resources'] },
): Problem[] {
  const problems = checkMapping(settings, { record: 'record', keys, at });
  const { parallelization = 1, tumblingWindow, onFailure: letters } = settings;
  // https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
  if (tumblingWindow !== undefined && parallelization > 1) {
    problems.push({ at, message: 'tumblingWindow and parallelization exclude each other', hint: 'remove one of them' });
  }
  const id = letters === undefined || letters === 'made' ? undefined : logicalIdOf(letters.queue);
  if (id === undefined) return problems;
  const type = resources.get(id)?.Type;
  if (type === undefined) {
    const suggestion = nearest(id, [...resources.keys()]);
    const hint = suggestion === undefined ? 'write onFailure: true for a new queue' : `did you mean "${suggestion}"?`;
    problems.push({ at, message: `there is no queue, topic or bucket "${id}" under resources`, hint });
  } else if (targetTypes[type] === undefined) {
    problems.push({ at, message: `"${id}" is ${type}; a failed batch goes to a queue, a topic or a bucket` });
  }
  return problems;
}

/** One failing batch stops a shard for as long as its records live. */
export function endlessRetries(
  { maximumRetryAttempts, maximumRecordAge }: StreamSettings,
  at: Span,
  retention: string,
): Problem[] {
  if ((maximumRetryAttempts ?? -1) >= 0 || maximumRecordAge !== undefined) return [];
  return [
    {
      at,
      message: `a batch that always fails stops its shard for ${retention}`,
      hint: 'set maximumRetryAttempts or maximumRecordAge, with onFailure: true to keep the place of what failed',
    },
  ];
}

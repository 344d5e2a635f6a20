// `pipe`: an EventBridge pipe from a queue or stream, through filters and an enrichment, to the function's live alias.
import { duration } from '../base/duration.ts';
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  list,
  object,
  oneOf,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { compileFilters, InvalidFilter } from '../cfn/event-filter.ts';
import { allow, type Part } from '../cfn/part.ts';
import { attribute, type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import { inlinePolicies, onBehalfOf, policyDocument, trust } from '../cfn/role.ts';
import { checkDeadLetters, type DeadLetters, deadLetterQueue, deadLettersSchema } from './_dead-letters.ts';
import { checkEnrichment, enrichment } from './_pipe-enrichment.ts';
import {
  type PipeKind,
  type PipeSource,
  parametersName,
  pipeSource,
  readStatement,
  recordKeys,
  sourceIdPart,
} from './_pipe-source.ts';
import { keyItem, type StreamView, streamAddition, streamViews } from './_table.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export interface Pipe {
  /** A logical id of `resources`, or an ARN. */
  readonly source: string;
  readonly filters?: readonly Plain[];
  readonly batchSize?: number;
  /** Seconds, as are all times. */
  readonly batchWindow?: number;
  /** A function or state machine of the project, a logical id, or an ARN. */
  readonly enrichment?: string;
  readonly enrichmentInput?: string;
  readonly input?: string;
  readonly invocationType?: 'REQUEST_RESPONSE' | 'FIRE_AND_FORGET';
  readonly view?: StreamView;
  readonly startingPosition?: 'LATEST' | 'TRIM_HORIZON';
  readonly bisect?: boolean;
  readonly maximumRetryAttempts?: number;
  readonly maximumRecordAge?: number;
  readonly parallelization?: number;
  readonly onFailure?: DeadLetters;
  readonly enabled?: boolean;
  readonly description?: string;
}

const expected = 'the logical id or ARN of a queue or stream, or the logical id of a table';
const source = text({ pattern: /^([A-Za-z0-9]+|arn:\S+)$/, expected });

/** AWS's templates are texts; a map becomes one, in which a placeholder alone keeps its type. */
const template: Schema<string> = byKind<string>({
  scalar: converted(text(), (written) => ({ value: written })),
  map: converted(verbatim, (written) => ({ value: unquoted(written) })),
  list: converted(verbatim, (written) => ({ value: unquoted(written) })),
  expected: 'a text, or a map with placeholders such as <$.body.id>',
});

function unquoted(value: Plain): string {
  return JSON.stringify(value).replace(/"(<[^<>"]+>)"/g, '$1');
}

// Bounds: AWS::Pipes::Pipe in the CloudFormation registry
const long: Schema<Pipe> = object({
  required: {
    source: described(
      'The queue, Kinesis stream or table under resources, or the ARN of a queue or stream. fx turns the stream of a table on.',
      source,
      { examples: ['Orders'] },
    ),
  },
  optional: {
    filters: described('Event patterns, at most five. What matches none is dropped.', list(verbatim, { most: 5 }), {
      examples: [[{ body: { kind: ['order'] } }]],
      aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-filtering.html',
    }),
    batchSize: described(
      'The maximum number of records per call. By default 10 of a queue, 100 of a stream.',
      integer({ least: 1, most: 10_000 }),
      { examples: [10] },
    ),
    batchWindow: described('Seconds to wait for a batch to fill.', integer({ least: 0, most: 300 }), { default: 0 }),
    enrichment: described(
      'What is called with the batch first, and whose answer the function receives: a function or an express state machine of the project, a resource, or an ARN.',
      text({
        pattern: /^([A-Za-z][A-Za-z0-9_-]*|arn:\S+)$/,
        expected: 'the name of a function, a logical id, or an ARN',
      }),
      { examples: ['enrich'], aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html' },
    ),
    enrichmentInput: described(
      'What the enrichment receives of each record: a text or a map with <$.paths>.',
      template,
      {
        examples: [{ id: '<$.body.id>' }],
      },
    ),
    input: described('What the function receives of each record: a text or a map with <$.paths>.', template, {
      examples: [{ id: '<$.body.id>', pipe: '<aws.pipes.pipe-name>' }],
      aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html',
    }),
    invocationType: oneOf(
      ['REQUEST_RESPONSE', 'FIRE_AND_FORGET'],
      'Whether the pipe waits for the function, and tries again if it fails.',
      { default: 'REQUEST_RESPONSE', examples: ['FIRE_AND_FORGET'] },
    ),
    view: oneOf(streamViews, 'Of a table: what records contain of an item, if fx turns the stream on.', {
      default: 'NEW_AND_OLD_IMAGES',
      examples: ['NEW_IMAGE'],
    }),
    startingPosition: oneOf(
      ['LATEST', 'TRIM_HORIZON'],
      'Of a stream: where a new pipe begins, with the oldest record or with what is new.',
      { default: 'TRIM_HORIZON', examples: ['LATEST'] },
    ),
    bisect: described('Of a stream: splits a batch that failed in two, to find the records that fail.', flag, {
      default: false,
    }),
    maximumRetryAttempts: described(
      'Of a stream: how often a failed batch is tried again. Without it, until its records expire.',
      integer({ least: -1, most: 10_000 }),
      { examples: [3] },
    ),
    maximumRecordAge: described(
      'Of a stream: older records are given up.',
      duration({ least: 60, most: 604_800, expected: 'a time from 1m to 7d' }),
      { examples: ['1h'] },
    ),
    parallelization: described(
      'Of a stream: how many batches of a shard are processed at once.',
      integer({ least: 1, most: 10 }),
      {
        default: 1,
      },
    ),
    onFailure: deadLettersSchema,
    enabled: described('With false, the pipe is stopped.', flag, { default: true }),
    description: described('A description, shown next to the name in AWS.', text({ longest: 512 }), {
      examples: ['Orders with the names of their customers'],
    }),
  },
  elsewhere: {
    filterCriteria: 'filters',
    inputTemplate: 'input',
    maximumBatchingWindow: 'batchWindow',
    parallelizationFactor: 'parallelization',
    deadLetterConfig: 'onFailure',
    desiredState: 'enabled',
  },
});

export const pipe: EventSource<'pipe', Pipe> = {
  kind: 'pipe',
  schema: byKind({ scalar: converted(source, (named) => ({ value: { source: named } })), map: long, expected }),
  docs: {
    summary:
      'Calls the function by an EventBridge pipe from a queue or stream, with filters and an enrichment on the way.',
    example: 'pipe: {source: Jobs, filters: [{body: {kind: [order]}}], input: {id: <$.body.id>}}',
    aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes.html',
  },
  typeOf: ({ source: named, enrichment: enriched, input }, context) => {
    const kind = pipeSource(named, context)?.kind;
    return kind === undefined || enriched !== undefined || input !== undefined ? 'unknown' : recordTypes[kind];
  },
  describe: ({ source: named, enrichment: enriched, enabled }) =>
    `pipe ${named.split(/[:/]/).at(-1)}${enriched === undefined ? '' : ` through ${enriched.split(':').at(-1)}`}${enabled === false ? ' (disabled)' : ''}`,

  check: (uses, context) => [...uses.flatMap((use) => checkUse(use, context)), ...twice(uses)],

  fire({ config: { source: named } }, context) {
    const { resources } = context;
    const { kind, arn } = pipeSource(named, context) ?? { kind: 'sqs', arn: named };
    if (kind !== 'dynamodb') return { to: kind === 'sqs' ? 'queue' : 'stream', at: arn };
    return { to: 'table', at: resources.has(named) ? ref(named) : named, item: keyItem(resources.get(named)) };
  },

  compile({ function: target, config }, context): Part {
    const from = pipeSource(config.source, context);
    // the check has reported it
    if (from === undefined) return {};
    const id = target.id(`Pipe${sourceIdPart(config.source)}`);
    const letters = config.onFailure === undefined ? undefined : deadLetterQueue(config.onFailure, `${id}Failures`);
    const through = config.enrichment === undefined ? undefined : enrichment(config.enrichment, context);
    const statements = [
      readStatement(from),
      ...(through === undefined ? [] : [through.statement]),
      allow('lambda:InvokeFunction', target.alias),
      ...(letters === undefined ? [] : [allow('sqs:SendMessage', letters.arn)]),
    ];
    const properties: Record<string, Value> = {
      ...(config.description === undefined ? {} : { Description: config.description }),
      RoleArn: attribute(`${id}Role`, 'Arn'),
      Source: from.arn,
      SourceParameters: sourceParameters(from.kind, config, letters?.arn),
      ...(through === undefined ? {} : { Enrichment: through.arn }),
      ...(config.enrichmentInput === undefined
        ? {}
        : { EnrichmentParameters: { InputTemplate: config.enrichmentInput } }),
      Target: target.alias,
      TargetParameters: {
        ...(config.input === undefined ? {} : { InputTemplate: config.input }),
        LambdaFunctionParameters: { InvocationType: config.invocationType ?? 'REQUEST_RESPONSE' },
      },
      DesiredState: config.enabled === false ? 'STOPPED' : 'RUNNING',
    };
    const isTable = from.kind === 'dynamodb' && context.resources.has(config.source);
    return {
      resources: {
        [`${id}Role`]: role(statements as unknown as Value[]),
        [id]: { Type: 'AWS::Pipes::Pipe', Properties: properties },
        ...letters?.resources,
      },
      ...(isTable ? streamAddition(config.source, config.view, context) : {}),
    };
  },
};

/** A pipe sends the records alone. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html */
const recordTypes: Readonly<Record<PipeKind, string>> = {
  dynamodb: 'lambda.DynamoDBRecord[]',
  // without the part `kinesis`: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
  kinesis: '(lambda.KinesisStreamRecordPayload & Omit<lambda.KinesisStreamRecord, "kinesis">)[]',
  sqs: 'lambda.SQSRecord[]',
};

function sourceParameters(kind: PipeKind, config: Pipe, letters: Value | undefined): Value {
  const { filters, batchSize, batchWindow, maximumRetryAttempts, maximumRecordAge, parallelization } = config;
  const batch = {
    BatchSize: batchSize ?? (kind === 'sqs' ? 10 : 100),
    ...(batchWindow === undefined ? {} : { MaximumBatchingWindowInSeconds: batchWindow }),
  };
  const stream = {
    StartingPosition: config.startingPosition ?? 'TRIM_HORIZON',
    ...(config.bisect === true ? { OnPartialBatchItemFailure: 'AUTOMATIC_BISECT' } : {}),
    ...(maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(maximumRecordAge === undefined ? {} : { MaximumRecordAgeInSeconds: maximumRecordAge }),
    ...(parallelization === undefined ? {} : { ParallelizationFactor: parallelization }),
    ...(letters === undefined ? {} : { DeadLetterConfig: { Arn: letters } }),
  };
  return {
    ...(filters === undefined
      ? {}
      : { FilterCriteria: { Filters: filters.map((filter) => ({ Pattern: JSON.stringify(filter) })) } }),
    [parametersName[kind]]: kind === 'sqs' ? batch : { ...batch, ...stream },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html; CloudFormation chooses the name of the pipe, so that it
 * can be replaced. */
function role(statements: readonly Value[]): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policyDocument([
        trust(
          'pipes.amazonaws.com',
          onBehalfOf(sub('arn:${AWS::Partition}:pipes:${AWS::Region}:${AWS::AccountId}:pipe/*')),
        ),
      ]),
      ...inlinePolicies(statements),
    },
  };
}

const streamOnly = [
  ...(['startingPosition', 'bisect', 'maximumRetryAttempts', 'maximumRecordAge', 'parallelization'] as const),
  'onFailure' as const,
];

function checkUse(use: Use<Pipe>, context: SourceContext): readonly Problem[] {
  const { config, at, function: target } = use;
  const from = pipeSource(config.source, context);
  return [
    ...(from === undefined ? [noSource(config.source, at, context)] : checkSource(from, use, context)),
    ...checkEnrichment(config.enrichment, { target, at }, context),
    ...(config.enrichmentInput !== undefined && config.enrichment === undefined
      ? [{ at, message: 'enrichmentInput needs an enrichment' }]
      : []),
    ...checkDeadLetters(config.onFailure, use, context),
  ];
}

function noSource(named: string, at: Problem['at'], { resources }: SourceContext): Problem {
  const type = resources.get(named)?.Type;
  if (type !== undefined) return { at, message: `"${named}" is ${type}, and a pipe cannot read it` };
  if (named.startsWith('arn:'))
    return { at, message: `a pipe reads a queue, a Kinesis stream or the stream of a table, not ${named}` };
  const suggestion = nearest(named, [...resources.keys()]);
  const hint =
    suggestion === undefined ? 'declare it under resources, or give an ARN' : `did you mean "${suggestion}"?`;
  return { at, message: `there is no queue, stream or table "${named}" under resources`, hint };
}

function checkSource({ kind, arn }: PipeSource, { config, at }: Use<Pipe>, context: SourceContext): Problem[] {
  const { names } = context;
  const problems: Problem[] = [];
  if (config.view !== undefined && !(kind === 'dynamodb' && context.resources.has(config.source))) {
    problems.push({ at, message: 'view is for a table of resources, whose stream fx turns on' });
  }
  const other = kind === 'sqs' ? streamOnly.find((key) => config[key] !== undefined) : undefined;
  if (other !== undefined) problems.push({ at, message: `${other} is for streams, and "${config.source}" is a queue` });
  const region = typeof arn === 'string' ? arn.split(':')[3] : names.region;
  if (region !== names.region) {
    problems.push({
      at,
      message: `"${config.source}" is in ${region}, and a pipe reads in its own region, ${names.region}`,
    });
  }
  for (const filter of config.filters ?? []) problems.push(...checkFilter(filter, recordKeys[kind], at));
  return problems;
}

function checkFilter(filter: Plain, keys: readonly string[], at: Problem['at']): Problem[] {
  const written = JSON.stringify(filter);
  try {
    compileFilters([written]);
  } catch (error) {
    if (!(error instanceof InvalidFilter)) throw error;
    return [{ at, message: `EventBridge does not accept the filter ${written}: ${error.message}` }];
  }
  const unknown = Object.keys(filter as object).find((key) => key !== '$or' && !keys.includes(key));
  if (unknown === undefined) return [];
  const message = `no record has "${unknown}", so the filter ${written} would drop all of them`;
  return [{ at, message, hint: `a filter's first keys are those of the record: ${keys.join(', ')}` }];
}

function twice(uses: readonly Use<Pipe>[]): Problem[] {
  return uses.flatMap(({ function: target, config, at }, index) => {
    const isSame = uses
      .slice(0, index)
      .some((other) => other.function.name === target.name && other.config.source === config.source);
    return isSame
      ? [{ at, message: `"${target.name}" has two pipes from "${config.source}"`, hint: 'remove one of them' }]
      : [];
  });
}

// `dynamodb`: batches of changes of a table, read from its stream for the function's live alias.
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, oneOf, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { pascalCase } from '../cfn/names.ts';
import { attribute, canonicalJson, ref, type Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import {
  checkStream,
  endlessRetries,
  type StreamSettings,
  streamDefaults,
  streamFields,
  streamMapping,
} from './_stream.ts';
import { keyItem, type StreamView, streamAddition, streamViews, tableTypes } from './_table.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export interface TableSource extends StreamSettings {
  /** The logical id of a table of `resources`. */
  readonly table: string | undefined;
  /** The ARN of a stream, or an intrinsic. */
  readonly stream: Plain | undefined;
  readonly view: StreamView | undefined;
}

const streamArn = /^arn:[a-z0-9-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/[A-Za-z0-9_.-]+\/stream\/\S+$/;
const expected = 'the logical id of a table under resources, or the ARN of a stream';
const nothing = { ...streamDefaults, table: undefined, stream: undefined, view: undefined };

const short: Schema<TableSource> = converted(text({ expected }), (named) => ({
  value: named.startsWith('arn:') ? { ...nothing, stream: named } : { ...nothing, table: named },
}));
const long: Schema<TableSource> = converted(
  object({
    required: {},
    optional: {
      table: described(
        'The logical id of a table under resources. If the table has no stream, fx turns it on.',
        text({ pattern: /^[A-Za-z0-9]+$/, expected: 'the logical id of a table' }),
        { examples: ['Orders'] },
      ),
      stream: described(
        'The ARN of the stream of another table, or an intrinsic.',
        textOrIntrinsic(streamArn, 'the ARN of a stream, or an intrinsic'),
        {
          examples: ['arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000'],
        },
      ),
      view: oneOf(streamViews, 'What records contain of an item, if fx turns the stream on.', {
        default: 'NEW_AND_OLD_IMAGES',
      }),
      ...streamFields(['LATEST', 'TRIM_HORIZON']),
    },
    elsewhere: { streamViewType: 'view', arn: 'stream' },
  }),
  (written) => {
    const { table, stream, view } = written;
    if ((table === undefined) === (stream === undefined)) return { wrong: 'write either `table` or `stream`' };
    if (stream !== undefined && view !== undefined)
      return { wrong: '`view` is for a `table` whose stream fx turns on' };
    return { value: { ...nothing, ...written } };
  },
);

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html: the members of a record. */
const keys = [
  'eventID',
  'eventName',
  'eventVersion',
  'eventSource',
  'awsRegion',
  'dynamodb',
  'userIdentity',
  'eventSourceARN',
];

export const dynamodb: EventSource<'dynamodb', TableSource> = {
  kind: 'dynamodb',
  schema: byKind({ scalar: short, map: long, expected }),
  docs: {
    summary: "Calls the function with batches of changes of a DynamoDB table, from the table's stream.",
    example: 'dynamodb: {table: Orders, batchSize: 100, maximumRetryAttempts: 3, onFailure: true}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html',
  },
  typeOf: () => 'lambda.DynamoDBStreamEvent',
  describe: ({ table, stream, enabled }) =>
    `dynamodb ${table ?? (typeof stream === 'string' ? stream.split('/')[1] : JSON.stringify(stream))}${enabled ? '' : ' (disabled)'}`,

  check: (uses, context) => [...uses.flatMap((use) => checkUse(use, context)), ...twice(uses)],
  warn: (uses) => uses.flatMap(({ config, at }) => endlessRetries(config, at, '24 hours')),

  fire: ({ config: { table, stream } }, { resources }) => ({
    to: 'table',
    at: table === undefined ? (stream ?? '') : ref(table),
    item: keyItem(resources.get(table ?? '')),
  }),

  compile({ function: target, config }, context) {
    const { table, stream } = config;
    const arn: Value = table === undefined ? (stream ?? '') : attribute(table, 'StreamArn');
    const part = streamMapping(
      target,
      target.id(`Dynamodb${idPart(config)}`),
      {
        properties: { EventSourceArn: arn },
        // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html#events-dynamodb-permissions
        statements: [
          {
            Effect: 'Allow',
            Action: [
              'dynamodb:DescribeStream',
              'dynamodb:GetRecords',
              'dynamodb:GetShardIterator',
              'dynamodb:ListStreams',
            ],
            Resource: [arn],
          },
        ],
      },
      config,
      context,
    );
    return table === undefined ? part : { ...part, ...streamAddition(table, config.view, context) };
  },
};

function idPart({ table, stream }: TableSource): string {
  if (table !== undefined) return table;
  const name = typeof stream === 'string' ? pascalCase(stream.split('/')[1] ?? '') : 'Stream';
  return `${name}${sha256(typeof stream === 'string' ? stream : canonicalJson(stream)).slice(0, 8)}`;
}

function checkUse({ config, at }: Use<TableSource>, { resources, names }: SourceContext): Problem[] {
  const { table, stream, view } = config;
  const problems = checkStream(config, { keys, at, resources });
  if (table === undefined) {
    const region = typeof stream === 'string' ? stream.split(':')[3] : names.region;
    // https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    if (region === names.region) return problems;
    const message = `the stream is in ${region}, but the function is in ${names.region}: Lambda reads only streams of its region`;
    return [...problems, { at, message }];
  }
  const resource = resources.get(table);
  if (resource === undefined) {
    const suggestion = nearest(table, [...resources.keys()]);
    const hint =
      suggestion === undefined
        ? 'declare it under resources, or give the ARN of a stream'
        : `did you mean "${suggestion}"?`;
    return [...problems, { at, message: `there is no table "${table}" under resources`, hint }];
  }
  if (!tableTypes.includes(resource.Type)) {
    return [...problems, { at, message: `"${table}" is ${resource.Type}, not AWS::DynamoDB::Table` }];
  }
  const has = resource.Properties?.['StreamSpecification'] as { readonly StreamViewType?: unknown } | undefined;
  if (has !== undefined && view !== undefined && has.StreamViewType !== view) {
    const message = `the stream of "${table}" has ${String(has.StreamViewType)}, so view cannot be ${view}`;
    problems.push({ at, message, hint: 'remove view, or StreamSpecification of the table' });
  }
  return problems;
}

/** Lambda refuses a second mapping; and two readers of a shard are the most that DynamoDB serves well.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-dynamodb-polling-and-batching */
function twice(uses: readonly Use<TableSource>[]): Problem[] {
  return uses.flatMap((use, index) => {
    const before = uses.slice(0, index);
    const same = before.find((other) => idPart(other.config) === idPart(use.config));
    if (same === undefined) return [];
    if (same.function.name === use.function.name) {
      return [
        { at: use.at, message: `"${use.function.name}" reads this stream twice`, hint: 'remove one of the two events' },
      ];
    }
    if (same.config.view === use.config.view) return [];
    const message = `"${same.function.name}" turns the stream on with ${same.config.view ?? 'NEW_AND_OLD_IMAGES'}`;
    return [{ at: use.at, message, hint: 'give both events the same view' }];
  });
}

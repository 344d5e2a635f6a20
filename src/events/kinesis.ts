// `kinesis`: batches of records of a Kinesis stream, read for the function's live alias, or pushed to a consumer of its own.
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { pascalCase } from '../cfn/names.ts';
import { allow, type Part, type Statement } from '../cfn/part.ts';
import { canonicalJson, ref, type Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { logicalIdOf } from './_queue-name.ts';
import {
  checkStream,
  endlessRetries,
  type StreamSettings,
  streamDefaults,
  streamFields,
  streamMapping,
  timestamp,
} from './_stream.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

export interface KinesisSource extends StreamSettings {
  /** A logical id of `resources`, an ARN or an intrinsic. */
  readonly stream: Plain;
  /** `made` for one of the function's own, or the ARN of one that is there. */
  readonly consumer: 'made' | { readonly arn: Plain } | undefined;
  readonly startingTimestamp: number | undefined;
}

const arnPattern = /^arn:[a-z0-9-]+:kinesis:[a-z0-9-]+:\d{12}:stream\/[A-Za-z0-9_.-]+$/;
const consumerPattern = /^arn:[a-z0-9-]+:kinesis:[a-z0-9-]+:\d{12}:stream\/[A-Za-z0-9_.-]+\/consumer\/\S+$/;
const expected = 'the logical id or ARN of a stream';
const nothing = { ...streamDefaults, consumer: undefined, startingTimestamp: undefined };

const short: Schema<KinesisSource> = converted(text({ expected }), (stream) => ({ value: { ...nothing, stream } }));

const consumerSchema: Schema<'made' | { readonly arn: Plain }> = byKind<'made' | { readonly arn: Plain }>({
  scalar: {
    expected: 'true, or the ARN of a consumer',
    json: { type: ['boolean', 'string'], expected: 'true, or the ARN of a consumer' },
    read(value, reading) {
      if (value.kind === 'scalar' && value.value === true) return 'made';
      const arn = text({ pattern: consumerPattern, expected: 'true, or the ARN of a consumer' }).read(value, reading);
      return arn === undefined ? undefined : { arn };
    },
  },
  expected: 'true, or the ARN of a consumer',
});

const long: Schema<KinesisSource> = converted(
  object({
    required: {
      stream: described(
        'The logical id of a stream under resources, or an ARN.',
        textOrIntrinsic(/^([A-Za-z0-9]+|arn:\S+)$/, expected),
        { examples: ['Clicks'] },
      ),
    },
    optional: {
      consumer: described(
        'Enhanced fan-out: true for a consumer of its own, which gets 2 MB a second of each shard, for a charge, or the ARN of one.',
        consumerSchema,
        { examples: [true], aws: 'https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html' },
      ),
      startingTimestamp: described('Where to begin with startingPosition: AT_TIMESTAMP.', timestamp, {
        examples: ['2027-01-31T09:00:00Z'],
      }),
      ...streamFields(['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP']),
    },
    elsewhere: { arn: 'stream', consumerArn: 'consumer', startingPositionTimestamp: 'startingTimestamp' },
  }),
  (written) => {
    const isAt = written.startingPosition === 'AT_TIMESTAMP';
    if (isAt !== (written.startingTimestamp !== undefined)) {
      return { wrong: 'startingPosition: AT_TIMESTAMP and startingTimestamp need each other' };
    }
    return { value: { ...nothing, ...written } };
  },
);

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html: `data`, and the metadata beside it. */
const keys = [
  'data',
  'partitionKey',
  'sequenceNumber',
  'approximateArrivalTimestamp',
  'kinesisSchemaVersion',
  'eventID',
  'eventName',
  'eventSource',
  'eventSourceARN',
  'eventVersion',
  'awsRegion',
  'invokeIdentityArn',
];

export const kinesis: EventSource<'kinesis', KinesisSource> = {
  kind: 'kinesis',
  schema: byKind({ scalar: short, map: long, expected }),
  docs: {
    summary: 'Calls the function with batches of records of a Kinesis stream.',
    example: 'kinesis: {stream: Clicks, batchSize: 100, parallelization: 2, maximumRetryAttempts: 3, onFailure: true}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html',
  },
  typeOf: () => 'lambda.KinesisStreamEvent',
  describe: ({ stream, consumer, enabled }) =>
    `kinesis ${typeof stream === 'string' ? (stream.split('/').at(-1) ?? stream) : JSON.stringify(stream)}${consumer === undefined ? '' : ' (consumer)'}${enabled ? '' : ' (disabled)'}`,

  check: (uses, context) => [...uses.flatMap((use) => checkUse(use, context)), ...twice(uses)],
  warn: (uses) => uses.flatMap(({ config, at }) => endlessRetries(config, at, 'as long as the stream keeps them')),

  fire: ({ config: { stream } }) => ({ to: 'stream', at: streamArn(stream) }),

  compile({ function: target, config }, context): Part {
    const part = idPart(config.stream);
    const arn = streamArn(config.stream);
    const consumerId = target.id(`Kinesis${part}Consumer`);
    const consumer: Value | undefined =
      config.consumer === undefined ? undefined : config.consumer === 'made' ? ref(consumerId) : config.consumer.arn;
    const mapped = streamMapping(
      target,
      target.id(`Kinesis${part}`),
      {
        properties: {
          EventSourceArn: consumer ?? arn,
          ...(config.startingTimestamp === undefined ? {} : { StartingPositionTimestamp: config.startingTimestamp }),
        },
        statements: statementsOf(arn, consumer),
      },
      config,
      context,
    );
    if (config.consumer !== 'made') return mapped;
    const made = {
      Type: 'AWS::Kinesis::StreamConsumer',
      Properties: {
        // unique for a stream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
        ConsumerName: `${context.names.project}-${context.names.environment}-${target.name}`,
        StreamARN: arn,
      },
    };
    return { ...mapped, resources: { [consumerId]: made, ...mapped.resources } };
  },
};

function streamArn(stream: Plain): Value {
  const id = logicalIdOf(stream);
  return id === undefined ? stream : arnOf(id, 'AWS::Kinesis::Stream');
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html#events-kinesis-permissions */
function statementsOf(stream: Value, consumer: Value | undefined): readonly Statement[] {
  const reading = [
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
  ];
  const pushed = ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'];
  return [allow(reading, stream), ...(consumer === undefined ? [] : [allow(pushed, consumer)])];
}

function idPart(stream: Plain): string {
  const id = logicalIdOf(stream);
  if (id !== undefined) return id;
  const name = typeof stream === 'string' ? pascalCase(stream.split('/').at(-1) ?? '') : 'Stream';
  return `${name}${sha256(typeof stream === 'string' ? stream : canonicalJson(stream)).slice(0, 8)}`;
}

function checkUse({ config, at }: Use<KinesisSource>, { resources, names }: SourceContext): Problem[] {
  const problems = checkStream(config, { keys, at, resources });
  const { stream } = config;
  if (typeof stream !== 'string') return problems;
  const id = logicalIdOf(stream);
  if (id === undefined) {
    if (!arnPattern.test(stream)) problems.push({ at, message: `"${stream}" is not the ARN of a stream` });
    const region = stream.split(':')[3];
    if (region !== names.region) {
      const message = `the stream is in ${region}, but the function is in ${names.region}: Lambda reads only streams of its region`;
      problems.push({ at, message });
    }
    return problems;
  }
  const resource = resources.get(id);
  if (resource === undefined) {
    const suggestion = nearest(id, [...resources.keys()]);
    const hint =
      suggestion === undefined
        ? `declare it: resources: {${id}: {Type: AWS::Kinesis::Stream}}, or give the ARN of a stream`
        : `did you mean "${suggestion}"?`;
    problems.push({ at, message: `there is no stream "${id}" under resources`, hint });
  } else if (resource.Type !== 'AWS::Kinesis::Stream') {
    problems.push({ at, message: `"${id}" is ${resource.Type}, not AWS::Kinesis::Stream` });
  }
  return problems;
}

function twice(uses: readonly Use<KinesisSource>[]): Problem[] {
  return uses.flatMap((use, index) => {
    const key = ({ function: { name }, config }: Use<KinesisSource>) => `${name} ${idPart(config.stream)}`;
    const isSame = uses.slice(0, index).some((other) => key(other) === key(use));
    if (!isSame) return [];
    return [
      { at: use.at, message: `"${use.function.name}" reads this stream twice`, hint: 'remove one of the two events' },
    ];
  });
}

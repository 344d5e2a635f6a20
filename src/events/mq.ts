// `mq`: batches of messages of a queue of an Amazon MQ broker, ActiveMQ or RabbitMQ.
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { converted, described, object, type Schema, text } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import { allow } from '../cfn/part.ts';
import { canonicalJson } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { networkStatement, secret, secretStatements } from './_broker.ts';
import { checkMapping, eventSourceMapping, type MappingSettings, mappingDefaults, mappingFields } from './_mapping.ts';
import type { EventSource } from './source.ts';

export interface BrokerSource extends MappingSettings {
  readonly broker: Plain;
  readonly queue: string;
  readonly secret: Plain;
  readonly virtualHost: string | undefined;
}

const defaultBatch = 100;
const {
  // https://docs.aws.amazon.com/lambda/latest/dg/services-mq-params.html has none of these
  maximumConcurrency: _,
  metrics: __,
  provisionedPollers: ___,
  reportFailures: ____,
  ...fields
} = mappingFields({
  record: 'message',
  batchSize: { default: defaultBatch, most: 10_000, about: 'The maximum number of messages per call.' },
  pollers: { least: 1, most: 1 },
});

const schema: Schema<BrokerSource> = converted(
  object({
    required: {
      broker: described(
        'The ARN of the broker, or an intrinsic.',
        textOrIntrinsic(/^arn:[^:]+:mq:[^:]+:\d{12}:broker:\S+$/, 'the ARN of a broker, or an intrinsic'),
        { examples: ['arn:aws:mq:eu-west-1:111122223333:broker:shop:b-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'] },
      ),
      queue: described('The queue.', text({ pattern: /^\S{1,1000}$/, expected: 'the name of a queue' }), {
        examples: ['orders'],
      }),
      secret: secret('A secret with username and password.'),
    },
    optional: {
      virtualHost: described('The virtual host of RabbitMQ.', text({ longest: 200 }), {
        default: '/',
        examples: ['shop'],
      }),
      ...fields,
    },
    elsewhere: { arn: 'broker', basicAuthArn: 'secret' },
  }),
  (written) => ({
    value: { ...mappingDefaults, batchSize: defaultBatch, virtualHost: undefined, ...written },
  }),
);

export const mq: EventSource<'mq', BrokerSource> = {
  kind: 'mq',
  schema,
  docs: {
    summary: 'Calls the function with batches of messages of a queue of an Amazon MQ broker.',
    example:
      'mq: {broker: "arn:aws:mq:eu-west-1:111122223333:broker:shop:b-0a1b2c3d", queue: orders, secret: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:broker-Ab12Cd"}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html',
  },
  describe: ({ queue, enabled }) => `mq ${queue}${enabled ? '' : ' (disabled)'}`,
  check: (uses) =>
    uses.flatMap(({ config, at }) =>
      // https://docs.aws.amazon.com/lambda/latest/dg/with-mq-filtering.html
      checkMapping(config, {
        record: 'message',
        keys: ['data', 'messageID', 'messageType', 'properties', 'basicProperties'],
        at,
      }),
    ),
  compile({ function: target, config }) {
    const { broker, queue, secret: credentials, virtualHost } = config;
    const access = [
      { Type: 'BASIC_AUTH', URI: credentials },
      ...(virtualHost === undefined ? [] : [{ Type: 'VIRTUAL_HOST', URI: virtualHost }]),
    ];
    const id = target.id(`Mq${pascalCase(queue)}${sha256(canonicalJson([broker, queue, virtualHost])).slice(0, 8)}`);
    return {
      resources: {
        [id]: eventSourceMapping(
          target,
          { EventSourceArn: broker, Queues: [queue], SourceAccessConfigurations: access },
          config,
        ),
      },
      // https://docs.aws.amazon.com/lambda/latest/dg/process-mq-messages-with-lambda.html
      statements: [allow('mq:DescribeBroker', broker), ...secretStatements([credentials]), networkStatement],
    };
  },
};

// `documentdb`: batches of changes of a DocumentDB database or collection, from its change stream.
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { converted, described, object, oneOf, type Schema, text } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import { allow, type Statement } from '../cfn/part.ts';
import { canonicalJson, sub } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { networkStatement, secret, secretStatements } from './_broker.ts';
import { checkMapping, eventSourceMapping, type MappingSettings, mappingDefaults, mappingFields } from './_mapping.ts';
import { timestamp } from './_stream.ts';
import type { EventSource } from './source.ts';

export interface DatabaseSource extends MappingSettings {
  readonly cluster: Plain;
  readonly database: string;
  readonly collection: string | undefined;
  readonly secret: Plain;
  readonly fullDocument: 'Default' | 'UpdateLookup' | undefined;
  readonly startingPosition: 'AT_TIMESTAMP' | 'LATEST' | 'TRIM_HORIZON';
  readonly startingTimestamp: number | undefined;
}

const defaultBatch = 100;
const {
  // https://docs.aws.amazon.com/lambda/latest/dg/docdb-configuration.html has none of these
  maximumConcurrency: _,
  metrics: __,
  provisionedPollers: ___,
  reportFailures: ____,
  ...fields
} = mappingFields({
  record: 'event',
  batchSize: { default: defaultBatch, most: 10_000, about: 'The maximum number of events per call.' },
  pollers: { least: 1, most: 1 },
});
const name = (what: string) => text({ pattern: /^[^\s/\\."$*<>:|?]{1,63}$/, expected: `the name of a ${what}` });

const schema: Schema<DatabaseSource> = converted(
  object({
    required: {
      cluster: described(
        'The ARN of the cluster, or an intrinsic.',
        textOrIntrinsic(/^arn:[^:]+:rds:[^:]+:\d{12}:cluster:\S+$/, 'the ARN of a cluster, or an intrinsic'),
        { examples: ['arn:aws:rds:eu-west-1:111122223333:cluster:shop'] },
      ),
      database: described('The database.', name('database'), { examples: ['shop'] }),
      secret: secret('A secret with username and password.'),
    },
    optional: {
      collection: described('The collection. Without one, all of the database.', name('collection'), {
        examples: ['orders'],
      }),
      fullDocument: oneOf(['Default', 'UpdateLookup'], 'UpdateLookup adds the whole document to an update.', {
        default: 'Default',
      }),
      startingPosition: oneOf(['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP'], 'Where a new mapping begins.', {
        default: 'LATEST',
      }),
      startingTimestamp: described('Where to begin with startingPosition: AT_TIMESTAMP.', timestamp, {
        examples: ['2027-01-31T09:00:00Z'],
      }),
      ...fields,
    },
    elsewhere: { db: 'database', coll: 'collection', auth: 'secret' },
  }),
  (written) => {
    const isAt = written.startingPosition === 'AT_TIMESTAMP';
    if (isAt !== (written.startingTimestamp !== undefined)) {
      return { wrong: 'startingPosition: AT_TIMESTAMP and startingTimestamp need each other' };
    }
    const nothing = { collection: undefined, fullDocument: undefined, startingTimestamp: undefined };
    return {
      value: { ...mappingDefaults, batchSize: defaultBatch, startingPosition: 'LATEST', ...nothing, ...written },
    };
  },
);

export const documentdb: EventSource<'documentdb', DatabaseSource> = {
  kind: 'documentdb',
  schema,
  docs: {
    summary: 'Calls the function with batches of changes of a DocumentDB database or collection.',
    example:
      'documentdb: {cluster: "arn:aws:rds:eu-west-1:111122223333:cluster:shop", database: shop, secret: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-Ab12Cd"}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html',
  },
  describe: ({ database, collection, enabled }) =>
    `documentdb ${database}${collection === undefined ? '' : `.${collection}`}${enabled ? '' : ' (disabled)'}`,
  check: (uses) =>
    // https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb-filtering.html
    uses.flatMap(({ config, at }) => checkMapping(config, { record: 'event', keys: ['event', 'eventSourceArn'], at })),
  compile({ function: target, config }) {
    const {
      cluster,
      database,
      collection,
      secret: credentials,
      fullDocument,
      startingPosition,
      startingTimestamp,
    } = config;
    const hash = sha256(canonicalJson([cluster, database, collection])).slice(0, 8);
    const source = {
      EventSourceArn: cluster,
      StartingPosition: startingPosition,
      ...(startingTimestamp === undefined ? {} : { StartingPositionTimestamp: startingTimestamp }),
      DocumentDBEventSourceConfig: {
        DatabaseName: database,
        ...(collection === undefined ? {} : { CollectionName: collection }),
        ...(fullDocument === undefined ? {} : { FullDocument: fullDocument }),
      },
      SourceAccessConfigurations: [{ Type: 'BASIC_AUTH', URI: credentials }],
    };
    return {
      resources: {
        [target.id(`Documentdb${pascalCase(collection ?? database)}${hash}`)]: eventSourceMapping(
          target,
          source,
          config,
        ),
      },
      statements: [...clusterStatements(config), ...secretStatements([credentials]), networkStatement],
    };
  },
};

/** https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html#docdb-permissions */
function clusterStatements({ cluster }: DatabaseSource): readonly Statement[] {
  const below = (kind: string) => sub(`arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:${kind}:*`);
  return [
    allow('rds:DescribeDBClusters', cluster),
    allow('rds:DescribeDBClusterParameters', below('cluster-pg')),
    allow('rds:DescribeDBSubnetGroups', below('subgrp')),
  ];
}

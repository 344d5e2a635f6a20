// Shared by all sources that Lambda polls: the keys in project.yml, and the event source mapping.
import type { Problem, Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { converted, described, flag, integer, list, object, type Schema, verbatim } from '../base/schema.ts';
import { compileFilters, InvalidFilter } from '../cfn/event-filter.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import { kmsKey } from '../cfn/value-schema.ts';
import type { FunctionReference } from './source.ts';

export interface MappingSettings {
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill. */
  readonly batchWindow: number | undefined;
  readonly enabled: boolean;
  readonly reportFailures: boolean;
  readonly maximumConcurrency: number | undefined;
  readonly filters: readonly Plain[] | undefined;
  /** The key that encrypts the filters. */
  readonly filterKey: Plain | undefined;
  readonly metrics: boolean;
  readonly provisionedPollers: Pollers | undefined;
}

export interface Pollers {
  readonly minimum: number;
  readonly maximum?: number;
  /** Only of Kafka. */
  readonly group?: string;
}

export const mappingDefaults = {
  batchWindow: undefined,
  enabled: true,
  reportFailures: false,
  maximumConcurrency: undefined,
  filters: undefined,
  filterKey: undefined,
  metrics: false,
  provisionedPollers: undefined,
} as const;

export interface MappingRules {
  /** The name of one record, such as `message`. */
  readonly record: string;
  readonly batchSize: { readonly default: number; readonly most: number; readonly about: string };
  readonly pollers: { readonly least: number; readonly most: number };
}

/** The keys of a mapping, for the `optional` part of a source's schema. Bounds are those of AWS::Lambda::EventSourceMapping in the
 * CloudFormation registry, and https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html. */
export function mappingFields({ record, batchSize, pollers }: MappingRules) {
  return {
    batchSize: described(batchSize.about, integer({ least: 1, most: batchSize.most }), { default: batchSize.default }),
    batchWindow: described('Seconds to wait for a batch to fill.', integer({ least: 0, most: 300 }), { default: 0 }),
    enabled: described(`With false, Lambda reads no ${record}s.`, flag, { default: true }),
    reportFailures: described(`The function returns which ${record}s failed, and only these are retried.`, flag, {
      default: false,
    }),
    maximumConcurrency: described(
      'The maximum number of batches processed at once.',
      integer({ least: 2, most: 1000 }),
      {
        examples: [10],
      },
    ),
    filters: described(`Event patterns. A ${record} that matches none is dropped without a call.`, list(verbatim), {
      examples: [[{ body: { kind: ['order'] } }]],
    }),
    filterKey: described(
      'The KMS key that encrypts the filters. Its policy must let lambda.amazonaws.com decrypt.',
      kmsKey,
      {
        examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
        aws: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filter-criteria-encryption',
      },
    ),
    metrics: described(`Counts the ${record}s of the mapping in CloudWatch (EventCount), for a charge.`, flag, {
      default: false,
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics',
    }),
    provisionedPollers: provisionedPollers(pollers, {}),
  } as const satisfies Record<keyof MappingSettings, Schema<unknown>>;
}

export function provisionedPollers(
  { least, most }: MappingRules['pollers'],
  more: { readonly group?: Schema<string> },
): Schema<Pollers> {
  return described(
    `Pollers that are always there, for a charge, and how many may be added.${least === 2 ? ' Not with maximumConcurrency.' : ''}`,
    converted(
      object({
        required: {},
        optional: {
          minimum: described('How many are always there.', integer({ least, most: 200 }), { default: least }),
          maximum: described('How many there may be.', integer({ least, most }), { default: 200 }),
          ...more,
        },
      }),
      (written) => ({ value: { minimum: least, ...written } as Pollers }),
    ),
    { aws: 'https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html' },
  );
}

/** The mapping from a source to the live alias. */
export function eventSourceMapping(
  to: FunctionReference,
  source: Readonly<Record<string, Value>>,
  settings: MappingSettings,
): Resource {
  const { batchSize, enabled, batchWindow, reportFailures, maximumConcurrency, filters, ...more } = settings;
  const { filterKey, metrics, provisionedPollers: pollers } = more;
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      ...source,
      FunctionName: to.alias,
      BatchSize: batchSize,
      Enabled: enabled,
      ...(batchWindow === undefined ? {} : { MaximumBatchingWindowInSeconds: batchWindow }),
      ...(reportFailures ? { FunctionResponseTypes: ['ReportBatchItemFailures'] } : {}),
      ...(maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
      ...(filters === undefined
        ? {}
        : { FilterCriteria: { Filters: filters.map((filter) => ({ Pattern: JSON.stringify(filter) })) } }),
      ...(filterKey === undefined ? {} : { KmsKeyArn: filterKey }),
      ...(metrics ? { MetricsConfig: { Metrics: ['EventCount'] } } : {}),
      ...(pollers === undefined
        ? {}
        : {
            ProvisionedPollerConfig: {
              MinimumPollers: pollers.minimum,
              ...(pollers.maximum === undefined ? {} : { MaximumPollers: pollers.maximum }),
              ...(pollers.group === undefined ? {} : { PollerGroupName: pollers.group }),
            },
          }),
    },
  };
}

/** What is wrong with a mapping whatever its source. `keys` are the top-level keys of a record. */
export function checkMapping(
  { maximumConcurrency, provisionedPollers: pollers, filters = [], filterKey }: MappingSettings,
  { record, keys, at }: { readonly record: string; readonly keys: readonly string[]; readonly at: Span },
): Problem[] {
  const problems: Problem[] = [];
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  if (pollers !== undefined && maximumConcurrency !== undefined) {
    problems.push({
      at,
      message: 'provisionedPollers and maximumConcurrency exclude each other',
      hint: 'remove one of them',
    });
  }
  const { minimum, maximum = 200 } = pollers ?? { minimum: 0 };
  if (minimum > maximum) {
    problems.push({ at, message: `provisionedPollers.minimum is ${minimum}, more than its maximum, ${maximum}` });
  }
  if (filterKey !== undefined && filters.length === 0) problems.push({ at, message: 'filterKey needs filters' });
  return [...problems, ...filters.flatMap((filter) => checkFilter(filter, { record, keys, at }))];
}

function checkFilter(
  filter: Plain,
  { record, keys, at }: { readonly record: string; readonly keys: readonly string[]; readonly at: Span },
): Problem[] {
  const text = JSON.stringify(filter);
  try {
    compileFilters([text]);
  } catch (error) {
    if (!(error instanceof InvalidFilter)) throw error;
    return [{ at, message: `Lambda does not accept the filter ${text}: ${error.message}` }];
  }
  const unknown = Object.keys(filter as object).find((key) => key !== '$or' && !keys.includes(key));
  if (unknown === undefined) return [];
  return [
    {
      at,
      message: `no ${record} has "${unknown}", so the filter ${text} would drop all of them`,
      hint: `a filter's first keys are those of the record: ${keys.join(', ')}`,
    },
  ];
}

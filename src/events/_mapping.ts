// Shared by all sources that Lambda polls: the keys in project.yml, and the event source mapping.
import type { Plain } from '../base/located.ts';
import { described, flag, integer, list, type Schema, verbatim } from '../base/schema.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import type { FunctionReference } from './source.ts';

export interface MappingSettings {
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill. */
  readonly batchWindow: number | undefined;
  readonly enabled: boolean;
  readonly reportFailures: boolean;
  readonly maximumConcurrency: number | undefined;
  readonly filters: readonly Plain[] | undefined;
}

export const mappingDefaults = {
  batchWindow: undefined,
  enabled: true,
  reportFailures: false,
  maximumConcurrency: undefined,
  filters: undefined,
} as const;

export interface MappingRules {
  /** The name of one record, such as `message`. */
  readonly record: string;
  readonly batchSize: { readonly default: number; readonly most: number; readonly about: string };
}

/** The keys of a mapping, for the `optional` part of a source's schema. Bounds are those of AWS::Lambda::EventSourceMapping in the
 * CloudFormation registry, and https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html. */
export function mappingFields({ record, batchSize }: MappingRules) {
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
  } as const satisfies Record<keyof MappingSettings, Schema<unknown>>;
}

/** The mapping from a source to the live alias. */
export function eventSourceMapping(
  to: FunctionReference,
  source: Readonly<Record<string, Value>>,
  settings: MappingSettings,
): Resource {
  const { batchSize, enabled, batchWindow, reportFailures, maximumConcurrency, filters } = settings;
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
    },
  };
}

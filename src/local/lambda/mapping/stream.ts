// What mappings of streams have in common: their settings, AWS's rules about them, and how they are described.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html, https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud } from '../../cloud.ts';
import { checkConstraints, notImplemented } from '../../constraint.ts';
import { recordDestination } from '../../deliver.ts';
import { deniedAction, deniedDelivery } from '../../role-permissions.ts';
import { checkFilters } from './filters.ts';
import { describeRecorded, type RecordedSettings, readRecorded, recordedMembers } from './recorded.ts';
import type { MappingInput } from './source.ts';

export interface StreamSettings extends RecordedSettings {
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  readonly filters: readonly string[];
  readonly start: 'AT_TIMESTAMP' | 'LATEST' | 'TRIM_HORIZON';
  /** Milliseconds. */
  readonly startTime?: number | undefined;
  readonly bisects: boolean;
  /** -1 without a limit. */
  readonly maximumRetries: number;
  /** -1 without a limit. */
  readonly maximumAgeSeconds: number;
  readonly parallelization: number;
  readonly tumblingSeconds: number;
  /** The ARN of where failed batches go. */
  readonly onFailure?: string | undefined;
}

export const streamMembers = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'FilterCriteria',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
  'StartingPositionTimestamp',
  'TumblingWindowInSeconds',
  ...recordedMembers,
] as const;

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });

export function readStreamSettings(
  input: MappingInput,
  before: StreamSettings | undefined,
  positions: readonly string[],
): StreamSettings {
  const settings = merge(input, before, positions);
  const { batchSize, windowSeconds, maximumRetries, maximumAgeSeconds, parallelization, tumblingSeconds, filters } =
    settings;
  checkConstraints('ValidationException', [
    ['batchSize', batchSize, { min: 1, max: 10_000 }],
    ['maximumBatchingWindowInSeconds', windowSeconds, { min: 0, max: 300 }],
    ['maximumRetryAttempts', maximumRetries, { min: -1, max: 10_000 }],
    ['maximumRecordAgeInSeconds', maximumAgeSeconds, { min: -1, max: 604_800 }],
    ['parallelizationFactor', parallelization, { min: 1, max: 10 }],
    ['tumblingWindowInSeconds', tumblingSeconds, { min: 0, max: 900 }],
    ['filterCriteria.filters', filters, { max: 10 }],
  ]);
  if (maximumAgeSeconds !== -1 && maximumAgeSeconds < 60) {
    throw invalidParameter('MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.');
  }
  if (tumblingSeconds > 0 && parallelization > 1) {
    throw invalidParameter('Tumbling windows cannot be used with a parallelization factor greater than 1.');
  }
  checkFilters(filters);
  return settings;
}

function merge(input: MappingInput, before: StreamSettings | undefined, positions: readonly string[]): StreamSettings {
  const start = before?.start ?? startOf(input, positions);
  const filters = input.FilterCriteria?.Filters?.map(({ Pattern = '' }) => Pattern);
  const destination = input.DestinationConfig?.OnFailure?.Destination;
  if (input.DestinationConfig?.OnSuccess?.Destination !== undefined) {
    throw invalidParameter('Unsupported DestinationConfig parameter for given event source mapping type.');
  }
  return {
    start,
    startTime: before?.startTime ?? input.StartingPositionTimestamp?.getTime(),
    batchSize: input.BatchSize ?? before?.batchSize ?? 100,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? before?.windowSeconds ?? 0,
    reportsFailures:
      input.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? before?.reportsFailures ?? false,
    filters: input.FilterCriteria === undefined ? (before?.filters ?? []) : (filters ?? []),
    bisects: input.BisectBatchOnFunctionError ?? before?.bisects ?? false,
    maximumRetries: input.MaximumRetryAttempts ?? before?.maximumRetries ?? -1,
    maximumAgeSeconds: input.MaximumRecordAgeInSeconds ?? before?.maximumAgeSeconds ?? -1,
    parallelization: input.ParallelizationFactor ?? before?.parallelization ?? 1,
    tumblingSeconds: input.TumblingWindowInSeconds ?? before?.tumblingSeconds ?? 0,
    onFailure: input.DestinationConfig === undefined ? before?.onFailure : destination,
    ...readRecorded(input, before),
  };
}

function startOf(
  { StartingPosition: start, StartingPositionTimestamp: time }: MappingInput,
  positions: readonly string[],
) {
  if (start === undefined) {
    throw invalidParameter(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  checkConstraints('ValidationException', [
    ['startingPosition', start, { oneOf: ['LATEST', 'AT_TIMESTAMP', 'TRIM_HORIZON'] }],
  ]);
  if (!positions.includes(start)) {
    throw invalidParameter(`Unsupported starting position for arn type: ${start}`);
  }
  if (start === 'AT_TIMESTAMP' && time === undefined) {
    throw invalidParameter('StartingPositionTimestamp must be specified for AT_TIMESTAMP.');
  }
  return start;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html; the words are those that AWS answered for Kinesis. */
export function streamConflict(source: string, functionArn: string): string {
  const name = functionArn.split(':').slice(6).join(':');
  return `The event source arn (" ${source} ") and function (" ${name} ") provided mapping already exists.`;
}

export function describeStreamSettings(settings: StreamSettings): Partial<EventSourceMappingConfiguration> {
  const { filters, startTime, onFailure } = settings;
  return {
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    FunctionResponseTypes: settings.reportsFailures ? ['ReportBatchItemFailures'] : [],
    BisectBatchOnFunctionError: settings.bisects,
    MaximumRetryAttempts: settings.maximumRetries,
    MaximumRecordAgeInSeconds: settings.maximumAgeSeconds,
    ParallelizationFactor: settings.parallelization,
    TumblingWindowInSeconds: settings.tumblingSeconds,
    StartingPosition: settings.start,
    ...(startTime === undefined ? {} : { StartingPositionTimestamp: new Date(startTime) }),
    DestinationConfig: { OnFailure: onFailure === undefined ? {} : { Destination: onFailure } },
    ...(filters.length > 0 ? { FilterCriteria: { Filters: filters.map((Pattern) => ({ Pattern })) } } : {}),
    ...describeRecorded(settings),
    LastProcessingResult: 'No records processed',
    StateTransitionReason: 'User action',
  };
}

/** What the role needs: to read the stream, and to send failed batches. `title`: the service's name in the message. */
export async function checkStreamRole(
  cloud: Cloud,
  { arn, role, onFailure }: { readonly arn: string; readonly role: string; readonly onFailure: string | undefined },
  { title, actions }: { readonly title: string; readonly actions: readonly string[] },
): Promise<void> {
  const denied = await deniedAction(cloud, role, actions, arn);
  if (denied !== undefined) {
    throw invalidParameter(
      `Cannot access stream ${arn}. Please ensure the role can perform the ${actions.map((action) => action.split(':')[1]).join(', ')} Actions on your stream in ${title}.`,
    );
  }
  if (onFailure === undefined) return;
  const kind = recordDestination(cloud, onFailure);
  if (kind === undefined) throw notImplemented(`an event source mapping with the destination ${onFailure}`);
  const refused = await deniedDelivery(cloud, role, kind, onFailure);
  if (refused === undefined) return;
  const [service = '', action = ''] = refused.split(':');
  throw invalidParameter(
    `The provided execution role does not have permissions to call ${action} on ${service.toUpperCase()}`,
  );
}

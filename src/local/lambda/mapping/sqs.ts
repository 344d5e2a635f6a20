// SQS queues as the source of event source mappings: their settings, and what the queue and the role must have.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
import { AwsError, type Cloud } from '../../cloud.ts';
import { checkConstraints } from '../../constraint.ts';
import { queueUrl } from '../../deliver.ts';
import { deniedAction } from '../../role-permissions.ts';
import { checkFilters } from './filters.ts';
import { describeRecorded, type RecordedSettings, readRecorded, recordedMembers } from './recorded.ts';
import type { MappingInput, Source } from './source.ts';
import { SqsPoller } from './sqs-poller.ts';

export interface SqsSettings extends RecordedSettings {
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportsFailures: boolean;
  readonly filters: readonly string[];
  readonly pollers?: { readonly MinimumPollers: number; readonly MaximumPollers: number };
}

const defaults: SqsSettings = { batchSize: 10, windowSeconds: 0, reportsFailures: false, filters: [] };

export const sqs: Source<SqsSettings> = {
  service: 'sqs',
  title: 'SQS',
  members: [
    'BatchSize',
    'FilterCriteria',
    'MaximumBatchingWindowInSeconds',
    'ScalingConfig',
    'FunctionResponseTypes',
    'ProvisionedPollerConfig',
    ...recordedMembers,
  ],
  read(arn, input, before = defaults) {
    const settings = merge(input, before);
    checkSettings(arn, settings);
    return settings;
  },
  async check(cloud, arn, { settings: { timeout, role } }) {
    await checkQueue(cloud, arn, timeout);
    await checkRole(cloud, arn, role);
  },
  describe: ({ batchSize, windowSeconds, reportsFailures, filters, maximumConcurrency, ...more }) => ({
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: windowSeconds,
    FunctionResponseTypes: reportsFailures ? ['ReportBatchItemFailures'] : [],
    ...(filters.length > 0 ? { FilterCriteria: { Filters: filters.map((Pattern) => ({ Pattern })) } } : {}),
    ...(maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    ...describeRecorded(more),
    ...(more.pollers === undefined ? {} : { ProvisionedPollerConfig: { ...more.pollers } }),
  }),
  poll(cloud, polled) {
    const poller = new SqsPoller(cloud, polled);
    poller.start();
    return poller;
  },
};

function merge(input: MappingInput, before: SqsSettings): SqsSettings {
  const filters = input.FilterCriteria?.Filters?.map(({ Pattern = '' }) => Pattern);
  // an empty ScalingConfig removes the limit
  const concurrency =
    input.ScalingConfig === undefined ? before.maximumConcurrency : input.ScalingConfig.MaximumConcurrency;
  return {
    batchSize: input.BatchSize ?? before.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? before.windowSeconds,
    ...(concurrency === undefined ? {} : { maximumConcurrency: concurrency }),
    reportsFailures: input.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? before.reportsFailures,
    filters: input.FilterCriteria === undefined ? before.filters : (filters ?? []),
    ...pollersOf(input, before),
    ...readRecorded(input, before),
  };
}

/** Recorded only: an empty value removes it. */
function pollersOf(
  { ProvisionedPollerConfig: provisioned }: MappingInput,
  before: SqsSettings,
): Pick<SqsSettings, 'pollers'> {
  if (provisioned === undefined) return before.pollers === undefined ? {} : { pollers: before.pollers };
  const { MinimumPollers, MaximumPollers } = provisioned;
  if (MinimumPollers === undefined && MaximumPollers === undefined) return {};
  // https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html
  return { pollers: { MinimumPollers: MinimumPollers ?? 2, MaximumPollers: MaximumPollers ?? 200 } };
}

function checkSettings(arn: string, settings: SqsSettings): void {
  const { batchSize, windowSeconds, maximumConcurrency, filters, pollers } = settings;
  const isFifo = arn.endsWith('.fifo');
  checkConstraints('ValidationException', [
    ['batchSize', batchSize, { min: 1, max: 10_000 }],
    ['maximumBatchingWindowInSeconds', windowSeconds, { min: 0, max: 300 }],
    ['scalingConfig.maximumConcurrency', maximumConcurrency, { min: 2, max: 1000 }],
    ['filterCriteria.filters', filters, { max: 10 }],
    ['provisionedPollerConfig.minimumPollers', pollers?.MinimumPollers, { min: 2, max: 200 }],
    ['provisionedPollerConfig.maximumPollers', pollers?.MaximumPollers, { min: 2, max: 10_000 }],
  ]);
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  if (pollers !== undefined && maximumConcurrency !== undefined) {
    throw invalid('Provisioned mode and maximum concurrency cannot be used together.');
  }
  if (pollers !== undefined && pollers.MinimumPollers > pollers.MaximumPollers) {
    throw invalid('MinimumPollers must not be greater than MaximumPollers.');
  }
  if (isFifo && batchSize > 10) throw invalid('Batch size cannot be greater than 10 for a FIFO queue.');
  if (isFifo && windowSeconds > 0) throw invalid('Batching window is not supported for FIFO queues.');
  if (batchSize > 10 && windowSeconds === 0) {
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
  }
  checkFilters(filters);
}

async function checkQueue(cloud: Cloud, arn: string, functionTimeout: number): Promise<void> {
  let seconds: number;
  try {
    const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', {
      QueueUrl: queueUrl(cloud, arn),
      AttributeNames: ['VisibilityTimeout'],
    });
    seconds = Number(Attributes?.VisibilityTimeout);
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'QueueDoesNotExist')) throw error;
    throw invalid(
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    );
  }
  if (seconds < functionTimeout) {
    throw invalid(
      `Queue visibility timeout: ${seconds} seconds is less than Function timeout: ${functionTimeout} seconds`,
    );
  }
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
async function checkRole(cloud: Cloud, arn: string, role: string): Promise<void> {
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  const denied = await deniedAction(cloud, role, actions, arn);
  if (denied === undefined) return;
  throw invalid(`The provided execution role does not have permissions to call ${denied.split(':')[1]} on SQS`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

// Lambda's event source mappings, of SQS queues: their rules and states, and the pollers of those that are enabled.
import { randomUUID } from 'node:crypto';
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Cancel } from '../clock.ts';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { queueUrl } from '../deliver.ts';
import type { Collection } from '../store.ts';
import { type LambdaContext, page } from './context.ts';
import { compileFilters } from './event-filter.ts';
import { existingFunction, existingVersion, functionArn, readReference } from './names.ts';
import { deniedAction } from './role.ts';
import { type PolledQueue, SqsPoller } from './sqs-poller.ts';

export interface Mapping extends PolledQueue {
  readonly uuid: string;
  readonly enabled: boolean;
  readonly state: 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting';
  readonly lastModified: number;
  readonly lastResult: string;
  readonly tags: Readonly<Record<string, string>>;
}

type Given = Omit<
  Input<'lambda', 'CreateEventSourceMapping'> & Partial<Input<'lambda', 'UpdateEventSourceMapping'>>,
  'FunctionName'
> & {
  readonly FunctionName?: string | undefined;
};

/** A change of a mapping takes a moment on AWS, in which it can't be changed again. */
const transitionMs = 25;

export class EventSourceMappings {
  readonly #context: LambdaContext;
  readonly #mappings: Collection<Mapping>;
  readonly #pollers = new Map<string, SqsPoller>();
  readonly #cancels = new Set<Cancel>();

  constructor(context: LambdaContext) {
    this.#context = context;
    this.#mappings = context.mappings;
  }

  /** Brings what was changing when the local AWS last ended to its end, and starts the pollers. */
  start(): void {
    for (const { uuid } of this.#mappings.values()) this.#finish(uuid);
  }

  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    await Promise.all([...this.#pollers.keys()].map((uuid) => this.#stopPoller(uuid)));
  }

  operations(): Operations<'lambda'> {
    return {
      CreateEventSourceMapping: {
        members: [
          'FunctionName',
          'EventSourceArn',
          'Enabled',
          'BatchSize',
          'FilterCriteria',
          'ScalingConfig',
          'MaximumBatchingWindowInSeconds',
          'Tags',
          'FunctionResponseTypes',
        ],
        run: (input) => this.#create(input),
      },
      UpdateEventSourceMapping: {
        members: [
          'UUID',
          'FunctionName',
          'Enabled',
          'BatchSize',
          'FilterCriteria',
          'ScalingConfig',
          'MaximumBatchingWindowInSeconds',
          'FunctionResponseTypes',
        ],
        run: (input) => this.#update(input),
      },
      GetEventSourceMapping: {
        members: ['UUID'],
        run: ({ UUID }) => describe(this.#context.cloud, this.#existing(UUID)),
      },
      DeleteEventSourceMapping: {
        members: ['UUID'],
        run: async ({ UUID }) => {
          const mapping = this.#existing(UUID);
          refuseChanging(mapping, 'delete');
          return this.#begin({ ...mapping, state: 'Deleting' });
        },
      },
      ListEventSourceMappings: {
        members: ['EventSourceArn', 'FunctionName', 'Marker', 'MaxItems'],
        run: (input) => {
          const { cloud } = this.#context;
          const arn =
            input.FunctionName === undefined ? undefined : functionArn(cloud, readReference(cloud, input.FunctionName));
          const all = this.#mappings
            .filter((mapping) => arn === undefined || mapping.functionArn === arn)
            .filter((mapping) => input.EventSourceArn === undefined || mapping.queueArn === input.EventSourceArn);
          const { found, next } = page(all, ({ uuid }) => uuid, input);
          return { EventSourceMappings: found.map((mapping) => describe(cloud, mapping)), ...next };
        },
      },
    };
  }

  async #create(input: Given): Promise<EventSourceMappingConfiguration> {
    const { cloud } = this.#context;
    const queueArn = readQueueArn(cloud, input.EventSourceArn);
    const mapping: Mapping = {
      ...(await this.#read(input, {
        queueArn,
        functionArn: '',
        batchSize: 10,
        windowSeconds: 0,
        reportsFailures: false,
        filters: [],
      })),
      uuid: randomUUID(),
      enabled: input.Enabled ?? true,
      state: 'Creating',
      lastModified: cloud.now(),
      lastResult: 'No records processed',
      tags: { ...input.Tags },
    };
    const existing = this.#mappings.find(
      (other) => other.queueArn === queueArn && other.functionArn === mapping.functionArn,
    );
    if (existing !== undefined) {
      const name = mapping.functionArn.split(':').slice(6).join(':');
      throw new AwsError(
        'ResourceConflictException',
        `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${name} ") already exists. Please update or delete the existing mapping with UUID ${existing.uuid}`,
        409,
        { Type: 'User' },
      );
    }
    return this.#begin(mapping);
  }

  async #update(input: Given): Promise<EventSourceMappingConfiguration> {
    const before = this.#existing(input.UUID);
    refuseChanging(before, 'update');
    const { maximumConcurrency: _, ...changed } = { ...before, ...(await this.#read(input, before)) };
    const concurrency =
      input.ScalingConfig === undefined ? before.maximumConcurrency : input.ScalingConfig.MaximumConcurrency;
    refuseChanging(this.#existing(before.uuid), 'update');
    const enabled = input.Enabled ?? before.enabled;
    const state = enabled === before.enabled ? 'Updating' : enabled ? 'Enabling' : 'Disabling';
    return this.#begin({
      ...changed,
      ...(concurrency === undefined ? {} : { maximumConcurrency: concurrency }),
      enabled,
      state,
      lastModified: this.#context.cloud.now(),
    });
  }

  /** What a request says about polling, over what held before; checked as a whole. */
  async #read(input: Given, before: PolledQueue): Promise<PolledQueue> {
    const { cloud, functions } = this.#context;
    refuseUnsupported(input);
    const reference = readReference(cloud, input.FunctionName ?? before.functionArn);
    existingFunction(cloud, functions, reference);
    const version = existingVersion(cloud, functions, reference);
    const filters =
      input.FilterCriteria === undefined
        ? before.filters
        : (input.FilterCriteria.Filters ?? []).map(({ Pattern }) => Pattern ?? '');
    const concurrency = input.ScalingConfig?.MaximumConcurrency ?? before.maximumConcurrency;
    const source: PolledQueue = {
      queueArn: before.queueArn,
      functionArn: functionArn(cloud, reference),
      batchSize: input.BatchSize ?? before.batchSize,
      windowSeconds: input.MaximumBatchingWindowInSeconds ?? before.windowSeconds,
      ...(concurrency === undefined ? {} : { maximumConcurrency: concurrency }),
      reportsFailures: input.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? before.reportsFailures,
      filters,
    };
    checkSource(source);
    await checkQueue(cloud, source.queueArn, version.settings.timeout);
    await checkRolePermissions(cloud, version.settings.role, source.queueArn);
    return source;
  }

  #existing(uuid: string | undefined): Mapping {
    const mapping = this.#mappings.get(uuid ?? '');
    if (mapping === undefined) {
      throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404, {
        Type: 'User',
      });
    }
    return mapping;
  }

  async #begin(mapping: Mapping): Promise<EventSourceMappingConfiguration> {
    this.#mappings.set(mapping.uuid, mapping);
    const cancel = this.#context.cloud.after(transitionMs, () => {
      this.#cancels.delete(cancel);
      this.#finish(mapping.uuid);
    });
    this.#cancels.add(cancel);
    return describe(this.#context.cloud, mapping);
  }

  #finish(uuid: string): void {
    const mapping = this.#mappings.get(uuid);
    if (mapping === undefined) return;
    void this.#stopPoller(uuid);
    if (mapping.state === 'Deleting') {
      this.#mappings.delete(uuid);
      return;
    }
    this.#mappings.set(uuid, { ...mapping, state: mapping.enabled ? 'Enabled' : 'Disabled' });
    if (mapping.enabled) this.#startPoller(mapping);
  }

  #startPoller(mapping: Mapping): void {
    const poller = new SqsPoller(this.#context.cloud, mapping, (lastResult) => {
      const current = this.#mappings.get(mapping.uuid);
      if (current !== undefined && current.lastResult !== lastResult)
        this.#mappings.set(mapping.uuid, { ...current, lastResult });
    });
    this.#pollers.set(mapping.uuid, poller);
    poller.start();
  }

  async #stopPoller(uuid: string): Promise<void> {
    const poller = this.#pollers.get(uuid);
    this.#pollers.delete(uuid);
    await poller?.stop();
  }
}

function describe(cloud: Cloud, mapping: Mapping): EventSourceMappingConfiguration {
  return {
    UUID: mapping.uuid,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    EventSourceArn: mapping.queueArn,
    FunctionArn: mapping.functionArn,
    LastModified: new Date(mapping.lastModified),
    LastProcessingResult: mapping.lastResult,
    State: mapping.state,
    StateTransitionReason: 'USER_INITIATED',
    FunctionResponseTypes: mapping.reportsFailures ? ['ReportBatchItemFailures'] : [],
    ...(mapping.filters.length > 0
      ? { FilterCriteria: { Filters: mapping.filters.map((Pattern) => ({ Pattern })) } }
      : {}),
    ...(mapping.maximumConcurrency === undefined
      ? {}
      : { ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency } }),
    EventSourceMappingArn: mappingArn(cloud, mapping.uuid),
  };
}

export function mappingArn(cloud: Cloud, uuid: string): string {
  return `arn:aws:lambda:${cloud.region}:${cloud.accountId}:event-source-mapping:${uuid}`;
}

function refuseChanging({ state }: Mapping, change: 'update' | 'delete'): void {
  if (state === 'Enabled' || state === 'Disabled') return;
  throw new AwsError('ResourceInUseException', `Cannot ${change} the event source mapping because it is in use.`, 400, {
    Type: 'User',
  });
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

function readQueueArn(cloud: Cloud, arn: string | undefined): string {
  if (arn === undefined) throw notImplemented('an event source mapping without EventSourceArn');
  const [, , service, region, account] = arn.split(':');
  if (service !== 'sqs') throw notImplemented(`an event source mapping of ${service}`);
  if (region !== cloud.region || account !== cloud.accountId) throw notImplemented(`an event source mapping of ${arn}`);
  return arn;
}

function refuseUnsupported(given: Given): void {
  const supported = new Set([
    'UUID',
    'EventSourceArn',
    'FunctionName',
    'Enabled',
    'BatchSize',
    'FilterCriteria',
    'MaximumBatchingWindowInSeconds',
    'ScalingConfig',
    'FunctionResponseTypes',
    'Tags',
  ]);
  const refused = Object.entries(given).filter(([key, value]) => value !== undefined && !supported.has(key));
  if (refused.length > 0)
    throw notImplemented(`an event source mapping of SQS with ${refused.map(([key]) => key).join(', ')}`);
}

function checkSource({ queueArn, batchSize, windowSeconds, maximumConcurrency, filters }: PolledQueue): void {
  const isFifo = queueArn.endsWith('.fifo');
  checkConstraints('ValidationException', [
    ['batchSize', batchSize, { min: 1, max: 10_000 }],
    ['maximumBatchingWindowInSeconds', windowSeconds, { min: 0, max: 300 }],
    ['scalingConfig.maximumConcurrency', maximumConcurrency, { min: 2, max: 1000 }],
    ['filterCriteria.filters', filters, { max: 10 }],
  ]);
  if (isFifo && batchSize > 10) throw invalid('Batch size cannot be greater than 10 for a FIFO queue.');
  if (isFifo && windowSeconds > 0) throw invalid('Batching window is not supported for FIFO queues.');
  if (batchSize > 10 && windowSeconds === 0) {
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
  }
  compileFilters(filters);
}

async function checkQueue(cloud: Cloud, queueArn: string, functionTimeout: number): Promise<void> {
  let seconds: number;
  try {
    const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', {
      QueueUrl: queueUrl(cloud, queueArn),
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
async function checkRolePermissions(cloud: Cloud, role: string, queueArn: string): Promise<void> {
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  const denied = await deniedAction(cloud, role, actions, queueArn);
  if (denied === undefined) return;
  throw invalid(`The provided execution role does not have permissions to call ${denied.split(':')[1]} on SQS`);
}

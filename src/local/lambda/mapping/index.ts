// Lambda's event source mappings: their states, and the pollers of enabled ones. Each kind of source is a row of `sources`.
import { randomUUID } from 'node:crypto';
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Cancel } from '../../clock.ts';
import { AwsError, type Cloud, type Input, type Operations } from '../../cloud.ts';
import { notImplemented } from '../../constraint.ts';
import type { Collection } from '../../store.ts';
import { type LambdaContext, page } from '../context.ts';
import { existingFunction, existingVersion, functionArn, readReference } from '../names.ts';
import type { FunctionVersion } from '../state.ts';
import { documentdb, mq, msk, selfManagedKafka, selfManagedPrefix } from './broker.ts';
import { dynamodb } from './dynamodb.ts';
import { kinesis } from './kinesis.ts';
import type { MappingInput, Poller, Source } from './source.ts';
import { sqs } from './sqs.ts';
import { invalidParameter } from './stream.ts';
import { positionsOf } from './stream-poller.ts';

/** By the service in the source's ARN. Only the row itself reads the settings that it wrote. */
const sources: readonly Source[] = [documentdb, dynamodb, kinesis, mq, msk, selfManagedKafka, sqs].map(
  (source) => source as Source<never> as Source,
);

export interface Mapping {
  readonly uuid: string;
  /** Its ARN, or the servers of a Kafka cluster that has none: `kafka://host:port,host:port`. */
  readonly sourceArn: string;
  /** With the qualifier to invoke. */
  readonly functionArn: string;
  readonly settings: object;
  readonly enabled: boolean;
  readonly state: 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting';
  readonly lastModified: number;
  readonly tags: Readonly<Record<string, string>>;
}

type UpdateInput = Input<'lambda', 'UpdateEventSourceMapping'>;

/** On AWS a mapping can't be changed again while a change is in progress. */
const transitionMs = 25;

const members = ['FunctionName', 'Enabled'] as const;
const membersOfSources = [...new Set(sources.flatMap((source) => source.members))];
const membersOfUpdates = membersOfSources.filter(
  (name) => !/^(StartingPosition|Topics$|Queues$|SelfManagedEventSource$)/.test(name),
) as readonly (keyof UpdateInput)[];

export class EventSourceMappings {
  readonly #context: LambdaContext;
  readonly #mappings: Collection<Mapping>;
  readonly #pollers = new Map<string, Poller>();
  readonly #cancels = new Set<Cancel>();

  constructor(context: LambdaContext) {
    this.#context = context;
    this.#mappings = context.mappings;
  }

  /** Completes the changes that were in progress when the local AWS last ended, and starts the pollers. */
  start(): void {
    for (const mapping of this.#mappings.values()) {
      this.#mappings.set(mapping.uuid, currentForm(mapping));
      this.#finish(mapping.uuid);
    }
  }

  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    await Promise.all([...this.#pollers.keys()].map((uuid) => this.#stopPoller(uuid)));
  }

  operations(): Operations<'lambda'> {
    return {
      CreateEventSourceMapping: {
        members: [...members, 'EventSourceArn', 'Tags', ...membersOfSources],
        run: (input) => this.#create(input),
      },
      UpdateEventSourceMapping: {
        members: [...members, 'UUID', ...membersOfUpdates],
        run: (input) => this.#update(input),
      },
      GetEventSourceMapping: {
        members: ['UUID'],
        run: ({ UUID }) => describe(this.#context.cloud, this.#existing(UUID)),
      },
      DeleteEventSourceMapping: {
        members: ['UUID'],
        run: ({ UUID }) => {
          const mapping = this.#existing(UUID);
          refuseChanging(mapping, 'delete');
          return this.#begin({ ...mapping, state: 'Deleting' });
        },
      },
      ListEventSourceMappings: {
        members: ['EventSourceArn', 'FunctionName', 'Marker', 'MaxItems'],
        run: (input) => this.#list(input),
      },
    };
  }

  async #create(input: Input<'lambda', 'CreateEventSourceMapping'>): Promise<EventSourceMappingConfiguration> {
    const { cloud } = this.#context;
    const arn = readSource(cloud, input);
    const source = sourceOf(arn);
    refuseOthers(source, input);
    const fn = this.#functionOf(input.FunctionName);
    const settings = source.read(arn, input, undefined);
    await source.check(cloud, arn, fn.version, settings);
    this.#refuseSame(source, arn, fn.arn, settings);
    return this.#begin({
      uuid: randomUUID(),
      sourceArn: arn,
      functionArn: fn.arn,
      settings,
      enabled: input.Enabled ?? true,
      state: 'Creating',
      lastModified: cloud.now(),
      tags: { ...input.Tags },
    });
  }

  async #update(input: UpdateInput): Promise<EventSourceMappingConfiguration> {
    const { cloud } = this.#context;
    const before = this.#existing(input.UUID);
    refuseChanging(before, 'update');
    const source = sourceOf(before.sourceArn);
    refuseOthers(source, input as MappingInput);
    const fn = this.#functionOf(input.FunctionName ?? before.functionArn);
    const settings = source.read(before.sourceArn, input as MappingInput, before.settings);
    await source.check(cloud, before.sourceArn, fn.version, settings);
    // another change may have begun meanwhile
    refuseChanging(this.#existing(before.uuid), 'update');
    const enabled = input.Enabled ?? before.enabled;
    const state = enabled === before.enabled ? 'Updating' : enabled ? 'Enabling' : 'Disabling';
    return this.#begin({ ...before, functionArn: fn.arn, settings, enabled, state, lastModified: cloud.now() });
  }

  #list(input: Input<'lambda', 'ListEventSourceMappings'>) {
    const { cloud } = this.#context;
    const arn =
      input.FunctionName === undefined ? undefined : functionArn(cloud, readReference(cloud, input.FunctionName));
    const matching = this.#mappings.filter(
      (mapping) =>
        (arn === undefined || mapping.functionArn === arn) &&
        (input.EventSourceArn === undefined || mapping.sourceArn === input.EventSourceArn),
    );
    const { items, next } = page(matching, ({ uuid }) => uuid, input);
    return { EventSourceMappings: items.map((mapping) => describe(cloud, mapping)), ...next };
  }

  #functionOf(name: string | undefined): { readonly arn: string; readonly version: FunctionVersion } {
    const { cloud, functions } = this.#context;
    const reference = readReference(cloud, name);
    existingFunction(cloud, functions, reference);
    return { arn: functionArn(cloud, reference), version: existingVersion(cloud, functions, reference) };
  }

  #refuseSame(source: Source, sourceArn: string, arn: string, settings: object): void {
    const same = this.#mappings.find(
      (other) =>
        other.sourceArn === sourceArn &&
        other.functionArn === arn &&
        (source.isSame === undefined || source.isSame(other.settings, settings)),
    );
    if (same === undefined) return;
    const name = arn.split(':').slice(6).join(':');
    const conflict =
      source.conflict?.(sourceArn, arn, settings) ??
      `An event source mapping with ${source.title} arn (" ${sourceArn} ") and function (" ${name} ") already exists.`;
    throw new AwsError(
      'ResourceConflictException',
      `${conflict} Please update or delete the existing mapping with UUID ${same.uuid}`,
      409,
      { Type: 'User' },
    );
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

  #begin(mapping: Mapping): EventSourceMappingConfiguration {
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
      this.#forget(uuid);
      return;
    }
    this.#mappings.set(uuid, { ...mapping, state: mapping.enabled ? 'Enabled' : 'Disabled' });
    if (!mapping.enabled) return;
    const { sourceArn: arn, functionArn: target, settings } = mapping;
    this.#pollers.set(uuid, sourceOf(arn).poll(this.#context.cloud, { uuid, arn, functionArn: target, settings }));
  }

  /** How far it has read. */
  #forget(uuid: string): void {
    const positions = positionsOf(this.#context.cloud);
    for (const key of [...positions.keys()]) if (key.startsWith(`${uuid}/`)) positions.delete(key);
  }

  async #stopPoller(uuid: string): Promise<void> {
    const poller = this.#pollers.get(uuid);
    this.#pollers.delete(uuid);
    await poller?.stop();
  }
}

function describe(cloud: Cloud, mapping: Mapping): EventSourceMappingConfiguration {
  const { unreachable, ...source } = sourceOf(mapping.sourceArn);
  return {
    UUID: mapping.uuid,
    ...(mapping.sourceArn.startsWith(selfManagedPrefix) ? {} : { EventSourceArn: mapping.sourceArn }),
    FunctionArn: mapping.functionArn,
    LastModified: new Date(mapping.lastModified),
    State: mapping.state,
    StateTransitionReason: 'USER_INITIATED',
    EventSourceMappingArn: mappingArn(cloud, mapping.uuid),
    ...(unreachable === undefined
      ? {}
      : { LastProcessingResult: mapping.state === 'Enabled' ? unreachable : 'No records processed' }),
    ...source.describe(mapping.settings, mapping.uuid),
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

function readSource(cloud: Cloud, { EventSourceArn: arn, SelfManagedEventSource: own }: MappingInput): string {
  if (arn === undefined) {
    const servers = own?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS;
    if (servers === undefined) throw invalidParameter('Unrecognized event source.');
    return `${selfManagedPrefix}${servers.join(',')}`;
  }
  const [, , , region, account] = arn.split(':');
  const isHere = region === cloud.region && account === cloud.accountId;
  if (sourceOf(arn).unreachable === undefined && !isHere) throw notImplemented(`an event source mapping of ${arn}`);
  return arn;
}

export function sourceOf(arn: string): Source {
  const service = arn.split(':')[2];
  const source = sources.find(
    (row) => row.service === (arn.startsWith(selfManagedPrefix) ? selfManagedPrefix : service),
  );
  if (source === undefined) throw notImplemented(`an event source mapping of ${service}`);
  return source;
}

/** The members of other sources: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html names which each has. */
function refuseOthers({ title, members: own }: Source, input: MappingInput): void {
  const other = membersOfSources.find(
    (name) => (input as Readonly<Record<string, unknown>>)[name] !== undefined && !own.includes(name),
  );
  if (other !== undefined) throw notImplemented(`${other} of an event source mapping of ${title}`);
  const unknown = input.FunctionResponseTypes?.some((type) => type !== 'ReportBatchItemFailures') ?? false;
  if (unknown) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '[${input.FunctionResponseTypes?.join(', ')}]' at 'functionResponseTypes' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]`,
    );
  }
}

/** An older format: only queues were sources, and their settings were members of the mapping. */
type FormerMapping = Omit<Mapping, 'sourceArn' | 'settings'> & {
  readonly queueArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportsFailures: boolean;
  readonly filters: readonly string[];
};

function currentForm(mapping: Mapping | FormerMapping): Mapping {
  if (!('queueArn' in mapping)) return mapping;
  const { queueArn, batchSize, windowSeconds, maximumConcurrency, reportsFailures, filters, ...rest } = mapping;
  const settings = { batchSize, windowSeconds, reportsFailures, filters };
  return {
    ...rest,
    sourceArn: queueArn,
    settings: maximumConcurrency === undefined ? settings : { ...settings, maximumConcurrency },
  };
}

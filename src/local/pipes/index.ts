// EventBridge Pipes: from a queue or stream, through filters and an enrichment, to a target.
// https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/Welcome.html
import type { CreatePipeRequest, PipeSourceParameters } from '@aws-sdk/client-pipes';
import type { Cancel } from '../clock.ts';
import { AwsError, type Cloud, type Operations, type Service } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { sourceOf } from '../lambda/mapping/index.ts';
import type { MappingInput, Poller } from '../lambda/mapping/source.ts';
import { positionsOf } from '../lambda/mapping/stream-poller.ts';
import { pageByName } from '../paging.ts';
import { deniedAction } from '../role-permissions.ts';
import { trusts } from '../role-trust.ts';
import { withoutKeys } from '../without-keys.ts';
import { sendBatch, serviceOf, targetActions, unsupportedTarget } from './send.ts';
import { findPipe, invalid, type Pipe, type PipesContext, pipeArn } from './state.ts';

const transitionMs = 25;
const settingNames = [
  ...(['Description', 'Source', 'SourceParameters', 'Enrichment', 'EnrichmentParameters', 'Target'] as const),
  ...(['TargetParameters', 'RoleArn'] as const),
];
/** The actions that the role needs on a source. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html */
const sourceActions: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((name) => `dynamodb:${name}`),
  kinesis: ['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'].map(
    (name) => `kinesis:${name}`,
  ),
  sqs: ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((name) => `sqs:${name}`),
};

export function createPipes(cloud: Cloud): Service<'pipes'> {
  const context: PipesContext = { cloud, pipes: cloud.collection('pipes.pipes') };
  const runs = new Runs(context);
  return {
    name: 'pipes',
    operations: { ...pipeOperations(context, runs), ...tagOperations(context) },
    async start() {
      for (const name of context.pipes.keys()) runs.settle(name);
    },
    stop: () => runs.stop(),
  };
}

/** The pollers of running pipes, and changes of state under way. */
class Runs {
  readonly #context: PipesContext;
  readonly #pollers = new Map<string, Poller>();
  readonly #cancels = new Set<Cancel>();

  constructor(context: PipesContext) {
    this.#context = context;
  }

  /** Saves the pipe; after a moment, it is as it is to be. */
  change(pipe: Pipe): Pipe {
    this.#context.pipes.set(pipe.name, pipe);
    const cancel = this.#context.cloud.after(transitionMs, () => {
      this.#cancels.delete(cancel);
      this.settle(pipe.name);
    });
    this.#cancels.add(cancel);
    return pipe;
  }

  settle(name: string): void {
    void this.#settle(name);
  }

  async #settle(name: string): Promise<void> {
    const { cloud, pipes } = this.#context;
    await this.#end(name);
    const pipe = pipes.get(name);
    if (pipe === undefined || pipe.state === 'CREATE_FAILED') return;
    const reason = await missingPermission(cloud, pipe);
    // it may have been changed or deleted meanwhile
    if (pipes.get(name) !== pipe) return;
    if (reason !== undefined) {
      pipes.set(name, { ...pipe, state: 'CREATE_FAILED', reason });
      return;
    }
    pipes.set(name, { ...pipe, state: pipe.desired });
    if (pipe.desired === 'STOPPED') return;
    const { Source: arn = '', RoleArn: role = '' } = pipe.settings;
    const target = { role, send: (records: readonly object[]) => sendBatch(cloud, pipes.get(name) ?? pipe, records) };
    const polled = {
      uuid: `pipe/${name}`,
      arn,
      functionArn: pipeArn(cloud, name),
      settings: readSource(pipe.settings),
      target,
    };
    this.#pollers.set(name, sourceOf(arn).poll(cloud, polled));
  }

  async delete(name: string): Promise<void> {
    const { cloud, pipes } = this.#context;
    pipes.delete(name);
    await this.#end(name);
    const positions = positionsOf(cloud);
    for (const key of [...positions.keys()]) if (key.startsWith(`pipe/${name}/`)) positions.delete(key);
  }

  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    await Promise.all([...this.#pollers.keys()].map((name) => this.#end(name)));
  }

  async #end(name: string): Promise<void> {
    const poller = this.#pollers.get(name);
    this.#pollers.delete(name);
    await poller?.stop();
  }
}

async function missingPermission(cloud: Cloud, { settings }: Pipe): Promise<string | undefined> {
  const { Source = '', Target = '', Enrichment = '', RoleArn = '' } = settings;
  const isExpress =
    settings.TargetParameters?.StepFunctionStateMachineParameters?.InvocationType === 'REQUEST_RESPONSE';
  const targets = isExpress ? ['states:StartSyncExecution'] : (targetActions[serviceOf(Target)] ?? []);
  const letters = deadLetterArn(settings);
  const enrichments = serviceOf(Enrichment) === 'lambda' ? ['lambda:InvokeFunction'] : ['states:StartSyncExecution'];
  const needs: readonly (readonly [actions: readonly string[], arn: string])[] = [
    [sourceActions[serviceOf(Source)] ?? [], Source],
    ...(Enrichment === '' ? [] : [[enrichments, Enrichment] as const]),
    [targets, Target],
    ...(letters === undefined ? [] : [[targetActions[serviceOf(letters)] ?? [], letters] as const]),
  ];
  for (const [actions, arn] of needs) {
    const denied = await deniedAction(cloud, RoleArn, actions, arn);
    if (denied !== undefined) return `The role ${RoleArn} is not allowed to perform ${denied} on ${arn}`;
  }
  return undefined;
}

/** Where failed batches of a stream go. */
function deadLetterArn({ SourceParameters: parameters }: Pipe['settings']): string | undefined {
  const { DynamoDBStreamParameters: table, KinesisStreamParameters: stream } = parameters ?? {};
  return (table ?? stream)?.DeadLetterConfig?.Arn;
}

/** The settings of the poller, which are those of event source mappings. */
function readSource({
  Source = '',
  SourceParameters = {},
}: Pick<CreatePipeRequest, 'Source' | 'SourceParameters'>): object {
  const { FilterCriteria, SqsQueueParameters, DynamoDBStreamParameters, KinesisStreamParameters } =
    SourceParameters as PipeSourceParameters;
  const stream = DynamoDBStreamParameters ?? KinesisStreamParameters;
  const { BatchSize, MaximumBatchingWindowInSeconds, ...rest } = { ...SqsQueueParameters, ...stream };
  const input: MappingInput = {
    ...(BatchSize === undefined ? {} : { BatchSize }),
    ...(MaximumBatchingWindowInSeconds === undefined ? {} : { MaximumBatchingWindowInSeconds }),
    ...(FilterCriteria === undefined ? {} : { FilterCriteria }),
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ...(stream === undefined ? {} : streamInput(rest as NonNullable<typeof stream>)),
  };
  try {
    return sourceOf(Source).read(Source, input, undefined);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidParameterValueException') throw invalid(error.message);
    throw error;
  }
}

type StreamParameters = NonNullable<PipeSourceParameters['KinesisStreamParameters']>;

function streamInput(stream: Partial<StreamParameters>): Partial<MappingInput> {
  const { StartingPosition, StartingPositionTimestamp: time, OnPartialBatchItemFailure } = stream;
  return {
    ...(StartingPosition === undefined ? {} : { StartingPosition }),
    ...(time === undefined ? {} : { StartingPositionTimestamp: new Date(time) }),
    ...(stream.MaximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: stream.MaximumRetryAttempts }),
    ...(stream.MaximumRecordAgeInSeconds === undefined
      ? {}
      : { MaximumRecordAgeInSeconds: stream.MaximumRecordAgeInSeconds }),
    ...(stream.DeadLetterConfig?.Arn === undefined
      ? {}
      : { DestinationConfig: { OnFailure: { Destination: stream.DeadLetterConfig.Arn } } }),
    ...(stream.ParallelizationFactor === undefined ? {} : { ParallelizationFactor: stream.ParallelizationFactor }),
    ...(OnPartialBatchItemFailure === 'AUTOMATIC_BISECT' ? { BisectBatchOnFunctionError: true } : {}),
  };
}

async function checkPipe(cloud: Cloud, name: string, settings: Pipe['settings']): Promise<void> {
  const { Source = '', RoleArn = '', Target = '' } = settings;
  checkConstraints('ValidationException', [
    ['name', name, { min: 1, max: 64, pattern: '[\\.\\-_A-Za-z0-9]+' }],
    ['description', settings.Description, { max: 512 }],
    ['source', Source, { min: 1, max: 1600 }],
    ['target', Target, { min: 1, max: 1600 }],
    [
      'roleArn',
      RoleArn,
      { min: 1, max: 1600, pattern: 'arn:(aws[a-zA-Z0-9-]*):iam::\\d{12}:role/?[a-zA-Z0-9+=,.@\\-_/]+' },
    ],
  ]);
  const [, , service, region] = Source.split(':');
  if (sourceActions[service ?? ''] === undefined || region !== cloud.region)
    throw notImplemented(`a pipe from ${Source}`);
  const letters = deadLetterArn(settings);
  if (letters !== undefined && !/^arn:[^:]+:(sqs|sns):/.test(letters))
    throw notImplemented(`a pipe with the dead-letter target ${letters}`);
  const unsupported = unsupportedTarget({ settings });
  if (unsupported !== undefined) throw notImplemented(`a pipe with ${unsupported}`);
  readSource(settings);
  if (!(await trusts(cloud, RoleArn, 'pipes.amazonaws.com', pipeArn(cloud, name)))) {
    throw invalid(`Provided role ${RoleArn} cannot be assumed by principal 'pipes.amazonaws.com'.`);
  }
}

function pipeOperations(context: PipesContext, runs: Runs): Operations<'pipes'> {
  const { cloud, pipes } = context;
  const onPipe = { resource: ({ Name = '' }: { Name: string | undefined }) => pipeArn(cloud, Name) };
  const shown = ({ name, created, modified, desired, state, reason }: Pipe) => ({
    ...{ Arn: pipeArn(cloud, name), Name: name, DesiredState: desired, CurrentState: state },
    ...(reason === undefined ? {} : { StateReason: reason }),
    CreationTime: new Date(created),
    LastModifiedTime: new Date(modified),
  });
  const turn = (name: string | undefined, desired: Pipe['desired'], state: Pipe['state']) => {
    const pipe = findPipe(context, name);
    return shown(runs.change({ ...pipe, desired, state, modified: cloud.now() }));
  };
  return {
    CreatePipe: {
      members: ['Name', 'DesiredState', 'Tags', ...settingNames],
      authorize: onPipe,
      async run({ Name: name = '', DesiredState: desired = 'RUNNING', Tags, ...settings }) {
        if (pipes.has(name)) throw new AwsError('ConflictException', `Pipe ${name} already exists.`, 409);
        await checkPipe(cloud, name, settings);
        const now = cloud.now();
        const made = { name, created: now, modified: now, desired, settings, tags: { ...Tags } };
        return shown(runs.change({ ...made, state: 'CREATING' }));
      },
    },
    UpdatePipe: {
      members: ['Name', 'DesiredState', ...settingNames.filter((name) => name !== 'Source')],
      authorize: onPipe,
      async run({ Name, DesiredState, ...changed }) {
        const before = findPipe(context, Name);
        const settings = { ...before.settings, ...changed } as Pipe['settings'];
        await checkPipe(cloud, before.name, settings);
        const { reason, ...pipe } = before;
        const desired = DesiredState ?? before.desired;
        return shown(runs.change({ ...pipe, settings, desired, state: 'UPDATING', modified: cloud.now() }));
      },
    },
    DescribePipe: {
      members: ['Name'],
      authorize: onPipe,
      run({ Name }) {
        const pipe = findPipe(context, Name);
        return { ...shown(pipe), ...pipe.settings, Tags: { ...pipe.tags } } as never;
      },
    },
    DeletePipe: {
      members: ['Name'],
      authorize: onPipe,
      async run({ Name }) {
        const pipe = findPipe(context, Name);
        await runs.delete(pipe.name);
        return { ...shown(pipe), CurrentState: 'DELETING' as const, DesiredState: 'DELETED' as const };
      },
    },
    StartPipe: { members: ['Name'], authorize: onPipe, run: ({ Name }) => turn(Name, 'RUNNING', 'STARTING') },
    StopPipe: { members: ['Name'], authorize: onPipe, run: ({ Name }) => turn(Name, 'STOPPED', 'STOPPING') },
    ListPipes: {
      members: ['NamePrefix', 'DesiredState', 'CurrentState', 'SourcePrefix', 'TargetPrefix', 'NextToken', 'Limit'],
      run({
        NamePrefix = '',
        DesiredState,
        CurrentState,
        SourcePrefix = '',
        TargetPrefix = '',
        NextToken: token,
        Limit,
      }) {
        const found = pipes
          .filter(({ name, desired, state, settings: { Source = '', Target = '' } }) => {
            const isNamed =
              name.startsWith(NamePrefix) && Source.startsWith(SourcePrefix) && Target.startsWith(TargetPrefix);
            const isDesired = DesiredState === undefined || desired === DesiredState;
            return isNamed && isDesired && (CurrentState === undefined || state === CurrentState);
          })
          .sort((left, right) => (left.name < right.name ? -1 : 1));
        const { items, nextToken } = pageByName(found, ({ name }) => name, { token, most: Limit ?? 100 });
        const Pipes = items.map((pipe) => {
          const { Source, Target, Enrichment } = pipe.settings;
          return { ...shown(pipe), Source, Target, ...(Enrichment === undefined ? {} : { Enrichment }) };
        });
        return { Pipes, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
      },
    },
  };
}

function tagOperations(context: PipesContext): Operations<'pipes'> {
  const onArn = { resource: ({ resourceArn }: { resourceArn: string | undefined }) => resourceArn };
  const find = (arn = '') => findPipe(context, arn.split(':pipe/')[1]);
  return {
    TagResource: {
      members: ['resourceArn', 'tags'],
      authorize: onArn,
      run({ resourceArn, tags }) {
        const pipe = find(resourceArn);
        context.pipes.set(pipe.name, { ...pipe, tags: { ...pipe.tags, ...tags } });
        return {};
      },
    },
    UntagResource: {
      members: ['resourceArn', 'tagKeys'],
      authorize: onArn,
      run({ resourceArn, tagKeys = [] }) {
        const pipe = find(resourceArn);
        context.pipes.set(pipe.name, { ...pipe, tags: withoutKeys(pipe.tags, tagKeys) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['resourceArn'],
      authorize: onArn,
      run: ({ resourceArn }) => ({ tags: { ...find(resourceArn).tags } }),
    },
  };
}

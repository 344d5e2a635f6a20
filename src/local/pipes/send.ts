// The way of a batch through a pipe: enrichment, templates, target, with the pipe's role.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type Principal } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { queueUrl } from '../deliver.ts';
import type { Answer } from '../lambda/mapping/source.ts';
import type { Pipe } from './state.ts';
import { filled } from './template.ts';

type Sender = Principal & { readonly kind: 'role' };

interface Way {
  readonly cloud: Cloud;
  readonly pipe: Pipe;
  readonly sender: Sender;
}

/** The action that the role needs for a target, by the service in its ARN. */
export const targetActions: Readonly<Record<string, readonly string[]>> = {
  events: ['events:PutEvents'],
  kinesis: ['kinesis:PutRecord'],
  lambda: ['lambda:InvokeFunction'],
  logs: ['logs:PutLogEvents'],
  sns: ['sns:Publish'],
  sqs: ['sqs:SendMessage'],
  states: ['states:StartExecution'],
};

/** What an enrichment or a target that the local AWS does not have is called; undefined if it has it. */
export function unsupportedTarget({ settings }: Pick<Pipe, 'settings'>): string | undefined {
  const { Target = '', Enrichment } = settings;
  if (targetActions[serviceOf(Target)] === undefined) return `the target ${Target}`;
  if (Enrichment === undefined || Enrichment === '') return undefined;
  return ['lambda', 'states'].includes(serviceOf(Enrichment)) ? undefined : `the enrichment ${Enrichment}`;
}

export const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';

export async function sendBatch(cloud: Cloud, pipe: Pipe, records: readonly object[]): Promise<Answer> {
  const sender: Sender = { kind: 'role', arn: pipe.settings.RoleArn ?? '', session: pipe.name };
  const way = { cloud, pipe, sender };
  try {
    const events = await enriched(way, records.map(flat));
    // an enrichment may leave nothing
    if (events.length === 0) return { error: undefined, version: '', result: null };
    const template = pipe.settings.TargetParameters?.InputTemplate;
    const result = await toTarget(
      way,
      events.map((event) => filled(cloud, pipe, template, event)),
    );
    return { error: undefined, version: '', result };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    process.emitWarning(`pipe ${pipe.name} failed to send a batch: ${error.message}`);
    return { error: error.code, version: '', result: undefined };
  }
}

/** Records of Kinesis have no part of their own in pipes:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html */
function flat(record: object): object {
  const { kinesis, ...rest } = record as { readonly kinesis?: object };
  return kinesis === undefined ? record : { ...kinesis, ...rest };
}

async function enriched(way: Way, events: readonly unknown[]): Promise<readonly unknown[]> {
  const { cloud, pipe } = way;
  const { Enrichment, EnrichmentParameters } = pipe.settings;
  if (Enrichment === undefined || Enrichment === '') return events;
  const input = events.map((event) => filled(cloud, pipe, EnrichmentParameters?.InputTemplate, event));
  const result =
    serviceOf(Enrichment) === 'lambda' ? await invoke(way, Enrichment, input) : await runSync(way, Enrichment, input);
  if (Array.isArray(result)) return result;
  return result === null || result === undefined ? [] : [result];
}

async function toTarget(way: Way, events: readonly unknown[]): Promise<unknown> {
  const { cloud, pipe, sender } = way;
  const { Target = '', TargetParameters: parameters = {} } = pipe.settings;
  const texts = events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event)));
  switch (serviceOf(Target)) {
    case 'lambda': {
      const isAsync = parameters.LambdaFunctionParameters?.InvocationType === 'FIRE_AND_FORGET';
      if (!isAsync) return invoke(way, Target, events);
      const event = { FunctionName: Target, InvocationType: 'Event', Payload: bytes(events) } as const;
      await cloud.call('lambda', 'Invoke', event, sender);
      return null;
    }
    case 'states': {
      const type = parameters.StepFunctionStateMachineParameters?.InvocationType;
      if (type === 'REQUEST_RESPONSE') return runSync(way, Target, events);
      await cloud.call('states', 'StartExecution', { stateMachineArn: Target, input: JSON.stringify(events) }, sender);
      return null;
    }
    case 'sqs':
      for (const MessageBody of texts) {
        const { MessageGroupId, MessageDeduplicationId } = parameters.SqsQueueParameters ?? {};
        const fifo = {
          ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
          ...(MessageDeduplicationId === undefined ? {} : { MessageDeduplicationId }),
        };
        await cloud.call('sqs', 'SendMessage', { QueueUrl: queueUrl(cloud, Target), MessageBody, ...fifo }, sender);
      }
      return null;
    case 'sns':
      for (const Message of texts) await cloud.call('sns', 'Publish', { TopicArn: Target, Message }, sender);
      return null;
    case 'events': {
      const {
        DetailType = 'Event from aws:pipes',
        Source = `Pipe ${pipe.name}`,
        Resources,
      } = parameters.EventBridgeEventBusParameters ?? {};
      for (const Detail of texts) {
        const entry = {
          EventBusName: Target,
          DetailType,
          Source,
          Detail,
          ...(Resources === undefined ? {} : { Resources }),
        };
        await cloud.call('events', 'PutEvents', { Entries: [entry] }, sender);
      }
      return null;
    }
    case 'kinesis': {
      const PartitionKey = parameters.KinesisStreamParameters?.PartitionKey ?? randomUUID();
      for (const text of texts) {
        await cloud.call('kinesis', 'PutRecord', { StreamARN: Target, Data: Buffer.from(text), PartitionKey }, sender);
      }
      return null;
    }
    case 'logs':
      await toLog(way, Target, texts);
      return null;
    default:
      throw notImplemented(`the target ${Target} of a pipe`);
  }
}

async function toLog({ cloud, pipe, sender }: Way, arn: string, texts: readonly string[]): Promise<void> {
  const logGroupName = arn.split(':')[6] ?? '';
  const { LogStreamName: logStreamName = pipe.name } = pipe.settings.TargetParameters?.CloudWatchLogsParameters ?? {};
  const logEvents = texts.map((message) => ({ timestamp: cloud.now(), message }));
  await cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents }, sender);
}

async function invoke({ cloud, sender }: Way, FunctionName: string, events: readonly unknown[]): Promise<unknown> {
  const { Payload, FunctionError } = await cloud.call(
    'lambda',
    'Invoke',
    { FunctionName, Payload: bytes(events) },
    sender,
  );
  const text = Buffer.from(Payload ?? []).toString('utf8');
  if (FunctionError !== undefined) throw new AwsError(FunctionError, `${FunctionName} failed: ${text}`);
  return text === '' ? null : (JSON.parse(text) as unknown);
}

async function runSync({ cloud, sender }: Way, stateMachineArn: string, events: readonly unknown[]): Promise<unknown> {
  const input = JSON.stringify(events);
  const { status, output, error, cause } = await cloud.call(
    'states',
    'StartSyncExecution',
    { stateMachineArn, input },
    sender,
  );
  if (status !== 'SUCCEEDED') throw new AwsError(error ?? 'Failed', `${stateMachineArn} failed: ${cause ?? error}`);
  return JSON.parse(output ?? 'null') as unknown;
}

const bytes = (events: readonly unknown[]) => Buffer.from(JSON.stringify(events));

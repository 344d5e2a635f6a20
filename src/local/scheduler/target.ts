// The targets of schedules: what they must be, and the calls that they become.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
import type { Target } from '@aws-sdk/client-scheduler';
import type { Cloud, Principal, ServiceName } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { targetKind } from '../deliver.ts';
import { trusts } from '../role-trust.ts';
import { integrationService, operationOf } from '../sdk-call.ts';
import { members } from '../wire/model.ts';
import { groupArn, invalid, type SchedulerContext } from './state.ts';

const known = [
  ...['Arn', 'RoleArn', 'Input', 'RetryPolicy', 'DeadLetterConfig', 'SqsParameters', 'EventBridgeParameters'],
];
const roleArn = 'arn:aws[a-z0-9-]*:iam::\\d{12}:role\\/[\\w+=,.@\\/-]+';

export async function checkTarget(context: SchedulerContext, target: Target | undefined, group: string): Promise<void> {
  const { Arn = '', RoleArn = '', RetryPolicy, DeadLetterConfig, Input } = target ?? ({} as Partial<Target>);
  checkConstraints('ValidationException', [
    ['target.arn', Arn, { min: 1, max: 1600 }],
    ['target.roleArn', RoleArn, { min: 1, max: 1600, pattern: roleArn }],
    ['target.input', Input, { min: 1 }],
    ['target.retryPolicy.maximumRetryAttempts', RetryPolicy?.MaximumRetryAttempts, { min: 0, max: 185 }],
    ['target.retryPolicy.maximumEventAgeInSeconds', RetryPolicy?.MaximumEventAgeInSeconds, { min: 60, max: 86_400 }],
    [
      'target.deadLetterConfig.arn',
      DeadLetterConfig?.Arn,
      { min: 1, max: 1600, pattern: 'arn:aws[a-z0-9-]*:sqs:[a-z0-9\\-]+:\\d{12}:[a-zA-Z0-9\\-_]+' },
    ],
  ]);
  if (!/^arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+$/.test(Arn)) throw invalid('Provided Arn is not in correct format.');
  const other = Object.entries(target ?? {}).find(([name, value]) => value !== undefined && !known.includes(name));
  if (other !== undefined) throw notImplemented(`scheduler:CreateSchedule with ${other[0]}`);
  await checkKind(context.cloud, target as Target);
  if (!(await trusts(context.cloud, RoleArn, 'scheduler.amazonaws.com', groupArn(context, group)))) {
    throw invalid('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.');
  }
}

async function checkKind(cloud: Cloud, target: Target): Promise<void> {
  const { Arn = '', EventBridgeParameters, SqsParameters, Input } = target;
  if (isUniversal(Arn)) {
    await universalCall(Arn, Input ?? '{}');
    return;
  }
  if (Arn.includes(':event-bus/')) {
    if (EventBridgeParameters === undefined) throw invalid('EventBridgeParameters must be provided for an event bus.');
    if (Input !== undefined && !isJsonObject(Input)) throw invalid('Invalid JSON in Input for an event bus.');
  } else if (targetKind(cloud, Arn) === undefined) {
    throw notImplemented(`the target ${Arn} of a schedule`);
  }
  if (Arn.endsWith('.fifo') && SqsParameters?.MessageGroupId === undefined) {
    throw invalid('MessageGroupId must be provided for a FIFO queue.');
  }
}

export function isUniversal(arn: string): boolean {
  return arn.startsWith('arn:aws:scheduler:::aws-sdk:');
}

/** Sends what the schedule says, with the permissions of its role. */
export async function invokeTarget(cloud: Cloud, target: Target, body: string, sender: Principal): Promise<void> {
  const { Arn = '', EventBridgeParameters, SqsParameters } = target;
  if (isUniversal(Arn)) {
    const { service, operation, input } = await universalCall(Arn, body);
    await cloud.call(service, operation as never, input as never, sender);
    return;
  }
  if (Arn.includes(':event-bus/')) {
    const { Source, DetailType } = EventBridgeParameters ?? {};
    const Entries = [{ EventBusName: Arn, Source, DetailType, Detail: body }];
    await cloud.call('events', 'PutEvents', { Entries }, sender);
    return;
  }
  const kind = targetKind(cloud, Arn);
  if (kind === undefined) throw notImplemented(`the target ${Arn} of a schedule`);
  const group = SqsParameters?.MessageGroupId;
  await kind.send(cloud, Arn, { body, ...(group === undefined ? {} : { messageGroupId: group }) }, sender);
}

/** "Universal targets do not support read-only API actions":
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html#unsupported-api-actions */
const readOnly = /^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchget)/i;

interface Call {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The call of a universal target such as `arn:aws:scheduler:::aws-sdk:sqs:sendMessage`. */
async function universalCall(arn: string, body: string): Promise<Call> {
  const [named = '', action = ''] = arn.slice('arn:aws:scheduler:::aws-sdk:'.length).split(':');
  const service = integrationService(named);
  if (service === undefined) throw notImplemented(`the service ${named} as the target of a schedule`);
  const model = await operationOf(service, action);
  if (model === undefined || readOnly.test(action)) {
    throw invalid(`Invalid RequestJson provided. ${action} is not an action of ${named} that a schedule can call.`);
  }
  if (!isJsonObject(body)) throw invalid('Invalid RequestJson provided. Reason: Input must be a JSON object.');
  const input = JSON.parse(body) as Record<string, unknown>;
  const schemas = new Map(members(model.input));
  for (const [name, value] of Object.entries(input)) {
    const schema = schemas.get(name);
    if (schema === undefined) {
      throw invalid(`Invalid RequestJson provided. Reason: ${model.name} has no member ${name}.`);
    }
    if (schema.isBlobSchema() && typeof value === 'string') input[name] = Buffer.from(value);
    if (schema.isTimestampSchema() && typeof value === 'string') input[name] = new Date(value);
  }
  return { service, operation: model.name, input };
}

function isJsonObject(text: string): boolean {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

// Calls services for Task states, with the state machine's role: optimized integrations, and those of the SDK.
// https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
import { randomUUID } from 'node:crypto';
import { AwsError, type ServiceName } from '../cloud.ts';
import { callBySdkNames, integrationService, operationOf, unknownMember } from '../sdk-call.ts';
import { serviceModel } from '../wire/model.ts';
import type { Running } from './flow.ts';
import { callFunction } from './lambda-task.ts';
import { integrationError, sdkError } from './service-error.ts';
import { runtimeError, StateError } from './state-error.ts';

export interface Target {
  /** Such as `sqs` or `aws-sdk:s3`. */
  readonly resourceType: string;
  /** Such as `sendMessage.waitForTaskToken`. */
  readonly resource: string;
  readonly isSdk: boolean;
  readonly service: string;
  readonly action: string;
  readonly pattern: string | undefined;
}

export function readResource(arn: string): Target {
  const rest = arn.split(':').slice(5);
  const isSdk = rest[0] === 'aws-sdk';
  const [service = '', ...named] = isSdk ? rest.slice(1) : rest;
  const resource = named.join(':');
  const [action = '', pattern] = resource.split('.');
  return { resourceType: isSdk ? `aws-sdk:${service}` : service, resource, isSdk, service, action, pattern };
}

/** The optimized integrations of the local AWS, by service, and their actions. */
const optimized: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['getItem', 'putItem', 'updateItem', 'deleteItem'],
  events: ['putEvents'],
  lambda: ['invoke'],
  sns: ['publish'],
  sqs: ['sendMessage'],
  states: ['startExecution'],
};

/** What the local AWS does not have among integrations. */
export async function unsupportedIntegration(arn: string): Promise<string | undefined> {
  const { isSdk, service, action, pattern, resource } = readResource(arn);
  if (!isSdk && !optimized[service]?.includes(action)) return `the integration ${service}:${resource}`;
  if (pattern?.startsWith('sync') && (isSdk || service !== 'states')) return `the integration ${service}:${resource}`;
  if (!isSdk) return undefined;
  const local = integrationService(service);
  if (local === undefined) return `the integration with ${service}`;
  return (await operationOf(local, action)) === undefined ? `the integration ${service}:${action}` : undefined;
}

/** The answer of the service. `submitted` is told of a job that the task then waits for. */
export async function callIntegration(
  running: Running,
  target: Target,
  args: unknown,
  submitted: (output: unknown) => void,
): Promise<unknown> {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw runtimeError('The Parameters of a service integration must be a JSON object');
  }
  if (target.isSdk) return callSdk(running, target, args);
  if (target.service === 'lambda') return withMetadata(await callFunction(running, args));
  const output = withMetadata(await callOptimized(running, target, args));
  if (!target.pattern?.startsWith('sync')) return output;
  submitted(output);
  return executionEnd(running, String(output['ExecutionArn']), target.pattern === 'sync:2');
}

async function callSdk({ run }: Running, { service, action }: Target, args: object): Promise<unknown> {
  const local = integrationService(service);
  const operation = local === undefined ? undefined : await operationOf(local, action);
  if (local === undefined || operation === undefined) throw runtimeError(`${service}:${action} is not supported`);
  refuseUnknown(unknownMember(operation, args));
  try {
    return await callBySdkNames(run.cloud, local, operation, args, run.role);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw sdkError(service, error, randomUUID(), await isModelled(local, error));
  }
}

/** JSON in these members becomes text. */
const textMembers = ['MessageBody', 'Message', 'Input', 'Detail'];

async function callOptimized({ run }: Running, target: Target, args: object): Promise<Record<string, unknown>> {
  const { service, action } = target as Target & { service: ServiceName };
  const operation = await operationOf(service, action);
  if (operation === undefined) throw runtimeError(`${service}:${action} is not supported`);
  refuseUnknown(unknownMember(operation, args));
  try {
    const output = await callBySdkNames(run.cloud, service, operation, asText(args), run.role);
    const failed = Number(output['FailedEntryCount'] ?? 0);
    // https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
    if (failed > 0) throw new StateError('EventBridge.FailedEntry', JSON.stringify(output));
    return output;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw integrationError(service, error, randomUUID(), await isModelled(service, error));
  }
}

async function isModelled(service: ServiceName, { code }: AwsError): Promise<boolean> {
  const { errors } = await serviceModel(service);
  return errors.has(code);
}

function refuseUnknown(member: string | undefined): void {
  if (member !== undefined) throw runtimeError(`The field "${member}" is not supported by Step Functions`);
}

function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      textMembers.includes(name) && typeof item !== 'string' && item !== null ? JSON.stringify(item) : asText(item),
    ]),
  );
}

/** What optimized integrations add to the answer of a service. */
function withMetadata(output: object): Record<string, unknown> {
  const requestId = randomUUID();
  const headers = { 'Content-Type': 'application/json', 'x-amzn-RequestId': requestId };
  const all = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return {
    ...output,
    SdkHttpMetadata: { AllHttpHeaders: all, HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** The end of an execution that a task waits for; it is stopped with the task. */
async function executionEnd({ run, scope }: Running, arn: string, isParsed: boolean): Promise<unknown> {
  try {
    await scope.until(run.parts.ended(arn));
  } catch (error) {
    if (scope.signal.aborted) await run.cloud.call('states', 'StopExecution', { executionArn: arn }).catch(() => {});
    throw error;
  }
  const described = await run.cloud.call('states', 'DescribeExecution', { executionArn: arn }, run.role);
  const fields = Object.entries(described).map(([name, value]) => {
    const isData = (name === 'input' || name === 'output') && isParsed && typeof value === 'string';
    const shown = value instanceof Date ? value.getTime() : isData ? (JSON.parse(value) as unknown) : value;
    return [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, shown];
  });
  const output = Object.fromEntries(fields) as Record<string, unknown>;
  if (described.status === 'SUCCEEDED') return output;
  throw new StateError('States.TaskFailed', JSON.stringify(output));
}

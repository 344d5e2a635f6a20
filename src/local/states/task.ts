// Runs Task states: functions, activities, and the operations of services.
// https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Running } from './flow.ts';
import { dataOf, type EventDetails } from './history.ts';
import { callFunction } from './lambda-task.ts';
import { callIntegration, readResource } from './service-task.ts';
import { numberField } from './state-data.ts';
import { StateError } from './state-error.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-task-executions
const dataBytes = 262_144;

/** How one kind of task runs, and what its events are. */
interface Kind {
  /** What a message about its data calls it. */
  readonly name: string;
  readonly events: { readonly scheduled: HistoryEventType; readonly started?: HistoryEventType };
  scheduled(args: unknown, limits: Limits): EventDetails;
  readonly started: EventDetails;
  run(args: unknown, limits: Limits): Promise<unknown>;
  succeeded(output: unknown): readonly [HistoryEventType, EventDetails];
  failed(error: StateError): readonly [HistoryEventType, EventDetails];
}

export interface Limits {
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
}

/** The result of the task. */
export async function runTask(running: Running): Promise<unknown> {
  const { scope, data, state, run } = running;
  const resource = String(state['Resource']);
  const token = /\.waitForTaskToken$|:activity:/.test(resource) ? run.parts.tokens.issue() : undefined;
  if (token !== undefined && !resource.includes(':activity:')) running.setToken(token);
  const args = await data.arguments();
  const [timeout, heartbeat] = [await numberField(data, 'TimeoutSeconds'), await numberField(data, 'HeartbeatSeconds')];
  const limits: Limits = {
    ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
    ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
  };
  const kind = kindOf(running, resource, token);
  scope.add(kind.events.scheduled, kind.scheduled(args, limits));
  if (kind.events.started !== undefined) scope.add(kind.events.started, kind.started);
  try {
    const output = await withTimeout(running, kind.run(args, limits), limits);
    if (Buffer.byteLength(JSON.stringify(output) ?? 'null') > dataBytes) {
      const cause = `The state/task '${kind.name}' returned a result with a size exceeding the maximum number of bytes service limit.`;
      throw new StateError('States.DataLimitExceeded', cause);
    }
    scope.add(...kind.succeeded(output));
    run.parts.inspect?.('result', output);
    return output;
  } catch (error) {
    if (error instanceof StateError && !error.isInState) scope.add(...kind.failed(error));
    throw error;
  }
}

async function withTimeout<T>({ run, scope }: Running, work: Promise<T>, limits: Limits): Promise<T> {
  const { timeoutInSeconds } = limits;
  if (timeoutInSeconds === undefined) return scope.until(work);
  let cancel = () => {};
  const timeout = new Promise<never>((_, reject) => {
    cancel = run.cloud.after(timeoutInSeconds * 1000, () => reject(new StateError('States.Timeout')));
  });
  return scope.until(Promise.race([work, timeout])).finally(() => cancel());
}

function kindOf(running: Running, resource: string, token: string | undefined): Kind {
  if (resource.includes(':lambda:')) {
    if (!resource.startsWith('arn:aws:states:')) return functionKind(running, resource);
  }
  if (resource.includes(':activity:')) return activityKind(running, resource, token ?? '');
  return serviceKind(running, resource, token);
}

function functionKind(running: Running, resource: string): Kind {
  return {
    name: resource,
    events: { scheduled: 'LambdaFunctionScheduled', started: 'LambdaFunctionStarted' },
    scheduled: (args, { timeoutInSeconds }) => ({
      lambdaFunctionScheduledEventDetails: {
        ...{ resource, ...dataOf('input', args) },
        ...(timeoutInSeconds === undefined ? {} : { timeoutInSeconds }),
      },
    }),
    started: {},
    run: async (args) => (await callFunction(running, { FunctionName: resource, Payload: args })).Payload,
    succeeded: (output) => [
      'LambdaFunctionSucceeded',
      { lambdaFunctionSucceededEventDetails: dataOf('output', output) },
    ],
    failed: (error) =>
      error.error === 'States.Timeout'
        ? ['LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: errorDetails(error) }]
        : ['LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: errorDetails(error) }],
  };
}

function activityKind({ run, scope }: Running, resource: string, token: string): Kind {
  return {
    name: resource,
    events: { scheduled: 'ActivityScheduled' },
    scheduled: (args, limits) => ({
      activityScheduledEventDetails: { resource, ...dataOf('input', args), ...limits },
    }),
    started: {},
    async run(args, { heartbeatInSeconds }) {
      const started = (workerName: string | undefined) =>
        scope.add('ActivityStarted', { activityStartedEventDetails: workerName === undefined ? {} : { workerName } });
      const taken = run.parts.activities.offer(resource, JSON.stringify(args), {
        token,
        started,
        signal: scope.signal,
      });
      const output = run.parts.tokens.outputFor(token, heartbeatInSeconds, scope.signal);
      return JSON.parse(await output.finally(() => taken.withdraw())) as unknown;
    },
    succeeded: (output) => ['ActivitySucceeded', { activitySucceededEventDetails: dataOf('output', output) }],
    failed: (error) =>
      error.error === 'States.Timeout'
        ? ['ActivityTimedOut', { activityTimedOutEventDetails: errorDetails(error) }]
        : ['ActivityFailed', { activityFailedEventDetails: errorDetails(error) }],
  };
}

function serviceKind(running: Running, resource: string, token: string | undefined): Kind {
  const { run, scope } = running;
  const target = readResource(resource);
  const named = { resourceType: target.resourceType, resource: target.resource };
  return {
    name: target.resourceType,
    events: { scheduled: 'TaskScheduled', started: 'TaskStarted' },
    scheduled: (args, limits) => ({
      taskScheduledEventDetails: {
        ...{ ...named, region: run.cloud.region, parameters: JSON.stringify(args), ...limits },
      },
    }),
    started: { taskStartedEventDetails: named },
    async run(args, { heartbeatInSeconds }) {
      // before the call: the answer may come at once
      const answer =
        token === undefined ? undefined : run.parts.tokens.outputFor(token, heartbeatInSeconds, scope.signal);
      answer?.catch(() => {});
      const submitted = (output: unknown) =>
        scope.add('TaskSubmitted', { taskSubmittedEventDetails: { ...named, ...dataOf('output', output) } });
      const output = await callIntegration(running, target, args, submitted);
      if (answer === undefined) return output;
      submitted(output);
      return JSON.parse(await answer) as unknown;
    },
    succeeded: (output) => ['TaskSucceeded', { taskSucceededEventDetails: { ...named, ...dataOf('output', output) } }],
    failed: (error) =>
      error.error === 'States.Timeout'
        ? ['TaskTimedOut', { taskTimedOutEventDetails: { ...named, ...errorDetails(error) } }]
        : ['TaskFailed', { taskFailedEventDetails: { ...named, ...errorDetails(error) } }],
  };
}

function errorDetails({ error, cause }: StateError): { error?: string; cause?: string } {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

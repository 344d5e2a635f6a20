// For tests: state machines on a local AWS, run to their end.
import { setImmediate } from 'node:timers/promises';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Cloud } from '../cloud.ts';
import { createRole } from '../lambda/fixture.ts';

export const everything = { Effect: 'Allow', Action: '*', Resource: '*' };

export const statesRole = (cloud: Cloud, policy: object = everything): Promise<string> =>
  createRole(cloud, policy, 'states.amazonaws.com');

let machines = 0;

/** The ARN of a new state machine of those states, which starts with the first. */
export async function createMachine(
  cloud: Cloud,
  states: Readonly<Record<string, object>>,
  settings: { readonly roleArn?: string; readonly type?: 'STANDARD' | 'EXPRESS'; readonly machine?: object } = {},
): Promise<string> {
  const { roleArn = await statesRole(cloud), type = 'STANDARD', machine = {} } = settings;
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...machine });
  const name = `machine-${machines++}`;
  const { stateMachineArn } = await cloud.call('states', 'CreateStateMachine', { name, definition, roleArn, type });
  return stateMachineArn ?? '';
}

export async function start(cloud: Cloud, stateMachineArn: string, input: unknown = {}): Promise<string> {
  const { executionArn } = await cloud.call('states', 'StartExecution', {
    stateMachineArn,
    input: JSON.stringify(input),
  });
  return executionArn ?? '';
}

/** The first value that is not undefined; the local AWS works on in between. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await setImmediate();
  }
}

/** The execution when it is no longer running. */
export function finish(cloud: Cloud, executionArn: string) {
  return until(async () => {
    const execution = await cloud.call('states', 'DescribeExecution', { executionArn });
    return execution.status === 'RUNNING' ? undefined : execution;
  });
}

export interface Ended {
  readonly status: string | undefined;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** How a machine of those states ends. */
export async function run(
  cloud: Cloud,
  states: Readonly<Record<string, object>>,
  input: unknown = {},
  settings: Parameters<typeof createMachine>[2] = {},
): Promise<Ended> {
  const arn = await start(cloud, await createMachine(cloud, states, settings), input);
  const { status, output, error, cause } = await finish(cloud, arn);
  return {
    status,
    ...(output === undefined ? {} : { output: JSON.parse(output) as unknown }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

export async function history(cloud: Cloud, executionArn: string): Promise<HistoryEvent[]> {
  const { events = [] } = await cloud.call('states', 'GetExecutionHistory', { executionArn, maxResults: 1000 });
  return events;
}

/** Waits until the execution has that many events of the type. */
export async function reached(
  cloud: Cloud,
  executionArn: string,
  type: HistoryEvent['type'],
  count = 1,
): Promise<void> {
  await until(async () => {
    const found = (await history(cloud, executionArn)).filter((event) => event.type === type);
    return found.length >= count ? found : undefined;
  });
}

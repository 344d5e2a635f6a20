// Step Functions' operations on executions, and the answers of tasks.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
import { randomUUID } from 'node:crypto';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageFrom } from '../paging.ts';
import { withoutKeys } from '../without-keys.ts';
import type { Executions } from './executions.ts';
import { eventsOf } from './history.ts';
import { checkName, invalidToken, jsonProblem } from './names.ts';
import {
  aliasArn,
  arnOf,
  type Execution,
  type Found,
  findExecution,
  findMachine,
  machineArn,
  type StatesState,
  versionArn,
} from './state.ts';

const inputCharacters = 262_144;
const statuses = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'];
// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-eligibility
const redriveMs = 14 * 86_400_000;

type Start = Input<'states', 'StartExecution'>;

export function executionOperations(state: StatesState, executions: Executions): Operations<'states'> {
  const { cloud } = state;
  const onMachine = { resource: ({ stateMachineArn }: { stateMachineArn?: string | undefined }) => stateMachineArn };
  const onExecution = { resource: ({ executionArn }: { executionArn: string | undefined }) => executionArn };
  return {
    StartExecution: {
      members: ['stateMachineArn', 'name', 'input', 'traceHeader'],
      authorize: onMachine,
      run(input) {
        const found = findMachine(state, input.stateMachineArn);
        const execution = newExecution(state, found, input);
        const existing = state.executions.get(execution.arn);
        if (existing !== undefined) {
          // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html: idempotent while it runs
          if (existing.status === 'RUNNING' && existing.input === execution.input) return started(existing);
          throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${execution.arn}'`);
        }
        void executions.start(execution);
        return started(execution);
      },
    },
    StartSyncExecution: {
      members: ['stateMachineArn', 'name', 'input', 'traceHeader', 'includedData'],
      authorize: onMachine,
      async run(input) {
        const found = findMachine(state, input.stateMachineArn);
        if (found.machine.type !== 'EXPRESS') throw unsupportedType();
        const execution = await executions.start(newExecution(state, found, input));
        const isShown = input.includedData !== 'METADATA_ONLY';
        const tookMs = (execution.stopped ?? 0) - execution.started;
        return {
          ...ends(execution, isShown),
          outputDetails: { included: isShown },
          executionArn: execution.arn,
          stateMachineArn: machineArn(cloud, execution.machine),
          name: execution.name,
          startDate: new Date(execution.started),
          stopDate: new Date(execution.stopped ?? 0),
          status: execution.status as 'SUCCEEDED',
          billingDetails: {
            billedDurationInMilliseconds: Math.max(100, Math.ceil(tookMs / 100) * 100),
            billedMemoryUsedInMB: 64,
          },
        };
      },
    },
    StopExecution: {
      members: ['executionArn', 'error', 'cause'],
      authorize: onExecution,
      async run({ executionArn = '', error, cause }) {
        const before = findExecution(state, executionArn);
        const execution = (await executions.stop(executionArn, error, cause)) ?? before;
        return { stopDate: new Date(execution.stopped ?? cloud.now()) };
      },
    },
    DescribeExecution: {
      members: ['executionArn', 'includedData'],
      authorize: onExecution,
      run({ executionArn, includedData }) {
        const execution = findExecution(state, executionArn);
        return {
          ...listed(state, execution),
          ...ends(execution, includedData !== 'METADATA_ONLY'),
          ...redriveStatus(state, execution),
        };
      },
    },
    ListExecutions: {
      members: ['stateMachineArn', 'statusFilter', 'maxResults', 'nextToken', 'redriveFilter'],
      authorize: onMachine,
      run({ stateMachineArn, statusFilter, maxResults, nextToken, redriveFilter }) {
        checkConstraints('ValidationException', [
          ['statusFilter', statusFilter, { oneOf: statuses }],
          ['maxResults', maxResults, { min: 0, max: 1000 }],
          ['nextToken', nextToken, { min: 1, max: 3096 }],
        ]);
        const { machine, version, alias } = findMachine(state, stateMachineArn);
        if (machine.type === 'EXPRESS') throw unsupportedType();
        const found = state.executions.filter(
          (execution) =>
            execution.machine === machine.name &&
            (statusFilter === undefined || execution.status === statusFilter) &&
            (redriveFilter === undefined || execution.redriveCount > 0 === (redriveFilter === 'REDRIVEN')) &&
            (alias === undefined || execution.aliasArn === stateMachineArn) &&
            (alias !== undefined || version === undefined || execution.versionArn === stateMachineArn),
        );
        const page = pageFrom(found.reverse(), { token: nextToken, most: maxResults || 100 });
        if (page === undefined) throw invalidToken();
        return {
          executions: page.items.map((execution) => listed(state, execution)),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
    GetExecutionHistory: {
      members: ['executionArn', 'maxResults', 'reverseOrder', 'nextToken', 'includeExecutionData'],
      authorize: onExecution,
      run({ executionArn, maxResults, reverseOrder, nextToken, includeExecutionData = true }) {
        checkConstraints('ValidationException', [['maxResults', maxResults, { min: 0, max: 1000 }]]);
        const execution = findExecution(state, executionArn);
        const all = eventsOf(state, { ...execution, events: lastEvent(state, execution) });
        const page = pageFrom(reverseOrder ? all.reverse() : all, { token: nextToken, most: maxResults || 100 });
        if (page === undefined) throw invalidToken();
        const events = page.items.map((event) => ({ ...event, timestamp: new Date(event.timestamp) }) as HistoryEvent);
        return {
          events: includeExecutionData ? events : events.map(withoutData),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
    DescribeStateMachineForExecution: {
      members: ['executionArn', 'includedData'],
      authorize: onExecution,
      run({ executionArn }) {
        const { machine, revision, started: start } = findExecution(state, executionArn);
        return {
          stateMachineArn: machineArn(cloud, machine),
          name: machine,
          definition: revision.definition,
          roleArn: revision.roleArn,
          updateDate: new Date(state.machines.get(machine)?.updated ?? start),
          loggingConfiguration: revision.logging,
          tracingConfiguration: revision.tracing,
          encryptionConfiguration: revision.encryption,
          ...(revision.revisionId === undefined ? {} : { revisionId: revision.revisionId }),
        };
      },
    },
    RedriveExecution: {
      members: ['executionArn', 'clientToken'],
      authorize: onExecution,
      run({ executionArn }) {
        const execution = findExecution(state, executionArn);
        const { redriveStatus: status, redriveStatusReason } = redriveStatus(state, execution);
        if (status !== 'REDRIVABLE') {
          throw new AwsError('ExecutionNotRedrivable', `Execution Not Redrivable: '${redriveStatusReason}'`);
        }
        return { redriveDate: new Date(executions.redrive(execution)) };
      },
    },
    SendTaskSuccess: {
      members: ['taskToken', 'output'],
      run({ taskToken, output = '' }) {
        checkConstraints('ValidationException', [['output', output, { max: inputCharacters }]]);
        if (jsonProblem(output) !== undefined)
          throw new AwsError('InvalidOutput', `Invalid Output: '${jsonProblem(output)}'`);
        executions.tokens.succeed(taskToken, output);
        return {};
      },
    },
    SendTaskFailure: {
      members: ['taskToken', 'error', 'cause'],
      run({ taskToken, error, cause }) {
        executions.tokens.fail(taskToken, error, cause);
        return {};
      },
    },
    SendTaskHeartbeat: {
      members: ['taskToken'],
      run({ taskToken }) {
        executions.tokens.beat(taskToken);
        return {};
      },
    },
  };
}

function newExecution(state: StatesState, { machine, revision, version, alias }: Found, start: Start): Execution {
  const { cloud } = state;
  const { input = '{}', name = randomUUID(), traceHeader } = start;
  if (input.length > inputCharacters) {
    checkConstraints('ValidationException', [['input', input, { max: inputCharacters }]]);
  }
  const problem = jsonProblem(input);
  if (problem !== undefined) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${problem}'`);
  }
  checkName(name);
  const isExpress = machine.type === 'EXPRESS';
  const arn = isExpress
    ? arnOf(cloud, 'express', `${machine.name}:${name}:${randomUUID()}`)
    : arnOf(cloud, 'execution', `${machine.name}:${name}`);
  return {
    ...{ arn, name, machine: machine.name, machineType: machine.type, revision, input },
    ...{ started: cloud.now(), status: 'RUNNING', redriveCount: 0, events: 0 },
    ...(version === undefined ? {} : { versionArn: versionArn(cloud, version) }),
    ...(alias === undefined ? {} : { aliasArn: aliasArn(cloud, alias) }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
}

function started({ arn, started: start }: Execution) {
  return { executionArn: arn, startDate: new Date(start) };
}

function listed({ cloud }: StatesState, execution: Execution) {
  const { arn, name, machine, started: start, status, stopped, versionArn: version, aliasArn: alias } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machineArn(cloud, machine),
    name,
    status,
    startDate: new Date(start),
    redriveCount: execution.redriveCount,
    ...(execution.redriven === undefined ? {} : { redriveDate: new Date(execution.redriven) }),
    ...(stopped === undefined ? {} : { stopDate: new Date(stopped) }),
    ...(version === undefined ? {} : { stateMachineVersionArn: version }),
    ...(alias === undefined ? {} : { stateMachineAliasArn: alias }),
  };
}

function ends({ input, output, error, cause, traceHeader, status, machineType }: Execution, isShown: boolean) {
  return {
    ...(isShown ? { input } : {}),
    inputDetails: { included: isShown },
    ...(output === undefined || !isShown ? {} : { output }),
    ...(status === 'SUCCEEDED' || machineType === 'EXPRESS' ? { outputDetails: { included: isShown } } : {}),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
}

function redriveStatus(
  { cloud }: StatesState,
  { status, stopped = 0 }: Execution,
): { redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE'; redriveStatusReason?: string } {
  if (status === 'RUNNING' || status === 'SUCCEEDED') {
    const redriveStatusReason = `Execution is ${status} and cannot be redriven`;
    return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
  }
  if (cloud.now() - stopped <= redriveMs) return { redriveStatus: 'REDRIVABLE' };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Execution has exceeded its redrivable period' };
}

function lastEvent({ events }: StatesState, { arn, events: counted }: Execution): number {
  let last = counted;
  while (events.has(`${arn}#${last + 1}`)) last += 1;
  return last;
}

function withoutData(event: HistoryEvent): HistoryEvent {
  const hidden = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    return withoutKeys({ ...value }, ['input', 'output', 'inputDetails', 'outputDetails']);
  };
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [name, hidden(value)]),
  ) as unknown as HistoryEvent;
}

function unsupportedType(): AwsError {
  return new AwsError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
}

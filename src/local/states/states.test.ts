// Step Functions' operations: what they refuse, versions and aliases, express machines, redriving, restarts, logs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud, Input, OperationName } from '../cloud.ts';
import { startTestAws, startWithClock } from '../fixture.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';
import { createMachine, finish, history, reached, start, statesRole, until } from './test-states.ts';

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloud: Cloud;
let roleArn: string;
beforeAll(async () => {
  local = await startWithClock();
  cloud = local.cloud;
  roleArn = await statesRole(cloud);
});
afterAll(() => local[Symbol.asyncDispose]());

const call = <O extends OperationName<'states'>>(operation: O, input: Input<'states', O>) =>
  cloud.call('states', operation, input);
const refused = (code: string, message: string) => expect.objectContaining({ code, message });
const pass = { Only: { Type: 'Pass', Result: { Arg1: 'argument1' }, End: true } };
const definitionOf = (states: object, more: object = {}) =>
  JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...more });
const machineArn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

describe('state machines', () => {
  test('are described as AWS describes them', async () => {
    const made = await call('CreateStateMachine', { name: 'one', definition: definitionOf(pass), roleArn });
    expect(made).toEqual({ stateMachineArn: machineArn('one'), creationDate: expect.any(Date) });
    expect(await call('DescribeStateMachine', { stateMachineArn: machineArn('one') })).toEqual({
      ...{ stateMachineArn: machineArn('one'), name: 'one', status: 'ACTIVE', type: 'STANDARD', roleArn },
      definition: definitionOf(pass),
      creationDate: expect.any(Date),
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    });
    expect(await call('CreateStateMachine', { name: 'one', definition: definitionOf(pass), roleArn })).toEqual(made);
    const other = definitionOf({ Only: { Type: 'Succeed' } });
    await expect(call('CreateStateMachine', { name: 'one', definition: other, roleArn })).rejects.toEqual(
      refused('StateMachineAlreadyExists', `State Machine Already Exists: '${machineArn('one')}'`),
    );
    await call('DeleteStateMachine', { stateMachineArn: machineArn('one') });
    await call('DeleteStateMachine', { stateMachineArn: machineArn('one') });
    await expect(call('StartExecution', { stateMachineArn: machineArn('one') })).rejects.toEqual(
      refused('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn('one')}'`),
    );
  });

  test.each([
    ['{"StartAt":"A"}', 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'],
    [
      definitionOf({ pass1: { Type: 'Pass', Next: 'pass3' }, pass2: { Type: 'Pass', End: true } }),
      `MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next, MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2`,
    ],
    [
      definitionOf({ A: { Type: 'Pass', QueryLanguage: 'JSONPath', End: true } }, { QueryLanguage: 'JSONata' }),
      `SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A`,
    ],
  ])('refuses the definition %s', async (definition, problem) => {
    await expect(call('CreateStateMachine', { name: 'bad', definition, roleArn })).rejects.toEqual(
      refused('InvalidDefinition', `Invalid State Machine Definition: '${problem}'`),
    );
  });

  test.each([
    ['', [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object' }]],
    ['{}', [expect.objectContaining({ location: '/', message: 'These fields are required: [States, StartAt]' })]],
    [definitionOf(pass), []],
    [
      definitionOf({ Ask: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', End: true } }),
      [
        expect.objectContaining({
          location: '/States/Ask/Resource',
          message: "Express state machine does not support '.waitForTaskToken' service integration ",
        }),
      ],
    ],
    [
      definitionOf({ Odd: { Type: 'Pass', Resource: 'x', Parameters: { 'a.$': 'b' }, End: true } }),
      [
        expect.objectContaining({ location: '/States/Odd/Resource', message: 'Field is not supported' }),
        expect.objectContaining({ location: '/States/Odd/Parameters/a.$' }),
      ],
    ],
  ])('validates %s', async (definition, diagnostics) => {
    const answer = await call('ValidateStateMachineDefinition', { definition, type: 'EXPRESS' });
    expect(answer).toEqual({ result: diagnostics.length === 0 ? 'OK' : 'FAIL', diagnostics, truncated: false });
  });

  test('refuses what it does not have by name, and a role that Step Functions may not assume', async () => {
    const map = {
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'A', States: { A: { Type: 'Succeed' } } },
      End: true,
    };
    const make = (states: object, role = roleArn) =>
      call('CreateStateMachine', { name: 'odd', definition: definitionOf(states), roleArn: role });
    await expect(make({ Map: map })).rejects.toMatchObject({ code: 'NotImplemented' });
    const task = { Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask.sync', End: true };
    await expect(make({ Task: task })).rejects.toEqual(
      refused(
        'NotImplemented',
        'a Task state with the integration ecs:runTask.sync is not implemented by the fx local AWS',
      ),
    );
    await expect(make(pass, 'arn:aws:iam::000000000000:role/none')).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    await expect(make({ Only: { Type: 'Pass', End: true } }, 'none')).rejects.toMatchObject({ code: 'InvalidArn' });
  });
});

test('versions and aliases keep what they are, and lead executions to it', async () => {
  const definition = (Result: number) => definitionOf({ Only: { Type: 'Pass', Result, End: true } });
  const { stateMachineArn = '', stateMachineVersionArn } = await call('CreateStateMachine', {
    ...{ name: 'versioned', definition: definition(1), roleArn, publish: true },
  });
  expect(stateMachineVersionArn).toBe(`${stateMachineArn}:1`);
  const updated = await call('UpdateStateMachine', { stateMachineArn, definition: definition(2), publish: true });
  expect(updated).toEqual({
    ...{ revisionId: expect.any(String), updateDate: expect.any(Date), stateMachineVersionArn: `${stateMachineArn}:2` },
  });
  expect(await call('PublishStateMachineVersion', { stateMachineArn })).toMatchObject({
    stateMachineVersionArn: `${stateMachineArn}:2`,
  });
  const route = (version: number, weight: number) => ({
    stateMachineVersionArn: `${stateMachineArn}:${version}`,
    weight,
  });
  const { stateMachineAliasArn = '' } = await call('CreateStateMachineAlias', {
    ...{ name: 'live', routingConfiguration: [route(1, 100)] },
  });
  const arn = await start(cloud, stateMachineAliasArn);
  expect(await finish(cloud, arn)).toMatchObject({
    ...{ output: '1', stateMachineArn, stateMachineAliasArn, stateMachineVersionArn: `${stateMachineArn}:1` },
    ...{ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' },
  });
  await call('UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration: [route(2, 100)] });
  expect(await finish(cloud, await start(cloud, stateMachineAliasArn))).toMatchObject({ output: '2' });
  expect((await call('ListExecutions', { stateMachineArn: stateMachineAliasArn })).executions).toHaveLength(2);
  await expect(call('DeleteStateMachineVersion', { stateMachineVersionArn: `${stateMachineArn}:2` })).rejects.toEqual(
    refused(
      'ConflictException',
      'Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [live]',
    ),
  );
  const routed = (...routingConfiguration: ReturnType<typeof route>[]) =>
    call('CreateStateMachineAlias', { name: 'other', routingConfiguration });
  await expect(routed(route(1, 70), route(2, 29))).rejects.toEqual(
    refused('ValidationException', 'Sum of routing configuration weights must equal 100. Received: [70, 29]'),
  );
  await expect(routed({ stateMachineVersionArn: stateMachineArn, weight: 100 })).rejects.toEqual(
    refused(
      'ValidationException',
      `Routing configuration must contain state machine version ARNs. Received: [${stateMachineArn}]`,
    ),
  );
});

test('starting refuses input that is no JSON, and the same name twice', async () => {
  const stateMachineArn = await createMachine(cloud, pass);
  const bad = async (input: string, problem: string) =>
    expect(call('StartExecution', { stateMachineArn, input })).rejects.toEqual(
      refused('InvalidExecutionInput', `Invalid State Machine Execution Input: '${problem}'`),
    );
  await bad('', 'Invalid execution input.');
  await bad(
    'not json',
    "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
  );
  await bad("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name");
  const { executionArn } = await call('StartExecution', { stateMachineArn, name: 'twice' });
  await finish(cloud, executionArn ?? '');
  await expect(call('StartExecution', { stateMachineArn, name: 'twice' })).rejects.toEqual(
    refused('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`),
  );
  await expect(call('DescribeExecution', { executionArn: 'invalid_state_machine_arn' })).rejects.toEqual(
    refused('InvalidArn', "Invalid Arn: 'Invalid ARN prefix: invalid_state_machine_arn'"),
  );
  await expect(call('StartSyncExecution', { stateMachineArn })).rejects.toEqual(
    refused('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine'),
  );
});

test('an express machine answers its caller', async () => {
  const stateMachineArn = await createMachine(cloud, pass, { type: 'EXPRESS' });
  await using aws = { [Symbol.asyncDispose]: async () => client.destroy() };
  const client = new SFNClient({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    disableHostPrefix: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
  expect(aws).toBeDefined();
  expect(await client.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{}' }))).toMatchObject({
    ...{ status: 'SUCCEEDED', output: '{"Arg1":"argument1"}', outputDetails: { included: true } },
    executionArn: expect.stringMatching(/^arn:aws:states:us-east-1:000000000000:express:machine-\d+:[\w-]+:[\w-]+$/),
    billingDetails: { billedDurationInMilliseconds: 100, billedMemoryUsedInMB: 64 },
  });
  await expect(call('ListExecutions', { stateMachineArn })).rejects.toMatchObject({
    code: 'StateMachineTypeNotSupported',
  });
});

test('a failed execution is redriven from the state that failed', async () => {
  const name = await createFunction(cloud, 'export const handler = async () => { throw new Error("not yet"); };');
  const states = {
    First: { Type: 'Pass', Result: { first: true }, Next: 'Second' },
    Second: { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`, End: true },
  };
  const arn = await start(cloud, await createMachine(cloud, states));
  expect(await finish(cloud, arn)).toMatchObject({ status: 'FAILED', redriveStatus: 'REDRIVABLE' });
  await call('RedriveExecution', { executionArn: arn });
  expect(await finish(cloud, arn)).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  const types = (await history(cloud, arn)).map(({ type }) => type);
  expect(types.filter((type) => type === 'PassStateEntered')).toHaveLength(1);
  expect(types.filter((type) => type === 'LambdaFunctionFailed')).toHaveLength(2);
  expect(types).toContain('ExecutionRedriven');
});

test('TestState runs one state', async () => {
  const state = (fields: object) => JSON.stringify({ Type: 'Pass', Next: 'Then', ...fields });
  expect(await call('TestState', { definition: state({ Result: 1 }), input: '{"a":1}' })).toEqual({
    ...{ status: 'SUCCEEDED', output: '1', nextState: 'Then' },
  });
  const io = { InputPath: '$.initial', Parameters: { 'value.$': '$.field' }, ResultPath: '$.modified' };
  expect(
    await call('TestState', { definition: state(io), input: '{"initial":{"field":"v"}}', inspectionLevel: 'DEBUG' }),
  ).toMatchObject({
    inspectionData: {
      input: '{"initial":{"field":"v"}}',
      afterInputPath: '{"field":"v"}',
      afterParameters: '{"value":"v"}',
      afterResultSelector: '{"value":"v"}',
      afterResultPath: '{"initial":{"field":"v"},"modified":{"value":"v"}}',
    },
  });
  const failing = { definition: '{"Type":"Fail","Error":"E","Cause":"c"}', inspectionLevel: 'TRACE' } as const;
  expect(await call('TestState', failing)).toEqual({
    ...{ status: 'FAILED', error: 'E', cause: 'c' },
    inspectionData: { input: '{}', afterInputPath: '{}' },
  });
  const task = {
    ...{ Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:sqs:getQueueUrl', Parameters: { QueueName: 'none' } },
    ...{ Retry: [{ ErrorEquals: ['Other'] }, { ErrorEquals: ['States.ALL'], IntervalSeconds: 7, MaxAttempts: 1 }] },
    ...{
      Catch: [{ ErrorEquals: ['Sqs.QueueDoesNotExistException'], Next: 'Catch', ResultPath: '$.error' }],
      End: true,
    },
  };
  const tested = async (fields: object) =>
    call('TestState', { definition: JSON.stringify({ ...task, ...fields }), roleArn, inspectionLevel: 'DEBUG' });
  const error = { error: 'Sqs.QueueDoesNotExistException', cause: expect.any(String) };
  const retried = await tested({});
  expect(retried).toMatchObject({ status: 'RETRIABLE', ...error });
  expect(retried.inspectionData?.errorDetails).toEqual({ retryIndex: 1, retryBackoffIntervalSeconds: 7 });
  const caught = await tested({ Retry: [] });
  expect(caught).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'Catch', ...error });
  expect(JSON.parse(caught.output ?? '')).toEqual({ error: { Error: error.error, Cause: error.cause } });
  expect(caught.inspectionData?.errorDetails).toEqual({ catchIndex: 0 });
});

test('events are written to the log group', async () => {
  await cloud.call('logs', 'CreateLogGroup', { logGroupName: '/states/log' });
  const logGroupArn = 'arn:aws:logs:us-east-1:000000000000:log-group:/states/log:*';
  const loggingConfiguration = (level: 'ALL' | 'OFF', destinations = 1) => ({
    ...{ level, includeExecutionData: true },
    destinations: Array.from({ length: destinations }, () => ({ cloudWatchLogsLogGroup: { logGroupArn } })),
  });
  const make = (name: string, logging: ReturnType<typeof loggingConfiguration>, role = roleArn) =>
    call('CreateStateMachine', { name, definition: definitionOf(pass), roleArn: role, loggingConfiguration: logging });
  await expect(make('logged', loggingConfiguration('ALL', 0))).rejects.toEqual(
    refused('InvalidLoggingConfiguration', 'Invalid Logging Configuration: Must specify exactly one Log Destination.'),
  );
  const weak = await statesRole(cloud, { Effect: 'Allow', Action: 'lambda:*', Resource: '*' });
  await expect(make('logged', loggingConfiguration('ALL'), weak)).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
  const { stateMachineArn = '' } = await make('logged', loggingConfiguration('ALL'));
  const arn = await start(cloud, stateMachineArn, { a: 1 });
  await finish(cloud, arn);
  const written = await until(async () => {
    const { events = [] } = await cloud.call('logs', 'FilterLogEvents', { logGroupName: '/states/log' });
    return events.length < 4 ? undefined : events;
  });
  expect(JSON.parse(written[0]?.message ?? '')).toMatchObject({
    ...{ id: '1', type: 'ExecutionStarted', previous_event_id: '0', execution_arn: arn },
    details: { input: '{"a":1}' },
  });
});

test('executions go on after a restart of the local AWS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fx-states-'));
  try {
    const before = await startTestAws({ folder });
    const cloudBefore = await before.cloud();
    const states = {
      Set: { Type: 'Pass', Assign: { kept: 7 }, Next: 'Wait' },
      Wait: { Type: 'Wait', SecondsPath: '$.seconds', Next: 'Use' },
      Use: { Type: 'Pass', Parameters: { 'kept.$': '$kept' }, End: true },
    };
    const machine = await createMachine(cloudBefore, states);
    const arn = await start(cloudBefore, machine, { seconds: 3600 });
    await reached(cloudBefore, arn, 'WaitStateEntered');
    await before.stop();
    await using after = await restarted(folder);
    await reached(after.cloud, arn, 'WaitStateEntered');
    await after.clock.advance(3_600_000);
    expect(await finish(after.cloud, arn)).toMatchObject({ status: 'SUCCEEDED', output: '{"kept":7}' });
    expect((await history(after.cloud, arn)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function restarted(folder: string) {
  const { testClock } = await import('../fixture.ts');
  const clock = testClock();
  const aws = await startTestAws({ folder, clock });
  return { clock, cloud: await aws.cloud(), [Symbol.asyncDispose]: () => aws.stop() };
}

test('a schedule starts one with its role', async () => {
  const machine = await createMachine(cloud, pass);
  const allow = { Effect: 'Allow', Action: 'states:StartExecution', Resource: machine };
  const RoleArn = await createRole(cloud, allow, 'scheduler.amazonaws.com');
  const schedule = { ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' } } as const;
  const Target = { Arn: machine, RoleArn, Input: '{"full":true}' };
  await cloud.call('scheduler', 'CreateSchedule', { Name: 'starter', ...schedule, Target });
  const execution = await until(async () => {
    const { executions } = await call('ListExecutions', { stateMachineArn: machine });
    return executions?.find(({ status }) => status === 'SUCCEEDED');
  });
  expect(await call('DescribeExecution', { executionArn: execution.executionArn })).toMatchObject({
    input: '{"full":true}',
  });
  await cloud.call('scheduler', 'DeleteSchedule', { Name: 'starter' });
});

// Task states: functions, services, callbacks, activities; retries and catchers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { createFunction } from '../lambda/fixture.ts';
import { createMachine, finish, history, reached, run, start, statesRole, until } from './test-states.ts';

const source = `export const handler = async (event) => {
  if (event.fail) { const error = new Error(event.fail); error.name = event.fail; throw error; }
  return { got: event };
};`;
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloud: Cloud;
let Resource: string;
let QueueUrl: string;
beforeAll(async () => {
  local = await startWithClock();
  cloud = local.cloud;
  Resource = functionArn(await createFunction(cloud, source, { FunctionName: 'work' }));
  QueueUrl = (await cloud.call('sqs', 'CreateQueue', { QueueName: 'jobs' })).QueueUrl ?? '';
});
afterAll(() => local[Symbol.asyncDispose]());

const succeeded = (output: unknown) => ({ status: 'SUCCEEDED', output });
const types = async (arn: string) => (await history(cloud, arn)).map(({ type }) => type);

function receive(): Promise<{ token: string; order: unknown }> {
  return until(async () => {
    const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl });
    const [message] = Messages;
    if (message === undefined) return undefined;
    await cloud.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: message.ReceiptHandle });
    return JSON.parse(message.Body ?? '') as { token: string; order: unknown };
  });
}

describe('functions', () => {
  test('by their ARN', async () => {
    const state = { Type: 'Task', Resource, ResultSelector: { 'id.$': '$.got.id' }, ResultPath: '$.done', End: true };
    const arn = await start(cloud, await createMachine(cloud, { Work: state }), { id: 1 });
    expect(JSON.parse((await finish(cloud, arn)).output ?? '')).toEqual({ id: 1, done: { id: 1 } });
    expect(await types(arn)).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted'],
      ...['LambdaFunctionSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
    ]);
    expect((await history(cloud, arn))[2]).toMatchObject({
      lambdaFunctionScheduledEventDetails: {
        resource: Resource,
        input: '{"id":1}',
        inputDetails: { truncated: false },
      },
    });
  });

  test('by the integration, whose result has the answer around it', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'work', 'Payload.$': '$' },
      End: true,
    };
    const arn = await start(cloud, await createMachine(cloud, { Work: state }), { id: 1 });
    expect(JSON.parse((await finish(cloud, arn)).output ?? '')).toMatchObject({
      ...{ ExecutedVersion: '$LATEST', StatusCode: 200, Payload: { got: { id: 1 } } },
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: expect.any(String) },
    });
    expect((await history(cloud, arn))[2]).toMatchObject({
      type: 'TaskScheduled',
      taskScheduledEventDetails: {
        ...{ resource: 'invoke', resourceType: 'lambda', region: 'us-east-1' },
        parameters: '{"FunctionName":"work","Payload":{"id":1}}',
      },
    });
  });

  test('an error is caught by its name', async () => {
    const states = {
      Work: {
        ...{ Type: 'Task', Resource, End: true },
        Catch: [
          { ErrorEquals: ['Other'], Next: 'Lost' },
          { ErrorEquals: ['TooLate'], ResultPath: '$.error', Assign: { 'name.$': '$.Error' }, Next: 'Late' },
        ],
      },
      Late: { Type: 'Pass', Parameters: { 'error.$': '$.error.Error', 'name.$': '$name' }, End: true },
      Lost: { Type: 'Pass', End: true },
    };
    expect(await run(cloud, states, { fail: 'TooLate' })).toEqual(succeeded({ error: 'TooLate', name: 'TooLate' }));
    const ended = await run(cloud, states, { fail: 'Unknown' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'Unknown' });
    expect(JSON.parse(ended.cause ?? '')).toMatchObject({ errorType: 'Unknown', errorMessage: 'Unknown' });
  });

  test('retries wait longer each time', async () => {
    const Retry = [
      { ErrorEquals: ['Flaky'], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 2, MaxDelaySeconds: 15 },
    ];
    const machine = await createMachine(cloud, { Work: { Type: 'Task', Resource, Retry, End: true } });
    const arn = await start(cloud, machine, { fail: 'Flaky' });
    const failures = (count: number) => reached(cloud, arn, 'LambdaFunctionFailed', count);
    await failures(1);
    const before = cloud.now();
    await local.clock.advance(10_000);
    await failures(2);
    await local.clock.advance(15_000);
    await failures(3);
    expect(await finish(cloud, arn)).toMatchObject({ status: 'FAILED', error: 'Flaky' });
    expect(cloud.now() - before).toBeGreaterThanOrEqual(25_000);
  });

  test('a role that may not invoke, and a function that does not exist', async () => {
    const roleArn = await statesRole(cloud, { Effect: 'Allow', Action: 'sqs:*', Resource: '*' });
    const state = { Type: 'Task', Resource, End: true };
    expect(await run(cloud, { Work: state }, {}, { roleArn })).toMatchObject({
      ...{ status: 'FAILED', error: 'Lambda.AWSLambdaException' },
      cause: expect.stringMatching(
        /^User: arn:aws:sts::000000000000:assumed-role\/role-\d+\/[\w-]+ is not authorized to perform: lambda:InvokeFunction on resource: .* \(Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: [\w-]+; Proxy: null\)$/,
      ),
    });
    const none = { ...state, Resource: functionArn('none') };
    expect(await run(cloud, { Work: none })).toMatchObject({
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringContaining(`Function not found: ${functionArn('none')} (Service: AWSLambda;`),
    });
  });
});

describe('services', () => {
  test('optimized integrations write JSON as text', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl, MessageBody: { token: 'none', 'order.$': '$.order' } },
      ResultSelector: { 'id.$': '$.MessageId' },
      End: true,
    };
    expect(await run(cloud, { Send: state }, { order: 7 })).toEqual(succeeded({ id: expect.any(String) }));
    expect(await receive()).toEqual({ token: 'none', order: 7 });
    // recorded: an error that is not one of the service's model
    expect(await run(cloud, { Send: { ...state, Parameters: { QueueUrl, MessageBody: null } } })).toMatchObject({
      error: 'SQS.AmazonSQSException',
      cause: expect.stringContaining('(Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; '),
    });
  });

  test('integrations of the SDK, in its names', async () => {
    const put = {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:secretsmanager:createSecret',
      Parameters: { Name: 'made', 'SecretString.$': '$.text' },
      ResultSelector: { 'name.$': '$.Name' },
      ResultPath: '$.made',
      Next: 'Start',
    };
    const names = {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:listActivities',
      Parameters: { MaxResults: 1 },
      ResultPath: '$.activities',
      End: true,
    };
    await cloud.call('states', 'CreateActivity', { name: 'a' });
    expect(await run(cloud, { Put: put, Start: names }, { text: 's' })).toMatchObject({
      output: { made: { name: 'made' }, activities: { Activities: [{ Name: 'a', CreationDate: expect.any(String) }] } },
    });
    expect(
      await run(cloud, {
        Put: { ...put, Parameters: { Name: 'a b', SecretString: 's' }, Next: 'Start' },
        Start: names,
      }),
    ).toMatchObject({
      error: 'SecretsManager.SecretsManagerException',
      cause: expect.stringMatching(/ \(Service: SecretsManager, Status Code: 400, Request ID: [\w-]+\)$/),
    });
  });

  test('another state machine, awaited', async () => {
    const inner = await createMachine(cloud, { Add: { Type: 'Pass', Result: { sum: 3 }, End: true } });
    const outer = (stateMachineArn: string) => ({
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: stateMachineArn, Input: { a: 1 } },
        OutputPath: '$.Output',
        End: true,
      },
    });
    expect(await run(cloud, outer(inner))).toEqual(succeeded({ sum: 3 }));
    const broken = await createMachine(cloud, { No: { Type: 'Fail', Error: 'Broken' } });
    expect(await run(cloud, outer(broken))).toMatchObject({ error: 'States.TaskFailed' });
    const roleArn = await statesRole(cloud, { Effect: 'Allow', Action: 'states:*', Resource: '*' });
    await expect(createMachine(cloud, outer(inner), { roleArn })).rejects.toMatchObject({
      ...{ code: 'AccessDeniedException', message: `'${roleArn}' is not authorized to create managed-rule.` },
    });
  });
});

describe('callbacks', () => {
  const waiting = (more: object = {}) => ({
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token', order: 1 } },
      End: true,
      ...more,
    },
  });

  test('a token ends the task', async () => {
    const arn = await start(cloud, await createMachine(cloud, waiting()));
    const { token } = await receive();
    await cloud.call('states', 'SendTaskSuccess', { taskToken: token, output: '"yes"' });
    expect(await finish(cloud, arn)).toMatchObject({ status: 'SUCCEEDED', output: '"yes"' });
    expect(await types(arn)).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded'],
      ...['TaskStateExited', 'ExecutionSucceeded'],
    ]);
    await expect(cloud.call('states', 'SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
    await expect(cloud.call('states', 'SendTaskHeartbeat', { taskToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidToken',
    });
  });

  test('a failure, and a missing heartbeat', async () => {
    const failed = await start(cloud, await createMachine(cloud, waiting()));
    await cloud.call('states', 'SendTaskFailure', { taskToken: (await receive()).token, error: 'No', cause: 'why' });
    expect(await finish(cloud, failed)).toMatchObject({ status: 'FAILED', error: 'No', cause: 'why' });
    const silent = await start(
      cloud,
      await createMachine(cloud, waiting({ HeartbeatSeconds: 5, TimeoutSeconds: 600 })),
    );
    const { token } = await receive();
    await reached(cloud, silent, 'TaskSubmitted');
    await local.clock.advance(4000);
    await cloud.call('states', 'SendTaskHeartbeat', { taskToken: token });
    await local.clock.advance(4000);
    expect(await types(silent)).not.toContain('TaskTimedOut');
    await local.clock.advance(1000);
    expect(await finish(cloud, silent)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect((await types(silent)).at(-2)).toBe('TaskTimedOut');
  });

  test('a worker of an activity', async () => {
    const { activityArn } = await cloud.call('states', 'CreateActivity', { name: 'pack' });
    const state = { Type: 'Task', Resource: activityArn, End: true };
    const task = cloud.call('states', 'GetActivityTask', { activityArn, workerName: 'w' });
    const arn = await start(cloud, await createMachine(cloud, { Pack: state }), { id: 3 });
    const { taskToken, input } = await task;
    expect(input).toBe('{"id":3}');
    await cloud.call('states', 'SendTaskSuccess', { taskToken, output: '{"done":true}' });
    expect(await finish(cloud, arn)).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}' });
    expect(await types(arn)).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded'],
      ...['TaskStateExited', 'ExecutionSucceeded'],
    ]);
  });
});

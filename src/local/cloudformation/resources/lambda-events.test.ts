import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const role = (Action: string | undefined) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    ...(Action === undefined
      ? {}
      : {
          Policies: [
            {
              PolicyName: 'p',
              PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
            },
          ],
        }),
  },
});
const stack = (action: string | undefined, config: object | undefined) => ({
  Role: role(action),
  Queue: { Type: 'AWS::SQS::Queue' },
  F: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: 'exports.handler = async () => { throw new Error("no") };' },
      ...(config === undefined ? { DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } } } : {}),
    },
  },
  ...(config === undefined
    ? {}
    : {
        Config: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: { Ref: 'F' }, Qualifier: '$LATEST', ...config },
        },
      }),
});
async function run(operation: 'CreateStack' | 'UpdateStack', resources: object): Promise<string> {
  const input = { StackName: 's', TemplateBody: template(resources), Capabilities: ['CAPABILITY_IAM' as const] };
  await rig.run(operation, input);
  return rig.status('s');
}
const physical = async (LogicalResourceId: string) => {
  const { StackResources } = await rig.call('DescribeStackResources', { StackName: 's', LogicalResourceId });
  return StackResources?.[0]?.PhysicalResourceId ?? '';
};

it('an event invoke config is created, updated and deleted with its function', async () => {
  const DestinationConfig = { OnFailure: { Destination: { 'Fn::GetAtt': ['Queue', 'Arn'] } } };
  expect(await run('CreateStack', stack('sqs:*', { MaximumRetryAttempts: 0, DestinationConfig }))).toBe(
    'CREATE_COMPLETE',
  );
  const FunctionName = await physical('F');
  expect(await physical('Config')).toBe(`${FunctionName}|$LATEST`);
  await rig.cloud.call('lambda', 'Invoke', { FunctionName, InvocationType: 'Event' });
  const QueueUrl = await physical('Queue');
  const { Messages } = await rig.cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
  expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({ requestContext: { condition: 'RetriesExhausted' } });
  expect(await run('UpdateStack', stack('sqs:*', { MaximumEventAgeInSeconds: '60' }))).toBe('UPDATE_COMPLETE');
  expect(await rig.cloud.call('lambda', 'GetFunctionEventInvokeConfig', { FunctionName })).toEqual({
    LastModified: expect.any(Date),
    FunctionArn: expect.stringMatching(/:\$LATEST$/),
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnSuccess: {}, OnFailure: {} },
  });
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('lambda', 'ListFunctions', {})).Functions).toEqual([]);
});

it('a dead-letter queue that the role may not send to fails the function, in Lambda’s words', async () => {
  expect(await run('CreateStack', stack(undefined, undefined))).toMatch(/^ROLLBACK_COMPLETE/);
  expect((await rig.events('s')).find((event) => event.startsWith('F CREATE_FAILED'))).toMatch(
    /"The provided execution role does not have permissions to call SendMessage on SQS \(Service: Lambda, Status Code: 400/,
  );
});

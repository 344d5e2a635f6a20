// Alarms: states by the metric and the clock of the local AWS, over the wire, and as a resource of a stack.
import { once } from 'node:events';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, expect, test } from 'vitest';
import { deploysTo } from '../cloudformation/resources/test-deploy.ts';
import { startRig } from '../cloudformation/test-rig.ts';
import { startTestAws, testClock } from '../fixture.ts';
import { createFunction, createRole, invoke } from '../lambda/fixture.ts';

const clock = testClock();
const aws = await startTestAws({ clock });
afterAll(() => aws.stop());
const cloud = await aws.cloud();
const client = new CloudWatchClient({
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const minute = 60_000;

const settings: Omit<PutMetricAlarmInput, 'AlarmName'> = {
  Namespace: 'app',
  MetricName: 'lost',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 2,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
};
const put = (AlarmName: string, more: Partial<PutMetricAlarmInput> = {}) =>
  client.send(new PutMetricAlarmCommand({ ...settings, MetricName: AlarmName, ...more, AlarmName }));
async function alarm(name: string) {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return MetricAlarms[0];
}
const state = async (name: string) => (await alarm(name))?.StateValue;
const record = (MetricName: string, ...Values: number[]) =>
  cloud.call('monitoring', 'PutMetricData', { Namespace: 'app', MetricData: [{ MetricName, Values }] });

test('an alarm is judged every minute', async () => {
  await put('lost');
  expect(await alarm('lost')).toMatchObject({
    StateValue: 'INSUFFICIENT_DATA',
    StateReason: 'Unchecked: Initial alarm creation',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:lost',
    Threshold: 2,
  });
  await record('lost', 1);
  await clock.advance(minute);
  expect(await state('lost')).toBe('OK');
  await record('lost', 1, 1);
  await clock.advance(minute);
  expect(await alarm('lost')).toMatchObject({
    StateValue: 'ALARM',
    StateReason: 'Threshold Crossed: 1 datapoint [2.0] was greater than or equal to the threshold (2.0).',
  });
  await clock.advance(minute);
  expect(await state('lost')).toBe('INSUFFICIENT_DATA');
});

test.each([
  ['missing', 'INSUFFICIENT_DATA'],
  ['notBreaching', 'OK'],
  ['breaching', 'ALARM'],
  ['ignore', 'ALARM'],
])('minutes without data are treated as %s: %s', async (TreatMissingData, expected) => {
  const name = `without-${TreatMissingData}`;
  await put(name, { TreatMissingData });
  await record(name, 3);
  await clock.advance(minute);
  expect(await state(name)).toBe('ALARM');
  await clock.advance(minute);
  expect(await state(name)).toBe(expected);
});

test('some of several periods of several minutes are enough', async () => {
  await put('some', { Period: 120, EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: 'notBreaching' });
  await record('some', 2);
  await clock.advance(2 * minute);
  expect(await state('some')).toBe('OK');
  await clock.advance(2 * minute);
  await record('some', 5);
  await clock.advance(minute);
  expect(await state('some')).toBe('ALARM');
});

test('a state that was set counts until the metric is judged again', async () => {
  await put('set');
  await client.send(new SetAlarmStateCommand({ AlarmName: 'set', StateValue: 'ALARM', StateReason: 'a test' }));
  await clock.advance(minute);
  expect(await alarm('set')).toMatchObject({ StateValue: 'ALARM', StateReason: 'a test' });
  await clock.advance(minute);
  expect(await state('set')).toBe('INSUFFICIENT_DATA');
});

test('what is not supported is refused by name, and so are alarms that do not exist', async () => {
  const refused = async (more: Partial<PutMetricAlarmInput>) =>
    put('refused', more).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  expect(await refused({ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] })).toBe(
    'cloudwatch:PutMetricAlarm with the action arn:aws:automate:us-east-1:ec2:stop is not implemented by the fx local AWS',
  );
  expect(await refused({ Period: 10 })).toContain('a period that is not a multiple of a minute');
  expect(await refused({ ComparisonOperator: 'GreaterThanUpperThreshold' })).toContain('GreaterThanUpperThreshold');
  expect(await refused({ ExtendedStatistic: 'p90' })).toContain('Exactly one of Statistic and ExtendedStatistic');
  await expect(client.send(new DeleteAlarmsCommand({ AlarmNames: ['nothing'] }))).rejects.toMatchObject({
    name: 'ResourceNotFound',
  });
});

test('a role needs the permission cloudwatch:DescribeAlarms, by the name that IAM has for it', async () => {
  const { credentialsFor } = cloud;
  const allowed = await createRole(cloud, { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' });
  const denied = await createRole(cloud);
  const as = (role: string) =>
    new CloudWatchClient({ endpoint: aws.endpoint, region: 'us-east-1', credentials: credentialsFor(role, 's') });
  expect((await as(allowed).send(new DescribeAlarmsCommand({ AlarmNames: ['none'] }))).MetricAlarms).toEqual([]);
  await expect(as(denied).send(new DescribeAlarmsCommand({}))).rejects.toThrow(
    'is not authorized to perform: cloudwatch:DescribeAlarms',
  );
});

test("Lambda's errors set off an alarm", async () => {
  const Role = await createRole(cloud);
  const name = await createFunction(cloud, 'export const handler = () => { throw new Error("no"); };', { Role });
  const Dimensions = [{ Name: 'FunctionName', Value: name }];
  await put('errors', { Namespace: 'AWS/Lambda', MetricName: 'Errors', Threshold: 1, Dimensions });
  await invoke(cloud, name);
  await clock.advance(minute);
  expect(await state('errors')).toBe('ALARM');
});

test('a stack has alarms', async () => {
  await using rig = await startRig();
  const { deploy, outputs } = deploysTo(() => rig);
  const Alarm = (Threshold: number) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { ...settings, Threshold, Tags: [{ Key: 'team', Value: `of ${Threshold}` }] },
  });
  const sections = { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } } } };
  const ids = await deploy({ Alarm: Alarm(2) }, sections);
  expect(ids['Alarm']).toMatch(/^s-Alarm-/);
  const { Arn: ResourceARN } = await outputs();
  expect(ResourceARN).toBe(`arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${ids['Alarm']}`);
  await deploy({ Alarm: Alarm(1) }, sections);
  const described = () => rig.cloud.call('monitoring', 'DescribeAlarms', { AlarmNamePrefix: 's-Alarm' });
  expect((await described()).MetricAlarms).toMatchObject([{ Threshold: 1 }]);
  const { Tags } = await rig.cloud.call('monitoring', 'ListTagsForResource', { ResourceARN });
  expect(Tags).toEqual([{ Key: 'team', Value: 'of 1' }]);
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await described()).MetricAlarms).toEqual([]);
});

test('a change of state is sent to the topics of the new state', async () => {
  const { QueueUrl } = await cloud.call('sqs', 'CreateQueue', { QueueName: 'alarms' });
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:alarms';
  const Policy = JSON.stringify({
    Statement: { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' },
  });
  await cloud.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
  const { TopicArn = '' } = await cloud.call('sns', 'CreateTopic', { Name: 'alarms' });
  await cloud.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint });
  const next = async () => {
    const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 10 });
    await cloud.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle });
    const { Subject, Message } = JSON.parse(Messages[0]?.Body ?? '{}') as { Subject: string; Message: string };
    return [Subject, JSON.parse(Message)];
  };
  await put('told', { AlarmActions: [TopicArn], TreatMissingData: 'notBreaching', OKActions: [TopicArn] });
  await record('told', 3);
  await clock.advance(minute);
  expect(await next()).toEqual([
    'ALARM: "told" in US East (N. Virginia)',
    {
      AlarmName: 'told',
      AlarmDescription: null,
      AWSAccountId: '000000000000',
      AlarmConfigurationUpdatedTimestamp: expect.stringMatching(/\+0000$/),
      NewStateValue: 'ALARM',
      NewStateReason: 'Threshold Crossed: 1 datapoint [3.0] was greater than or equal to the threshold (2.0).',
      StateChangeTime: expect.any(String),
      Region: 'US East (N. Virginia)',
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:told',
      OldStateValue: 'INSUFFICIENT_DATA',
      OKActions: [TopicArn],
      AlarmActions: [TopicArn],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: 'told',
        Namespace: 'app',
        StatisticType: 'Statistic',
        Statistic: 'SUM',
        Unit: null,
        Dimensions: [],
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: 2,
        TreatMissingData: 'notBreaching',
        EvaluateLowSampleCountPercentile: '',
      },
    },
  ]);
  await clock.advance(minute);
  expect((await next())[1]).toMatchObject({ OldStateValue: 'ALARM', NewStateValue: 'OK' });
  await client.send(new SetAlarmStateCommand({ AlarmName: 'told', StateValue: 'ALARM', StateReason: 'by hand' }));
  expect((await next())[1]).toMatchObject({ NewStateValue: 'ALARM', NewStateReason: 'by hand' });
});

test('a change of state calls functions that let the alarm call them', async () => {
  const code = `export const handler = (event) => console.log('EVENT:' + JSON.stringify(event));`;
  const FunctionName = await createFunction(cloud, code, { Role: await createRole(cloud) });
  const action = `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`;
  const SourceArn = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:calls';
  const Principal = 'lambda.alarms.cloudwatch.amazonaws.com';
  const permission = { FunctionName, Principal, SourceArn, Action: 'lambda:InvokeFunction', StatementId: 'alarm' };
  await put('calls', { AlarmActions: [action], AlarmDescription: 'too much', Dimensions: [{ Name: 'a', Value: 'b' }] });
  const set = (StateValue: 'ALARM' | 'OK', StateReason: string) =>
    client.send(new SetAlarmStateCommand({ AlarmName: 'calls', StateValue, StateReason }));
  // refused without the permission, which is there only later
  const dropped = once(process, 'warning');
  await set('ALARM', 'too early');
  expect(String((await dropped)[0])).toContain('the state of the alarm calls');
  await cloud.call('lambda', 'AddPermission', permission);
  await set('OK', 'fine');
  await set('ALARM', 'a test');
  const logGroupName = `/aws/lambda/${FunctionName}`;
  const seen = async () =>
    (await cloud.call('logs', 'FilterLogEvents', { logGroupName, filterPattern: '"EVENT:"' }).catch(() => undefined))
      ?.events ?? [];
  await expect.poll(async () => (await seen()).length).toBe(1);
  const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  expect(JSON.parse((await seen())[0]?.message?.split('EVENT:')[1] ?? '')).toEqual({
    source: 'aws.cloudwatch',
    alarmArn: SourceArn,
    accountId: '000000000000',
    time: timestamp,
    region: 'us-east-1',
    alarmData: {
      alarmName: 'calls',
      state: { value: 'ALARM', reason: 'a test', timestamp },
      previousState: { value: 'OK', reason: 'fine', timestamp },
      configuration: {
        description: 'too much',
        metrics: [
          {
            id: expect.stringMatching(/^[0-9a-f-]{36}$/),
            metricStat: {
              metric: { namespace: 'app', name: 'calls', dimensions: { a: 'b' } },
              period: 60,
              stat: 'Sum',
            },
            returnData: true,
          },
        ],
      },
    },
  });
});

// Rules of IoT over the wire: what they call and send, with which rights, and what becomes of failures.
import { once } from 'node:events';
import {
  CreateTopicRuleCommand,
  DeleteTopicRuleCommand,
  DisableTopicRuleCommand,
  EnableTopicRuleCommand,
  GetTopicRuleCommand,
  IoTClient,
  ListTopicRulesCommand,
  ReplaceTopicRuleCommand,
  type TopicRulePayload,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, expect, test } from 'vitest';
import { createFunction, createRole } from '../lambda/fixture.ts';
import { startTestLambda } from '../lambda/test-lambda.ts';

const { aws, cloud, Role } = await startTestLambda();
const options = {
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const iot = new IoTClient(options);
const data = new IoTDataPlaneClient(options);
afterAll(() => {
  iot.destroy();
  data.destroy();
});

const create = (ruleName: string, topicRulePayload: TopicRulePayload) =>
  iot.send(new CreateTopicRuleCommand({ ruleName, topicRulePayload }));
const publish = (topic: string, payload: unknown) =>
  data.send(new PublishCommand({ topic, payload: Buffer.from(JSON.stringify(payload)) }));
let created = 0;
async function queue() {
  const { QueueUrl: queueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName: `iot-${created++}` });
  const next = async () => {
    const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl: queueUrl, WaitTimeSeconds: 10 });
    await cloud.call('sqs', 'DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle });
    return JSON.parse(Messages[0]?.Body ?? 'null');
  };
  return { queueUrl, next };
}
const roleArn = await createRole(cloud, { Effect: 'Allow', Action: ['sqs:*', 's3:*', 'iot:Publish'], Resource: '*' });

test('a rule calls a function that lets this rule call it, with what it selects', async () => {
  const code = `export const handler = (event) => console.log('EVENT:' + JSON.stringify(event));`;
  const FunctionName = await createFunction(cloud, code, { Role });
  const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`;
  await create('calls', {
    sql: "SELECT temp, topic(2) AS room FROM 'rooms/+' WHERE temp > 30",
    actions: [{ lambda: { functionArn } }],
  });
  const refused = once(process, 'warning');
  await publish('rooms/1', { temp: 31 });
  expect(String((await refused)[0])).toContain('LambdaAction of the rule calls');
  const SourceArn = 'arn:aws:iot:us-east-1:000000000000:rule/calls';
  const permission = { FunctionName, SourceArn, SourceAccount: '000000000000', Principal: 'iot.amazonaws.com' };
  await cloud.call('lambda', 'AddPermission', { ...permission, Action: 'lambda:InvokeFunction', StatementId: 'iot' });
  await publish('rooms/1', { temp: 12 });
  await publish('rooms/2', { temp: 35, more: 'not selected' });
  const logGroupName = `/aws/lambda/${FunctionName}`;
  const seen = async () => {
    const found = await cloud
      .call('logs', 'FilterLogEvents', { logGroupName, filterPattern: '"EVENT:"' })
      .catch(() => ({}));
    return ('events' in found ? (found.events ?? []) : []).map(({ message }) => message?.split('EVENT:')[1]?.trim());
  };
  await expect.poll(seen).toEqual(['{"temp":35,"room":"2"}']);
});

test('a rule sends to queues, buckets and other topics with its role, and tells of failures', async () => {
  const [good, bad, again] = [await queue(), await queue(), await queue()];
  const Bucket = 'iot-messages';
  await cloud.call('s3', 'CreateBucket', { Bucket });
  const denied = await createRole(cloud);
  await create('again', { sql: "SELECT * FROM 'copies/#'", actions: [{ sqs: { roleArn, queueUrl: again.queueUrl } }] });
  await create('sends', {
    sql: "SELECT * FROM 'things/+/state'",
    awsIotSqlVersion: '2016-03-23',
    actions: [
      { sqs: { roleArn, queueUrl: good.queueUrl } },
      { sqs: { roleArn: denied, queueUrl: good.queueUrl } },
      { s3: { roleArn, bucketName: Bucket, key: '${topic(2)}/${timestamp()}.json' } },
      { republish: { roleArn, topic: 'copies/${topic(2)}' } },
    ],
    errorAction: { sqs: { roleArn, queueUrl: bad.queueUrl } },
  });
  await publish('things/lamp/state', { on: true });
  expect(await good.next()).toEqual({ on: true });
  expect(await again.next()).toEqual({ on: true });
  expect(await bad.next()).toEqual({
    ruleName: 'sends',
    topic: 'things/lamp/state',
    cloudwatchTraceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    clientId: 'N/A',
    base64OriginalPayload: Buffer.from('{"on":true}').toString('base64'),
    failures: [
      {
        failedAction: 'SqsAction',
        failedResource: good.queueUrl,
        errorMessage: expect.stringContaining('is not authorized to perform: sqs:SendMessage'),
      },
    ],
  });
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket });
  expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^lamp\/\d+\.json$/)]);
});

test('rules that publish for each other end', async () => {
  await create('ping', { sql: "SELECT * FROM 'ping'", actions: [{ republish: { roleArn, topic: 'pong' } }] });
  await create('pong', { sql: "SELECT * FROM 'pong'", actions: [{ republish: { roleArn, topic: 'ping' } }] });
  const warned = once(process, 'warning');
  await publish('ping', {});
  expect(String((await warned)[0])).toContain('publishes without end');
});

test('a topic may name the only rule that is to run', async () => {
  const { queueUrl, next } = await queue();
  await create('named', {
    sql: "SELECT *, topic() AS topic FROM 'elsewhere'",
    actions: [{ sqs: { roleArn, queueUrl } }],
  });
  await publish('$aws/rules/named/a/b', { x: 1 });
  expect(await next()).toEqual({ x: 1, topic: 'a/b' });
});

test('rules are described, replaced, turned off and deleted', async () => {
  const { queueUrl, next } = await queue();
  const actions = [{ sqs: { roleArn, queueUrl } }];
  await create('kept', { sql: "SELECT a FROM 'kept'", actions, description: 'A rule' });
  const rule = async () => (await iot.send(new GetTopicRuleCommand({ ruleName: 'kept' }))).rule;
  expect(await rule()).toEqual({
    ruleName: 'kept',
    sql: "SELECT a FROM 'kept'",
    description: 'A rule',
    createdAt: expect.any(Date),
    actions: [{ sqs: { roleArn, queueUrl } }],
    ruleDisabled: false,
    awsIotSqlVersion: '2015-10-08',
  });
  await iot.send(new DisableTopicRuleCommand({ ruleName: 'kept' }));
  await publish('kept', { a: 1, b: 1 });
  expect(await rule()).toMatchObject({ ruleDisabled: true });
  const topicRulePayload = { sql: "SELECT b FROM 'kept'", actions };
  await iot.send(new ReplaceTopicRuleCommand({ ruleName: 'kept', topicRulePayload }));
  await iot.send(new EnableTopicRuleCommand({ ruleName: 'kept' }));
  await publish('kept', { a: 2, b: 2 });
  expect(await next()).toEqual({ b: 2 });
  const { rules = [] } = await iot.send(new ListTopicRulesCommand({ topic: 'kept' }));
  expect(rules.map(({ ruleArn, topicPattern }) => [ruleArn, topicPattern])).toEqual([
    ['arn:aws:iot:us-east-1:000000000000:rule/kept', 'kept'],
  ]);
  await iot.send(new DeleteTopicRuleCommand({ ruleName: 'kept' }));
  await expect(rule()).rejects.toMatchObject({
    name: 'UnauthorizedException',
    message: "Access to topic rule 'kept' was denied",
  });
});

test('is refused: what is malformed, there twice, or not here', async () => {
  const actions = [{ sqs: { roleArn, queueUrl: 'http://127.0.0.1/q' } }];
  const sql = "SELECT * FROM 'a'";
  await create('twice', { sql, actions });
  const problem = (name: string, payload: TopicRulePayload) =>
    create(name, payload).then(
      () => 'accepted',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  expect(await problem('twice', { sql, actions })).toContain('ResourceAlreadyExistsException');
  expect(await problem('a-b', { sql, actions })).toContain('satisfy regular expression pattern');
  expect(await problem('sql', { sql: "SELECT FROM 'a'", actions })).toContain('SqlParseException');
  expect(await problem('role', { sql, actions: [{ sqs: { roleArn: '', queueUrl: 'http://127.0.0.1/q' } }] })).toContain(
    'InvalidRequestException',
  );
  expect(await problem('firehose', { sql, actions: [{ firehose: { roleArn, deliveryStreamName: 'x' } }] })).toContain(
    'the action firehose of a rule of IoT is not implemented by the fx local AWS',
  );
  await expect(publish('a/+', {})).rejects.toMatchObject({ name: 'InvalidRequestException' });
  const asRole = new IoTDataPlaneClient({ ...options, credentials: cloud.credentialsFor(Role, 's') });
  await expect(asRole.send(new PublishCommand({ topic: 'a' }))).rejects.toThrow('iot:Publish');
  asRole.destroy();
});

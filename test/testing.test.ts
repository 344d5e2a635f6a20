// The local AWS in users' tests.

import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';
import { suiteTime } from '../src/local/fixture.ts';
import { startLocal } from '../src/testing.ts';
import { folderOf } from './support/project.ts';

const project = {
  'project.yml': `name: shop
functions:
  hello: {handler: hello.handler, url: NONE}
  broken: {handler: broken.handler}
  nightly: {handler: nightly.handler, events: [{schedule: cron(0 3 * * ? *)}]}
resources:
  Jobs: {Type: AWS::SQS::Queue}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
outputs:
  JobsUrl: !Ref Jobs
  OrdersName: !Ref Orders
`,
  'hello.ts':
    "export const handler = async (event) => { console.log('hello', event.name); return { hello: event.name }; };\n",
  'broken.ts': "export const handler = async () => { throw new TypeError('no such order'); };\n",
  'nightly.ts': "export const handler = async () => console.log('good night');\n",
};

test('deploys, calls, moves the clock, and goes back', async () => {
  await using local = await startLocal({ folder: await folderOf(project), time: suiteTime });
  await expect(local.invoke('hello')).rejects.toMatchObject({ code: 'NOT_DEPLOYED' });
  const { outputs, functions } = await local.deploy();
  expect(functions).toMatchObject({ hello: 'shop-local-hello' });
  // boto3 and version 1 of the AWS command line read the second
  expect(local.variables).toMatchObject({ AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' });
  expect(await local.invoke('hello', { name: 'Ann' })).toEqual({ hello: 'Ann' });
  await expect(local.invoke('broken')).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    message: expect.stringContaining('TypeError: no such order'),
  });
  await expect(local.invoke('gone')).rejects.toThrow(/gone/);
  expect(await local.logs('hello')).toEqual([expect.stringMatching(/hello Ann$/)]);

  expect(local.now().toISOString()).toMatch(/^2026-11-26T08:0/);
  await local.advance('1d');
  expect(local.now().toISOString()).toMatch(/^2026-11-27T08:0/);
  await vi.waitFor(async () => expect(await local.logs('nightly')).toHaveLength(1), 5_000);
  await expect(local.advance('soon')).rejects.toMatchObject({ code: 'USAGE' });

  const [sqs, dynamodb] = [new SQSClient(local.client), new DynamoDBClient(local.client)];
  await sqs.send(new SendMessageCommand({ QueueUrl: outputs['JobsUrl'], MessageBody: 'one' }));
  await dynamodb.send(new PutItemCommand({ TableName: outputs['OrdersName'], Item: { id: { S: '1' } } }));
  const items = async () => (await dynamodb.send(new ScanCommand({ TableName: outputs['OrdersName'] }))).Count;
  expect(await items()).toBe(1);
  for (let again = 0; again < 2; again++) {
    await local.reset();
    expect(await items()).toBe(0);
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl: outputs['JobsUrl'] }))).Messages).toBeUndefined();
    expect(await local.logs()).toEqual([]);
    expect(await local.invoke('hello', { name: 'Bob' })).toEqual({ hello: 'Bob' });
    await dynamodb.send(new PutItemCommand({ TableName: outputs['OrdersName'], Item: { id: { S: '2' } } }));
  }
});

test('several at once know nothing of one another', async () => {
  const folder = await folderOf(project);
  await using one = await startLocal({ folder, time: suiteTime });
  await using other = await startLocal({ folder, time: suiteTime });
  const [{ outputs }, { outputs: others }] = await Promise.all([one.deploy(), other.deploy()]);
  expect(one.endpoint).not.toBe(other.endpoint);
  await new SQSClient(one.client).send(
    new SendMessageCommand({ QueueUrl: outputs['JobsUrl'], MessageBody: 'for one' }),
  );
  const received = await new SQSClient(other.client).send(new ReceiveMessageCommand({ QueueUrl: others['JobsUrl'] }));
  expect(received.Messages).toBeUndefined();
  expect(await other.invoke('hello', { name: 'Ann' })).toEqual({ hello: 'Ann' });
});

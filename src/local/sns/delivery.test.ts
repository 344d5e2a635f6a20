// What SNS delivers to queues, functions and HTTP endpoints, and to dead-letter queues.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createFunction } from '../lambda/fixture.ts';
import { startTestSns } from './test-sns.ts';

const { aws, call, cloud, queue, receive, topic } = await startTestSns();

const subscribe = async (TopicArn: string, Protocol: string, Endpoint: string, Attributes: object = {}) =>
  (await call('Subscribe', { TopicArn, Protocol, Endpoint, Attributes: { ...Attributes } })).SubscriptionArn ?? '';
const attributes = {
  kind: { DataType: 'String', StringValue: 'order' },
  bytes: { DataType: 'Binary', BinaryValue: Buffer.from([2, 3, 4]) },
};

test('a queue receives the notification, laid out as on AWS', async () => {
  const [arn, { arn: Endpoint, url }] = [await topic(), await queue()];
  const subscription = await subscribe(arn, 'sqs', Endpoint);
  await call('Publish', { TopicArn: arn, Message: 'hello', Subject: 'greeting', MessageAttributes: attributes });
  const [message] = await receive(url);
  const [id, signature] = [/"MessageId" : "(.*)"/, /"Signature" : "(.*)"/].map(
    (part) => part.exec(message?.Body ?? '')?.[1],
  );
  const time = /"Timestamp" : "(.*)"/.exec(message?.Body ?? '')?.[1];
  expect(message?.Body).toBe(`{
  "Type" : "Notification",
  "MessageId" : "${id}",
  "TopicArn" : "${arn}",
  "Subject" : "greeting",
  "Message" : "hello",
  "Timestamp" : "${time}",
  "SignatureVersion" : "1",
  "Signature" : "${signature}",
  "SigningCertURL" : "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000000000000000000000000000fx00.pem",
  "UnsubscribeURL" : "${aws.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription}",
  "MessageAttributes" : {
    "kind" : {"Type":"String","Value":"order"},
    "bytes" : {"Type":"Binary","Value":"AgME"}
  }
}`);
});

test('raw delivery passes the message and its attributes; a structure has a body for each protocol', async () => {
  const [arn, { arn: Endpoint, url }] = [await topic(), await queue()];
  await subscribe(arn, 'sqs', Endpoint, { RawMessageDelivery: 'true' });
  const Message = JSON.stringify({ default: 'for all', sqs: 'for queues' });
  await call('Publish', { TopicArn: arn, Message, MessageStructure: 'json', MessageAttributes: attributes });
  const [message] = await receive(url);
  expect(message?.Body).toBe('for queues');
  expect(message?.MessageAttributes).toMatchObject({ kind: { StringValue: 'order' } });
});

test('a filter policy decides by attributes or body', async () => {
  const arn = await topic();
  const [byAttributes, byBody] = [await queue(), await queue()];
  const raw = { RawMessageDelivery: 'true' };
  await subscribe(arn, 'sqs', byAttributes.arn, { ...raw, FilterPolicy: '{"kind":["order"]}' });
  await subscribe(arn, 'sqs', byBody.arn, {
    ...raw,
    FilterPolicy: '{"order":{"total":[{"numeric":[">",10]}]}}',
    FilterPolicyScope: 'MessageBody',
  });
  await call('Publish', { TopicArn: arn, Message: '{"order":{"total":5}}', MessageAttributes: attributes });
  await call('Publish', { TopicArn: arn, Message: '{"order":{"total":15}}' });
  await call('Publish', { TopicArn: arn, Message: 'no JSON' });
  expect((await receive(byAttributes.url)).map(({ Body }) => Body)).toEqual(['{"order":{"total":5}}']);
  expect((await receive(byBody.url)).map(({ Body }) => Body)).toEqual(['{"order":{"total":15}}']);
});

test('a function is called if its policy lets the topic; else the message is a dead letter', async () => {
  const arn = await topic();
  const results = await queue();
  const dead = await queue();
  const name = await createFunction(
    cloud,
    `export const handler = async (event) => { await fetch('${aws.endpoint}', { method: 'POST', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x/20261126/us-east-1/sqs/aws4_request' }, body: new URLSearchParams({ Action: 'SendMessage', QueueUrl: '${results.url}', MessageBody: JSON.stringify(event) }) }); };`,
  );
  const Endpoint = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
  const subscription = await subscribe(arn, 'lambda', Endpoint, { RedrivePolicy });
  await call('Publish', { TopicArn: arn, Message: 'forbidden' });
  expect(JSON.parse((await receive(dead.url))[0]?.Body ?? '')).toMatchObject({
    Type: 'Notification',
    Message: 'forbidden',
  });

  await cloud.call('lambda', 'AddPermission', {
    FunctionName: name,
    StatementId: 'topic',
    Action: 'lambda:InvokeFunction',
    Principal: 'sns.amazonaws.com',
    SourceArn: arn,
  });
  await call('Publish', { TopicArn: arn, Message: 'allowed', MessageAttributes: { kind: attributes.kind } });
  expect(JSON.parse((await receive(results.url))[0]?.Body ?? '')).toEqual({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription,
        Sns: {
          Type: 'Notification',
          MessageId: expect.any(String),
          TopicArn: arn,
          Subject: null,
          Message: 'allowed',
          Timestamp: expect.any(String),
          SignatureVersion: '1',
          Signature: expect.any(String),
          SigningCertUrl: expect.any(String),
          UnsubscribeUrl: expect.any(String),
          MessageAttributes: { kind: { Type: 'String', Value: 'order' } },
        },
      },
    ],
  });
});

test('a queue whose policy does not allow the topic receives nothing, nor does one that is gone', async () => {
  const arn = await topic();
  const [closed, dead] = [await queue({}, false), await queue()];
  const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }), RawMessageDelivery: 'true' };
  await subscribe(arn, 'sqs', closed.arn, redrive);
  await subscribe(arn, 'sqs', `${closed.arn}-gone`, redrive);
  await call('Publish', { TopicArn: arn, Message: 'm', MessageAttributes: { kind: attributes.kind } });
  const letters = await receive(dead.url);
  const all = letters.length === 2 ? letters : [...letters, ...(await receive(dead.url))];
  expect(all.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.['kind']?.StringValue])).toEqual([
    ['m', 'order'],
    ['m', 'order'],
  ]);
});

test('a FIFO topic keeps order and drops duplicates', async () => {
  const arn = await topic({ FifoTopic: 'true', ContentBasedDeduplication: 'true' });
  const { arn: Endpoint, url } = await queue({ FifoQueue: 'true' });
  await subscribe(arn, 'sqs', Endpoint);
  const entry = (Id: string, Message: string) => ({ Id, Message, MessageGroupId: 'g' });
  const { Successful } = await call('PublishBatch', {
    TopicArn: arn,
    PublishBatchRequestEntries: [entry('1', 'a'), entry('2', 'b'), entry('3', 'a')],
  });
  expect(Successful?.[2]).toMatchObject({ MessageId: Successful?.[0]?.MessageId });
  const received = await receive(url);
  const all = received.length === 2 ? received : [...received, ...(await receive(url))];
  const bodies = all.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>);
  expect(bodies.map((body) => body['Message'])).toEqual(['a', 'b']);
  expect(Object.keys(bodies[0] ?? {})).toEqual([
    'Type',
    'MessageId',
    'SequenceNumber',
    'TopicArn',
    'Message',
    'Timestamp',
    'UnsubscribeURL',
  ]);
  expect(all[0]?.Attributes).toMatchObject({ MessageGroupId: 'g' });
});

test('an HTTP endpoint confirms by the link, is tried again, and can end the subscription by a link', async () => {
  const requests: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const statuses = [200, 500, 200];
  let arrived: () => void = () => {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(statuses.shift() ?? 200).end();
    arrived();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const next = (count: number) =>
    new Promise<void>((done) => {
      arrived = () => requests.length >= count && done();
      arrived();
    });

  const arn = await topic();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const DeliveryPolicy = JSON.stringify({ healthyRetryPolicy: { numRetries: 1, numNoDelayRetries: 1 } });
  expect(await subscribe(arn, 'http', url, { DeliveryPolicy })).toBe('pending confirmation');
  await next(1);
  const confirmation = JSON.parse(requests[0]?.body ?? '') as Record<string, string>;
  expect(requests[0]?.headers).toMatchObject({
    'accept-encoding': 'gzip,deflate',
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': 'SubscriptionConfirmation',
    'x-amz-sns-topic-arn': arn,
  });
  expect(confirmation['Message']).toBe(
    `You have chosen to subscribe to the topic ${arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
  );
  const confirmed = await fetch(confirmation['SubscribeURL'] ?? '');
  expect(await confirmed.text()).toMatch(/<ConfirmSubscriptionResult><SubscriptionArn>.*<\/SubscriptionArn>/);

  await call('Publish', { TopicArn: arn, Message: 'm' });
  await next(2);
  await next(3);
  expect(requests[2]?.body).toBe(requests[1]?.body);
  const sent = JSON.parse(requests[2]?.body ?? '') as Record<string, string>;
  expect(sent).toMatchObject({ Type: 'Notification', Message: 'm' });
  await fetch(sent['UnsubscribeURL'] ?? '');
  await next(4);
  expect(requests[3]?.headers['x-amz-sns-message-type']).toBe('UnsubscribeConfirmation');
  expect(await call('ListSubscriptionsByTopic', { TopicArn: arn })).toEqual({ Subscriptions: [] });
});

test('a queue in another region receives too', async () => {
  const arn = await topic();
  const west = await aws.cloud('us-west-2');
  const Endpoint = 'arn:aws:sqs:us-west-2:000000000000:far';
  const Policy = JSON.stringify({
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: Endpoint,
    },
  });
  const { QueueUrl } = await west.call('sqs', 'CreateQueue', { QueueName: 'far', Attributes: { Policy } });
  await subscribe(arn, 'sqs', Endpoint, { RawMessageDelivery: 'true' });
  await call('Publish', { TopicArn: arn, Message: 'far' });
  const { Messages } = await west.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 10 });
  expect(Messages?.[0]?.Body).toBe('far');
});

// SQS in the query protocol, as older SDKs and curl speak it: forms in, XML out.
import { expect, test } from 'vitest';
import { startTestSqs } from './test-sqs.ts';

const { arnOf, aws, call, cloud, queue, receive } = await startTestSqs();
const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/sqs/aws4_request';

async function post(url: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ ...form, Version: '2012-11-05' });
  const response = await fetch(url, { method: 'POST', body, headers: { authorization, ...headers } });
  const text = await response.text();
  return { status: response.status, text: text.replace(/<RequestId>.*<\/RequestId>/, '<RequestId/>') };
}

const metadata = '<ResponseMetadata><RequestId/></ResponseMetadata>';
const namespace = 'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"';

test('creates a queue, with numbered attributes and tags', async () => {
  const { status, text } = await post(aws.endpoint, {
    Action: 'CreateQueue',
    QueueName: 'by-form',
    'Attribute.1.Name': 'DelaySeconds',
    'Attribute.1.Value': '5',
    'Attribute.2.Name': 'VisibilityTimeout',
    'Attribute.2.Value': '40',
    'Tag.1.Key': 'team',
    'Tag.1.Value': 'a',
  });
  const QueueUrl = `${aws.endpoint}/000000000000/by-form`;
  expect(status).toBe(200);
  expect(text).toBe(
    `<CreateQueueResponse ${namespace}><CreateQueueResult><QueueUrl>${QueueUrl}</QueueUrl></CreateQueueResult>${metadata}</CreateQueueResponse>`,
  );
  expect(await call('ListQueueTags', { QueueUrl })).toEqual({ Tags: { team: 'a' } });
  const { text: one } = await post(QueueUrl, { Action: 'GetQueueAttributes', AttributeName: 'DelaySeconds' });
  expect(one).toContain(
    '<GetQueueAttributesResult><Attribute><Name>DelaySeconds</Name><Value>5</Value></Attribute></GetQueueAttributesResult>',
  );
});

test('the path names the queue; results are flattened', async () => {
  const url = await queue();
  const sent = await post(`${url}/`, {
    Action: 'SendMessage',
    MessageBody: 'a <b>',
    'MessageAttribute.1.Name': 'kind',
    'MessageAttribute.1.Value.DataType': 'String',
    'MessageAttribute.1.Value.StringValue': 'order',
  });
  expect(sent.text).toMatch(
    /<SendMessageResult><MD5OfMessageBody>.*<MessageId>[\w-]{36}<\/MessageId><\/SendMessageResult>/,
  );
  const { text } = await post(aws.endpoint, {
    Action: 'ReceiveMessage',
    QueueUrl: url,
    'AttributeName.1': 'ApproximateReceiveCount',
    'MessageAttributeName.1': 'All',
  });
  for (const part of [
    '<ReceiveMessageResult><Message><MessageId>',
    '<Body>a &lt;b&gt;</Body>',
    '<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>',
    '<MessageAttribute><Name>kind</Name><Value><DataType>String</DataType><StringValue>order</StringValue>',
  ]) {
    expect(text).toContain(part);
  }
});

test('a batch reports each entry by its name', async () => {
  const url = await queue();
  const { text } = await post(url, {
    Action: 'SendMessageBatch',
    'SendMessageBatchRequestEntry.1.Id': 'good',
    'SendMessageBatchRequestEntry.1.MessageBody': 'x',
    'SendMessageBatchRequestEntry.2.Id': 'bad',
    'SendMessageBatchRequestEntry.2.MessageBody': 'x',
    'SendMessageBatchRequestEntry.2.DelaySeconds': '901',
  });
  expect(text).toContain('<SendMessageBatchResultEntry><Id>good</Id>');
  expect(text).toContain('<BatchResultErrorEntry><Id>bad</Id>');
});

test.each([
  [
    'DeleteMessageBatch',
    'AWS.SimpleQueueService.EmptyBatchRequest',
    'There should be at least one DeleteMessageBatchRequestEntry in the request.',
  ],
  ['SendMessage', 'MissingParameter', 'The request must contain the parameter MessageBody.'],
])('%s fails with %s', async (Action, code, message) => {
  const { status, text } = await post(await queue(), { Action });
  expect(status).toBe(400);
  expect(text).toBe(
    `<ErrorResponse ${namespace}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message><Detail/></Error><RequestId/></ErrorResponse>`,
  );
});

test('a queue that does not exist has other words than in JSON', async () => {
  const { status, text } = await post(`${aws.endpoint}/000000000000/none`, { Action: 'PurgeQueue' });
  expect(status).toBe(400);
  expect(text).toContain(
    '<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for this wsdl version.</Message>',
  );
});

test('a message has the trace of the request that sent it, also through a topic', async () => {
  const url = await queue();
  const arn = await arnOf(url);
  const trace = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1';
  const traced = async () => {
    const [message] = await receive(url, { MessageSystemAttributeNames: ['AWSTraceHeader'], WaitTimeSeconds: 10 });
    await call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle });
    return message?.Attributes;
  };
  const { text } = await post(url, { Action: 'SendMessage', MessageBody: 'm' }, { 'x-amzn-trace-id': trace });
  expect(text).not.toContain('MD5OfMessageSystemAttributes');
  expect(await traced()).toEqual({ AWSTraceHeader: trace });

  const Statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn };
  await call('SetQueueAttributes', { QueueUrl: url, Attributes: { Policy: JSON.stringify({ Statement }) } });
  const { TopicArn = '' } = await cloud.call('sns', 'CreateTopic', { Name: 'traced' });
  await cloud.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: arn });
  const headers = { authorization: authorization.replace('/sqs/', '/sns/'), 'x-amzn-trace-id': trace };
  await post(aws.endpoint, { Action: 'Publish', TopicArn, Message: 'm' }, headers);
  expect(await traced()).toEqual({ AWSTraceHeader: trace });
});

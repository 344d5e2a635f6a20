// SNS's requests: topics, policies, tags, subscriptions, and what publishing refuses.
import { expect, test } from 'vitest';
import { createRole } from '../lambda/fixture.ts';
import { startTestSns } from './test-sns.ts';

const { aws, call, cloud, queue, topic } = await startTestSns();

const refused = (what: string) => ({ code: 'InvalidParameterException', message: `Invalid parameter: ${what}` });

test('a topic has AWS’s attributes, and is created once', async () => {
  const TopicArn = await topic();
  const Name = TopicArn.split(':').at(-1);
  const { Attributes } = await call('GetTopicAttributes', { TopicArn });
  expect(Object.keys(Attributes ?? {}).sort()).toEqual([
    'DisplayName',
    'EffectiveDeliveryPolicy',
    'Owner',
    'Policy',
    'SubscriptionsConfirmed',
    'SubscriptionsDeleted',
    'SubscriptionsPending',
    'TopicArn',
  ]);
  await call('SetTopicAttributes', { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'Shown' });
  expect(await call('CreateTopic', { Name })).toEqual({ TopicArn });
  await expect(call('CreateTopic', { Name, Attributes: { DisplayName: 'Other' } })).rejects.toMatchObject(
    refused('Attributes Reason: Topic already exists with different attributes'),
  );
  await call('DeleteTopic', { TopicArn });
  await call('DeleteTopic', { TopicArn });
  await expect(call('GetTopicAttributes', { TopicArn })).rejects.toMatchObject({
    code: 'NotFoundException',
    message: 'Topic does not exist',
    status: 404,
  });
});

test.each<[string, Record<string, string>]>([
  ['', {}],
  ['a'.repeat(257), {}],
  ['a b', {}],
  ['plain.fifo', {}],
  ['plain', { FifoTopic: 'true' }],
])('refuses the topic %s with %j', async (Name, Attributes) => {
  await expect(call('CreateTopic', { Name, Attributes })).rejects.toMatchObject(refused('Topic Name'));
});

test('ARNs of another form or region are refused', async () => {
  const TopicArn = await topic();
  const publish = (arn: string) => call('Publish', { TopicArn: arn, Message: 'm' });
  await expect(publish('x:y')).rejects.toMatchObject(
    refused('TopicArn Reason: An ARN must have at least 6 elements, not 2'),
  );
  await expect(publish(TopicArn.replace('us-east-1', 'us-west-2'))).rejects.toMatchObject(refused('TopicArn'));
  for (const [SubscriptionArn, what] of [
    ['x', 'SubscriptionArn Reason: An ARN must have at least 6 elements, not 1'],
    [`${TopicArn}:x`, 'SubscriptionId'],
    ['', 'SubscriptionArn Reason: no value for required parameter'],
  ] as const) {
    await expect(call('Unsubscribe', { SubscriptionArn })).rejects.toMatchObject(refused(what));
  }
});

test('permissions are statements beside the default one', async () => {
  const TopicArn = await topic();
  const add = (Label: string, ActionName: string[]) =>
    call('AddPermission', { TopicArn, Label, AWSAccountId: ['000000000000'], ActionName });
  const statements = async () =>
    JSON.parse((await call('GetTopicAttributes', { TopicArn })).Attributes?.['Policy'] ?? '').Statement as object[];
  await add('one', ['Publish']);
  await expect(add('one', ['Publish'])).rejects.toMatchObject(refused('Statement already exists'));
  await expect(add('two', ['Shout'])).rejects.toMatchObject(refused('Policy statement action out of service scope!'));
  expect(await statements()).toMatchObject([
    { Sid: '__default_statement_ID' },
    { Sid: 'one', Action: 'SNS:Publish', Principal: { AWS: 'arn:aws:iam::000000000000:root' } },
  ]);
  await call('RemovePermission', { TopicArn, Label: 'one' });
  expect(await statements()).toHaveLength(1);
});

test('a service publishes only if the policy lets it, an alarm by default', async () => {
  const TopicArn = await topic();
  const publish = (service: 'events' | 'cloudwatch', sourceArn: string) =>
    cloud.call(
      'sns',
      'Publish',
      { TopicArn, Message: 'm' },
      { kind: 'service', service: `${service}.amazonaws.com`, sourceArn },
    );
  const rule = 'arn:aws:events:us-east-1:000000000000:rule/r';
  await publish('cloudwatch', 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a');
  await expect(publish('events', rule)).rejects.toMatchObject({ code: 'AuthorizationErrorException', status: 403 });
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: TopicArn,
  };
  await call('SetTopicAttributes', {
    TopicArn,
    AttributeName: 'Policy',
    AttributeValue: JSON.stringify({ Statement }),
  });
  expect(await publish('events', rule)).toEqual({ MessageId: expect.any(String) });
});

test('subscribing again returns the subscription, unless an attribute differs', async () => {
  const [TopicArn, { arn: Endpoint }] = [await topic(), await queue()];
  const subscribe = (Attributes: Record<string, string>) =>
    call('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint, Attributes });
  const first = await subscribe({ RawMessageDelivery: 'true' });
  expect(await subscribe({})).toEqual(first);
  await expect(subscribe({ RawMessageDelivery: 'false' })).rejects.toMatchObject(
    refused('Attributes Reason: Subscription already exists with different attributes'),
  );
  const { SubscriptionArn } = first;
  expect(await call('GetSubscriptionAttributes', { SubscriptionArn })).toEqual({
    Attributes: {
      SubscriptionArn,
      TopicArn,
      Endpoint,
      Protocol: 'sqs',
      Owner: '000000000000',
      SubscriptionPrincipal: 'arn:aws:iam::000000000000:user/local',
      RawMessageDelivery: 'true',
      PendingConfirmation: 'false',
      ConfirmationWasAuthenticated: 'true',
    },
  });
  await call('Unsubscribe', { SubscriptionArn });
  await call('Unsubscribe', { SubscriptionArn });
  await expect(call('GetSubscriptionAttributes', { SubscriptionArn })).rejects.toMatchObject({
    message: 'Subscription does not exist',
  });
});

const fn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
test.each<[string, string, Record<string, string>, string]>([
  ['pigeon', 'x', {}, 'Amazon SNS does not support this protocol string: pigeon'],
  ['sqs', 'http://127.0.0.1/q', {}, 'SQS endpoint ARN'],
  ['http', 'ftp://127.0.0.1', {}, 'Endpoint must match the specified protocol'],
  [
    'lambda',
    fn,
    { RawMessageDelivery: 'true' },
    'Attributes Reason: Delivery protocol [lambda] does not support raw message delivery.',
  ],
  [
    'lambda',
    fn,
    { FilterPolicyScope: 'Subject' },
    'Attributes Reason: FilterPolicyScope: Invalid value [Subject]. Please use either MessageBody or MessageAttributes',
  ],
  [
    'lambda',
    fn,
    { FilterPolicy: '{"a":{"b":["c"]}}' },
    'Attributes Reason: FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy',
  ],
  [
    'lambda',
    fn,
    { RedrivePolicy: '{"deadLetterTargetArn":"x"}' },
    'Attributes Reason: RedrivePolicy: deadLetterTargetArn is an invalid arn',
  ],
  [
    'sqs',
    'arn:aws:sqs:us-east-1:000000000000:q.fifo',
    {},
    'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
  ],
])('refuses a subscription of %s to %s with %j', async (Protocol, Endpoint, Attributes, what) => {
  await expect(call('Subscribe', { TopicArn: await topic(), Protocol, Endpoint, Attributes })).rejects.toMatchObject(
    refused(what),
  );
});

test('a FIFO topic has queues only, and needs the ids', async () => {
  const TopicArn = await topic({ FifoTopic: 'true' });
  await expect(call('Subscribe', { TopicArn, Protocol: 'lambda', Endpoint: fn })).rejects.toMatchObject(
    refused('Invalid protocol type: lambda'),
  );
  const publish = (more: object) => call('Publish', { TopicArn, Message: 'm', ...more });
  await expect(publish({})).rejects.toMatchObject(refused('The MessageGroupId parameter is required for FIFO topics'));
  await expect(publish({ MessageGroupId: 'g' })).rejects.toMatchObject(
    refused(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    ),
  );
});

test('what cannot be delivered from here is refused by name', async () => {
  const TopicArn = await topic();
  await expect(
    call('Subscribe', { TopicArn, Protocol: 'https', Endpoint: 'https://example.com/hook' }),
  ).rejects.toMatchObject({ code: 'NotImplemented' });
  await expect(call('Publish', { PhoneNumber: '+491234567', Message: 'm' })).rejects.toMatchObject({
    code: 'NotImplemented',
  });
  await expect(
    call('SetTopicAttributes', { TopicArn, AttributeName: 'ArchivePolicy', AttributeValue: '{}' }),
  ).rejects.toMatchObject({ code: 'NotImplemented' });
});

test.each<[object, string]>([
  [{ Message: '' }, 'Empty message'],
  [{ Message: 'x'.repeat(262_145) }, 'Message too long'],
  [{ Subject: 'two\nlines' }, 'Subject'],
  [{ MessageStructure: 'json' }, 'Message Structure - JSON message body failed to parse'],
  [{ MessageStructure: 'json', Message: '{"sqs":"x"}' }, 'Message Structure - No default entry in JSON message body'],
  [
    { MessageDeduplicationId: 'd' },
    'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
  ],
])('refuses to publish %j', async (more, what) => {
  await expect(call('Publish', { TopicArn: await topic(), Message: 'm', ...more })).rejects.toMatchObject(
    refused(what),
  );
});

test.each<[string, object, string]>([
  [
    'a',
    { DataType: 'String', StringValue: '' },
    "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.",
  ],
  [
    'a',
    { DataType: 'Number', BinaryValue: Buffer.from('1') },
    "The message attribute 'a' with type 'Number' must use field 'String'.",
  ],
  [
    'a',
    { DataType: 'Text', StringValue: '1' },
    "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
  ],
  [
    '^',
    { DataType: 'String', StringValue: '1' },
    "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
  ],
  [
    '.a',
    { DataType: 'String', StringValue: '1' },
    "Invalid message attribute name starting with character '.' was found.",
  ],
])('refuses the attribute %s with %j', async (name, value, message) => {
  const entry = { Message: 'm', MessageAttributes: { [name]: value as { DataType: string } } };
  const TopicArn = await topic();
  const expected = { code: 'InvalidParameterValueException', message };
  await expect(call('Publish', { TopicArn, ...entry })).rejects.toMatchObject(expected);
  const PublishBatchRequestEntries = [{ Id: '1', ...entry }];
  await expect(call('PublishBatch', { TopicArn, PublishBatchRequestEntries })).rejects.toMatchObject(expected);
});

test('a batch has rules of its own, and the answer has AWS’s codes and names', async () => {
  const TopicArn = await topic();
  const batch = (ids: string[]) =>
    call('PublishBatch', { TopicArn, PublishBatchRequestEntries: ids.map((Id) => ({ Id, Message: 'm' })) });
  await expect(batch([])).rejects.toMatchObject({ code: 'EmptyBatchRequestException' });
  await expect(batch([...'abcdefghijk'])).rejects.toMatchObject({ code: 'TooManyEntriesInBatchRequestException' });
  await expect(batch(['a', 'a'])).rejects.toMatchObject({ code: 'BatchEntryIdsNotDistinctException' });
  await expect(batch(['a.b'])).rejects.toMatchObject({
    code: 'InvalidBatchEntryIdException',
    message: 'The Id of a batch entry in the batch request contains an impermissible character: a.b',
  });
  const authorization = 'AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/sns/aws4_request';
  const body = new URLSearchParams({ Action: 'GetTopicAttributes', TopicArn: `${TopicArn}-none` });
  const response = await fetch(aws.endpoint, { method: 'POST', body, headers: { authorization } });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain(
    '<Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error>',
  );
});

test('a role publishes only if its policy allows it', async () => {
  const TopicArn = await topic();
  const arn = await createRole(cloud, { Effect: 'Allow', Action: 'sns:GetTopicAttributes', Resource: TopicArn });
  const role = { kind: 'role', arn, session: 's' } as const;
  await cloud.call('sns', 'GetTopicAttributes', { TopicArn }, role);
  await expect(cloud.call('sns', 'Publish', { TopicArn, Message: 'm' }, role)).rejects.toMatchObject({
    code: 'AuthorizationErrorException',
    status: 403,
    message: `User: arn:aws:sts::000000000000:assumed-role/${arn.split('/').at(-1)}/s is not authorized to perform: SNS:Publish on resource: ${TopicArn} because no identity-based policy allows the SNS:Publish action`,
  });
});

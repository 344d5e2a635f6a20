// `sns`: topics that are there or made, filters, dead letters, other regions, and queues between.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const project = (events: string, more = '') =>
  `name: s\nregion: us-east-1\nfunctions:\n  a: {handler: a.handler, timeout: 10s, events: [${events}]}\n${more}`;
const News = 'resources: {News: {Type: AWS::SNS::Topic}}\n';

async function problems(events: string, more = '') {
  const error = await projectOf(project(events, more)).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
}

test('subscribes the live alias, which only this topic may call', async () => {
  const { template } = await compiled(project('{sns: News}', News));
  expect(template.Resources['ASnsNews']).toEqual({
    Type: 'AWS::SNS::Subscription',
    DependsOn: 'ASnsNewsPermission',
    Properties: { TopicArn: { Ref: 'News' }, Protocol: 'lambda', Endpoint: { Ref: 'AAlias' } },
  });
  expect(template.Resources['ASnsNewsPermission']?.Properties).toMatchObject({
    Principal: 'sns.amazonaws.com',
    SourceArn: { Ref: 'News' },
  });
});

test('functions share a topic that one of them makes, and others may publish to it', async () => {
  const others =
    '  b: {handler: b.handler, events: [sns: News]}\n  c: {handler: b.handler, permissions: ["sns:Publish on News"], variables: {TOPIC: !Ref News}}\n';
  const { template } = await compiled(project('{sns: {topic: {make: News, name: news}}}', others));
  expect(template.Resources['News']?.Properties).toEqual({ TopicName: 's-local-news' });
  expect(template.Resources['BSnsNews']?.Properties?.['TopicArn']).toEqual({ Ref: 'News' });
  expect(JSON.stringify(template.Resources['CRole'])).toContain('"Action":["sns:Publish"],"Resource":[{"Ref":"News"}]');
  expect(template.Outputs?.['NewsArn']?.Value).toEqual({ Ref: 'News' });
});

test('a queue between has its policy, and is FIFO like its topic', async () => {
  const { template } = await compiled(project('{sns: {topic: {make: News, fifo: true}, sqs: true}}'));
  const { News: topic, ANewsQueue: queue, ANewsQueuePolicy: policy, ASnsNews: subscription } = template.Resources;
  expect(topic?.Properties).toEqual({ TopicName: 's-local-News.fifo', FifoTopic: true });
  expect(queue?.Properties).toMatchObject({ FifoQueue: true, VisibilityTimeout: 60 });
  expect(JSON.stringify(policy)).toContain('{"ArnEquals":{"aws:SourceArn":{"Ref":"News"}}}');
  expect(subscription).toMatchObject({
    DependsOn: 'ANewsQueuePolicy',
    Properties: { Protocol: 'sqs', RawMessageDelivery: true },
  });
  expect(template.Resources['ASqsANewsQueue']?.Properties).toMatchObject({
    EventSourceArn: { 'Fn::GetAtt': ['ANewsQueue', 'Arn'] },
  });
});

describe('a topic in another region', () => {
  test.each([
    ['eu-west-1', 'sns.amazonaws.com'],
    ['ap-east-1', 'sns.ap-east-1.amazonaws.com'],
  ])('%s', async (region, principal) => {
    const { template } = await compiled(project(`{sns: {topic: "arn:aws:sns:${region}:111122223333:news"}}`));
    const [subscription, permission] = Object.values(template.Resources).filter(({ Type }) =>
      ['AWS::SNS::Subscription', 'AWS::Lambda::Permission'].includes(Type),
    );
    expect(subscription?.Properties?.['Region']).toBe(region);
    expect(permission?.Properties?.['Principal']).toBe(principal);
  });

  test('that delivers to no function here is a problem', async () => {
    const text = project('{sns: "arn:aws:sns:us-east-1:111122223333:news"}').replace('us-east-1\n', 'ap-east-1\n');
    const error = await projectOf(text).catch((thrown: unknown) => thrown);
    expect((error as FxError).problems[0]?.message).toBe(
      'SNS does not deliver from us-east-1 to functions in ap-east-1',
    );
  });
});

const fifo = 'resources: {News: {Type: AWS::SNS::Topic, Properties: {TopicName: n.fifo, FifoTopic: true}}}\n';
test.each<[string, string, string]>([
  ['{sns: Newz}', News, 'there is no topic "Newz" under resources | did you mean "News"?'],
  ['{sns: News}', 'resources: {News: {Type: AWS::SQS::Queue}}\n', '"News" is AWS::SQS::Queue, not AWS::SNS::Topic'],
  [
    '{sns: News}',
    fifo,
    'News is a FIFO topic, which delivers to queues only | put a queue between: sns: {topic: …, sqs: true}',
  ],
  [
    '{sns: "arn:aws:sns:us-east-1:111122223333:n.fifo"}',
    '',
    'arn:aws:sns:us-east-1:111122223333:n.fifo is a FIFO topic, which delivers to queues only | put a queue between: sns: {topic: …, sqs: true}',
  ],
  [
    '{sns: {topic: News, sqs: {queue: {make: Q, fifo: true}}}}',
    News,
    'News is a standard topic, which does not deliver to FIFO queues | remove fifo from the queue, or make the topic FIFO',
  ],
  [
    '{sns: {topic: News, filterPolicy: {order: {kind: [gift]}}}}',
    News,
    'SNS does not accept this filterPolicy: Filter policy scope MessageAttributes does not support nested filter policy | to filter by the body, add filterPolicyScope: MessageBody',
  ],
  [
    '{sns: {topic: News, filterPolicy: {kind: [{wildcard: "*"}]}}}',
    News,
    'SNS does not accept this filterPolicy: Unrecognized match type wildcard',
  ],
  [
    '{sns: {topic: "arn:aws:sns:eu-west-1:111122223333:n", deadLetters: true}}',
    '',
    'deadLetters makes a queue in us-east-1, but SNS needs it in eu-west-1, where the topic is | name a queue there: deadLetters: arn:aws:sqs:eu-west-1:…',
  ],
  ['{sns: News}, {sns: News}', News, '"a" subscribes to this topic twice | remove one of the two events'],
  [
    '{sns: {topic: News, sqs: {queue: {make: Q, visibilityTimeout: 1s}}}}',
    News,
    'messages of the queue "Q" become visible again after 1 seconds, but "a" may run for 10 | remove visibilityTimeout: by default, it is six times the timeout',
  ],
  [
    '{sns: {topic: News, redrivePolicy: {}}}',
    News,
    expect.stringContaining('"redrivePolicy" is called `deadLetters` here') as string,
  ],
])('%s', async (events, more, expected) => {
  expect(await problems(events, more)).toEqual([expected]);
});

test('two topics with one logical id are a problem', async () => {
  const other = '  b: {handler: b.handler, events: [sns: {topic: {make: News}}]}\n';
  expect(await problems('{sns: {topic: {make: News}}}', other)).toEqual([
    'two topics would have the logical id "News" | to subscribe to the same topic: sns: News',
  ]);
});

// Topics, subscriptions and topic policies in a stack.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';
import { deploysTo } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy, outputs } = deploysTo(() => rig);

const policy = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sns:Publish', Resource: '*' }],
});
const queue = { Type: 'AWS::SQS::Queue' };
const subscription = (properties: object) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { TopicArn: { Ref: 'T' }, Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Q', 'Arn'] }, ...properties },
});

it('a topic with its subscription and policy is created, updated in place and deleted', async () => {
  const sections = { Outputs: { Name: { Value: { 'Fn::GetAtt': ['T', 'TopicName'] } } } };
  const first = await deploy(
    {
      Q: queue,
      T: {
        Type: 'AWS::SNS::Topic',
        Properties: { TopicName: 'news', DisplayName: 'News', Tags: [{ Key: 'a', Value: '1' }] },
      },
      S: subscription({ FilterPolicy: { order: { kind: ['gift'] } }, FilterPolicyScope: 'MessageBody' }),
      P: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [{ Ref: 'T' }], PolicyDocument: policy('events.amazonaws.com') },
      },
    },
    sections,
  );
  const TopicArn = 'arn:aws:sns:eu-west-1:000000000000:news';
  expect(first['T']).toBe(TopicArn);
  expect(await outputs()).toEqual({ Name: 'news' });
  const attributes = async () => (await rig.cloud.call('sns', 'GetTopicAttributes', { TopicArn })).Attributes;
  expect(await attributes()).toMatchObject({ DisplayName: 'News', SubscriptionsConfirmed: '1' });
  expect((await attributes())?.['Policy']).toContain('events.amazonaws.com');

  const second = await deploy({
    Q: queue,
    T: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news', Tags: [{ Key: 'b', Value: '2' }] } },
    S: subscription({ FilterPolicy: { kind: ['gift'] }, RawMessageDelivery: true }),
  });
  expect(second['S']).toBe(first['S']);
  const { Attributes } = await rig.cloud.call('sns', 'GetSubscriptionAttributes', { SubscriptionArn: first['S'] });
  expect(Attributes).toMatchObject({
    FilterPolicy: '{"kind":["gift"]}',
    FilterPolicyScope: 'MessageAttributes',
    RawMessageDelivery: 'true',
  });
  expect(await attributes()).toMatchObject({ DisplayName: '' });
  expect((await attributes())?.['Policy']).toContain('__default_policy_ID');
  expect((await rig.cloud.call('sns', 'ListTagsForResource', { ResourceArn: TopicArn })).Tags).toEqual([
    { Key: 'b', Value: '2' },
  ]);
  await rig.run('DeleteStack', { StackName: 's' });
  expect(await rig.cloud.call('sns', 'ListTopics', {})).toEqual({ Topics: [] });
});

it('a FIFO topic needs a name; a topic can list its subscriptions', async () => {
  const listed = (...queues: string[]) =>
    queues.map((id) => ({ Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': [id, 'Arn'] } }));
  const resources = (...queues: string[]) => ({
    Q: queue,
    R: queue,
    T: { Type: 'AWS::SNS::Topic', Properties: { Subscription: listed(...queues) } },
    F: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: 'f.fifo', FifoTopic: true, ContentBasedDeduplication: true },
    },
    P: {
      Type: 'AWS::SNS::TopicInlinePolicy',
      Properties: { TopicArn: { Ref: 'T' }, PolicyDocument: policy('s3.amazonaws.com') },
    },
  });
  const ids = await deploy(resources('Q'));
  expect(ids['F']).toMatch(/:f\.fifo$/);
  await deploy(resources('R'));
  const { Subscriptions } = await rig.cloud.call('sns', 'ListSubscriptionsByTopic', { TopicArn: ids['T'] });
  expect(Subscriptions?.map(({ Endpoint }) => Endpoint?.split('-').at(-2))).toEqual(['R']);
  const nameless = template({ F: { Type: 'AWS::SNS::Topic', Properties: { FifoTopic: true } } });
  await rig.run('CreateStack', { StackName: 'nameless', TemplateBody: nameless });
  expect((await rig.events('nameless')).join('\n')).toContain('Invalid parameter: Topic Name');
});

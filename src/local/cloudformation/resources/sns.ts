// AWS::SNS: topics, subscriptions and topic policies.
import { AwsError, type Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers } from './provider.ts';
import { json, type Tag, tagChanges, tagList, text, textList } from './values.ts';

/** The attributes of a topic by the names of the properties, with their defaults. */
const topicAttributes: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'false',
  DisplayName: '',
  FifoThroughputScope: 'Topic',
  KmsMasterKeyId: '',
  MaximumMessageSize: '',
  SignatureVersion: '',
  TracingConfig: 'PassThrough',
};
const subscriptionAttributes = [
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
];

function attributeText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function attributesOf(properties: Properties, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(properties, name)).map((name) => [name, attributeText(properties[name])]),
  );
}

function topic(TopicArn: string) {
  return { physicalId: TopicArn, attributes: { TopicArn, TopicName: TopicArn.split(':').at(-1) } };
}

interface Listed {
  readonly Protocol: string;
  readonly Endpoint: string;
}

/** The subscriptions that a topic's own property lists. */
function listed(properties: Properties): readonly Listed[] {
  return (properties['Subscription'] as readonly Listed[] | undefined) ?? [];
}

async function changeSubscriptions(
  cloud: Cloud,
  TopicArn: string,
  before: readonly Listed[],
  after: readonly Listed[],
) {
  const has = (all: readonly Listed[], one: Listed) =>
    all.some(({ Protocol, Endpoint }) => Protocol === one.Protocol && Endpoint === one.Endpoint);
  for (const added of after.filter((one) => !has(before, one)))
    await cloud.call('sns', 'Subscribe', { TopicArn, ...added });
  const gone = before.filter((one) => !has(after, one));
  if (gone.length === 0) return;
  const { Subscriptions = [] } = await cloud.call('sns', 'ListSubscriptionsByTopic', { TopicArn });
  for (const { SubscriptionArn, Protocol = '', Endpoint = '' } of Subscriptions) {
    if (has(gone, { Protocol, Endpoint }) && SubscriptionArn?.startsWith('arn:')) {
      await cloud.call('sns', 'Unsubscribe', { SubscriptionArn });
    }
  }
}

/** The subscription belongs to the topic's region, which may be another than the stack's. */
function regionOf(cloud: Cloud, properties: Properties): Promise<Cloud> {
  const topicArn = text(properties, 'TopicArn') ?? '';
  return cloud.inRegion(text(properties, 'Region') ?? topicArn.split(':')[3] ?? cloud.region);
}

const regionOfTopic = (cloud: Cloud, arn: string): Promise<Cloud> => cloud.inRegion(arn.split(':')[3] ?? cloud.region);

export const snsProviders: Providers = {
  'AWS::SNS::Topic': {
    service: 'Sns',
    properties: ['FifoTopic', 'Subscription', 'Tags', 'TopicName', ...Object.keys(topicAttributes)],
    // a generated name does not end with .fifo, so SNS refuses a FIFO topic without a name
    name: { property: 'TopicName', limit: 256 },
    async create({ cloud, name, properties }) {
      const Attributes = attributesOf(properties, Object.keys(topicAttributes));
      if (properties['FifoTopic'] === true) Attributes['FifoTopic'] = 'true';
      const { TopicArn = '' } = await cloud.call('sns', 'CreateTopic', {
        Name: name,
        Attributes,
        Tags: tagList(properties),
      });
      await changeSubscriptions(cloud, TopicArn, [], listed(properties));
      return topic(TopicArn);
    },
    async update({ cloud, physicalId: TopicArn, before, after, changed }) {
      for (const AttributeName of [...changed].filter((name) => Object.hasOwn(topicAttributes, name))) {
        const AttributeValue = Object.hasOwn(after, AttributeName)
          ? attributeText(after[AttributeName])
          : topicAttributes[AttributeName];
        await cloud.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });
      }
      if (changed.has('Subscription')) await changeSubscriptions(cloud, TopicArn, listed(before), listed(after));
      if (changed.has('Tags')) {
        const { set, remove } = tagChanges(before, after);
        const Tags = Object.entries(set).map(([Key, Value]): Tag => ({ Key, Value }));
        if (remove.length > 0) await cloud.call('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys: remove });
        if (Tags.length > 0) await cloud.call('sns', 'TagResource', { ResourceArn: TopicArn, Tags });
      }
      return topic(TopicArn);
    },
    async delete({ cloud, physicalId: TopicArn }) {
      await cloud.call('sns', 'DeleteTopic', { TopicArn });
    },
  },

  'AWS::SNS::Subscription': {
    service: 'Sns',
    properties: ['Endpoint', 'Protocol', 'Region', 'TopicArn', ...subscriptionAttributes],
    async create({ cloud, properties }) {
      const there = await regionOf(cloud, properties);
      const { SubscriptionArn = '' } = await there.call('sns', 'Subscribe', {
        TopicArn: text(properties, 'TopicArn'),
        Protocol: text(properties, 'Protocol'),
        Endpoint: text(properties, 'Endpoint'),
        Attributes: attributesOf(properties, subscriptionAttributes),
        ReturnSubscriptionArn: true,
      });
      return { physicalId: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
    },
    async update({ cloud, physicalId: SubscriptionArn, after, changed }) {
      const there = await regionOfTopic(cloud, SubscriptionArn);
      // the scope first: it decides which policies are valid
      const names = subscriptionAttributes.filter((name) => changed.has(name)).sort((a, b) => b.length - a.length);
      const defaults: Readonly<Record<string, string>> = {
        FilterPolicy: '{}',
        FilterPolicyScope: 'MessageAttributes',
        RawMessageDelivery: 'false',
      };
      for (const AttributeName of names) {
        const AttributeValue = Object.hasOwn(after, AttributeName)
          ? attributeText(after[AttributeName])
          : (defaults[AttributeName] ?? '');
        await there.call('sns', 'SetSubscriptionAttributes', { SubscriptionArn, AttributeName, AttributeValue });
      }
      return { physicalId: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
    },
    async delete({ cloud, physicalId: SubscriptionArn }) {
      await (await regionOfTopic(cloud, SubscriptionArn)).call('sns', 'Unsubscribe', { SubscriptionArn });
    },
  },

  'AWS::SNS::TopicPolicy': {
    service: 'Sns',
    properties: ['PolicyDocument', 'Topics'],
    async create({ cloud, name, properties }) {
      await setPolicies(cloud, textList(properties, 'Topics'), json(properties['PolicyDocument']));
      return { physicalId: name, attributes: { Id: name } };
    },
    async update({ cloud, physicalId, before, after }) {
      const topics = textList(after, 'Topics');
      await setPolicies(cloud, topics, json(after['PolicyDocument']));
      await setPolicies(
        cloud,
        textList(before, 'Topics').filter((arn) => !topics.includes(arn)),
        '',
      );
      return { physicalId, attributes: { Id: physicalId } };
    },
    async delete({ cloud, properties }) {
      await setPolicies(cloud, textList(properties, 'Topics'), '');
    },
  },

  'AWS::SNS::TopicInlinePolicy': {
    service: 'Sns',
    properties: ['PolicyDocument', 'TopicArn'],
    async create({ cloud, properties }) {
      const TopicArn = text(properties, 'TopicArn') ?? '';
      await setPolicies(cloud, [TopicArn], json(properties['PolicyDocument']));
      return { physicalId: TopicArn, attributes: {} };
    },
    async update({ cloud, physicalId, after }) {
      await setPolicies(cloud, [physicalId], json(after['PolicyDocument']));
      return { physicalId, attributes: {} };
    },
    async delete({ cloud, physicalId }) {
      await setPolicies(cloud, [physicalId], '');
    },
  },
};

/** An empty policy brings the default one back. A topic that is gone needs none. */
async function setPolicies(cloud: Cloud, topics: readonly string[], AttributeValue: string): Promise<void> {
  for (const TopicArn of topics) {
    try {
      await cloud.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'NotFoundException')) throw error;
      if (AttributeValue !== '') throw new HandlerError('NotFound', error.message);
    }
  }
}

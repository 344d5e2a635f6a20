// SNS topics: creating, listing and deleting them, their attributes and tags.
// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
import type { Input, Operations } from '../cloud.ts';
import { AwsError } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { withoutKeys } from '../without-keys.ts';
import { deliveryPolicy, topicDeliveryPolicy } from './delivery-policy.ts';
import { policyOf } from './policy.ts';
import {
  type Attributes,
  existingTopic,
  invalid,
  isFifo,
  onTopic,
  type State,
  subscriptionsOf,
  type Topic,
  topicArn,
} from './state.ts';

const pageSize = 100;
const mostTags = 50;
const flags = ['true', 'false'];

/** What `SetTopicAttributes` accepts, with a check of the value. */
const settable: Readonly<Record<string, (value: string) => boolean>> = {
  ContentBasedDeduplication: (value) => flags.includes(value),
  DeliveryPolicy: (value) => value === '' || deliveryPolicy(value) !== undefined,
  DisplayName: (value) => value.length <= 100,
  FifoThroughputScope: (value) => ['Topic', 'MessageGroup'].includes(value),
  KmsMasterKeyId: () => true,
  MaximumMessageSize: (value) => /^\d+$/.test(value) && Number(value) >= 1024 && Number(value) <= 1_048_576,
  Policy: (value) => value === '' || isJsonObject(value),
  SignatureVersion: (value) => ['1', '2'].includes(value),
  TracingConfig: (value) => ['Active', 'PassThrough'].includes(value),
};
const fifoOnly = ['ContentBasedDeduplication', 'FifoThroughputScope'];
/** Delivery logs: https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html */
const feedback = /^(HTTP|SQS|Lambda|Firehose|Application)(Success|Failure)Feedback(RoleArn|SampleRate)$/;

export function topicOperations(state: State): Operations<'sns'> {
  const { cloud, topics, subscriptions } = state;
  return {
    CreateTopic: {
      members: ['Name', 'Attributes', 'Tags'],
      authorize: { resource: ({ Name = '' }) => topicArn(cloud, Name) },
      run: (input) => createTopic(state, input),
    },
    DeleteTopic: {
      members: ['TopicArn'],
      authorize: onTopic,
      run({ TopicArn }) {
        try {
          topics.delete(existingTopic(state, TopicArn).name);
        } catch (error) {
          // deleting what is gone succeeds: https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html
          if (!(error instanceof AwsError && error.code === 'NotFoundException')) throw error;
        }
        for (const { arn } of subscriptionsOf(state, TopicArn ?? '')) subscriptions.delete(arn);
        return {};
      },
    },
    ListTopics: {
      members: ['NextToken'],
      run({ NextToken }) {
        const names = [...topics.keys()].sort();
        const { items, nextToken } = pageByName(names, (name) => name, { token: NextToken, most: pageSize });
        return { Topics: items.map((name) => ({ TopicArn: topicArn(cloud, name) })), ...next(nextToken) };
      },
    },
    GetTopicAttributes: {
      members: ['TopicArn'],
      authorize: onTopic,
      run: ({ TopicArn }) => ({ Attributes: describeTopic(state, existingTopic(state, TopicArn)) }),
    },
    SetTopicAttributes: {
      members: ['TopicArn', 'AttributeName', 'AttributeValue'],
      authorize: onTopic,
      run({ TopicArn, AttributeName = '', AttributeValue = '' }) {
        const topic = existingTopic(state, TopicArn);
        if (!isSettable(AttributeName, isFifo(topic))) throw invalid('AttributeName');
        if (settable[AttributeName]?.(AttributeValue) === false) throw invalid(`${AttributeName}`);
        const attributes = kept({ ...topic.attributes, [AttributeName]: AttributeValue });
        topics.set(topic.name, { ...topic, attributes });
        return {};
      },
    },
    TagResource: {
      members: ['ResourceArn', 'Tags'],
      authorize: { resource: ({ ResourceArn }) => ResourceArn },
      run({ ResourceArn, Tags = [] }) {
        const topic = taggedTopic(state, ResourceArn);
        checkTags(Tags);
        const tags = { ...topic.tags, ...tagMap(Tags) };
        if (Object.keys(tags).length > mostTags) throw tooManyTags();
        topics.set(topic.name, { ...topic, tags });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceArn', 'TagKeys'],
      authorize: { resource: ({ ResourceArn }) => ResourceArn },
      run({ ResourceArn, TagKeys = [] }) {
        const topic = taggedTopic(state, ResourceArn);
        topics.set(topic.name, { ...topic, tags: withoutKeys(topic.tags, TagKeys) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['ResourceArn'],
      authorize: { resource: ({ ResourceArn }) => ResourceArn },
      run: ({ ResourceArn }) => ({
        Tags: Object.entries(taggedTopic(state, ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}

export function next(token: string | undefined): { NextToken?: string } {
  return token === undefined ? {} : { NextToken: token };
}

function isSettable(name: string, ofFifo: boolean): boolean {
  if (name === 'DataProtectionPolicy' || name === 'ArchivePolicy') throw notImplemented(`a topic with ${name}`);
  return feedback.test(name) || (Object.hasOwn(settable, name) && (ofFifo || !fifoOnly.includes(name)));
}

/** An empty value removes an attribute. */
function kept(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

function createTopic(state: State, input: Input<'sns', 'CreateTopic'>) {
  const { cloud, topics } = state;
  const { Name: name = '', Tags = [] } = input;
  const { FifoTopic: fifo, ...attributes } = { ...input.Attributes } as Record<string, string>;
  const ofFifo = fifo === 'true';
  const base = ofFifo ? name.replace(/\.fifo$/, '') : name;
  if (!/^[\w-]{1,256}$/.test(base) || name.length > 256 || (ofFifo && base === name)) throw invalid('Topic Name');
  for (const [attribute, value] of Object.entries(attributes)) {
    if (!isSettable(attribute, ofFifo)) throw invalid(`Attributes Reason: Unknown attribute ${attribute}`);
    if (settable[attribute]?.(value) === false) throw invalid(`Attributes Reason: ${attribute}`);
  }
  checkTags(Tags);
  if (Tags.length > mostTags) throw tooManyTags();
  const tags = tagMap(Tags);
  const existing = topics.get(name);
  if (existing !== undefined) {
    const current = describeTopic(state, existing);
    if (Object.entries(attributes).some(([attribute, value]) => (current[attribute] ?? '') !== value)) {
      throw invalid('Attributes Reason: Topic already exists with different attributes');
    }
    if (Tags.length > 0 && JSON.stringify(sorted(tags)) !== JSON.stringify(sorted(existing.tags))) {
      throw invalid('Tags Reason: Topic already exists with different tags');
    }
    return { TopicArn: topicArn(cloud, name) };
  }
  const whole = ofFifo ? { ContentBasedDeduplication: 'false', ...attributes, FifoTopic: 'true' } : attributes;
  topics.set(name, { name, attributes: kept(whole), tags, deleted: 0 });
  return { TopicArn: topicArn(cloud, name) };
}

function describeTopic(state: State, topic: Topic): Record<string, string> {
  const arn = topicArn(state.cloud, topic.name);
  const all = subscriptionsOf(state, arn);
  const confirmed = all.filter((subscription) => subscription.confirmed).length;
  return {
    Policy: policyOf(state, topic),
    Owner: state.cloud.accountId,
    SubscriptionsPending: String(all.length - confirmed),
    TopicArn: arn,
    EffectiveDeliveryPolicy: JSON.stringify(topicDeliveryPolicy(topic.attributes['DeliveryPolicy'])),
    SubscriptionsConfirmed: String(confirmed),
    DisplayName: '',
    SubscriptionsDeleted: String(topic.deleted),
    ...topic.attributes,
  };
}

interface GivenTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

function taggedTopic(state: State, arn: string | undefined): Topic {
  try {
    return existingTopic(state, arn, 'ResourceArn');
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'NotFoundException')) throw error;
    throw new AwsError('ResourceNotFoundException', 'Resource does not exist', 404);
  }
}

function checkTags(tags: readonly GivenTag[]): void {
  const keys = tags.map(({ Key }) => Key);
  if (new Set(keys).size !== keys.length) throw invalid('Duplicated keys are not allowed.');
}

function tagMap(tags: readonly GivenTag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

function sorted(tags: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
}

function tooManyTags(): AwsError {
  return new AwsError('TagLimitExceededException', 'Could not complete request: tag quota of per resource exceeded');
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

// SNS subscriptions: subscribing, confirming, listing and ending them, and their attributes.
// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
import { randomUUID } from 'node:crypto';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { isLoopbackHost } from '../loopback.ts';
import { pageByName } from '../paging.ts';
import { randomHex } from '../random.ts';
import type { Delivery } from './delivery.ts';
import {
  arnParts,
  existingTopic,
  invalid,
  isFifo,
  notFound,
  onTopic,
  type Protocol,
  protocols,
  type State,
  type Subscription,
  subscriptionsOf,
  type Topic,
} from './state.ts';
import { checkSubscriptionAttributes, describeAttributes, keptAttributes } from './subscription-attributes.ts';
import { next } from './topics.ts';

const pageSize = 100;
/** Endpoints that must agree; the others belong to the account. */
const confirming: readonly Protocol[] = ['http', 'https', 'email', 'email-json'];

export function subscriptionOperations(state: State, delivery: Delivery): Operations<'sns'> {
  const { subscriptions } = state;
  const byArn = (all: readonly Subscription[], token: string | undefined) => {
    const sorted = [...all].sort((a, b) => (a.arn < b.arn ? -1 : 1));
    const { items, nextToken } = pageByName(sorted, ({ arn }) => arn, { token, most: pageSize });
    return { Subscriptions: items.map((item) => summary(state, item)), ...next(nextToken) };
  };
  return {
    Subscribe: {
      members: ['TopicArn', 'Protocol', 'Endpoint', 'Attributes', 'ReturnSubscriptionArn'],
      authorize: onTopic,
      run: (input) => subscribe(state, delivery, input),
    },
    ConfirmSubscription: {
      members: ['TopicArn', 'Token', 'AuthenticateOnUnsubscribe'],
      authorize: 'everyone',
      run({ TopicArn, Token, AuthenticateOnUnsubscribe }) {
        let topic: string | undefined;
        try {
          existingTopic(state, TopicArn, 'Topic');
          topic = TopicArn;
        } catch (error) {
          if (error instanceof AwsError && error.code === 'NotFoundException') throw error;
          throw invalid('Topic');
        }
        const pending = subscriptions.find(({ topicArn, token }) => topicArn === topic && token === Token);
        if (pending === undefined) throw invalid('Token');
        const authenticated = AuthenticateOnUnsubscribe === 'true';
        if (!pending.confirmed) subscriptions.set(pending.arn, { ...pending, confirmed: true, authenticated });
        return { SubscriptionArn: pending.arn };
      },
    },
    Unsubscribe: {
      members: ['SubscriptionArn'],
      authorize: 'everyone',
      run({ SubscriptionArn = '' }) {
        checkSubscriptionArn(SubscriptionArn);
        const subscription = subscriptions.get(SubscriptionArn);
        if (subscription === undefined) return {};
        const topic = topicOf(state, subscription);
        subscriptions.delete(subscription.arn);
        if (topic === undefined) return {};
        state.topics.set(topic.name, { ...topic, deleted: topic.deleted + 1 });
        if (subscription.confirmed) delivery.announce(subscription, 'UnsubscribeConfirmation');
        return {};
      },
    },
    ListSubscriptions: {
      members: ['NextToken'],
      run: ({ NextToken }) => byArn([...subscriptions.values()], NextToken),
    },
    ListSubscriptionsByTopic: {
      members: ['TopicArn', 'NextToken'],
      authorize: onTopic,
      run({ TopicArn, NextToken }) {
        existingTopic(state, TopicArn);
        return byArn(subscriptionsOf(state, TopicArn ?? ''), NextToken);
      },
    },
    GetSubscriptionAttributes: {
      members: ['SubscriptionArn'],
      authorize: { resource: ({ SubscriptionArn }) => topicOfArn(SubscriptionArn) },
      run({ SubscriptionArn }) {
        const subscription = existing(state, SubscriptionArn);
        return { Attributes: describeAttributes(state, subscription, topicOf(state, subscription)) };
      },
    },
    SetSubscriptionAttributes: {
      members: ['SubscriptionArn', 'AttributeName', 'AttributeValue'],
      authorize: { resource: ({ SubscriptionArn }) => topicOfArn(SubscriptionArn) },
      run({ SubscriptionArn, AttributeName = '', AttributeValue = '' }) {
        const subscription = existing(state, SubscriptionArn);
        const changed = { [AttributeName]: AttributeValue };
        const { FilterPolicyScope: scope } = subscription.attributes;
        const withScope = AttributeName === 'FilterPolicy' && scope !== undefined ? { FilterPolicyScope: scope } : {};
        checkSubscriptionAttributes({ ...withScope, ...changed }, subscription.protocol, '');
        const attributes = keptAttributes({ ...subscription.attributes, ...changed });
        subscriptions.set(subscription.arn, { ...subscription, attributes });
        return {};
      },
    },
  };
}

function summary({ cloud }: State, { arn, topicArn, protocol, endpoint, confirmed }: Subscription) {
  return {
    SubscriptionArn: confirmed ? arn : 'PendingConfirmation',
    Owner: cloud.accountId,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  };
}

function existing({ subscriptions }: State, arn = ''): Subscription {
  checkSubscriptionArn(arn);
  const subscription = subscriptions.get(arn);
  if (subscription === undefined) throw notFound('Subscription does not exist');
  return subscription;
}

function checkSubscriptionArn(arn: string): void {
  if (arn === '') throw invalid('SubscriptionArn Reason: no value for required parameter');
  const parts = arnParts(arn, 'SubscriptionArn');
  if (parts.length < 7 || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(parts[6] ?? '')) {
    throw invalid('SubscriptionId');
  }
}

function topicOfArn(subscriptionArn: string | undefined): string | undefined {
  return subscriptionArn?.split(':').slice(0, 6).join(':');
}

export function topicOf({ topics }: State, { topicArn }: Subscription): Topic | undefined {
  return topics.get(topicArn.split(':')[5] ?? '');
}

function subscribe(state: State, delivery: Delivery, input: Input<'sns', 'Subscribe'>) {
  const { subscriptions } = state;
  const { TopicArn = '', Protocol: written = '', Endpoint: endpoint = '', ReturnSubscriptionArn } = input;
  const attributes = { ...input.Attributes } as Record<string, string>;
  const topic = existingTopic(state, TopicArn);
  const protocol = protocols.find((known) => known === written);
  if (protocol === undefined) throw invalid(`Amazon SNS does not support this protocol string: ${written}`);
  if (isFifo(topic) && protocol !== 'sqs') throw invalid(`Invalid protocol type: ${protocol}`);
  checkEndpoint(protocol, endpoint, topic);
  checkSubscriptionAttributes(attributes, protocol, 'Attributes Reason: ');
  const kept = keptAttributes(attributes);
  const same = subscriptionsOf(state, TopicArn).find(
    (other) => other.protocol === protocol && other.endpoint === endpoint,
  );
  if (same !== undefined) {
    const current: Record<string, string> = { RawMessageDelivery: 'false', ...same.attributes };
    if (Object.entries(kept).some(([name, value]) => current[name] !== value)) {
      throw invalid('Attributes Reason: Subscription already exists with different attributes');
    }
    return answer(same, ReturnSubscriptionArn);
  }
  const confirmed = !confirming.includes(protocol);
  const subscription: Subscription = {
    arn: `${TopicArn}:${randomUUID()}`,
    topicArn: TopicArn,
    protocol,
    endpoint,
    attributes: kept,
    confirmed,
    authenticated: confirmed,
    token: randomHex(80),
  };
  subscriptions.set(subscription.arn, subscription);
  if (!confirmed) delivery.announce(subscription, 'SubscriptionConfirmation');
  return answer(subscription, ReturnSubscriptionArn);
}

function answer({ arn, confirmed }: Subscription, returnsArn: boolean | undefined) {
  return { SubscriptionArn: confirmed || returnsArn === true ? arn : 'pending confirmation' };
}

function checkEndpoint(protocol: Protocol, endpoint: string, topic: Topic): void {
  switch (protocol) {
    case 'sqs':
      if (!/^arn:[a-z-]+:sqs:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(endpoint)) throw invalid('SQS endpoint ARN');
      if (endpoint.endsWith('.fifo') && !isFifo(topic)) {
        throw invalid(
          'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
        );
      }
      return;
    case 'lambda':
      if (!/^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:\S+$/.test(endpoint)) throw invalid('Lambda endpoint ARN');
      return;
    case 'http':
    case 'https': {
      if (!endpoint.startsWith(`${protocol}://`) || !URL.canParse(endpoint)) {
        throw invalid('Endpoint must match the specified protocol');
      }
      const { host } = new URL(endpoint);
      if (!isLoopbackHost(host)) throw notImplemented(`a subscription of ${host}, which is not on this machine,`);
      return;
    }
    case 'sms':
      if (!/^\+?[\d\s().-]{5,20}$/.test(endpoint) || /[.-]$/.test(endpoint)) {
        throw invalid(`Invalid SMS endpoint: ${endpoint}`);
      }
      return;
    case 'email':
    case 'email-json':
      if (!/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalid('Email address');
      return;
    default:
      throw notImplemented(`a subscription of the protocol ${protocol}`);
  }
}

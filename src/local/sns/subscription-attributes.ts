// The attributes of a subscription: which there are, what is wrong with a value, and how SNS shows them.
// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
import {
  compileFilterPolicy,
  type FilterScope,
  type FilterTest,
  InvalidFilterPolicy,
} from '../../cfn/filter-policy.ts';
import { notImplemented } from '../constraint.ts';
import { deliveryPolicy, effectiveDeliveryPolicy, wholeDeliveryPolicy } from './delivery-policy.ts';
import { type Attributes, invalid, type Protocol, type State, type Subscription, type Topic } from './state.ts';

const names = ['DeliveryPolicy', 'FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery', 'RedrivePolicy'];
/** Only these receive a message as it was published. */
const rawProtocols: readonly Protocol[] = ['sqs', 'http', 'https', 'firehose'];

/** Where a message says that it is wrong: `Subscribe` names the attributes, `SetSubscriptionAttributes` the one attribute. */
type Place = 'Attributes Reason: ' | '';

export function checkSubscriptionAttributes(attributes: Attributes, protocol: Protocol, place: Place): void {
  const wrong = (what: string) => invalid(`${place}${what}`);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'ReplayPolicy' || name === 'SubscriptionRoleArn') throw notImplemented(`a subscription with ${name}`);
    if (!names.includes(name)) throw wrong(place === '' ? 'AttributeName' : `Unknown attribute ${name}`);
    if (name === 'RawMessageDelivery') {
      if (!/^(true|false)$/i.test(value))
        throw wrong(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
      if (value.toLowerCase() === 'true' && !rawProtocols.includes(protocol)) {
        throw wrong(`Delivery protocol [${protocol}] does not support raw message delivery.`);
      }
    }
    if (name === 'FilterPolicyScope' && value !== 'MessageBody' && value !== 'MessageAttributes') {
      throw wrong(`FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`);
    }
    if (name === 'RedrivePolicy' && value !== '') checkRedrivePolicy(value, wrong);
    if (name === 'DeliveryPolicy' && value !== '' && deliveryPolicy(value) === undefined) {
      throw wrong('DeliveryPolicy: failed to parse JSON.');
    }
  }
  const { FilterPolicy: policy, FilterPolicyScope: scope } = attributes;
  if (policy === undefined || policy === '') return;
  try {
    compileFilterPolicy(parsed(policy), (scope ?? 'MessageAttributes') as FilterScope);
  } catch (error) {
    if (!(error instanceof InvalidFilterPolicy)) throw error;
    throw wrong(`FilterPolicy: ${error.message}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const [token = text] = /^[^\s{}[\],:"]+/.exec(text) ?? [];
    // Jackson's words (recorded in 2026)
    throw new InvalidFilterPolicy(
      `failed to parse JSON. Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${token.length + 1}]`,
    );
  }
}

function checkRedrivePolicy(text: string, wrong: (what: string) => Error): void {
  let arn: unknown;
  try {
    arn = (JSON.parse(text) as { deadLetterTargetArn?: unknown } | null)?.deadLetterTargetArn;
  } catch {
    throw wrong('RedrivePolicy: failed to parse JSON.');
  }
  if (typeof arn !== 'string' || !/^arn:[a-z-]+:sqs:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(arn)) {
    throw wrong('RedrivePolicy: deadLetterTargetArn is an invalid arn');
  }
}

export function deadLetterTarget({ attributes }: Subscription): string | undefined {
  const { deadLetterTargetArn } = JSON.parse(attributes['RedrivePolicy'] ?? '{}') as { deadLetterTargetArn?: string };
  return deadLetterTargetArn;
}

/** Undefined if every message passes. */
export function filterOf({ attributes }: Subscription): { scope: FilterScope; test: FilterTest } | undefined {
  const policy = attributes['FilterPolicy'];
  if (policy === undefined) return undefined;
  const scope = (attributes['FilterPolicyScope'] ?? 'MessageAttributes') as FilterScope;
  return { scope, test: compileFilterPolicy(JSON.parse(policy), scope) };
}

export function isRaw({ attributes }: Subscription): boolean {
  return attributes['RawMessageDelivery'] === 'true';
}

/** The attributes as they are kept. An empty value, or an empty filter policy, removes one. */
export function keptAttributes(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes).map(([name, value]): [string, string] => [
    name,
    name === 'RawMessageDelivery' ? value.toLowerCase() : value,
  ]);
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== '' && !(name === 'FilterPolicy' && /^\s*\{\s*\}\s*$/.test(value))),
  );
}

/** What `GetSubscriptionAttributes` returns. */
export function describeAttributes(
  { cloud }: State,
  subscription: Subscription,
  topic: Topic | undefined,
): Record<string, string> {
  const { attributes, protocol } = subscription;
  const { FilterPolicy, FilterPolicyScope = 'MessageAttributes', DeliveryPolicy, ...others } = attributes;
  const isHttp = protocol === 'http' || protocol === 'https';
  const effective = effectiveDeliveryPolicy(DeliveryPolicy, topic?.attributes['DeliveryPolicy']);
  return {
    SubscriptionPrincipal: `arn:aws:iam::${cloud.accountId}:user/local`,
    Owner: cloud.accountId,
    RawMessageDelivery: 'false',
    TopicArn: subscription.topicArn,
    Endpoint: subscription.endpoint,
    Protocol: protocol,
    PendingConfirmation: String(!subscription.confirmed),
    ConfirmationWasAuthenticated: String(subscription.authenticated),
    SubscriptionArn: subscription.arn,
    ...(DeliveryPolicy === undefined ? {} : { DeliveryPolicy: JSON.stringify(wholeDeliveryPolicy(DeliveryPolicy)) }),
    ...(isHttp ? { EffectiveDeliveryPolicy: JSON.stringify(effective) } : {}),
    ...(FilterPolicy === undefined ? {} : { FilterPolicy, FilterPolicyScope }),
    ...others,
  };
}

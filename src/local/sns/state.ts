// The topics and subscriptions of a region: their records, how requests name them, and SNS's errors.
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface Topic {
  readonly name: string;
  readonly attributes: Attributes;
  readonly tags: Readonly<Record<string, string>>;
  readonly deleted: number;
}

export const protocols = [
  'application',
  'email',
  'email-json',
  'firehose',
  'http',
  'https',
  'lambda',
  'sms',
  'sqs',
] as const;
export type Protocol = (typeof protocols)[number];

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: Attributes;
  readonly confirmed: boolean;
  /** Whether an endpoint confirmed it with `AuthenticateOnUnsubscribe`, or it needed no confirmation. */
  readonly authenticated: boolean;
  readonly token: string;
}

export interface State {
  readonly cloud: Cloud;
  readonly topics: Collection<Topic>;
  /** By ARN. */
  readonly subscriptions: Collection<Subscription>;
}

export function createState(cloud: Cloud): State {
  return { cloud, topics: cloud.collection('sns.topics'), subscriptions: cloud.collection('sns.subscriptions') };
}

export function topicArn({ region, accountId }: Cloud, name: string): string {
  return `arn:aws:sns:${region}:${accountId}:${name}`;
}

export function isFifo({ name }: Pick<Topic, 'name'>): boolean {
  return name.endsWith('.fifo');
}

/** For operations on one topic: what a role's policy must allow. */
export const onTopic = {
  resource: ({ TopicArn }: { readonly TopicArn?: string | undefined }): string | undefined => TopicArn,
};

/** Throws AWS's errors for an ARN that is malformed, of another region, or of no topic. */
export function existingTopic({ cloud, topics }: State, arn: string | undefined, parameter = 'TopicArn'): Topic {
  const [, , service, region, account, name = ''] = arnParts(arn ?? '', parameter);
  if (service !== 'sns' || region !== cloud.region || account !== cloud.accountId) {
    throw invalid(parameter);
  }
  const topic = topics.get(name);
  if (topic === undefined) throw notFound('Topic does not exist');
  return topic;
}

export function arnParts(arn: string, parameter: string): string[] {
  const parts = arn.split(':');
  if (parts.length < 6) throw invalid(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`);
  return parts;
}

export function subscriptionsOf({ subscriptions }: State, arn: string): Subscription[] {
  return subscriptions.filter((subscription) => subscription.topicArn === arn);
}

/** `what` is wrong with the request, as AWS writes it after "Invalid parameter: ". */
export function invalid(what: string): AwsError {
  return new AwsError('InvalidParameterException', `Invalid parameter: ${what}`);
}

export function notFound(message: string): AwsError {
  return new AwsError('NotFoundException', message, 404);
}

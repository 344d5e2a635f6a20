// The rules of a bucket's notification configuration: known events, filters, and configurations that do not overlap.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
import { randomUUID } from 'node:crypto';
import type { Event, NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3';
import { bucketEvents, decodedFilter, namedEvents, overlapOf } from '../../cfn/bucket-events.ts';
import { AwsError } from '../cloud.ts';

/** The kinds of destination, as S3's XML and its messages name them. */
export type DestinationKind = 'Topic' | 'Queue' | 'CloudFunction';

/** One configuration: where which events of which keys go. */
export interface NotificationRule {
  readonly kind: DestinationKind;
  readonly id: string;
  readonly arn: string;
  readonly events: readonly string[];
  readonly prefix: string | undefined;
  readonly suffix: string | undefined;
}

export interface Notifications {
  readonly rules: readonly NotificationRule[];
  readonly eventBridge: boolean;
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
const mostRules = 100;

export function malformed(): AwsError {
  return new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

export function invalidArgument(message: string, fields: Readonly<Record<string, string>> = {}): AwsError {
  return new AwsError('InvalidArgument', message, 400, fields);
}

export function readNotifications(written: NotificationConfiguration): Notifications {
  const rules = [
    ...(written.TopicConfigurations ?? []).map((one) => readRule('Topic', one.TopicArn, one)),
    ...(written.QueueConfigurations ?? []).map((one) => readRule('Queue', one.QueueArn, one)),
    ...(written.LambdaFunctionConfigurations ?? []).map((one) => readRule('CloudFunction', one.LambdaFunctionArn, one)),
  ];
  if (rules.length > mostRules) throw malformed();
  for (const [index, rule] of rules.entries()) {
    checkEvents(rule);
    for (const other of rules.slice(0, index)) checkOverlap(rule, other);
  }
  return { rules, eventBridge: written.EventBridgeConfiguration !== undefined };
}

interface Written {
  readonly Id?: string | undefined;
  readonly Events: readonly Event[] | undefined;
  readonly Filter?: NotificationConfigurationFilter | undefined;
}

function readRule(kind: DestinationKind, arn: string | undefined, { Id, Events, Filter }: Written): NotificationRule {
  if (arn === undefined || Events === undefined || Events.length === 0) throw malformed();
  const service = { Topic: 'sns', Queue: 'sqs', CloudFunction: 'lambda' }[kind];
  if (!new RegExp(`^arn:[^:]+:${service}:[^:]*:[^:]*:.+`).test(arn)) {
    throw invalidArgument('The ARN could not be parsed', { ArgumentName: kind, ArgumentValue: arn });
  }
  return { kind, id: Id || randomUUID(), arn, events: Events, ...readFilter(Filter) };
}

function readFilter(filter: NotificationConfigurationFilter | undefined) {
  const read: { prefix: string | undefined; suffix: string | undefined } = { prefix: undefined, suffix: undefined };
  for (const { Name, Value } of filter?.Key?.FilterRules ?? []) {
    if (Name === undefined || Value === undefined) throw malformed();
    const name = Name.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') {
      const fields = { ArgumentName: 'FilterRule.Name', ArgumentValue: Name };
      throw invalidArgument('filter rule name must be either prefix or suffix', fields);
    }
    if (read[name] !== undefined) throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`);
    if (Buffer.byteLength(Value) > 1024) {
      throw invalidArgument('Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation');
    }
    read[name] = Value;
  }
  return read;
}

const overlap = 'Configurations overlap. Configurations on the same bucket cannot share a common event type.';
const ambiguous =
  'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.';

function checkEvents({ events }: NotificationRule): void {
  const all = events.flatMap((event) => {
    const names = bucketEvents.get(event);
    if (names === undefined) throw invalidArgument('The event is not supported for notifications');
    return names;
  });
  if (new Set(all).size < all.length) throw invalidArgument(overlap);
}

function checkOverlap(one: NotificationRule, other: NotificationRule): void {
  if (overlapOf(one, other) === undefined) return;
  const hasFilter = [one, other].some(({ prefix, suffix }) => prefix !== undefined || suffix !== undefined);
  throw invalidArgument(hasFilter ? ambiguous : overlap);
}

/** Whether the rule is about this event, such as `ObjectCreated:Put`, of this key. */
export function appliesTo({ events, prefix = '', suffix = '' }: NotificationRule, event: string, key: string): boolean {
  return (
    namedEvents(events).includes(`s3:${event}`) &&
    key.startsWith(decodedFilter(prefix)) &&
    key.endsWith(decodedFilter(suffix))
  );
}

/** As GetBucketNotificationConfiguration answers. */
export function shownNotifications({ rules, eventBridge }: Notifications) {
  const of = <T>(kind: DestinationKind, shown: (rule: NotificationRule) => T): readonly T[] =>
    rules.filter((rule) => rule.kind === kind).map(shown);
  const topics = of('Topic', (rule) => ({ TopicArn: rule.arn, ...shownRule(rule) }));
  const queues = of('Queue', (rule) => ({ QueueArn: rule.arn, ...shownRule(rule) }));
  const functions = of('CloudFunction', (rule) => ({ LambdaFunctionArn: rule.arn, ...shownRule(rule) }));
  return {
    ...(topics.length === 0 ? {} : { TopicConfigurations: [...topics] }),
    ...(queues.length === 0 ? {} : { QueueConfigurations: [...queues] }),
    ...(functions.length === 0 ? {} : { LambdaFunctionConfigurations: [...functions] }),
    ...(eventBridge ? { EventBridgeConfiguration: {} } : {}),
  };
}

function shownRule({ id, events, prefix, suffix }: NotificationRule) {
  const rules = [
    ...(prefix === undefined ? [] : [{ Name: 'Prefix' as never, Value: prefix }]),
    ...(suffix === undefined ? [] : [{ Name: 'Suffix' as never, Value: suffix }]),
  ];
  return {
    Id: id,
    Events: [...events] as Event[],
    ...(rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } }),
  };
}

// Settings of buckets whose form in a template differs from the API's: notifications, websites and lifecycles.
import type { Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError } from './provider.ts';
import { pick, type Tag, text } from './values.ts';

type Notifications = NonNullable<Input<'s3', 'PutBucketNotificationConfiguration'>['NotificationConfiguration']>;
type FilterRule = { readonly Name: 'prefix' | 'suffix'; readonly Value: string };
interface TemplateNotification {
  readonly Event: string;
  readonly Filter?: { readonly S3Key?: { readonly Rules?: FilterRule[] } };
}
export interface TemplateNotifications {
  readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: boolean };
  readonly LambdaConfigurations?: readonly (TemplateNotification & { readonly Function: string })[];
  readonly QueueConfigurations?: readonly (TemplateNotification & { readonly Queue: string })[];
  readonly TopicConfigurations?: readonly (TemplateNotification & { readonly Topic: string })[];
}
/** A template's configuration names one event, the API's a list. */
export function notificationConfiguration(value: TemplateNotifications): Notifications {
  const { EventBridgeConfiguration: toBus } = value;
  const common = ({ Event, Filter }: TemplateNotification) => ({
    Events: [Event as 's3:ObjectCreated:*'],
    ...(Filter?.S3Key?.Rules === undefined ? {} : { Filter: { Key: { FilterRules: Filter.S3Key.Rules } } }),
  });
  return {
    LambdaFunctionConfigurations: (value.LambdaConfigurations ?? []).map((one) => ({
      LambdaFunctionArn: one.Function,
      ...common(one),
    })),
    QueueConfigurations: (value.QueueConfigurations ?? []).map((one) => ({ QueueArn: one.Queue, ...common(one) })),
    TopicConfigurations: (value.TopicConfigurations ?? []).map((one) => ({ TopicArn: one.Topic, ...common(one) })),
    ...(toBus === undefined || String(toBus.EventBridgeEnabled ?? true) !== 'true'
      ? {}
      : { EventBridgeConfiguration: {} }),
  };
}

type Website = NonNullable<Input<'s3', 'PutBucketWebsite'>['WebsiteConfiguration']>;
export interface TemplateWebsite {
  readonly IndexDocument?: string;
  readonly ErrorDocument?: string;
  readonly RedirectAllRequestsTo?: Website['RedirectAllRequestsTo'];
  readonly RoutingRules?: { readonly RedirectRule: object; readonly RoutingRuleCondition?: object }[];
}
export function websiteConfiguration({
  IndexDocument,
  ErrorDocument,
  RedirectAllRequestsTo,
  RoutingRules,
}: TemplateWebsite) {
  return {
    ...(IndexDocument === undefined ? {} : { IndexDocument: { Suffix: IndexDocument } }),
    ...(ErrorDocument === undefined ? {} : { ErrorDocument: { Key: ErrorDocument } }),
    ...(RedirectAllRequestsTo === undefined ? {} : { RedirectAllRequestsTo }),
    ...(RoutingRules === undefined
      ? {}
      : {
          RoutingRules: RoutingRules.map(({ RedirectRule, RoutingRuleCondition }) => ({
            Redirect: RedirectRule,
            ...(RoutingRuleCondition === undefined ? {} : { Condition: RoutingRuleCondition }),
          })),
        }),
  };
}

const lifecycleMembers = [
  'AbortIncompleteMultipartUpload',
  'ExpirationInDays',
  'ExpiredObjectDeleteMarker',
  'Id',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionExpirationInDays',
  'NoncurrentVersionTransition',
  'NoncurrentVersionTransitions',
  'ObjectSizeGreaterThan',
  'ObjectSizeLessThan',
  'Prefix',
  'Status',
  'TagFilters',
  'Transition',
  'Transitions',
];
type LifecycleRule = NonNullable<
  NonNullable<Input<'s3', 'PutBucketLifecycleConfiguration'>['LifecycleConfiguration']>['Rules']
>[number];
interface TemplateTransition {
  readonly StorageClass: 'GLACIER';
  readonly TransitionInDays?: number;
  readonly NewerNoncurrentVersions?: number;
}
const listed = (rule: Properties, name: string): readonly TemplateTransition[] =>
  [rule[name] ?? [], rule[`${name}s`] ?? []].flat() as TemplateTransition[];
function transitions(rule: Properties): Partial<LifecycleRule> {
  const current = listed(rule, 'Transition').map(({ StorageClass, TransitionInDays }) => ({
    StorageClass,
    ...(TransitionInDays === undefined ? {} : { Days: Number(TransitionInDays) }),
  }));
  const older = listed(rule, 'NoncurrentVersionTransition').map(
    ({ StorageClass, TransitionInDays, NewerNoncurrentVersions }) => ({
      StorageClass,
      NoncurrentDays: Number(TransitionInDays),
      ...(NewerNoncurrentVersions === undefined ? {} : { NewerNoncurrentVersions: Number(NewerNoncurrentVersions) }),
    }),
  );
  return {
    ...(current.length === 0 ? {} : { Transitions: current }),
    ...(older.length === 0 ? {} : { NoncurrentVersionTransitions: older }),
  };
}
/** One condition stands alone, several are below `And`. https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRuleFilter.html */
function lifecycleFilter(rule: Properties): LifecycleRule['Filter'] {
  const Tags = (rule['TagFilters'] as Tag[] | undefined) ?? [];
  const sizes = ['ObjectSizeGreaterThan', 'ObjectSizeLessThan'].flatMap((name) =>
    rule[name] === undefined ? [] : [[name, Number(rule[name])] as const],
  );
  const Prefix = text(rule, 'Prefix');
  const count = Tags.length + sizes.length + (Prefix === undefined ? 0 : 1);
  const prefix = Prefix === undefined ? {} : { Prefix };
  const size = Object.fromEntries(sizes);
  if (count === 0) return { Prefix: '' };
  if (count > 1) return { And: { ...prefix, ...(Tags.length === 0 ? {} : { Tags }), ...size } };
  return Tags[0] === undefined ? { ...prefix, ...size } : { Tag: Tags[0] };
}

/** The template's rules are flatter than the API's. */
export function lifecycleRule(rule: Properties) {
  const other = Object.keys(rule).find((name) => !lifecycleMembers.includes(name));
  if (other !== undefined) {
    throw new HandlerError('InvalidRequest', `The fx local AWS does not support ${other} of a lifecycle rule.`);
  }
  const { ExpirationInDays, ExpiredObjectDeleteMarker, NoncurrentVersionExpirationInDays } = rule;
  const expiration = {
    ...(ExpirationInDays === undefined ? {} : { Days: Number(ExpirationInDays) }),
    ...(ExpiredObjectDeleteMarker === undefined
      ? {}
      : { ExpiredObjectDeleteMarker: Boolean(ExpiredObjectDeleteMarker) }),
  };
  const noncurrentDays = NoncurrentVersionExpirationInDays;
  return {
    Status: rule['Status'] as 'Enabled' | 'Disabled',
    Filter: lifecycleFilter(rule),
    ...(rule['Id'] === undefined ? {} : { ID: String(rule['Id']) }),
    ...(Object.keys(expiration).length === 0 ? {} : { Expiration: expiration }),
    ...(noncurrentDays === undefined
      ? {}
      : { NoncurrentVersionExpiration: { NoncurrentDays: Number(noncurrentDays) } }),
    ...pick(rule, ['AbortIncompleteMultipartUpload', 'NoncurrentVersionExpiration']),
    ...transitions(rule),
  };
}

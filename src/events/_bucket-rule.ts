// S3's events by EventBridge: the pattern of a rule that selects the same events as a notification.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html#supported-event-types
import type { Plain } from '../base/located.ts';
import { bucketEvents } from '../cfn/bucket-events.ts';
import type { Value } from '../cfn/resource.ts';

interface BusEventType {
  readonly type: string;
  readonly detail?: Readonly<Record<string, string>>;
}

// The reasons and types of deletion: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
const ofEvent: Readonly<Record<string, BusEventType>> = {
  's3:IntelligentTiering': { type: 'Object Access Tier Changed' },
  's3:LifecycleExpiration:Delete': {
    type: 'Object Deleted',
    detail: { reason: 'Lifecycle Expiration', 'deletion-type': 'Permanently Deleted' },
  },
  's3:LifecycleExpiration:DeleteMarkerCreated': {
    type: 'Object Deleted',
    detail: { reason: 'Lifecycle Expiration', 'deletion-type': 'Delete Marker Created' },
  },
  's3:LifecycleTransition': { type: 'Object Storage Class Changed' },
  's3:ObjectAcl:Put': { type: 'Object ACL Updated' },
  's3:ObjectCreated:CompleteMultipartUpload': {
    type: 'Object Created',
    detail: { reason: 'CompleteMultipartUpload' },
  },
  's3:ObjectCreated:Copy': { type: 'Object Created', detail: { reason: 'CopyObject' } },
  's3:ObjectCreated:Post': { type: 'Object Created', detail: { reason: 'POST Object' } },
  's3:ObjectCreated:Put': { type: 'Object Created', detail: { reason: 'PutObject' } },
  's3:ObjectRemoved:Delete': {
    type: 'Object Deleted',
    detail: { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
  },
  's3:ObjectRemoved:DeleteMarkerCreated': {
    type: 'Object Deleted',
    detail: { reason: 'DeleteObject', 'deletion-type': 'Delete Marker Created' },
  },
  's3:ObjectRestore:Completed': { type: 'Object Restore Completed' },
  's3:ObjectRestore:Delete': { type: 'Object Restore Expired' },
  's3:ObjectRestore:Post': { type: 'Object Restore Initiated' },
  's3:ObjectTagging:Delete': { type: 'Object Tags Deleted' },
  's3:ObjectTagging:Put': { type: 'Object Tags Added' },
};

/** What all events of a group have in common. */
const ofGroup: Readonly<Record<string, BusEventType>> = {
  's3:LifecycleExpiration:*': { type: 'Object Deleted', detail: { reason: 'Lifecycle Expiration' } },
  's3:ObjectCreated:*': { type: 'Object Created' },
  's3:ObjectRemoved:*': { type: 'Object Deleted', detail: { reason: 'DeleteObject' } },
};

/** Events that S3 does not send to EventBridge. */
export function missingOnBus(events: readonly string[]): string | undefined {
  return events.find((name) => typesOf(name).length === 0);
}

function typesOf(name: string): readonly BusEventType[] {
  const group = ofGroup[name];
  if (group !== undefined) return [group];
  return (bucketEvents.get(name) ?? []).flatMap((event) => ofEvent[event] ?? []);
}

export interface BucketPattern {
  readonly bucket: Value;
  readonly events: readonly string[];
  readonly prefix: string | undefined;
  readonly suffix: string | undefined;
}

export function bucketPattern({ bucket, events, prefix, suffix }: BucketPattern): Plain {
  const key = keyPattern(prefix, suffix);
  const where = { bucket: { name: [bucket] }, ...(key === undefined ? {} : { object: { key: [key] } }) };
  const types = events.flatMap(typesOf);
  const plain = types.filter(({ detail }) => detail === undefined).map(({ type }) => type);
  const alternatives: Plain[] = [
    ...(plain.length === 0 ? [] : [{ 'detail-type': [...new Set(plain)] }]),
    ...types.flatMap(({ type, detail }) =>
      detail === undefined || plain.includes(type)
        ? []
        : [
            {
              'detail-type': [type],
              detail: Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, [value]])),
            },
          ],
    ),
  ];
  const [only, ...others] = alternatives as { readonly detail?: Readonly<Record<string, Plain>> }[];
  if (others.length > 0) return { source: ['aws.s3'], detail: where, $or: alternatives };
  return { source: ['aws.s3'], ...only, detail: { ...where, ...only?.detail } };
}

function keyPattern(prefix: string | undefined, suffix: string | undefined): Plain | undefined {
  if (prefix && suffix) return { wildcard: `${literal(prefix)}*${literal(suffix)}` };
  if (prefix) return { prefix };
  return suffix ? { suffix } : undefined;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching */
function literal(text: string): string {
  return text.replace(/[*\\]/g, (character) => `\\${character}`);
}

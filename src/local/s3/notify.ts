// Tells the destinations of a bucket what happened to an object: functions, queues, topics, and EventBridge's default bus.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
import { AwsError, type Cloud, type Principal, type Request } from '../cloud.ts';
import { deliver } from '../deliver.ts';
import { appliesTo } from './notification-rules.ts';
import type { Bucket, ObjectVersion, S3State } from './state.ts';

/** What happened, by the names of S3's event notifications. */
type Happened =
  | `ObjectCreated:${'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload'}`
  | `ObjectRemoved:${'Delete' | 'DeleteMarkerCreated'}`
  | `ObjectTagging:${'Put' | 'Delete'}`;

export interface ObjectEvent {
  readonly name: Happened;
  /** The object, or what is known of a deleted one. */
  readonly object: Pick<ObjectVersion, 'key'> & Partial<ObjectVersion>;
}

const emptyMd5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** S3 as it calls a destination on behalf of a bucket. */
export function s3Sender(bucket: string) {
  return { kind: 'service', service: 's3.amazonaws.com', sourceArn: `arn:aws:s3:::${bucket}` } as const;
}

/** Sends in the background, as S3 does; what cannot be delivered is dropped with a warning. */
export function notify(state: S3State, bucket: Bucket, request: Request, event: ObjectEvent): void {
  const { notifications } = bucket;
  if (notifications === undefined) return;
  const order = sequencer(state.cloud.now());
  const told = { bucket, request, event, order };
  void state.cloud.inRegion(bucket.region).then(async (cloud) => {
    const { traceHeader } = request;
    const rules = notifications.rules.filter((rule) => appliesTo(rule, event.name, event.object.key));
    await Promise.all([
      ...rules.map(({ id, arn }) => {
        const body = JSON.stringify({ Records: [record(cloud, told, id)] });
        const message = {
          body,
          subject: 'Amazon S3 Notification',
          ...(traceHeader === undefined ? {} : { traceHeader }),
        };
        return deliver(cloud, arn, message, { sender: s3Sender(bucket.name), what: `${event.name} of ${bucket.name}` });
      }),
      notifications.eventBridge ? putEvent(cloud, told) : undefined,
    ]);
  });
}

interface Told {
  readonly bucket: Bucket;
  readonly request: Request;
  readonly event: ObjectEvent;
  readonly order: string;
}

function record(cloud: Cloud, { bucket, request, event, order }: Told, configurationId: string) {
  const { name, object } = event;
  const isTagging = name.startsWith('ObjectTagging');
  const isMarker = name === 'ObjectRemoved:DeleteMarkerCreated';
  return {
    eventVersion: isTagging ? '2.3' : '2.1',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(cloud.now()).toISOString(),
    eventName: name,
    userIdentity: { principalId: `AWS:${principalId(cloud, request.principal)}` },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': request.requestId, 'x-amz-id-2': hostId(request) },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: `A${cloud.accountId}` },
        arn: `arn:aws:s3:::${bucket.name}`,
      },
      object: {
        key: encodeKey(object.key),
        ...(name.startsWith('ObjectCreated') ? { size: object.size } : {}),
        ...(object.etag || isMarker ? { eTag: object.etag || emptyMd5 } : {}),
        ...shownVersion(object, 'versionId'),
        ...(isTagging ? {} : { sequencer: order }),
      },
    },
  };
}

const detailTypes: Readonly<Record<Happened, string>> = {
  'ObjectCreated:Post': 'Object Created',
  'ObjectCreated:Put': 'Object Created',
  'ObjectCreated:Copy': 'Object Created',
  'ObjectCreated:CompleteMultipartUpload': 'Object Created',
  'ObjectRemoved:Delete': 'Object Deleted',
  'ObjectRemoved:DeleteMarkerCreated': 'Object Deleted',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
};
const reasons: Partial<Readonly<Record<Happened, string>>> = {
  'ObjectCreated:Post': 'PostObject',
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
  'ObjectRemoved:Delete': 'DeleteObject',
  'ObjectRemoved:DeleteMarkerCreated': 'DeleteObject',
};
const deletionTypes: Partial<Readonly<Record<Happened, string>>> = {
  'ObjectRemoved:Delete': 'Permanently Deleted',
  'ObjectRemoved:DeleteMarkerCreated': 'Delete Marker Created',
};

async function putEvent(cloud: Cloud, { bucket, request, event: { name, object }, order }: Told): Promise<void> {
  const isMarker = name === 'ObjectRemoved:DeleteMarkerCreated';
  const reason = reasons[name];
  const deletionType = deletionTypes[name];
  const detail = {
    version: '0',
    bucket: { name: bucket.name },
    object: {
      key: object.key,
      ...(name.startsWith('ObjectCreated') ? { size: object.size } : {}),
      ...(object.etag || isMarker ? { etag: object.etag || emptyMd5 } : {}),
      ...shownVersion(object, 'version-id'),
      ...(name.startsWith('ObjectTagging') ? {} : { sequencer: order }),
    },
    'request-id': request.requestId,
    requester: cloud.accountId,
    'source-ip-address': '127.0.0.1',
    ...(reason === undefined ? {} : { reason }),
    ...(deletionType === undefined ? {} : { 'deletion-type': deletionType }),
  };
  const entry = {
    Source: 'aws.s3',
    DetailType: detailTypes[name],
    Detail: JSON.stringify(detail),
    Resources: [`arn:aws:s3:::${bucket.name}`],
  };
  try {
    await cloud.call('events', 'PutEvents', { Entries: [entry] }, s3Sender(bucket.name));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    process.emitWarning(`${name} of ${bucket.name} for EventBridge was dropped: ${error.message}`);
  }
}

function shownVersion<K extends string>({ versionId }: Partial<ObjectVersion>, name: K): Partial<Record<K, string>> {
  return versionId === undefined || versionId === 'null' ? {} : ({ [name]: versionId } as Record<K, string>);
}

function principalId(cloud: Cloud, principal: Principal): string {
  return principal.kind === 'role' ? `AROA${cloud.accountId}LOCAL:${principal.session}` : `AIDA${cloud.accountId}LOCAL`;
}

function hostId({ requestId }: Request): string {
  return Buffer.from(requestId).toString('base64');
}

/** As a form encodes it, but with slashes: readers replace + by a space before they decode. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/');
}

let last = 0n;

/** Hexadecimal digits that order the events of a key. */
function sequencer(now: number): string {
  const next = BigInt(now) << 24n;
  last = next > last ? next : last + 1n;
  return last.toString(16).toUpperCase().padStart(18, '0');
}

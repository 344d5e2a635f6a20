// The state of S3: buckets with their settings, and every version of every object. Bodies are blobs.
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import type { Notifications } from './notification-rules.ts';

export interface Bucket {
  name: string;
  region: string;
  created: number;
  versioning?: 'Enabled' | 'Suspended';
  notifications?: Notifications;
  /** Settings as they were put, by their name in `settings.ts`. */
  settings: Record<string, unknown>;
}

export interface ObjectVersion {
  key: string;
  /** `null` is S3's own name for the version written while versioning is off. */
  versionId: string;
  modified: number;
  deleteMarker?: true;
  etag: string;
  size: number;
  blob: string;
  /** Content-Type and the other headers that are returned unchanged. */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  tags?: Record<string, string>;
}

export interface S3State {
  readonly cloud: Cloud;
  readonly buckets: Collection<Bucket>;
  /** A bucket's objects by key, newest version first. */
  objects(bucket: string): Collection<ObjectVersion[]>;
}

export function openState(cloud: Cloud): S3State {
  return {
    cloud,
    buckets: cloud.globalCollection<Bucket>('s3-buckets'),
    objects: (bucket) => cloud.globalCollection<ObjectVersion[]>(`s3-objects-${bucket}`),
  };
}

/** The bucket that a request names. Throws if it does not belong to the expected owner. */
export function findBucket(
  state: S3State,
  input: { Bucket?: string | undefined; ExpectedBucketOwner?: string | undefined },
): Bucket {
  const bucket = state.buckets.get(input.Bucket ?? '');
  if (bucket === undefined) {
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: input.Bucket });
  }
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== state.cloud.accountId) {
    throw new AwsError('AccessDenied', 'Access Denied', 403);
  }
  return bucket;
}

/** The named version of an object, which may be a delete marker, or else the newest. Throws if it does not exist. */
export function findVersion(
  state: S3State,
  input: { Bucket?: string | undefined; Key?: string | undefined; VersionId?: string | undefined },
): ObjectVersion {
  const versions = state.objects(input.Bucket ?? '').get(input.Key ?? '') ?? [];
  const version =
    input.VersionId === undefined ? versions[0] : versions.find(({ versionId }) => versionId === input.VersionId);
  if (version !== undefined && !(version.deleteMarker && input.VersionId === undefined)) return version;
  if (input.VersionId !== undefined) {
    throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404, {
      Key: input.Key,
      VersionId: input.VersionId,
    });
  }
  throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: input.Key });
}

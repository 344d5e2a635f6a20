// The conditions of requests on objects: If-Match and If-None-Match when reading, writing and deleting.
import { AwsError } from '../cloud.ts';
import { findVersion, type ObjectVersion, type S3State } from './state.ts';

/** The version that a request may read now. */
export function readable(
  state: S3State,
  input: {
    Bucket?: string | undefined;
    Key?: string | undefined;
    VersionId?: string | undefined;
    IfMatch?: string | undefined;
    IfNoneMatch?: string | undefined;
  },
): ObjectVersion {
  const version = findVersion(state, input);
  if (version.deleteMarker) {
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  }
  const etag = `"${version.etag}"`;
  if (input.IfMatch !== undefined && input.IfMatch !== etag && input.IfMatch !== '*')
    throw preconditionFailed('If-Match');
  if (input.IfNoneMatch !== undefined && (input.IfNoneMatch === etag || input.IfNoneMatch === '*')) {
    throw new AwsError('NotModified', 'Not Modified', 304);
  }
  return version;
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
export function checkWritable(
  state: S3State,
  bucket: string,
  key: string,
  input: { IfNoneMatch?: string | undefined; IfMatch?: string | undefined },
): void {
  const newest = state.objects(bucket).get(key)?.[0];
  const existing = newest?.deleteMarker ? undefined : newest;
  if (input.IfNoneMatch !== undefined) {
    if (input.IfNoneMatch !== '*') {
      throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
        Header: 'If-None-Match',
      });
    }
    if (existing !== undefined) throw preconditionFailed('If-None-Match');
  }
  if (input.IfMatch !== undefined) {
    if (existing === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
    if (input.IfMatch !== `"${existing.etag}"`) throw preconditionFailed('If-Match');
  }
}

// Only the current version counts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
export function checkDeletable(state: S3State, bucket: string, key: string, ifMatch: string | undefined): void {
  if (ifMatch === '*') {
    const newest = state.objects(bucket).get(key)?.[0];
    if (newest === undefined || newest.deleteMarker) throw preconditionFailed('If-Match');
  } else if (ifMatch !== undefined) {
    checkWritable(state, bucket, key, { IfMatch: ifMatch });
  }
}

function preconditionFailed(condition: string): AwsError {
  return new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });
}

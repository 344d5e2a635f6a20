// The tags of objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
import type { Tag } from '@aws-sdk/client-s3';
import { AwsError, type Operations } from '../cloud.ts';
import { onObject, owner } from './members.ts';
import { notify } from './notify.ts';
import { findBucket, findVersion, type ObjectVersion, type S3State } from './state.ts';

const mostTags = 10;

export function taggingOperations(state: S3State): Operations<'s3'> {
  const keep = (bucket: string, changed: ObjectVersion) => {
    const objects = state.objects(bucket);
    const versions = objects.get(changed.key) ?? [];
    objects.set(
      changed.key,
      versions.map((version) => (version.versionId === changed.versionId ? changed : version)),
    );
  };
  const shown = ({ versionId }: ObjectVersion) => (versionId === 'null' ? {} : { VersionId: versionId });

  return {
    PutObjectTagging: {
      members: [...owner, 'Key', 'VersionId', 'ContentMD5', 'ChecksumAlgorithm', 'Tagging'],
      authorize: onObject,
      run(input, request) {
        const bucket = findBucket(state, input);
        const object = findVersion(state, input);
        const tagged = { ...object, tags: checkedTags(input.Tagging?.TagSet ?? []) };
        keep(bucket.name, tagged);
        notify(state, bucket, request, { name: 'ObjectTagging:Put', object: tagged });
        return shown(object);
      },
    },
    GetObjectTagging: {
      members: [...owner, 'Key', 'VersionId'],
      authorize: onObject,
      run(input) {
        findBucket(state, input);
        const object = findVersion(state, input);
        return { TagSet: Object.entries(object.tags ?? {}).map(([Key, Value]) => ({ Key, Value })), ...shown(object) };
      },
    },
    DeleteObjectTagging: {
      members: [...owner, 'Key', 'VersionId'],
      authorize: onObject,
      run(input, request) {
        const bucket = findBucket(state, input);
        const { tags: _, ...object } = findVersion(state, input);
        keep(bucket.name, object);
        notify(state, bucket, request, { name: 'ObjectTagging:Delete', object });
        return shown(object);
      },
    },
  };
}

function checkedTags(tags: readonly Tag[]): Record<string, string> {
  if (tags.length > mostTags) {
    throw new AwsError('BadRequest', 'Object tags cannot be greater than 10');
  }
  const read: Record<string, string> = {};
  for (const { Key = '', Value = '' } of tags) {
    if (Object.hasOwn(read, Key)) {
      throw new AwsError('InvalidTag', 'Cannot provide multiple Tags with the same key', 400, { TagKey: Key });
    }
    if (Key === '' || Key.length > 128) {
      throw new AwsError('InvalidTag', 'The TagKey you have provided is invalid', 400, { TagKey: Key });
    }
    if (Value.length > 256) {
      throw new AwsError('InvalidTag', 'The TagValue you have provided is invalid', 400, {
        TagKey: Key,
        TagValue: Value,
      });
    }
    read[Key] = Value;
  }
  return read;
}

/** The tags in the header of a new object, as in a query. */
export function readTagHeader(header: string | undefined): Record<string, string> | undefined {
  if (header === undefined || header === '') return undefined;
  return checkedTags([...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value })));
}

// Lists objects by prefix and delimiter, in pages, and lists all their versions.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html

import { AwsError, type Operations } from '../cloud.ts';
import { onBucket, owner } from './members.ts';
import { findBucket, type ObjectVersion, type S3State } from './state.ts';

interface Page {
  readonly objects: readonly ObjectVersion[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix of this page, if there are more. */
  readonly next: string | undefined;
}

interface PageRequest {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly after: string;
  readonly size: number;
}

export function listingOperations(state: S3State): Operations<'s3'> {
  const current = (bucket: string) =>
    [...state.objects(bucket).values()].flatMap((versions) =>
      versions[0] && !versions[0].deleteMarker ? [versions[0]] : [],
    );

  return {
    ListObjectsV2: {
      members: [
        ...owner,
        'Prefix',
        'Delimiter',
        'MaxKeys',
        'StartAfter',
        'ContinuationToken',
        'EncodingType',
        'FetchOwner',
      ],
      authorize: { ...onBucket, action: 's3:ListBucket' },
      run(input) {
        const bucket = findBucket(state, input);
        const size = Math.min(input.MaxKeys ?? 1000, 1000);
        const after =
          input.ContinuationToken === undefined ? (input.StartAfter ?? '') : decodeToken(input.ContinuationToken);
        const page = pageOf(current(bucket.name), {
          prefix: input.Prefix ?? '',
          delimiter: input.Delimiter,
          after,
          size,
        });
        return {
          ...shown(page, input, size),
          KeyCount: page.objects.length + page.prefixes.length,
          ...(page.next === undefined ? {} : { NextContinuationToken: encodeToken(page.next) }),
          ...(input.ContinuationToken === undefined ? {} : { ContinuationToken: input.ContinuationToken }),
          ...(input.StartAfter === undefined ? {} : { StartAfter: input.StartAfter }),
        };
      },
    },
    ListObjects: {
      members: [...owner, 'Prefix', 'Delimiter', 'MaxKeys', 'Marker', 'EncodingType'],
      authorize: { ...onBucket, action: 's3:ListBucket' },
      run(input) {
        const bucket = findBucket(state, input);
        const size = Math.min(input.MaxKeys ?? 1000, 1000);
        const request = { prefix: input.Prefix ?? '', delimiter: input.Delimiter, after: input.Marker ?? '', size };
        const page = pageOf(current(bucket.name), request);
        // without a delimiter, the last key is the next marker
        const isNextNamed = page.next !== undefined && input.Delimiter !== undefined;
        return {
          ...shown(page, input, size),
          Marker: input.Marker ?? '',
          ...(isNextNamed ? { NextMarker: page.next } : {}),
        };
      },
    },
    ListObjectVersions: {
      members: [...owner, 'Prefix', 'EncodingType'],
      authorize: { ...onBucket, action: 's3:ListBucketVersions' },
      run(input) {
        const bucket = findBucket(state, input);
        const keys = [...state.objects(bucket.name).entries()].filter(([key]) => key.startsWith(input.Prefix ?? ''));
        const all = keys
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([, versions]) => versions.map((version, index) => ({ version, IsLatest: index === 0 })));
        const shownEntry = ({ version, IsLatest }: (typeof all)[number]) => ({
          Key: version.key,
          VersionId: version.versionId,
          IsLatest,
          LastModified: new Date(version.modified),
          Owner: { ID: state.cloud.accountId },
        });
        return {
          Name: bucket.name,
          Prefix: input.Prefix ?? '',
          KeyMarker: '',
          VersionIdMarker: '',
          MaxKeys: 1000,
          IsTruncated: false,
          Versions: all
            .filter(({ version }) => !version.deleteMarker)
            .map((entry) => ({
              ...shownEntry(entry),
              ETag: `"${entry.version.etag}"`,
              Size: entry.version.size,
              StorageClass: 'STANDARD' as const,
              ...shownAlgorithm(entry.version),
            })),
          DeleteMarkers: all.filter(({ version }) => version.deleteMarker).map(shownEntry),
        };
      },
    },
  };
}

function pageOf(objects: readonly ObjectVersion[], request: PageRequest): Page {
  const entries = new Map<string, ObjectVersion | undefined>();
  for (const object of objects) {
    if (!object.key.startsWith(request.prefix)) continue;
    const cut = request.delimiter ? object.key.indexOf(request.delimiter, request.prefix.length) : -1;
    if (cut < 0) entries.set(object.key, object);
    else entries.set(object.key.slice(0, cut + (request.delimiter ?? '').length), undefined);
  }
  const ordered = [...entries.keys()].filter((name) => name > request.after).sort();
  const names = ordered.slice(0, request.size);
  return {
    objects: names.flatMap((name) => entries.get(name) ?? []),
    prefixes: names.filter((name) => entries.get(name) === undefined),
    next: ordered.length > names.length ? names.at(-1) : undefined,
  };
}

function shown(
  page: Page,
  input: {
    Bucket?: string | undefined;
    Prefix?: string | undefined;
    Delimiter?: string | undefined;
    EncodingType?: 'url' | undefined;
  },
  size: number,
) {
  // names are percent-encoded only on request; boto3 and the aws command request it
  const encode = (text: string) =>
    input.EncodingType === 'url' ? encodeURIComponent(text).replace(/%2F/g, '/') : text;
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    MaxKeys: size,
    IsTruncated: page.next !== undefined,
    Contents: page.objects.map((object) => ({
      Key: encode(object.key),
      LastModified: new Date(object.modified),
      ETag: `"${object.etag}"`,
      Size: object.size,
      StorageClass: 'STANDARD' as const,
      ...shownAlgorithm(object),
    })),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    ...(input.Delimiter === undefined ? {} : { Delimiter: encode(input.Delimiter) }),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
  };
}

function shownAlgorithm({ checksum }: ObjectVersion) {
  return checksum === undefined
    ? {}
    : { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: 'FULL_OBJECT' as const };
}

const tokenPrefix = 'after:';

function encodeToken(name: string): string {
  return Buffer.from(`${tokenPrefix}${name}`).toString('base64url');
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith(tokenPrefix)) return text.slice(tokenPrefix.length);
  throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect', 400, {
    ArgumentName: 'continuation-token',
  });
}

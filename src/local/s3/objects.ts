// Objects: put, get, head, copy and delete, with versions, conditional requests and ranges.

import { createHash, randomBytes } from 'node:crypto';
import { AwsError, type Operations, type Request } from '../cloud.ts';
import { checksumOf, checksums, conditions, headers, onObject, owner, shownChecksum } from './members.ts';
import { notify } from './notify.ts';
import { checkDeletable, checkWritable, readable } from './preconditions.ts';
import {
  type Bucket,
  type Checksum,
  findBucket,
  findVersion,
  malformed,
  type ObjectVersion,
  type S3State,
} from './state.ts';
import { readTagHeader } from './tagging.ts';

// Headers that S3 stores and returns unchanged, by the SDK's member name.
const keptHeaders = [
  'ContentType',
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
] as const;
export interface NewObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly etag: string;
  readonly headers: Record<string, string>;
  readonly metadata: Record<string, string>;
  readonly tags?: Record<string, string> | undefined;
  readonly checksum?: Checksum | undefined;
}

/** Writes and returns a new version. While versioning is off, it replaces the previous one. */
export async function storeObject(state: S3State, bucket: Bucket, object: NewObject): Promise<ObjectVersion> {
  const blob = await state.cloud.blobs.write(object.body);
  const version: ObjectVersion = {
    key: object.key,
    versionId: bucket.versioning === 'Enabled' ? newVersionId() : 'null',
    modified: state.cloud.now(),
    etag: object.etag,
    size: object.body.length,
    blob,
    headers: object.headers,
    metadata: object.metadata,
    ...(object.tags === undefined ? {} : { tags: object.tags }),
    ...(object.checksum === undefined ? {} : { checksum: object.checksum }),
  };
  addVersion(state, bucket, version);
  return version;
}

function addVersion(state: S3State, bucket: Bucket, version: ObjectVersion): void {
  const objects = state.objects(bucket.name);
  const others = (objects.get(version.key) ?? []).filter((old) => old.versionId !== version.versionId);
  objects.set(version.key, [version, ...others]);
}

function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}

export function md5(body: Uint8Array): string {
  return createHash('md5').update(body).digest('hex');
}

/** Headers of the answer that a request names. */
const overrides = [
  'ResponseCacheControl',
  'ResponseContentDisposition',
  'ResponseContentEncoding',
  'ResponseContentLanguage',
  'ResponseContentType',
  'ResponseExpires',
] as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#AmazonS3-GetObject-request-uri-querystring-ResponseCacheControl */
function overridden(input: Partial<Record<(typeof overrides)[number], string | Date | undefined>>) {
  const given = overrides.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]] as const]));
  return Object.fromEntries(
    given.map(([name, value]) => {
      if (typeof value === 'string' && Buffer.from(value, 'latin1').toString('latin1') !== value) {
        throw new AwsError('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', 400, {
          ArgumentName: `response-${name
            .slice('ResponseC'.length - 1)
            .replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`)
            .toLowerCase()}`,
          ArgumentValue: value,
        });
      }
      return [name.slice('Response'.length), value];
    }),
  );
}

export function objectOperations(state: S3State): Operations<'s3'> {
  return {
    PutObject: {
      members: [
        ...owner,
        ...checksums,
        'ChecksumAlgorithm',
        'ContentMD5',
        ...headers,
        ...conditions,
        'Key',
        'Body',
        'ContentLength',
        'Metadata',
        'Tagging',
        'ServerSideEncryption',
        'StorageClass',
        'ACL',
      ],
      authorize: onObject,
      async run(input, request) {
        const bucket = findBucket(state, input);
        checkKind(input.ServerSideEncryption, 'AES256', 'ServerSideEncryption');
        if (input.StorageClass !== undefined && !storageClasses.has(input.StorageClass)) {
          throw new AwsError('InvalidStorageClass', 'The storage class you specified is not valid');
        }
        checkKind(input.StorageClass, 'STANDARD', 'StorageClass');
        checkKind(input.ACL, 'private', 'ACL');
        const body = bytesOf(input.Body);
        const key = validKey(input.Key);
        if (input.ContentMD5 !== undefined && Buffer.from(input.ContentMD5, 'base64').toString('hex') !== md5(body)) {
          throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
        }
        checkWritable(state, bucket.name, key, input);
        const version = await storeObject(state, bucket, {
          key,
          body,
          etag: md5(body),
          headers: headersOf(input),
          metadata: input.Metadata ?? {},
          tags: readTagHeader(input.Tagging),
          ...checksumOf(input),
        });
        const name = request.isForm ? 'ObjectCreated:Post' : 'ObjectCreated:Put';
        notify(state, bucket, request, { name, object: version });
        return {
          ETag: `"${version.etag}"`,
          ServerSideEncryption: 'AES256',
          ...shownChecksum(version.checksum, 'FULL_OBJECT'),
          ...shownVersion(bucket, version),
        };
      },
    },

    GetObject: {
      members: [...owner, ...conditions, ...overrides, 'Key', 'VersionId', 'Range', 'ChecksumMode'],
      authorize: onObject,
      async run(input) {
        const replaced = overridden(input);
        const bucket = findBucket(state, input);
        const version = readable(state, input);
        const body = await state.cloud.blobs.read(version.blob);
        const range = readRange(input.Range, body.length);
        if (range === undefined) {
          return {
            ...shownObject(bucket, version),
            ...requestedChecksum(input, version),
            ...replaced,
            Body: body as never,
          };
        }
        const [start, end] = range;
        return {
          ...shownObject(bucket, version),
          ...replaced,
          Body: body.subarray(start, end + 1) as never,
          ContentLength: end - start + 1,
          ContentRange: `bytes ${start}-${end}/${body.length}`,
        };
      },
    },

    HeadObject: {
      members: [...owner, ...conditions, 'Key', 'VersionId', 'ChecksumMode'],
      authorize: { ...onObject, action: 's3:GetObject' },
      run(input) {
        const bucket = findBucket(state, input);
        const version = readable(state, input);
        return { ...shownObject(bucket, version), ...requestedChecksum(input, version) };
      },
    },

    CopyObject: {
      members: [
        ...owner,
        ...headers,
        'Key',
        'CopySource',
        'MetadataDirective',
        'Metadata',
        'Tagging',
        'TaggingDirective',
        'ChecksumAlgorithm',
      ],
      authorize: { ...onObject, action: 's3:PutObject' },
      async run(input, request) {
        const bucket = findBucket(state, input);
        const [source = '', query] = (input.CopySource ?? '').replace(/^\//, '').split('?versionId=');
        const slash = source.indexOf('/');
        const from = {
          Bucket: decodeURIComponent(source.slice(0, slash)),
          Key: decodeURIComponent(source.slice(slash + 1)),
          VersionId: query,
        };
        findBucket(state, from);
        const original = findVersion(state, from);
        const replaced = input.MetadataDirective === 'REPLACE';
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html
        if (!replaced && query === undefined && from.Bucket === bucket.name && from.Key === input.Key) {
          throw new AwsError(
            'InvalidRequest',
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
          );
        }
        const body = await state.cloud.blobs.read(original.blob);
        const version = await storeObject(state, bucket, {
          key: validKey(input.Key),
          body,
          etag: original.etag,
          headers: replaced ? headersOf(input) : original.headers,
          metadata: replaced ? (input.Metadata ?? {}) : original.metadata,
          tags: input.TaggingDirective === 'REPLACE' ? readTagHeader(input.Tagging) : original.tags,
          checksum: original.checksum,
        });
        notify(state, bucket, request, { name: 'ObjectCreated:Copy', object: version });
        return {
          CopyObjectResult: {
            ETag: `"${version.etag}"`,
            LastModified: new Date(version.modified),
            ...shownChecksum(version.checksum, 'FULL_OBJECT'),
          },
          ...shownVersion(bucket, version),
        };
      },
    },

    DeleteObject: {
      members: [...owner, 'Key', 'VersionId', 'IfMatch'],
      authorize: onObject,
      run(input, request) {
        const bucket = findBucket(state, input);
        checkDeletable(state, bucket.name, input.Key ?? '', input.IfMatch);
        return deleteObject(state, bucket, { key: input.Key ?? '', versionId: input.VersionId }, request);
      },
    },

    DeleteObjects: {
      members: [...owner, 'Delete', 'ChecksumAlgorithm'],
      authorize: { action: 's3:DeleteObject' },
      run(input, request) {
        const bucket = findBucket(state, input);
        const entries = input.Delete?.Objects ?? [];
        if (entries.length === 0 || entries.length > 1000) throw malformed();
        const deleted = entries.map((entry) => {
          const { VersionId, DeleteMarker } = deleteObject(
            state,
            bucket,
            { key: entry.Key ?? '', versionId: entry.VersionId },
            request,
          );
          return {
            Key: entry.Key,
            ...(entry.VersionId === undefined ? {} : { VersionId: entry.VersionId }),
            ...(DeleteMarker ? { DeleteMarker, DeleteMarkerVersionId: VersionId } : {}),
          };
        });
        return input.Delete?.Quiet ? {} : { Deleted: deleted };
      },
    },
  };
}

interface Deleted {
  DeleteMarker?: true;
  VersionId?: string;
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
function deleteObject(
  state: S3State,
  bucket: Bucket,
  { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
  request: Request,
): Deleted {
  const objects = state.objects(bucket.name);
  const versions = objects.get(key) ?? [];
  if (versionId !== undefined || bucket.versioning === undefined) {
    const deletedId = versionId ?? 'null';
    const remaining = versions.filter((version) => version.versionId !== deletedId);
    if (remaining.length === 0) objects.delete(key);
    else objects.set(key, remaining);
    if (remaining.length < versions.length) {
      const object = { key, ...(versionId === undefined ? {} : { versionId }) };
      notify(state, bucket, request, { name: 'ObjectRemoved:Delete', object });
    }
    const wasMarker = versions.some((version) => version.versionId === deletedId && version.deleteMarker);
    return {
      ...(versionId === undefined ? {} : { VersionId: deletedId }),
      ...(wasMarker ? { DeleteMarker: true } : {}),
    };
  }
  const marker: ObjectVersion = {
    key,
    versionId: bucket.versioning === 'Enabled' ? newVersionId() : 'null',
    modified: state.cloud.now(),
    deleteMarker: true,
    etag: '',
    size: 0,
    blob: '',
    headers: {},
    metadata: {},
  };
  addVersion(state, bucket, marker);
  notify(state, bucket, request, { name: 'ObjectRemoved:DeleteMarkerCreated', object: marker });
  return { DeleteMarker: true, VersionId: marker.versionId };
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#API_PutObject_RequestSyntax
const storageClasses = new Set<string>([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'OUTPOSTS',
  'GLACIER_IR',
  'SNOW',
  'EXPRESS_ONEZONE',
  'FSX_OPENZFS',
  'FSX_ONTAP',
]);

function validKey(key: string | undefined): string {
  if (Buffer.byteLength(key ?? '') > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long');
  return key ?? '';
}

function checkKind(value: string | undefined, supported: string, header: string): void {
  if (value !== undefined && value !== supported) {
    throw new AwsError(
      'NotImplemented',
      `A header you provided implies functionality that is not implemented: ${header} ${value}`,
      501,
    );
  }
}

function headersOf(input: Partial<Record<(typeof keptHeaders)[number], string | undefined>>): Record<string, string> {
  const entries = keptHeaders.flatMap((name) => {
    // the request's transfer encoding is not a property of the object
    const value = name === 'ContentEncoding' ? input[name]?.replace(/aws-chunked,?\s*/, '') : input[name];
    return value ? [[name, value] as const] : [];
  });
  return { ContentType: 'binary/octet-stream', ...Object.fromEntries(entries) };
}

function shownVersion(bucket: Bucket, version: ObjectVersion): { VersionId?: string } {
  return bucket.versioning === undefined ? {} : { VersionId: version.versionId };
}

function shownObject(bucket: Bucket, version: ObjectVersion) {
  return {
    ...version.headers,
    AcceptRanges: 'bytes',
    ContentLength: version.size,
    ETag: `"${version.etag}"`,
    LastModified: new Date(version.modified),
    Metadata: version.metadata,
    ...(version.tags === undefined ? {} : { TagCount: Object.keys(version.tags).length }),
    ServerSideEncryption: 'AES256' as const,
    ...shownVersion(bucket, version),
  };
}

function requestedChecksum({ ChecksumMode }: { ChecksumMode?: string | undefined }, { checksum }: ObjectVersion) {
  return ChecksumMode === 'ENABLED' ? shownChecksum(checksum, 'FULL_OBJECT') : {};
}

function readRange(range: string | undefined, size: number): [start: number, end: number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  if (match === null) return undefined;
  const [, from = '', to = ''] = match;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size || start > end) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return [start, end];
}

/** The bytes of a body. HTTP requests carry a Buffer; in-process callers may also pass a string. */
export function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (body === undefined || typeof body === 'string') return Buffer.from(body ?? '');
  throw new AwsError('InternalFailure', 'the body of an in-process call must be a Buffer or a string', 500);
}

// Multipart uploads. The aws command uses them from 8 MB.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

import { createHash, randomBytes } from 'node:crypto';
import { AwsError, type Operations } from '../cloud.ts';
import { checksums, onObject, owner } from './members.ts';
import { notify } from './notify.ts';
import { bytesOf, md5, storeObject } from './objects.ts';
import { findBucket, type S3State } from './state.ts';

interface Upload {
  bucket: string;
  key: string;
  headers: Record<string, string>;
  metadata: Record<string, string>;
  parts: Record<number, { etag: string; blob: string; size: number }>;
}

const smallestPart = 5 * 1024 * 1024;

export function multipartOperations(state: S3State): Operations<'s3'> {
  const uploads = state.cloud.globalCollection<Upload>('s3-uploads');
  const find = (id: string | undefined): Upload => {
    const upload = uploads.get(id ?? '');
    if (upload !== undefined) return upload;
    throw new AwsError(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
      { UploadId: id },
    );
  };

  return {
    CreateMultipartUpload: {
      members: [...owner, 'ChecksumAlgorithm', 'ChecksumType', 'Key', 'ContentType', 'Metadata'],
      authorize: { ...onObject, action: 's3:PutObject' },
      run(input) {
        const bucket = findBucket(state, input);
        const id = randomBytes(32).toString('base64url');
        uploads.set(id, {
          bucket: bucket.name,
          key: input.Key ?? '',
          headers: { ContentType: input.ContentType ?? 'binary/octet-stream' },
          metadata: input.Metadata ?? {},
          parts: {},
        });
        return { Bucket: bucket.name, Key: input.Key, UploadId: id };
      },
    },
    UploadPart: {
      members: [
        ...owner,
        ...checksums,
        'ChecksumAlgorithm',
        'ContentMD5',
        'Key',
        'UploadId',
        'PartNumber',
        'Body',
        'ContentLength',
      ],
      authorize: { ...onObject, action: 's3:PutObject' },
      async run(input) {
        const upload = find(input.UploadId);
        const body = bytesOf(input.Body);
        const etag = md5(body);
        upload.parts[input.PartNumber ?? 0] = { etag, blob: await state.cloud.blobs.write(body), size: body.length };
        uploads.set(input.UploadId ?? '', upload);
        return { ETag: `"${etag}"` };
      },
    },
    CompleteMultipartUpload: {
      members: [...owner, ...checksums, 'ChecksumType', 'MpuObjectSize', 'Key', 'UploadId', 'MultipartUpload'],
      authorize: { ...onObject, action: 's3:PutObject' },
      async run(input, request) {
        const upload = find(input.UploadId);
        const bucket = findBucket(state, input);
        const named = input.MultipartUpload?.Parts ?? [];
        const parts = named.map((part, index) => {
          const uploaded = upload.parts[part.PartNumber ?? 0];
          if (uploaded === undefined || uploaded.etag !== part.ETag?.replaceAll('"', '')) {
            throw new AwsError(
              'InvalidPart',
              "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
            );
          }
          if (uploaded.size < smallestPart && index < named.length - 1) {
            throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
          }
          return uploaded;
        });
        const body = Buffer.concat(await Promise.all(parts.map((part) => state.cloud.blobs.read(part.blob))));
        const hash = createHash('md5');
        for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
        const version = await storeObject(state, bucket, {
          key: upload.key,
          body,
          etag: `${hash.digest('hex')}-${parts.length}`,
          headers: upload.headers,
          metadata: upload.metadata,
        });
        uploads.delete(input.UploadId ?? '');
        notify(state, bucket, request, { name: 'ObjectCreated:CompleteMultipartUpload', object: version });
        return {
          Bucket: bucket.name,
          Key: upload.key,
          ETag: `"${version.etag}"`,
          Location: `${state.cloud.endpoint}/${bucket.name}/${upload.key}`,
        };
      },
    },
    AbortMultipartUpload: {
      members: [...owner, 'Key', 'UploadId'],
      authorize: onObject,
      run(input) {
        find(input.UploadId);
        uploads.delete(input.UploadId ?? '');
        return {};
      },
    },
  };
}

// Shared by several S3 operations: the supported members, and the ARN that the role's policy must allow.
// The checksums are accepted because SDKs add them, but not verified: the local S3 hashes each body itself.

export const owner = ['Bucket', 'ExpectedBucketOwner'] as const;
export const checksums = [
  'ChecksumCRC32',
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumSHA1',
  'ChecksumSHA256',
] as const;
export const headers = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
] as const;
export const conditions = ['IfMatch', 'IfNoneMatch'] as const;

interface InBucket {
  readonly Bucket: string | undefined;
}

export const onBucket = { resource: ({ Bucket }: InBucket): string => `arn:aws:s3:::${Bucket}` };
export const onObject = {
  resource: ({ Bucket, Key }: InBucket & { readonly Key: string | undefined }): string =>
    `arn:aws:s3:::${Bucket}/${Key}`,
};

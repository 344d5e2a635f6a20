// What several operations of this S3 have in common: the members that they carry out, and the ARN that a role must be allowed.
// Checksums are those that the SDKs add by themselves: the body's own
// hash, and the length of each part, are what is relied on here.

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

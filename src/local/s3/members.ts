// Shared by several S3 operations: the supported members, and the ARN that the role's policy must allow.
// Checksums are kept and returned because SDKs add and compare them, but not verified: the local S3 hashes each body itself.
import type { Checksum } from './state.ts';

export const owner = ['Bucket', 'ExpectedBucketOwner'] as const;
export const checksums = [
  'ChecksumCRC32',
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumSHA1',
  'ChecksumSHA256',
] as const;

type ChecksumInput = Partial<Record<(typeof checksums)[number], string | undefined>>;

/** The checksum that a request carries. */
export function checksumOf(input: ChecksumInput): { readonly checksum?: Checksum } {
  const name = checksums.find((member) => input[member] !== undefined);
  if (name === undefined) return {};
  return {
    checksum: { algorithm: name.slice('Checksum'.length) as Checksum['algorithm'], value: input[name] as string },
  };
}

/** The members that name a checksum; a checksum of a whole object has a type. */
export function shownChecksum(checksum: Checksum | undefined, type?: 'FULL_OBJECT') {
  if (checksum === undefined) return {};
  return {
    [`Checksum${checksum.algorithm}`]: checksum.value,
    ...(type === undefined ? {} : { ChecksumType: type }),
  };
}

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

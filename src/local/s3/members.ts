// The members that each operation of this S3 carries out. Checksums are those that the SDKs add by themselves: the body's own
// hash, and the length of each part, are what is relied on here.
import type { Operations } from '../cloud.ts';

const owner = ['Bucket', 'ExpectedBucketOwner'] as const;
const checksums = [
  ...['ChecksumAlgorithm', 'ChecksumMode', 'ChecksumType', 'ContentMD5', 'MpuObjectSize'],
  ...['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256'],
] as const;
const headers = ['CacheControl', 'ContentDisposition', 'ContentEncoding', 'ContentLanguage', 'ContentType'] as const;
const conditions = ['IfMatch', 'IfNoneMatch'] as const;
const setting = (member: string) => [...owner, ...checksums, member];

export const carriedOut: { readonly [O in keyof Operations<'s3'>]?: readonly string[] } = {
  CreateBucket: ['Bucket', 'CreateBucketConfiguration'],
  HeadBucket: owner,
  DeleteBucket: owner,
  ListBuckets: ['Prefix'],
  GetBucketLocation: owner,
  PutBucketVersioning: setting('VersioningConfiguration'),
  PutBucketEncryption: setting('ServerSideEncryptionConfiguration'),
  PutPublicAccessBlock: setting('PublicAccessBlockConfiguration'),
  PutBucketPolicy: setting('Policy'),
  PutBucketTagging: setting('Tagging'),
  PutBucketLifecycleConfiguration: setting('LifecycleConfiguration'),
  PutBucketOwnershipControls: setting('OwnershipControls'),
  PutBucketCors: setting('CORSConfiguration'),
  PutObject: [
    ...owner,
    ...checksums,
    ...headers,
    ...conditions,
    ...['Key', 'Body', 'ContentLength', 'Metadata', 'ServerSideEncryption', 'StorageClass', 'ACL'],
  ],
  GetObject: [...owner, ...conditions, 'Key', 'VersionId', 'Range', 'ChecksumMode'],
  HeadObject: [...owner, ...conditions, 'Key', 'VersionId', 'ChecksumMode'],
  CopyObject: [...owner, ...headers, 'Key', 'CopySource', 'MetadataDirective', 'Metadata', 'ChecksumAlgorithm'],
  DeleteObject: [...owner, 'Key', 'VersionId'],
  DeleteObjects: [...owner, 'Delete', 'ChecksumAlgorithm'],
  ListObjectsV2: [
    ...owner,
    ...['Prefix', 'Delimiter', 'MaxKeys', 'StartAfter', 'ContinuationToken', 'EncodingType', 'FetchOwner'],
  ],
  ListObjects: [...owner, 'Prefix', 'Delimiter', 'MaxKeys', 'Marker', 'EncodingType'],
  ListObjectVersions: [...owner, 'Prefix', 'EncodingType'],
  CreateMultipartUpload: [...owner, ...checksums, 'Key', 'ContentType', 'Metadata'],
  UploadPart: [...owner, ...checksums, 'Key', 'UploadId', 'PartNumber', 'Body', 'ContentLength'],
  CompleteMultipartUpload: [...owner, ...checksums, 'Key', 'UploadId', 'MultipartUpload'],
  AbortMultipartUpload: [...owner, 'Key', 'UploadId'],
};

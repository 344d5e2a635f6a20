// Buckets and objects: what a client sees of S3's rules.
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';

const aws = await startTestAws();
afterAll(() => aws.stop());
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const clientOf = (region: string) =>
  new S3Client({ endpoint: aws.endpoint, region, credentials, forcePathStyle: true, followRegionRedirects: false });
const s3 = clientOf('us-east-1');
const elsewhere = clientOf('eu-west-1');
afterAll(() => {
  s3.destroy();
  elsewhere.destroy();
});

let created = 0;
async function bucket(): Promise<string> {
  const Bucket = `objects-${created++}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

test('the status of a range is that of a part', async () => {
  const at = { Bucket: await bucket(), Key: 'k' };
  await s3.send(new PutObjectCommand({ ...at, Body: 'hello' }));
  const part = await s3.send(new GetObjectCommand({ ...at, Range: 'bytes=1-2' }));
  expect([part.$metadata.httpStatusCode, await part.Body?.transformToString()]).toEqual([206, 'el']);
  const whole = await s3.send(new GetObjectCommand(at));
  expect([whole.$metadata.httpStatusCode, await whole.Body?.transformToString()]).toEqual([200, 'hello']);
});

test('a checksum that was sent comes back', async () => {
  const at = { Bucket: await bucket(), Key: 'k' };
  const sent = { ChecksumCRC32: 'NhCmhg==', ChecksumType: 'FULL_OBJECT' };
  expect(await s3.send(new PutObjectCommand({ ...at, Body: 'hello' }))).toMatchObject(sent);
  expect(await s3.send(new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' }))).toMatchObject(sent);
  expect(await s3.send(new HeadObjectCommand(at))).not.toHaveProperty('ChecksumCRC32');
  const copied = await s3.send(new CopyObjectCommand({ ...at, Key: 'copy', CopySource: `${at.Bucket}/k` }));
  expect(copied.CopyObjectResult).toMatchObject(sent);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: at.Bucket }));
  expect(Contents).toMatchObject([{ ChecksumAlgorithm: ['CRC32'] }, { ChecksumAlgorithm: ['CRC32'] }]);
});

test('a bucket can be created again in us-east-1 only, which has no constraint', async () => {
  const Bucket = await bucket();
  expect(await s3.send(new CreateBucketCommand({ Bucket }))).toMatchObject({ Location: `/${Bucket}` });
  const explicit = { LocationConstraint: 'us-east-1' as 'eu-west-1' };
  await expect(
    s3.send(new CreateBucketCommand({ Bucket: 'explicit', CreateBucketConfiguration: explicit })),
  ).rejects.toMatchObject({ name: 'InvalidLocationConstraint' });
  const inIreland = new CreateBucketCommand({
    Bucket: 'elsewhere',
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  });
  await elsewhere.send(inIreland);
  await expect(elsewhere.send(inIreland)).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
});

test('rejects what S3 rejects', async () => {
  const Bucket = await bucket();
  const Key = 'k';
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const upload = { Bucket, Key, UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' }));
  const parts = (...numbers: number[]) => ({ Parts: numbers.map((PartNumber) => ({ PartNumber, ETag })) });
  const rules = { CORSRules: [{ AllowedMethods: ['SEND'], AllowedOrigins: ['*'] }] };
  const repeated = { TagSet: ['1', '2'].map((Value) => ({ Key: 'a', Value })) };
  const refusals = [
    [() => s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${Key}` })), 'InvalidRequest'],
    [() => s3.send(new PutObjectCommand({ Bucket, Key, StorageClass: 'CHEAP' as 'GLACIER' })), 'InvalidStorageClass'],
    [() => s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [] } })), 'MalformedXML'],
    [() => s3.send(new UploadPartCommand({ ...upload, PartNumber: 0, Body: 'x' })), 'InvalidArgument'],
    [() => s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: parts() })), 'MalformedXML'],
    [
      () => s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: parts(2, 1) })),
      'InvalidPartOrder',
    ],
    [() => s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'wrong' })), 'InvalidArgument'],
    [() => s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: rules })), 'InvalidRequest'],
    [() => s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: repeated })), 'InvalidTag'],
  ] as const;
  for (const [refused, name] of refusals) await expect(refused()).rejects.toMatchObject({ name });
});

test('lists say where they began', async () => {
  const Bucket = await bucket();
  for (const Key of ['a', 'b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const { NextContinuationToken } = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
  const second = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: NextContinuationToken }));
  expect([second.ContinuationToken, second.Contents?.map(({ Key }) => Key)]).toEqual([NextContinuationToken, ['b']]);
  const older = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1 }));
  expect([older.Marker, older.IsTruncated, older.NextMarker]).toEqual(['', true, undefined]);
  const versions = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect(versions).toMatchObject({ KeyMarker: '', VersionIdMarker: '', MaxKeys: 1000 });
  expect(versions.Versions?.[0]?.Owner).toEqual({ ID: '000000000000' });
});

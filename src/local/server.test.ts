import { get } from 'node:http';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestAws } from './fixture.ts';
import type { LocalAws } from './host.ts';

let local: LocalAws;
beforeAll(async () => {
  local = await startTestAws();
});
afterAll(() => local.stop());

const options = () => ({
  region: 'us-east-1',
  endpoint: local.endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

describe('the wire, driven by the real SDK clients', () => {
  test('answers the query protocol', async () => {
    const sts = new STSClient(options());
    const identity = await sts.send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe('000000000000');
  });

  test('names an unsupported operation in the error', async () => {
    const sts = new STSClient(options());
    await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'sts:GetSessionToken is not implemented by the fx local AWS',
    });
  });

  test("returns modelled errors of the query protocol as the SDK's classes", async () => {
    const iam = new IAMClient(options());
    await expect(iam.send(new GetRoleCommand({ RoleName: 'absent' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name absent cannot be found.',
    });
  });

  test('round-trips a role with unicode, white space and tags', async () => {
    const iam = new IAMClient(options());
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'r',
        AssumeRolePolicyDocument: trust,
        Description: 'é <&> "x"',
        Tags: [{ Key: 'a', Value: 'b c' }],
      }),
    );
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'r' }));
    expect(Role).toMatchObject({ Description: 'é <&> "x"', Tags: [{ Key: 'a', Value: 'b c' }] });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust);
  });

  test('rejects a request without credentials', async () => {
    const response = await fetch(`${local.endpoint}/2015-03-31/functions`);
    expect(response.status).toBe(403);
  });

  test('rejects host names other than loopback, against DNS rebinding by web pages', async () => {
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(local.endpoint);
      const request = get(
        { hostname, port, path: '/_local/identity', headers: { host: 'evil.example' } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ status: response.statusCode, text }));
        },
      );
      request.on('error', reject);
    });
    expect(answer).toEqual({
      status: 403,
      text: expect.stringContaining('only under loopback names, not \\"evil.example\\"'),
    });
  });

  test('rejects an unsupported service, and a body that is not JSON', async () => {
    const sign = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/${service}/aws4_request`,
    });
    const unknown = await fetch(local.endpoint, { method: 'POST', headers: sign('athena'), body: '{}' });
    expect([unknown.status, await unknown.text()]).toEqual([
      501,
      expect.stringContaining('does not support the service \\"athena\\"'),
    ]);
    const broken = await fetch(local.endpoint, {
      method: 'POST',
      headers: { ...sign('logs'), 'x-amz-target': 'Logs_20140328.DescribeLogGroups' },
      body: '{"',
    });
    expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('SerializationException')]);
  });

  test('reads and writes the JSON protocols', async () => {
    const logs = new CloudWatchLogsClient(options());
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/x/y', tags: { a: 'b' } }));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/x' }));
    expect(logGroups).toMatchObject([{ logGroupName: '/x/y', creationTime: expect.any(Number) }]);
    await expect(logs.send(new FilterLogEventsCommand({ logGroupName: 'absent' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('reports a Lambda error with its type in the header', async () => {
    const lambda = new LambdaClient(options());
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: 'absent' }))).rejects.toMatchObject({
      name: expect.stringMatching(/ResourceNotFoundException|NotImplemented/),
    });
  });
});

describe('S3, driven by the real SDK client', () => {
  const s3 = () => new S3Client({ ...options(), forcePathStyle: true });
  test('stores, lists, reads and conditionally writes objects', async () => {
    const client = s3();
    await client.send(new CreateBucketCommand({ Bucket: 'things' }));
    const put = await client.send(
      new PutObjectCommand({ Bucket: 'things', Key: 'a/b c+é.txt', Body: 'hello', Metadata: { who: 'me' } }),
    );
    expect(put.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const object = await client.send(new GetObjectCommand({ Bucket: 'things', Key: 'a/b c+é.txt' }));
    expect([await object.Body?.transformToString(), object.Metadata]).toEqual(['hello', { who: 'me' }]);
    const listed = await client.send(new ListObjectsV2Command({ Bucket: 'things', Delimiter: '/' }));
    expect([listed.CommonPrefixes, listed.Contents, listed.KeyCount]).toEqual([[{ Prefix: 'a/' }], undefined, 1]);
    await expect(
      client.send(new PutObjectCommand({ Bucket: 'things', Key: 'a/b c+é.txt', Body: 'x', IfNoneMatch: '*' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const part = await client.send(new GetObjectCommand({ Bucket: 'things', Key: 'a/b c+é.txt', Range: 'bytes=1-3' }));
    expect([await part.Body?.transformToString(), part.ContentRange]).toEqual(['ell', 'bytes 1-3/5']);
  });

  test('deletes an object only while it is the one that was read', async () => {
    const client = s3();
    const at = { Bucket: 'conditional', Key: 'k' };
    await client.send(new CreateBucketCommand({ Bucket: at.Bucket }));
    await expect(client.send(new DeleteObjectCommand({ ...at, IfMatch: '"x"' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    const { ETag: first } = await client.send(new PutObjectCommand({ ...at, Body: '1' }));
    const { ETag: second } = await client.send(new PutObjectCommand({ ...at, Body: '2', IfMatch: first }));
    for (const condition of [
      new PutObjectCommand({ ...at, Body: '3', IfMatch: first }),
      new DeleteObjectCommand({ ...at, IfMatch: first }),
    ]) {
      await expect(client.send(condition)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    }
    await client.send(new DeleteObjectCommand({ ...at, IfMatch: second }));
    await expect(client.send(new DeleteObjectCommand({ ...at, IfMatch: '*' }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  });

  test('returns modelled errors for missing buckets and objects', async () => {
    const client = s3();
    await client.send(new CreateBucketCommand({ Bucket: 'empty-one' }));
    await expect(client.send(new GetObjectCommand({ Bucket: 'empty-one', Key: 'no' }))).rejects.toBeInstanceOf(
      NoSuchKey,
    );
    await expect(client.send(new HeadObjectCommand({ Bucket: 'empty-one', Key: 'no' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(client.send(new PutObjectCommand({ Bucket: 'nobody', Key: 'k', Body: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  test('keeps versions behind a delete marker', async () => {
    const client = s3();
    await client.send(new CreateBucketCommand({ Bucket: 'kept' }));
    await client.send(
      new PutBucketVersioningCommand({ Bucket: 'kept', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const first = await client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'k', Body: 'one' }));
    await client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'k', Body: 'two' }));
    await client.send(new DeleteObjectsCommand({ Bucket: 'kept', Delete: { Objects: [{ Key: 'k' }] } }));
    await expect(client.send(new GetObjectCommand({ Bucket: 'kept', Key: 'k' }))).rejects.toBeInstanceOf(NoSuchKey);
    const old = await client.send(new GetObjectCommand({ Bucket: 'kept', Key: 'k', VersionId: first.VersionId }));
    expect(await old.Body?.transformToString()).toBe('one');
  });

  test('accepts a large streamed body in chunks', async () => {
    const client = s3();
    await client.send(new CreateBucketCommand({ Bucket: 'large' }));
    const body = Buffer.alloc(3_000_000, 'fx');
    await client.send(new PutObjectCommand({ Bucket: 'large', Key: 'k', Body: body }));
    const object = await client.send(new GetObjectCommand({ Bucket: 'large', Key: 'k' }));
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  });
});

test('an invalid header value is an error, and the server continues', async () => {
  const cloud = await local.cloud();
  await cloud.call('s3', 'CreateBucket', { Bucket: 'odd-headers' });
  await cloud.call('s3', 'PutObject', { Bucket: 'odd-headers', Key: 'k', ContentDisposition: 'a\u2713\nb' });
  const s3 = new S3Client({ ...options(), forcePathStyle: true });
  await expect(s3.send(new GetObjectCommand({ Bucket: 'odd-headers', Key: 'k' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 500 },
  });
  const sts = new STSClient(options());
  expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe('000000000000');
});

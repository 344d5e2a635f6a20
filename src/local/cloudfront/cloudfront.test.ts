// CloudFront on the local AWS: what distributions answer, and its API over the wire.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFrontClient, CreateInvalidationCommand, GetDistributionCommand } from '@aws-sdk/client-cloudfront';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Input } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';

const aws = await startTestAws();
afterAll(() => aws.stop());
const cloud = await aws.cloud();
await cloud.call('s3', 'CreateBucket', { Bucket: 'files' });
const objects = { 'index.html': 'home', '404.html': 'nothing', 'a b.txt': 'spaced', 'docs/index.html': 'docs' };
for (const [Key, text] of Object.entries(objects)) {
  const ContentType = Key.endsWith('html') ? 'text/html' : 'text/plain';
  await cloud.call('s3', 'PutObject', { Bucket: 'files', Key, Body: Buffer.from(text), ContentType });
}

type Config = NonNullable<Input<'cloudfront', 'CreateDistribution'>['DistributionConfig']>;
const base: Config = {
  CallerReference: 'test',
  Comment: '',
  Enabled: true,
  DefaultRootObject: 'index.html',
  Origins: {
    Quantity: 1,
    Items: [
      { Id: 'files', DomainName: 'files.s3.us-east-1.amazonaws.com', S3OriginConfig: { OriginAccessIdentity: '' } },
    ],
  },
  DefaultCacheBehavior: { TargetOriginId: 'files', ViewerProtocolPolicy: 'redirect-to-https' },
};

async function distribution(config: Partial<Config> = {}) {
  const { Distribution } = await cloud.call('cloudfront', 'CreateDistribution', {
    DistributionConfig: { ...base, ...config },
  });
  const { Id = '', DomainName = '' } = Distribution ?? {};
  return { Id, url: cloud.addresses.localized(`https://${DomainName}`) };
}
async function get(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { redirect: 'manual', ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function withFunction(code: string) {
  const Name = `f${Math.abs(code.length)}-${code.charCodeAt(code.length - 3)}`;
  const FunctionConfig = { Comment: '', Runtime: 'cloudfront-js-2.0' as const };
  const { ETag } = await cloud.call('cloudfront', 'CreateFunction', {
    Name,
    FunctionConfig,
    FunctionCode: Buffer.from(code),
  });
  await cloud.call('cloudfront', 'PublishFunction', { Name, IfMatch: ETag });
  const FunctionARN = `arn:aws:cloudfront::000000000000:function/${Name}`;
  const FunctionAssociations = { Quantity: 1, Items: [{ EventType: 'viewer-request' as const, FunctionARN }] };
  return distribution({
    DefaultCacheBehavior: { TargetOriginId: 'files', ViewerProtocolPolicy: 'allow-all', FunctionAssociations },
  });
}

describe('a distribution', () => {
  test('answers with objects, their type, and 304 for what the client has', async () => {
    const { url } = await distribution();
    const home = await get(url);
    expect([home.status, home.text, home.headers.get('content-type')]).toEqual([200, 'home', 'text/html']);
    expect((await get(`${url}/a%20b.txt?x=1`)).text).toBe('spaced');
    const etag = home.headers.get('etag') ?? '';
    expect((await get(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await get(`${url}/none`)).status).toBe(404);
    expect((await get(url, { method: 'POST', body: 'x' })).status).toBe(403);
  });

  test('has pages for errors', async () => {
    const page = { ErrorCode: 404, ResponseCode: '404', ResponsePagePath: '/404.html' };
    const { url } = await distribution({ CustomErrorResponses: { Quantity: 1, Items: [page] } });
    expect(await get(`${url}/none`)).toMatchObject({ status: 404, text: 'nothing' });
  });

  test('runs functions, which change the request or answer it', async () => {
    const { url } = await withFunction(
      `async function handler({ request }) {
         if (request.uri === '/old') return { statusCode: 302, headers: { location: { value: '/new?' + request.querystring.a.value + request.cookies.c.value } } };
         if (request.uri === '/wrong') throw new Error('no');
         request.uri = '/docs/index.html';
         return request;
       }`,
    );
    expect((await get(`${url}/anything`)).text).toBe('docs');
    const moved = await get(`${url}/old?a=1`, { headers: { cookie: 'c=2' } });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/new?12']);
    expect(await get(`${url}/wrong`)).toMatchObject({ status: 503, text: expect.stringContaining('no') });
  });

  test('gives functions nothing of Node.js, and stops endless ones', async () => {
    const { url } = await withFunction(
      'function handler(e) { if (e.request.uri === "/loop") while (true); return { statusCode: 200, body: typeof process + typeof require } }',
    );
    expect((await get(url)).text).toBe('undefinedundefined');
    expect((await get(`${url}/loop`)).status).toBe(503);
  });

  test('has no origins elsewhere', async () => {
    const Items = [
      {
        Id: 'files',
        DomainName: 'example.com',
        CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' as const },
      },
    ];
    const { url } = await distribution({ Origins: { Quantity: 1, Items } });
    expect(await get(url)).toMatchObject({ status: 502, text: 'The fx local AWS has no origin example.com.' });
  });

  test('is described and invalidated over the wire, and deleted once it is disabled', async () => {
    const { Id, url } = await distribution();
    const client = new CloudFrontClient({
      endpoint: aws.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const { Distribution, ETag } = await client.send(new GetDistributionCommand({ Id }));
    expect(Distribution).toMatchObject({
      Id,
      Status: 'Deployed',
      DistributionConfig: { DefaultRootObject: 'index.html' },
    });
    const batch = (...Items: string[]) =>
      client.send(
        new CreateInvalidationCommand({
          DistributionId: Id,
          InvalidationBatch: { CallerReference: 'a', Paths: { Quantity: Items.length, Items } },
        }),
      );
    expect((await batch('/a', '/*')).Invalidation).toMatchObject({ Status: 'Completed' });
    await expect(batch('a')).rejects.toMatchObject({ name: 'InvalidArgument' });
    client.destroy();
    await expect(cloud.call('cloudfront', 'DeleteDistribution', { Id, IfMatch: ETag })).rejects.toThrow(
      'has not been disabled',
    );
    const disabled = { Id, IfMatch: ETag, DistributionConfig: { ...base, Enabled: false } };
    const { ETag: IfMatch } = await cloud.call('cloudfront', 'UpdateDistribution', disabled);
    await expect(cloud.call('cloudfront', 'DeleteDistribution', { Id, IfMatch: ETag })).rejects.toThrow(
      'preconditions',
    );
    await cloud.call('cloudfront', 'DeleteDistribution', { Id, IfMatch });
    await expect(fetch(url)).rejects.toThrow();
  });
});

test('a distribution answers again after a restart, at the same address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fx-cloudfront-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await startTestAws({ folder });
  const before = await first.cloud();
  await before.call('s3', 'CreateBucket', { Bucket: 'files' });
  await before.call('s3', 'PutObject', { Bucket: 'files', Key: 'index.html', Body: Buffer.from('home') });
  const { Distribution } = await before.call('cloudfront', 'CreateDistribution', { DistributionConfig: base });
  const address = `https://${Distribution?.DomainName}`;
  const url = before.addresses.localized(address);
  await first.stop();
  const second = await startTestAws({ folder });
  onTestFinished(() => second.stop());
  expect((await second.cloud()).addresses.localized(address)).toBe(url);
  expect((await get(url)).text).toBe('home');
});

// S3 without an SDK's headers: presigned URLs of both signatures, and uploads by HTML forms.
import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { startTestAws, testClock } from '../fixture.ts';

const clock = testClock();
const aws = await startTestAws({ clock });
afterAll(() => aws.stop());
const cloud = await aws.cloud('us-east-1');
await cloud.call('s3', 'CreateBucket', { Bucket: 'forms' });
await cloud.call('s3', 'PutObject', { Bucket: 'forms', Key: 'old.txt', Body: Buffer.from('old') });

const stamp = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
const date = stamp(clock.now());
const credential = `AKIA/${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
function presigned(key: string, changes: Record<string, string | undefined> = {}): string {
  const url = new URL(`${aws.endpoint}/forms/${key}`);
  const query = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': credential,
    'X-Amz-Date': date,
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': 'ab',
    ...changes,
  };
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
const codeOf = async (response: Response) => {
  const text = await response.text();
  const element = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1];
  return { status: response.status, code: element('Code'), message: element('Message'), element };
};

test('a presigned URL puts an object, with headers in its query, and gets it under another type', async () => {
  const put = await fetch(presigned('a.txt', { 'x-amz-meta-foo': 'bar' }), { method: 'PUT', body: 'hello' });
  expect(put.status).toBe(200);
  const got = await fetch(presigned('a.txt', { 'response-content-type': 'text/plain' }));
  expect([await got.text(), got.headers.get('content-type'), got.headers.get('x-amz-meta-foo')]).toEqual([
    'hello',
    'text/plain',
    'bar',
  ]);
  const refused = await codeOf(await fetch(presigned('a.txt', { 'response-cache-control': 'a—b' })));
  expect([refused.code, refused.element('ArgumentName')]).toEqual(['InvalidArgument', 'response-cache-control']);
});

test('one that is over, incomplete or malformed is refused, and so are headers that it does not sign', async () => {
  const past = await codeOf(await fetch(presigned('a.txt', { 'X-Amz-Date': stamp(clock.now() - 61_000) })));
  expect(past).toMatchObject({ status: 403, code: 'AccessDenied', message: 'Request has expired' });
  expect([past.element('X-Amz-Expires'), past.element('ServerTime')]).toEqual(['60', expect.stringMatching(/Z$/)]);
  const unsigned = await fetch(presigned('a.txt'), { method: 'PUT', body: 'x', headers: { 'x-amz-meta-wrong': '1' } });
  const refusal = await codeOf(unsigned);
  expect([refusal.message, refusal.element('HeadersNotSigned')]).toEqual([
    'There were headers present in the request which were not signed',
    'x-amz-meta-wrong',
  ]);
  const encoded = await codeOf(await fetch(presigned('a.txt', { 'X-Amz-Credential': encodeURIComponent(credential) })));
  expect(encoded).toMatchObject({ status: 400, code: 'AuthorizationQueryParametersError' });
  expect(await codeOf(await fetch(presigned('a.txt', { 'X-Amz-Expires': undefined })))).toMatchObject({ status: 400 });
});

test('a URL of the former signature works until it is over', async () => {
  const former = (query: string) => fetch(`${aws.endpoint}/forms/old.txt?${query}`);
  const until = (ms: number) => Math.floor((clock.now() + ms) / 1000);
  expect((await former(`AWSAccessKeyId=AKIA&Signature=ab&Expires=${until(60_000)}`)).status).toBe(200);
  expect(await codeOf(await former(`AWSAccessKeyId=AKIA&Signature=ab&Expires=${until(-60_000)}`))).toMatchObject({
    ...{ status: 403, code: 'AccessDenied', message: 'Request has expired' },
  });
  expect(await codeOf(await former('AWSAccessKeyId=AKIA&Signature=ab'))).toMatchObject({
    message: 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
  });
});

type Fields = Record<string, string>;
/** A form with a policy of these conditions; its fields as conditions, too. */
function post(fields: Fields, conditions: unknown[] = [], more: { expires?: number; without?: string } = {}) {
  const signed: Fields = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': credential,
    'x-amz-date': date,
    ...fields,
  };
  const exact = Object.entries(signed)
    .filter(([name]) => !conditions.some((each) => Array.isArray(each) && each[1] === `$${name}`))
    .map(([name, value]) => ({ [name]: value }));
  const policy = {
    expiration: new Date(clock.now() + (more.expires ?? 60_000)).toISOString(),
    conditions: [{ bucket: 'forms' }, ...exact, ...conditions],
  };
  const form = new FormData();
  const all: Fields = {
    ...signed,
    policy: Buffer.from(JSON.stringify(policy)).toString('base64'),
    'x-amz-signature': 'ab',
  };
  for (const [name, value] of Object.entries(all)) if (name !== more.without) form.set(name, value);
  form.set('file', new Blob(['abcdef']), 'photo.png');
  return fetch(`${aws.endpoint}/forms`, { method: 'POST', body: form, redirect: 'manual' });
}

test('a form uploads an object, with its name, metadata, tags and what the browser gets', async () => {
  const tagging =
    '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag></TagSet></Tagging>';
  const made = await post({ key: 'up/photo.png', 'x-amz-meta-by': 'ann', tagging, success_action_status: '201' });
  const answer = await codeOf(made);
  expect([answer.status, answer.element('Bucket'), answer.element('Key')]).toEqual([201, 'forms', 'up/photo.png']);
  expect(answer.element('ETag')).toBe(`&quot;${createHash('md5').update('abcdef').digest('hex')}&quot;`);
  const object = { Bucket: 'forms', Key: 'up/photo.png' };
  expect((await cloud.call('s3', 'HeadObject', object)).Metadata).toEqual({ by: 'ann' });
  expect((await cloud.call('s3', 'GetObjectTagging', object)).TagSet).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
  const named = await post({ key: 'in/${filename}' }, [['starts-with', '$key', 'in/']]);
  expect([named.status, named.headers.get('location')]).toEqual([204, `${aws.endpoint}/forms/in%2Fphoto.png`]);
  const elsewhere = await post({ key: 'r', success_action_redirect: 'http://localhost/done' });
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([
    303,
    expect.stringMatching(/^http:\/\/localhost\/done\?bucket=forms&key=r&etag=/),
  ]);
});

test('a form that its policy does not allow uploads nothing', async () => {
  const refused = async (response: Promise<Response>) => {
    const { status, code, message } = await codeOf(await response);
    return [status, code, message];
  };
  expect(await refused(post({ key: 'k' }, [], { expires: -1000 }))).toEqual([
    ...[403, 'AccessDenied', 'Invalid according to Policy: Policy expired.'],
  ]);
  expect(await refused(post({ key: 'out/k' }, [['starts-with', '$key', 'in/']]))).toEqual([
    ...[403, 'AccessDenied', 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "in/"]'],
  ]);
  expect(await refused(post({ key: 'k' }, [['content-length-range', 10, 20]]))).toEqual([
    ...[400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size'],
  ]);
  expect(await refused(post({ key: 'k' }, [], { without: 'x-amz-signature' }))).toEqual([
    400,
    'InvalidArgument',
    expect.stringMatching(/^Bucket POST must contain a field named (')?(&apos;)?X-Amz-Signature/),
  ]);
  expect(await refused(post({ key: 'k', tagging: 'not xml' }))).toEqual([400, 'MalformedXML', expect.any(String)]);
});

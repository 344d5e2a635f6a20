// Uploads to S3 by an HTML form, with a policy that says what the form may contain.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html, https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
import type { IncomingMessage } from 'node:http';
import { AwsError, type Input } from './cloud.ts';

export interface PostedObject {
  readonly accessKeyId: string;
  readonly region: string;
  readonly input: Input<'s3', 'PutObject'>;
  /** XML, if the form has tags. */
  readonly tagging: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

export function isFormUpload(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  { pathname }: URL,
): boolean {
  const isBucket = /^\/[^/]+\/?$/.test(pathname);
  return method === 'POST' && isBucket && /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}

/** Reads the form and checks it against its policy. `now`: milliseconds. */
export async function readFormUpload(
  {
    headers,
    pathname,
    body,
  }: { readonly headers: IncomingMessage['headers']; readonly pathname: string; readonly body: Buffer },
  now: number,
): Promise<PostedObject> {
  const Bucket = decodeURIComponent(pathname.split('/')[1] ?? '');
  const { fields, file } = await readForm(body, headers['content-type'] ?? '');
  if (file === undefined) {
    throw invalid('POST requires exactly one file upload per request.', { ArgumentName: 'file', ArgumentValue: '0' });
  }
  const Key = (fields['key'] ?? '').replaceAll('${filename}', file.name);
  if (Key === '') {
    throw invalid(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      {
        ArgumentName: 'key',
        ArgumentValue: '',
      },
    );
  }
  const accessKeyId = checkSigned(fields);
  checkPolicy({ ...fields, key: Key, bucket: Bucket }, file.bytes.length, now);
  const region = fields['x-amz-credential']?.split('/')[2] ?? 'us-east-1';
  const named = (name: string, member: string) => (fields[name] === undefined ? {} : { [member]: fields[name] });
  const metadata = Object.entries(fields).filter(([name]) => name.startsWith('x-amz-meta-'));
  return {
    accessKeyId,
    region,
    fields,
    tagging: fields['tagging'],
    input: {
      Bucket,
      Key,
      Body: file.bytes,
      ...named('acl', 'ACL'),
      ...named('cache-control', 'CacheControl'),
      ...named('content-disposition', 'ContentDisposition'),
      ...named('content-encoding', 'ContentEncoding'),
      ...named('content-type', 'ContentType'),
      ...named('x-amz-storage-class', 'StorageClass'),
      ...named('x-amz-server-side-encryption', 'ServerSideEncryption'),
      ...(metadata.length === 0
        ? {}
        : { Metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice('x-amz-meta-'.length), value])) }),
    } as Input<'s3', 'PutObject'>,
  };
}

/** The status, and what is beside it: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html#RESTObjectPOST-responses */
export function formAnswer(
  { input, fields }: PostedObject,
  { etag, endpoint }: { readonly etag: string; readonly endpoint: string },
): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const { Bucket = '', Key = '' } = input;
  const location = `${endpoint}/${Bucket}/${encodeURIComponent(Key)}`;
  const headers = { etag, location };
  const redirect = fields['success_action_redirect'] ?? fields['redirect'];
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket: Bucket, key: Key, etag }))
      url.searchParams.append(name, value);
    return { status: 303, headers: { ...headers, location: url.href }, body: '' };
  }
  const status = fields['success_action_status'];
  if (status === '200') return { status: 200, headers, body: '' };
  if (status !== '201') return { status: 204, headers, body: '' };
  const element = (name: string, value: string) => `<${name}>${escaped(value)}</${name}>`;
  const parts = [element('Location', location), element('Bucket', Bucket), element('Key', Key), element('ETag', etag)];
  return {
    status: 201,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${parts.join('')}</PostResponse>`,
  };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

interface Form {
  /** By name in lower case. */
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly bytes: Buffer } | undefined;
}

async function readForm(body: Buffer, type: string): Promise<Form> {
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw new AwsError(
      'MalformedPOSTRequest',
      'The body of your POST request is not well-formed multipart/form-data.',
      400,
    );
  }
  const fields: Record<string, string> = {};
  let file: Form['file'];
  for (const [name, value] of form) {
    if (name === 'file') {
      file =
        typeof value === 'string'
          ? { name: '', bytes: Buffer.from(value) }
          : { name: value.name, bytes: Buffer.from(await value.arrayBuffer()) };
      // S3 ignores what comes after the file
      break;
    }
    if (typeof value === 'string') fields[name.toLowerCase()] = value;
  }
  return { fields, file };
}

/** The signature itself cannot be checked: the local AWS has no secrets. Returns the access key. */
function checkSigned(fields: Readonly<Record<string, string>>): string {
  if (fields['policy'] === undefined) throw new AwsError('AccessDenied', 'Access Denied', 403);
  const isFormer = fields['awsaccesskeyid'] !== undefined || fields['signature'] !== undefined;
  const needed = isFormer
    ? ['AWSAccessKeyId', 'signature']
    : ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'];
  const missing = needed.find((name) => fields[name.toLowerCase()] === undefined);
  if (missing !== undefined) {
    throw invalid(
      `Bucket POST must contain a field named '${missing}'.  If it is specified, please check the order of the fields.`,
      {
        ArgumentName: missing,
        ArgumentValue: 'null',
      },
    );
  }
  return fields['awsaccesskeyid'] ?? fields['x-amz-credential']?.split('/')[0] ?? '';
}

/** Fields that need no condition. */
const free = new Set(['policy', 'x-amz-signature', 'signature', 'awsaccesskeyid', 'file', 'bucket']);

function checkPolicy(fields: Readonly<Record<string, string>>, size: number, now: number): void {
  const { expiration, conditions } = parsedPolicy(fields['policy'] ?? '');
  const refused = (why: string) => new AwsError('AccessDenied', `Invalid according to Policy: ${why}`, 403);
  if (Date.parse(expiration) < now) throw refused('Policy expired.');
  const covered = new Set<string>();
  for (const condition of conditions) {
    for (const [operator, name, value, most] of conditionsOf(condition)) {
      if (operator === 'content-length-range') {
        checkSize(size, Number(name), Number(value));
        continue;
      }
      const field = String(name).replace(/^\$/, '').toLowerCase();
      covered.add(field);
      const actual = fields[field] ?? '';
      const holds =
        operator === 'eq' ? actual === value : operator === 'starts-with' && actual.startsWith(String(value));
      if (!holds || most !== undefined) {
        throw refused(`Policy Condition failed: ["${operator}", "${name}", "${value}"]`);
      }
    }
  }
  const extra = Object.keys(fields).find(
    (name) => !free.has(name) && !name.startsWith('x-ignore-') && !covered.has(name),
  );
  if (extra !== undefined) throw refused(`Extra input fields: ${extra}`);
}

function checkSize(size: number, least: number, most: number): void {
  const fields = { ProposedSize: String(size) };
  if (size < least) {
    throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
      ...fields,
      MinSizeAllowed: String(least),
    });
  }
  if (size > most) {
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
      ...fields,
      MaxSizeAllowed: String(most),
    });
  }
}

type Condition = readonly unknown[];

/** `{"bucket": "b"}` is `["eq", "$bucket", "b"]`. */
function conditionsOf(condition: unknown): readonly Condition[] {
  if (Array.isArray(condition)) return [[String(condition[0]).toLowerCase(), ...(condition.slice(1) as unknown[])]];
  return Object.entries(condition as object).map(([name, value]) => ['eq', `$${name}`, value]);
}

function parsedPolicy(text: string): { readonly expiration: string; readonly conditions: readonly unknown[] } {
  try {
    const { expiration, conditions } = JSON.parse(Buffer.from(text, 'base64').toString()) as {
      expiration?: unknown;
      conditions?: unknown;
    };
    if (typeof expiration === 'string' && Array.isArray(conditions)) return { expiration, conditions };
  } catch {
    // refused below
  }
  throw new AwsError('InvalidPolicyDocument', 'Invalid Policy: Invalid JSON.', 400);
}

const invalid = (message: string, fields: Readonly<Record<string, string>>) =>
  new AwsError('InvalidArgument', message, 400, fields);

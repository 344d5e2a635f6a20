// Lambda@Edge on the local AWS: when functions are called, what they see and may change, and which functions CloudFront takes.
import { afterAll, describe, expect, test } from 'vitest';
import type { Input } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';
import { createFunction } from '../lambda/fixture.ts';

const aws = await startTestAws();
afterAll(() => aws.stop());
const cloud = await aws.cloud();
await cloud.call('s3', 'CreateBucket', { Bucket: 'files' });
for (const Key of ['index.html', 'en/page.html', 'error.html']) {
  await cloud.call('s3', 'PutObject', { Bucket: 'files', Key, Body: Buffer.from(Key), ContentType: 'text/html' });
}

const trusted = (...services: string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
  });
const role = async (RoleName: string, ...services: string[]) => {
  const { Role } = await cloud.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: trusted(...services) });
  return Role?.Arn ?? '';
};
const edgeRole = await role('edge', 'lambda.amazonaws.com', 'edgelambda.amazonaws.com');

type Config = NonNullable<Input<'cloudfront', 'CreateDistribution'>['DistributionConfig']>;
type Behavior = NonNullable<Config['DefaultCacheBehavior']>;
type Association = NonNullable<NonNullable<Behavior['LambdaFunctionAssociations']>['Items']>[number];

async function version(source: string, settings: Parameters<typeof createFunction>[2] = {}): Promise<string> {
  const all = { Role: edgeRole, Timeout: 5, Architectures: ['x86_64' as const], ...settings };
  const FunctionName = await createFunction(cloud, source, all);
  const { FunctionArn } = await cloud.call('lambda', 'PublishVersion', { FunctionName });
  return FunctionArn ?? '';
}

async function distribution(items: readonly Association[], config: Partial<Config> = {}, behavior = {}) {
  const { Distribution } = await cloud.call('cloudfront', 'CreateDistribution', {
    DistributionConfig: {
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
      DefaultCacheBehavior: {
        TargetOriginId: 'files',
        ViewerProtocolPolicy: 'allow-all',
        CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
        AllowedMethods: { Quantity: 7, Items: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'] },
        LambdaFunctionAssociations: { Quantity: items.length, Items: [...items] },
        ...behavior,
      },
      ...config,
    },
  });
  return { Id: Distribution?.Id, url: cloud.addresses.localized(`https://${Distribution?.DomainName}`) };
}

async function get(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { redirect: 'manual', ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const on = (EventType: Association['EventType'], LambdaFunctionARN: string, IncludeBody = false): Association => ({
  EventType,
  LambdaFunctionARN,
  IncludeBody,
});

/** Answers with its own event, the length of the body in place of the body. */
const showing = `export const handler = async ({ Records: [{ cf }] }) => {
  if (cf.request.body) cf.request.body.data = Buffer.from(cf.request.body.data, 'base64').length;
  return { status: '200', body: JSON.stringify(cf), headers: { 'x-shown': [{ value: '1' }] } };
};`;

describe('a function on viewer-request', () => {
  test('sees the request, may answer it, and gets the body if it is asked to', async () => {
    const { url, Id } = await distribution([on('viewer-request', await version(showing), true)]);
    const answered = await get(`${url}/a%20b?x=1&x=2`, {
      method: 'POST',
      body: 'y'.repeat(50_000),
      headers: { 'X-Mine': 'a', 'x-amz-cf-id': 'hidden' },
    });
    expect([answered.status, answered.headers.get('x-shown')]).toEqual([200, '1']);
    const { config, request } = JSON.parse(answered.text);
    expect(config).toMatchObject({ distributionId: Id, eventType: 'viewer-request' });
    expect(request).toMatchObject({
      clientIp: '127.0.0.1',
      method: 'POST',
      uri: '/a%20b',
      querystring: 'x=1&x=2',
      body: { inputTruncated: true, action: 'read-only', encoding: 'base64', data: 40 * 1024 },
    });
    expect(request.headers['x-mine'][0].value).toBe('a');
    expect(request.headers.host).toEqual([{ key: 'Host', value: config.distributionDomainName }]);
    expect(request.headers['x-amz-cf-id']).toBeUndefined();
    expect(request.origin).toBeUndefined();
  });

  test('may change the path', async () => {
    const code =
      'export const handler = async ({ Records: [{ cf: { request } }] }) => { request.uri = "/en" + request.uri; return request; };';
    const { url } = await distribution([on('viewer-request', await version(code))]);
    expect((await get(`${url}/page.html`)).text).toBe('en/page.html');
  });
});

describe('a function on origin-request', () => {
  test('sees the origin, and what CloudFront sends there', async () => {
    const { url } = await distribution([on('origin-request', await version(showing))]);
    const { request, config } = JSON.parse((await get(`${url}/?x=1`, { headers: { cookie: 'a=1' } })).text);
    expect(config.eventType).toBe('origin-request');
    expect(request).toMatchObject({
      uri: '/index.html',
      querystring: '',
      origin: {
        s3: { domainName: 'files.s3.us-east-1.amazonaws.com', path: '', region: 'us-east-1', customHeaders: {} },
      },
    });
    expect(request.headers['user-agent']).toEqual([{ key: 'User-Agent', value: 'Amazon CloudFront' }]);
    expect(request.headers.cookie).toBeUndefined();
  });

  test('may choose another origin', async () => {
    await cloud.call('s3', 'CreateBucket', { Bucket: 'others' });
    await cloud.call('s3', 'PutObject', { Bucket: 'others', Key: 'deep/index.html', Body: Buffer.from('other') });
    const code = `export const handler = async ({ Records: [{ cf: { request } }] }) => {
      request.origin = { s3: { domainName: 'others.s3.us-east-1.amazonaws.com', path: '/deep', region: 'us-east-1', authMethod: 'none', customHeaders: {} } };
      request.headers.host = [{ key: 'Host', value: 'others.s3.us-east-1.amazonaws.com' }];
      return request;
    };`;
    const { url } = await distribution([on('origin-request', await version(code))]);
    expect((await get(url)).text).toBe('other');
  });
});

describe('functions on responses', () => {
  const marking = `export const handler = async ({ Records: [{ cf: { config, request, response } }] }) => {
    response.headers['x-' + config.eventType] = [{ key: 'X-Seen', value: request.uri + ' ' + response.status }];
    return response;
  };`;

  test('add headers: on origin-response for every status, on viewer-response not for errors', async () => {
    const arn = await version(marking);
    const { url } = await distribution([on('origin-response', arn), on('viewer-response', arn)]);
    const found = await get(`${url}/index.html`);
    expect(found.text).toBe('index.html');
    expect(found.headers.get('x-origin-response')).toBe('/index.html 200');
    expect(found.headers.get('x-viewer-response')).toBe('/index.html 200');
    expect(found.headers.get('content-type')).toBe('text/html');
    expect(found.headers.get('x-cache')).toBe('Miss from cloudfront');
    const missing = await get(`${url}/none`);
    expect(missing.status).toBe(404);
    expect(missing.headers.get('x-origin-response')).toBe('/none 404');
    expect(missing.headers.get('x-viewer-response')).toBeNull();
  });

  test('on origin-response may replace status and body, on viewer-response neither', async () => {
    const code =
      'export const handler = async ({ Records: [{ cf: { response } }] }) => ({ ...response, status: "200", statusDescription: "Fine", body: "none here" });';
    const arn = await version(code);
    const { url } = await distribution([on('origin-response', arn)]);
    expect(await get(`${url}/none`)).toMatchObject({ status: 200, text: 'none here' });
    const shown = await distribution([
      on(
        'viewer-response',
        await version('export const handler = async (event) => ({ ...event.Records[0].cf.response, status: "201" });'),
      ),
    ]);
    expect(await get(shown.url)).toMatchObject({ status: 502 });
  });

  test('are not called after a function answered on viewer-request', async () => {
    const { url } = await distribution([
      on('viewer-request', await version(showing)),
      on('viewer-response', await version(marking)),
    ]);
    expect((await get(url)).headers.get('x-viewer-response')).toBeNull();
  });
});

describe('what a function returns', () => {
  test.each([
    ['nothing', 'return undefined', 'neither a request nor a response'],
    ['a path without a slash', 'return { ...request, uri: "a" }', 'begins with a slash'],
    ['another method', 'return { ...request, method: "PUT" }', 'changed the method'],
    ['another host', 'request.headers.host[0].value = "a"; return request', 'host, which is read-only'],
    [
      'a header that CloudFront keeps',
      'request.headers["x-edge-a"] = [{ value: "1" }]; return request',
      'does not allow',
    ],
    ['a header that is no list', 'request.headers.a = "1"; return request', 'invalid entry in the headers object: a'],
    ['an impossible status', 'return { status: "99" }', '"99" as the status'],
    ['a response that is too large', 'return { status: "200", body: "x".repeat(41000) }', 'more than 40960 bytes'],
    ['another encoding', 'return { status: "200", body: "", bodyEncoding: "hex" }', 'the bodyEncoding "hex"'],
  ])('as %s is a 502', async (_, statement, message) => {
    const code = `export const handler = async ({ Records: [{ cf: { request } }] }) => { ${statement} };`;
    const { url } = await distribution([on('viewer-request', await version(code))]);
    const { status, text, headers } = await get(url);
    expect([status, headers.get('x-cache')]).toEqual([502, 'LambdaValidationError from cloudfront']);
    expect(text).toContain(message);
  });

  test('as an error is a 503', async () => {
    const code = 'export const handler = async () => { throw new Error("no"); };';
    const { url } = await distribution([on('viewer-request', await version(code))]);
    const { status, headers } = await get(url);
    expect([status, headers.get('x-cache')]).toEqual([503, 'LambdaExecutionError from cloudfront']);
  });
});

describe('CloudFront refuses', () => {
  const fine = 'export const handler = async () => ({ status: "200" });';
  const refusal = async (items: readonly Association[], behavior = {}) =>
    distribution(items, {}, behavior).then(
      () => undefined,
      (error: { code?: string; message?: string }) => `${error.code}: ${error.message}`,
    );

  test.each([
    ['memory', { MemorySize: 256 }, 'triggered by a CloudFront event: 256 Max allowed size: 128'],
    ['a timeout', { Timeout: 6 }, 'Max allowed timeout: 5'],
    ['variables', { Environment: { Variables: { AB: '1' } } }, 'cannot have environment variables'],
    ['another architecture', { Architectures: ['arm64' as const] }, 'x86_64'],
    ['X-Ray', { TracingConfig: { Mode: 'Active' as const }, Role: '' }, 'X-Ray'],
  ])('a function with too much: %s', async (_, settings, message) => {
    const traced = 'Role' in settings ? { ...settings, Role: await tracingRole() } : settings;
    expect(await refusal([on('viewer-request', await version(fine, traced))])).toContain(message);
  });

  const tracingRole = async () => {
    const Role = await role('tracing', 'lambda.amazonaws.com', 'edgelambda.amazonaws.com');
    const Statement = [
      { Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
    ];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await cloud.call('iam', 'PutRolePolicy', { RoleName: 'tracing', PolicyName: 'inline', PolicyDocument });
    return Role;
  };

  test('an alias, $LATEST, and a function elsewhere or nowhere', async () => {
    const arn = await version(fine);
    const bare = arn.slice(0, arn.lastIndexOf(':'));
    for (const wrong of [bare, `${bare}:live`, `${bare}:$LATEST`]) {
      expect(await refusal([on('viewer-request', wrong)])).toContain('must reference a specific function version');
    }
    expect(await refusal([on('viewer-request', arn.replace('us-east-1', 'eu-west-1'))])).toContain(
      "region 'us-east-1'",
    );
    expect(await refusal([on('viewer-request', `${bare}:99`)])).toContain("can't find the function");
  });

  test('a role that edgelambda.amazonaws.com may not assume', async () => {
    const Role = await role('plain', 'lambda.amazonaws.com');
    const refused = await refusal([on('viewer-request', await version(fine, { Role }))]);
    expect(refused).toContain('must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com');
    expect(refused).toMatch(/^InvalidLambdaFunctionAssociation/);
  });

  test('two functions on one event, the body of a response, and a CloudFront function beside one for viewers', async () => {
    const arn = await version(fine);
    expect(await refusal([on('origin-request', arn), on('origin-request', arn)])).toContain('one function for each');
    expect(await refusal([on('origin-response', arn, true)])).toContain('request events only');
    const FunctionAssociations = { Quantity: 1, Items: [{ EventType: 'viewer-request', FunctionARN: 'arn:f' }] };
    expect(await refusal([on('viewer-response', arn)], { FunctionAssociations })).toContain('cannot have both');
    expect(await refusal([on('origin-request', arn)], { FunctionAssociations })).toBeUndefined();
  });
});

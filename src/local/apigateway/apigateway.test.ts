import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';
import { createFunction } from '../lambda/fixture.ts';
import { startTestLambda } from '../lambda/test-lambda.ts';

const { cloud, Role } = await startTestLambda();
const echo = await createFunction(
  cloud,
  `export const handler = async (event) => 'answer' in JSON.parse(event.headers.x ?? '{}') ? JSON.parse(event.headers.x).answer : { event }`,
  { Role },
);

const call = <O extends OperationName<'apigateway'>>(operation: O, input: Input<'apigateway', O>) =>
  cloud.call('apigateway', operation, input);
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

interface ApiOptions {
  readonly fn?: string;
  readonly uri?: string;
  readonly stage?: string;
  readonly format?: string;
  readonly permission?: string | undefined;
  readonly api?: Partial<Input<'apigateway', 'CreateApi'>>;
  readonly variables?: Record<string, string>;
  readonly timeout?: number;
}

async function createApi(keys: readonly string[], options: ApiOptions = {}) {
  const fn = options.fn ?? echo;
  const { ApiId = '', ApiEndpoint = '' } = await call('CreateApi', {
    Name: 'api',
    ProtocolType: 'HTTP',
    ...options.api,
  });
  const { IntegrationId } = await call('CreateIntegration', {
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: options.uri ?? functionArn(fn),
    PayloadFormatVersion: options.format ?? '2.0',
    TimeoutInMillis: options.timeout,
  });
  for (const RouteKey of keys) await call('CreateRoute', { ApiId, RouteKey, Target: `integrations/${IntegrationId}` });
  await call('CreateStage', {
    ApiId,
    StageName: options.stage ?? '$default',
    AutoDeploy: true,
    StageVariables: options.variables,
  });
  const [name, Qualifier] = fn.split(':');
  if (!('permission' in options) || options.permission !== undefined) {
    await cloud.call('lambda', 'AddPermission', {
      FunctionName: name,
      Qualifier,
      StatementId: ApiId,
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/${options.permission ?? '*'}`,
    });
  }
  return { ApiId, ApiEndpoint, IntegrationId };
}

async function get(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}
// biome-ignore lint/suspicious/noExplicitAny: tests look into events of several shapes
const eventOf = async (url: string, init?: RequestInit): Promise<any> => JSON.parse((await get(url, init)).text).event;
/** The response if the function returns that value. */
const answered = (url: string, answer: unknown) => get(url, { headers: { x: JSON.stringify({ answer }) } });

describe('the event', () => {
  test('of format 2.0 has the documented members and no others', async () => {
    const { ApiId, ApiEndpoint } = await createApi(['POST /orders/{id}']);
    const event = await eventOf(`${ApiEndpoint}/orders/a%20b?x=1&y=%C3%A9&x=2`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'X-Custom': 'Value', cookie: 'a=1; b=2', 'user-agent': 'me' },
    });
    const host = ApiEndpoint.slice('http://'.length);
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /orders/{id}',
      rawPath: '/orders/a b',
      rawQueryString: 'x=1&y=%C3%A9&x=2',
      cookies: ['a=1', 'b=2'],
      headers: expect.objectContaining({
        'content-length': '7',
        'content-type': 'application/json',
        host,
        'user-agent': 'me',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-custom': 'Value',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': host.split(':')[1],
        'x-forwarded-proto': 'http',
      }),
      queryStringParameters: { x: '1,2', y: 'é' },
      requestContext: {
        accountId: '000000000000',
        apiId: ApiId,
        domainName: host,
        domainPrefix: ApiId,
        http: { method: 'POST', path: '/orders/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'me' },
        requestId: expect.stringMatching(/^[\w+/]{15}=$/),
        routeKey: 'POST /orders/{id}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      pathParameters: { id: 'a b' },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event.headers).not.toHaveProperty('connection');
    expect(Math.abs(event.requestContext.timeEpoch - cloud.now())).toBeLessThan(60_000);
  });

  test('leaves out members without a value', async () => {
    const { ApiEndpoint } = await createApi(['GET /']);
    const event = await eventOf(ApiEndpoint);
    expect(Object.keys(event)).toEqual([
      'version',
      'routeKey',
      'rawPath',
      'rawQueryString',
      'headers',
      'requestContext',
      'isBase64Encoded',
    ]);
    expect(event.rawQueryString).toBe('');
  });

  test.each([
    ['text/plain; charset=utf-8', false],
    ['application/x-www-form-urlencoded', true],
    ['image/png', true],
  ])('has a body of %s encoded: %s', async (type, isBase64Encoded) => {
    const { ApiEndpoint } = await createApi(['POST /']);
    const event = await eventOf(ApiEndpoint, { method: 'POST', body: 'a=b', headers: { 'content-type': type } });
    expect(event).toMatchObject({ isBase64Encoded, body: isBase64Encoded ? 'YT1i' : 'a=b' });
  });

  test('joins repeated headers with commas', async () => {
    const { ApiEndpoint } = await createApi(['GET /']);
    const text = await new Promise<string>((done, fail) => {
      const request = httpRequest(ApiEndpoint, { headers: { 'x-many': ['1', '2'] } }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        done(Buffer.concat(chunks).toString());
      });
      request.on('error', fail).end();
    });
    expect(JSON.parse(text).event.headers['x-many']).toBe('1,2');
  });

  test('of format 1.0 has its own shape, with nulls', async () => {
    const { ApiEndpoint } = await createApi(['GET /a/{id}'], { format: '1.0' });
    const answer = { statusCode: 200, body: 'ok', multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] } };
    const response = await answered(`${ApiEndpoint}/a/1?x=1&x=2`, answer);
    expect(response).toMatchObject({ status: 200, text: 'ok' });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    const fn = await createFunction(
      cloud,
      `export const handler = async (e) => ({ statusCode: 200, body: JSON.stringify(e) })`,
      { Role },
    );
    const own = await createApi(['GET /a/{id}'], { format: '1.0', fn });
    const event = JSON.parse((await get(`${own.ApiEndpoint}/a/1?x=1&x=2`)).text);
    expect(event).toMatchObject({
      version: '1.0',
      resource: '/a/{id}',
      path: '/a/1',
      httpMethod: 'GET',
      queryStringParameters: { x: '2' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
      requestContext: {
        resourceId: 'GET /a/{id}',
        resourcePath: '/a/{id}',
        identity: { sourceIp: '127.0.0.1', user: null },
      },
      pathParameters: { id: '1' },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
    });
  });
});

describe('the response', () => {
  let url: string;
  beforeAll(async () => {
    url = (await createApi(['ANY /'])).ApiEndpoint;
  });

  test.each<[unknown, number, string, string | null]>([
    [{ hello: 1 }, 200, '{"hello":1}', 'application/json'],
    ['text', 200, 'text', 'application/json'],
    [null, 200, 'null', 'application/json'],
    [[1], 200, '[1]', 'application/json'],
    [{ statusCode: 201, body: 'made' }, 201, 'made', 'text/plain;charset=utf-8'],
    [{ statusCode: 404, headers: { 'Content-Type': 'text/html' }, body: '<p>' }, 404, '<p>', 'text/html'],
    [
      { statusCode: 200, body: 'aGk=', isBase64Encoded: true, headers: { 'content-type': 'image/x' } },
      200,
      'hi',
      'image/x',
    ],
    [{ statusCode: 204 }, 204, '', null],
    [{ statusCode: 200, body: { a: 1 } }, 500, '{"message":"Internal Server Error"}', 'application/json'],
    [{ statusCode: 'bad' }, 500, '{"message":"Internal Server Error"}', 'application/json'],
  ])('to %j', async (answer, status, text, type) => {
    const response = await answered(url, answer);
    expect([response.status, response.text, response.headers.get('content-type')]).toEqual([status, text, type]);
    expect(response.headers.get('apigw-requestid')).toBeTruthy();
  });

  test('each cookie has its own header', async () => {
    const { headers } = await answered(url, { statusCode: 200, cookies: ['a=1; Secure', 'b=2'], headers: { n: 1 } });
    expect(headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
    expect(headers.get('n')).toBe('1');
  });
});

describe('failing', () => {
  const failed = { status: 500, text: '{"message":"Internal Server Error"}' };

  test('a request that matches no route is not found', async () => {
    const { ApiEndpoint } = await createApi(['GET /a']);
    expect(await get(`${ApiEndpoint}/b`)).toMatchObject({ status: 404, text: '{"message":"Not Found"}' });
  });

  test('a function that throws is an Internal Server Error', async () => {
    const fn = await createFunction(cloud, `export const handler = async () => { throw new Error('secret') }`, {
      Role,
    });
    const { ApiEndpoint } = await createApi(['GET /'], { fn });
    expect(await get(ApiEndpoint)).toMatchObject(failed);
  });

  test('so is a function without permission for the API, its route or the alias', async () => {
    const open = await createApi(['GET /a'], { permission: undefined });
    expect(await get(`${open.ApiEndpoint}/a`)).toMatchObject(failed);
    const other = await createApi(['GET /a/{id}'], { permission: '*/*/b' });
    expect(await get(`${other.ApiEndpoint}/a/1`)).toMatchObject(failed);
    const exact = await createApi(['GET /a/{id}'], { permission: '$default/GET/a/{id}' });
    expect((await get(`${exact.ApiEndpoint}/a/1`)).status).toBe(200);
    await cloud.call('lambda', 'PublishVersion', { FunctionName: echo });
    await cloud.call('lambda', 'CreateAlias', { FunctionName: echo, Name: 'live', FunctionVersion: '1' });
    const alias = await createApi(['GET /a'], { uri: functionArn(`${echo}:live`) });
    expect(await get(`${alias.ApiEndpoint}/a`)).toMatchObject(failed);
    const allowed = await createApi(['GET /a'], { uri: functionArn(`${echo}:live`), fn: `${echo}:live` });
    expect((await get(`${allowed.ApiEndpoint}/a`)).status).toBe(200);
  });

  test('a body over 10 MB is refused', async () => {
    const { ApiEndpoint } = await createApi(['POST /']);
    const body = Buffer.alloc(10 * 1024 * 1024 + 1);
    expect(await get(ApiEndpoint, { method: 'POST', body })).toMatchObject({
      status: 413,
      text: '{"message":"Request Entity Too Large"}',
    });
  });

  test('an integration that exceeds its timeout is unavailable', async () => {
    const fn = await createFunction(cloud, `export const handler = () => new Promise((r) => setTimeout(r, 2000))`, {
      Role,
    });
    const { ApiEndpoint } = await createApi(['GET /'], { fn, timeout: 50 });
    expect(await get(ApiEndpoint)).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' });
  });
});

describe('stages', () => {
  test('a named stage is the first part of the path, and has its variables', async () => {
    const { ApiEndpoint } = await createApi(['GET /a'], { stage: 'dev', variables: { colour: 'red' } });
    expect((await get(`${ApiEndpoint}/a`)).status).toBe(404);
    const event = await eventOf(`${ApiEndpoint}/dev/a`);
    expect(event).toMatchObject({
      rawPath: '/dev/a',
      routeKey: 'GET /a',
      requestContext: { stage: 'dev' },
      stageVariables: { colour: 'red' },
    });
  });

  test('a stage variable may name the function', async () => {
    const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn('${stageVariables.fn}')}/invocations`;
    const { ApiEndpoint } = await createApi(['$default'], { uri, variables: { fn: echo } });
    expect((await get(ApiEndpoint)).status).toBe(200);
  });

  test('without AutoDeploy a stage serves what was deployed', async () => {
    const { ApiId, ApiEndpoint, IntegrationId } = await createApi(['GET /a']);
    await call('UpdateStage', { ApiId, StageName: '$default', AutoDeploy: false });
    await call('CreateDeployment', { ApiId, StageName: '$default' });
    await call('CreateRoute', { ApiId, RouteKey: 'GET /b', Target: `integrations/${IntegrationId}` });
    expect((await get(`${ApiEndpoint}/b`)).status).toBe(404);
    const { DeploymentId } = await call('CreateDeployment', { ApiId });
    expect((await get(`${ApiEndpoint}/b`)).status).toBe(404);
    await call('UpdateStage', { ApiId, StageName: '$default', DeploymentId });
    expect((await get(`${ApiEndpoint}/b`)).status).toBe(200);
  });
});

describe('CORS', () => {
  const CorsConfiguration = {
    AllowOrigins: ['https://a.example', 'https://*.b.example'],
    AllowMethods: ['GET', 'POST'],
    AllowHeaders: ['x-custom'],
    ExposeHeaders: ['x-out'],
    AllowCredentials: true,
    MaxAge: 60,
  };
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET' },
  });

  test('a preflight is answered without a route', async () => {
    const { ApiEndpoint } = await createApi(['GET /'], { api: { CorsConfiguration } });
    const { status, headers } = await get(ApiEndpoint, preflight('https://x.b.example'));
    expect(status).toBe(204);
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': 'https://x.b.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-custom',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
    });
    const other = await get(ApiEndpoint, preflight('https://evil.example'));
    expect(other.status).toBe(204);
    expect(other.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('responses get the configured headers in place of the function’s', async () => {
    const { ApiEndpoint } = await createApi(['GET /'], { api: { CorsConfiguration } });
    const x = JSON.stringify({ answer: { statusCode: 200, headers: { 'access-control-allow-origin': 'own' } } });
    const { headers } = await get(ApiEndpoint, { headers: { origin: 'https://a.example', x } });
    expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(headers.get('access-control-expose-headers')).toBe('x-out');
  });

  test('without a configuration OPTIONS is a request like any other', async () => {
    const { ApiEndpoint } = await createApi(['GET /']);
    expect((await get(ApiEndpoint, preflight('https://a.example'))).status).toBe(404);
  });
});

describe('the operations', () => {
  test('return what was created, and refuse what is not supported or already exists', async () => {
    const { ApiId, ApiEndpoint, IntegrationId } = await createApi(['GET /a'], {
      api: { Tags: { a: '1' }, Description: 'd' },
    });
    expect(await call('GetApi', { ApiId })).toMatchObject({
      ApiId,
      ApiEndpoint,
      Name: 'api',
      ProtocolType: 'HTTP',
      Description: 'd',
      RouteSelectionExpression: '$request.method $request.path',
      Tags: { a: '1' },
    });
    expect((await call('GetStage', { ApiId, StageName: '$default' })).AutoDeploy).toBe(true);
    expect((await call('GetRoutes', { ApiId })).Items).toMatchObject([
      { RouteKey: 'GET /a', Target: `integrations/${IntegrationId}` },
    ]);
  });

  test('tags are kept by ARN, of APIs and stages', async () => {
    const { ApiId } = await createApi(['GET /']);
    const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}/stages/$default`;
    await call('TagResource', { ResourceArn, Tags: { a: '1', b: '2' } });
    await call('UntagResource', { ResourceArn, TagKeys: ['a'] });
    expect(await call('GetTags', { ResourceArn })).toEqual({ Tags: { b: '2' } });
  });

  test('a deleted API no longer listens', async () => {
    const { ApiId, ApiEndpoint } = await createApi(['GET /']);
    await call('DeleteApi', { ApiId });
    await expect(fetch(ApiEndpoint)).rejects.toThrow();
  });
});

test('an API keeps its port over a restart, unless it is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fx-apigateway-'));
  const restarted = async () => {
    const host = await startTestAws({ folder });
    const region = await host.cloud();
    return { host, region };
  };
  const first = await restarted();
  const { ApiId, ApiEndpoint } = await first.region.call('apigateway', 'CreateApi', {
    Name: 'kept',
    ProtocolType: 'HTTP',
  });
  await first.host.stop();
  const second = await restarted();
  expect((await second.region.call('apigateway', 'GetApi', { ApiId })).ApiEndpoint).toBe(ApiEndpoint);
  expect((await fetch(ApiEndpoint ?? '')).status).toBe(404);
  await second.host.stop();
  const squatter = createServer();
  await new Promise<void>((done) => squatter.listen(Number(new URL(ApiEndpoint ?? '').port), '127.0.0.1', done));
  const third = await restarted();
  const moved = (await third.region.call('apigateway', 'GetApi', { ApiId })).ApiEndpoint;
  expect(moved).not.toBe(ApiEndpoint);
  expect(new URL(moved ?? '').port).not.toBe(String((squatter.address() as AddressInfo).port));
  await third.host.stop();
  await new Promise((done) => squatter.close(done));
  rmSync(folder, { recursive: true, force: true });
});

test('an answer with an invalid header is an Internal Server Error, and the API keeps working', async () => {
  const { ApiEndpoint } = await createApi(['$default']);
  for (const headers of [{ 'x-a': 'one\ntwo' }, { 'no name': 'x' }]) {
    const answer = { statusCode: 200, headers, body: 'ok' };
    const response = await fetch(ApiEndpoint, { headers: { x: JSON.stringify({ answer }) } });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  }
  expect((await fetch(ApiEndpoint)).status).toBe(200);
});

test('a path that begins like a member of every object belongs to the $default stage', async () => {
  const { ApiEndpoint } = await createApi(['$default']);
  for (const path of ['constructor', '__proto__', 'toString/x']) {
    expect((await fetch(`${ApiEndpoint}/${path}`)).status).toBe(200);
  }
});

test('only a loopback name reaches an API, so that no page of another name can call it from a browser', async () => {
  const { ApiEndpoint } = await createApi(['$default']);
  const status = (host: string) =>
    new Promise((done, fail) => {
      const asked = httpRequest(ApiEndpoint, { headers: { host } }, (response) => {
        response.resume();
        done(response.statusCode);
      });
      asked.once('error', fail).end();
    });
  expect(await status('evil.example')).toBe(403);
  expect(await status('api.localhost:4600')).toBe(200);
});

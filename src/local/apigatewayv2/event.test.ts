// The event that an HTTP API sends to a function.
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createFunction } from '../lambda/fixture.ts';
import { answered, eventOf, get, startTestApi } from './test-api.ts';

const { cloud, createApi, Role } = await startTestApi();

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

  test.each([
    ['a%2Fb', { rawPath: '/p/a/b', pathParameters: { rest: 'a/b' } }],
    ['a%3Fb', { rawPath: '/p/a', pathParameters: { rest: 'a' } }],
    ['a%252Fb', { rawPath: '/p/a/b' }],
    ['a%253Fb', { rawPath: '/p/a?b' }],
  ])('has the path %s decoded twice', async (sent, expected) => {
    const { ApiEndpoint } = await createApi(['GET /p/{rest+}']);
    expect(await eventOf(`${ApiEndpoint}/p/${sent}?x=1`)).toMatchObject({ ...expected, rawQueryString: 'x=1' });
    expect((await fetch(`${ApiEndpoint}/p/a%25zz`)).status).toBe(400);
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

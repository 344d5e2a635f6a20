// Calls of function URLs: the event, the answer, access and CORS.
import { describe, expect, test } from 'vitest';
import { createFunction } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';
import { allowEveryone, publicUrl } from './test-url.ts';

const lambda = await startTestLambda();
const { call, cloud, Role } = lambda;
const echo = 'export const handler = async (event) => event;';
const forbidden = {
  Message:
    'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
};

describe('a request', () => {
  test('reaches the function as an event of format 2.0', async () => {
    const url = await publicUrl(lambda, echo);
    const response = await fetch(`${url}my/path%20%2F?a=1&a=2&b=`, {
      method: 'POST',
      headers: { cookie: 'one=1; two=2', 'content-type': 'text/plain', 'x-mine': 'yes' },
      body: 'hello',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const host = new URL(url).host;
    expect(await response.json()).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/my/path%20%2F',
      rawQueryString: 'a=1&a=2&b=',
      cookies: ['one=1', 'two=2'],
      headers: expect.objectContaining({
        host,
        cookie: 'one=1; two=2',
        'x-mine': 'yes',
        'content-length': '5',
        'x-forwarded-proto': 'http',
      }),
      queryStringParameters: { a: '1,2', b: '' },
      requestContext: {
        accountId: 'anonymous',
        apiId: expect.stringMatching(/^[a-z0-9]{32}$/),
        domainName: host,
        domainPrefix: expect.stringMatching(/^[a-z0-9]{32}$/),
        http: {
          method: 'POST',
          path: '/my/path /',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: expect.any(String),
        },
        requestId: response.headers.get('x-amzn-requestid'),
        routeKey: '$default',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: 'hello',
      isBase64Encoded: false,
    });
  });

  test('that is too large is refused', async () => {
    const url = await publicUrl(lambda, echo);
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(6_291_457) })).status).toBe(413);
  });

  test('by a name that is not this machine’s is refused', async () => {
    const { port } = new URL(await publicUrl(lambda, echo));
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((done) => {
      const sent = request({ port, host: '127.0.0.1', headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        done(response.statusCode);
      });
      sent.end();
    });
    expect(status).toBe(403);
  });
});

describe('an answer', () => {
  test.each<[string, string, number, string, string]>([
    ['a text', `'Hello, world!'`, 200, 'application/json', '"Hello, world!"'],
    ['an object', `({ message: 'Hello' })`, 200, 'application/json', '{"message":"Hello"}'],
    [
      'with a status',
      `({ statusCode: 201, headers: { 'Content-Type': 'text/html' }, body: '<p>' })`,
      201,
      'text/html',
      '<p>',
    ],
    [
      'in base64',
      `({ statusCode: 200, body: Buffer.from('bytes').toString('base64'), isBase64Encoded: true })`,
      200,
      'application/json',
      'bytes',
    ],
    ['with a binary body', `({ statusCode: 200, body: { a: 1 } })`, 502, 'application/json', 'Internal Server Error'],
    ['with a status that is none', `({ statusCode: 'x' })`, 502, 'application/json', 'Internal Server Error'],
    ['that is an error', `(() => { throw new Error('no') })()`, 502, 'application/json', 'Internal Server Error'],
  ])('%s becomes a response', async (_, answer, status, type, body) => {
    const response = await fetch(await publicUrl(lambda, `export const handler = async () => ${answer};`));
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
  });

  test('may set cookies', async () => {
    const url = await publicUrl(
      lambda,
      `export const handler = async () => ({ statusCode: 204, cookies: ['a=1; Max-Age=1', 'b=2'] });`,
    );
    const response = await fetch(url);
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()).toEqual(['a=1; Max-Age=1', 'b=2']);
  });
});

describe('access', () => {
  test('for anyone needs both permissions, on the qualifier of the URL', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    await call('PublishVersion', { FunctionName });
    await call('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
    const live = { FunctionName, Qualifier: 'live' };
    const { FunctionUrl = '', FunctionArn } = await call('CreateFunctionUrlConfig', { ...live, AuthType: 'NONE' });
    expect(FunctionArn).toBe(`arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}:live`);
    await allowEveryone(lambda, FunctionName);
    const refused = await fetch(FunctionUrl);
    expect(refused.status).toBe(403);
    expect(refused.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
    expect(await refused.json()).toEqual(forbidden);
    const statement = { ...live, Principal: '*' };
    const Action = 'lambda:InvokeFunctionUrl';
    await call('AddPermission', { ...statement, StatementId: 'url', Action, FunctionUrlAuthType: 'NONE' });
    expect((await fetch(FunctionUrl)).status).toBe(403);
    await call('AddPermission', {
      ...statement,
      StatementId: 'invoke',
      Action: 'lambda:InvokeFunction',
      InvokedViaFunctionUrl: true,
    });
    expect((await fetch(FunctionUrl)).status).toBe(200);
  });

  test('a permission for another auth type allows nobody', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    const statement = { FunctionName, Principal: '*' };
    const Action = 'lambda:InvokeFunctionUrl';
    await call('AddPermission', { ...statement, StatementId: 'a', Action, FunctionUrlAuthType: 'AWS_IAM' });
    await call('AddPermission', { ...statement, StatementId: 'b', Action: 'lambda:InvokeFunction' });
    const { FunctionUrl = '' } = await call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE' });
    expect((await fetch(FunctionUrl)).status).toBe(403);
    await expect(
      call('AddPermission', {
        ...statement,
        StatementId: 'c',
        Action: 'lambda:InvokeFunction',
        FunctionUrlAuthType: 'NONE',
      }),
    ).rejects.toMatchObject({ message: 'FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action' });
  });

  test('by AWS_IAM needs a signature for Lambda in this region', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    const { FunctionUrl = '' } = await call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'AWS_IAM' });
    const unsigned = await fetch(FunctionUrl);
    expect([unsigned.status, await unsigned.json()]).toEqual([403, forbidden]);
    const signed = (scope: string) =>
      fetch(FunctionUrl, {
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=AKIAMINE/20260101/${scope}/aws4_request, SignedHeaders=host, Signature=0a1b`,
        },
      });
    expect((await signed('us-east-1/s3')).status).toBe(403);
    expect((await signed('eu-west-1/lambda')).status).toBe(403);
    const response = await signed('us-east-1/lambda');
    expect(response.status).toBe(200);
    expect(((await response.json()) as { requestContext: object }).requestContext).toMatchObject({
      authorizer: { iam: { accessKey: 'AKIAMINE', accountId: '000000000000', userArn: expect.any(String) } },
    });
  });
});

test('CORS is answered by the URL, not by the function', async () => {
  const Cors = { AllowOrigins: ['https://a.example'], AllowMethods: ['GET'], AllowHeaders: ['x-a'], MaxAge: 60 };
  const url = await publicUrl(
    lambda,
    `export const handler = async () => ({ statusCode: 200, headers: { 'access-control-allow-origin': '*' }, body: '' });`,
    { Cors },
  );
  const preflight = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
  });
  expect(preflight.status).toBe(200);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': 'https://a.example',
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'x-a',
    'access-control-max-age': '60',
  });
  const allowed = await fetch(url, { headers: { origin: 'https://a.example' } });
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://a.example');
  const other = await fetch(url, { headers: { origin: 'https://b.example' } });
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
});

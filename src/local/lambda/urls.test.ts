import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { createFunction } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, Role, call } = await startTestLambda();
async function letAnyoneIn(FunctionName: string, qualifier: { Qualifier?: string } = {}): Promise<void> {
  const statement = { FunctionName, Principal: '*', ...qualifier };
  await call('AddPermission', {
    ...statement,
    StatementId: 'url',
    Action: 'lambda:InvokeFunctionUrl',
    FunctionUrlAuthType: 'NONE',
  });
  await call('AddPermission', {
    ...statement,
    StatementId: 'invoke',
    Action: 'lambda:InvokeFunction',
    InvokedViaFunctionUrl: true,
  });
}
/** The address of a new function that anyone may call. */
async function publicUrl(source: string, settings: object = {}): Promise<string> {
  const FunctionName = await createFunction(cloud, source, { Role });
  await letAnyoneIn(FunctionName);
  const { FunctionUrl = '' } = await call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE', ...settings });
  return FunctionUrl;
}
const echo = 'export const handler = async (event) => event;';
const forbidden = {
  Message:
    'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
};

describe('a request', () => {
  test('reaches the function as an event of format 2.0', async () => {
    const url = await publicUrl(echo);
    const response = await fetch(`${url}my/path?a=1&a=2&b=`, {
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
      rawPath: '/my/path',
      rawQueryString: 'a=1&a=2&b=',
      cookies: ['one=1', 'two=2'],
      headers: expect.objectContaining({ host, 'x-mine': 'yes', 'content-length': '5', 'x-forwarded-proto': 'http' }),
      queryStringParameters: { a: '1,2', b: '' },
      requestContext: {
        accountId: '000000000000',
        apiId: expect.stringMatching(/^[a-z0-9]{32}$/),
        domainName: host,
        domainPrefix: expect.stringMatching(/^[a-z0-9]{32}$/),
        http: {
          method: 'POST',
          path: '/my/path',
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
    const url = await publicUrl(echo);
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(6_291_457) })).status).toBe(413);
  });

  test('by a name that is not this machine’s is refused', async () => {
    const { port } = new URL(await publicUrl(echo));
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
    const response = await fetch(await publicUrl(`export const handler = async () => ${answer};`));
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
  });

  test('may set cookies', async () => {
    const url = await publicUrl(
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
    await letAnyoneIn(FunctionName);
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

describe('a stream', () => {
  const InvokeMode = 'RESPONSE_STREAM';

  /** A file with which the test lets the function continue, and the code that waits for it. */
  const folder = mkdtempSync(join(tmpdir(), 'fx-streams-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const waiting = `import { existsSync } from 'node:fs';
    const until = async (file) => { while (!existsSync(file)) await new Promise((done) => setTimeout(done, 5)); };`;

  test('reaches the client in chunks, with its status, headers and cookies', async () => {
    const signal = join(folder, 'first-was-read');
    const url = await publicUrl(
      `${waiting}
       export const handler = awslambda.streamifyResponse(async (event, stream) => {
         const out = awslambda.HttpResponseStream.from(stream, {
           statusCode: 201, headers: { 'Content-Type': 'text/event-stream' }, cookies: ['a=1'],
         });
         out.write('first');
         await until(${JSON.stringify(signal)});
         out.write('last');
         out.end();
       });`,
      { InvokeMode },
    );
    const response = await fetch(url);
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
    expect(response.headers.get('content-length')).toBeNull();
    let text = '';
    for await (const part of response.body ?? []) {
      text += new TextDecoder().decode(part as Uint8Array);
      if (text === 'first') writeFileSync(signal, '');
    }
    expect(text).toBe('firstlast');
  });

  test('without metadata is a success; a handler that does not stream is answered whole', async () => {
    const plain = await publicUrl(
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
         stream.setContentType('text/plain'); stream.write('plain'); stream.end();
       });`,
      { InvokeMode },
    );
    const response = await fetch(plain);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/plain',
      'plain',
    ]);
    const whole = await publicUrl(`export const handler = async () => ({ a: 1 });`, { InvokeMode });
    expect(await (await fetch(whole)).json()).toEqual({ a: 1 });
  });

  test('that breaks before its first byte is a 502; one that breaks later breaks the connection', async () => {
    const signal = join(folder, 'headers-were-read');
    const url = await publicUrl(
      `${waiting}
       export const handler = awslambda.streamifyResponse(async (event, stream) => {
         if (event.rawPath === '/early') throw new Error('early');
         stream.write('some');
         await until(${JSON.stringify(signal)});
         process.exit(1);
       });`,
      { InvokeMode },
    );
    expect((await fetch(`${url}early`)).status).toBe(502);
    const late = await fetch(`${url}late`);
    expect(late.status).toBe(200);
    writeFileSync(signal, '');
    await expect(late.text()).rejects.toThrow();
  });
});

describe('the settings', () => {
  test('are shown, changed one by one, listed and deleted', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    await letAnyoneIn(FunctionName);
    const created = await call('CreateFunctionUrlConfig', {
      FunctionName,
      AuthType: 'NONE',
      Cors: { AllowOrigins: ['*'] },
    });
    expect(created).toEqual({
      FunctionUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      FunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`,
      AuthType: 'NONE',
      Cors: { AllowOrigins: ['*'] },
      CreationTime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await call('UpdateFunctionUrlConfig', { FunctionName, AuthType: 'AWS_IAM' });
    const shown = await call('GetFunctionUrlConfig', { FunctionName });
    expect(shown).toMatchObject({ AuthType: 'AWS_IAM', Cors: { AllowOrigins: ['*'] }, InvokeMode: 'BUFFERED' });
    expect((await fetch(created.FunctionUrl ?? '')).status).toBe(403);
    expect((await call('ListFunctionUrlConfigs', { FunctionName })).FunctionUrlConfigs).toEqual([shown]);
    await expect(call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      status: 409,
      message: `Failed to create function url config for [functionArn = ${created.FunctionArn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    });
    await call('DeleteFunctionUrlConfig', { FunctionName });
    await expect(fetch(created.FunctionUrl ?? '')).rejects.toThrow();
    await expect(call('GetFunctionUrlConfig', { FunctionName })).rejects.toMatchObject({ status: 404 });
  });

  test('have the invoke mode on creation only if the request does', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    const created = await call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE', InvokeMode: 'BUFFERED' });
    expect(created.InvokeMode).toBe('BUFFERED');
  });

  test('end with their alias and their function', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    await call('PublishVersion', { FunctionName });
    await call('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
    const live = await call('CreateFunctionUrlConfig', { FunctionName, Qualifier: 'live', AuthType: 'NONE' });
    const urlConfig = await call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE' });
    await call('DeleteAlias', { FunctionName, Name: 'live' });
    await expect(fetch(live.FunctionUrl ?? '')).rejects.toThrow();
    expect((await fetch(urlConfig.FunctionUrl ?? '')).status).toBe(403);
    await call('DeleteFunction', { FunctionName });
    await expect(fetch(urlConfig.FunctionUrl ?? '')).rejects.toThrow();
  });

  test.each<[string, object, string, RegExp]>([
    ['a version', { Qualifier: '1' }, 'ValidationException', /at 'qualifier'/],
    ['an alias that is not there', { Qualifier: 'none' }, 'ResourceNotFoundException', /^Function does not exist$/],
    ['OPTIONS as a method', { Cors: { AllowMethods: ['OPTIONS'] } }, 'ValidationException', /equal to 6$/],
    ['a long cache', { Cors: { MaxAge: 86_401 } }, 'ValidationException', /at 'cors\.maxAge'/],
  ])('with %s are refused', async (_, settings, code, message) => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    await expect(
      call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE', ...settings }),
    ).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('keep the address over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fx-urls-'));
    const first = await startTestAws({ folder });
    const before = await first.cloud();
    const FunctionName = await createFunction(before, echo);
    const settings = { FunctionName, AuthType: 'AWS_IAM' as const };
    const { FunctionUrl = '' } = await before.call('lambda', 'CreateFunctionUrlConfig', settings);
    await first.stop();
    const second = await startTestAws({ folder });
    const shown = await (await second.cloud()).call('lambda', 'GetFunctionUrlConfig', { FunctionName });
    const status = (await fetch(shown.FunctionUrl ?? '')).status;
    await second.stop();
    rmSync(folder, { recursive: true });
    expect(status).toBe(403);
    expect(shown.FunctionUrl).toBe(FunctionUrl);
  });
});

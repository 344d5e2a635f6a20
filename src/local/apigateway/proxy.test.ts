import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { functionUri, get, json, proxy, startTestRest } from './test-rest.ts';

const rest = await startTestRest();
/** Returns what the header `x` says, or else its event. */
const echo = await rest.publicFunction(
  `export const handler = async (event) => event.headers.x ? JSON.parse(event.headers.x).answer : { statusCode: 200, body: JSON.stringify(event) }`,
);
const any = { at: 'ANY /{proxy+}', integration: proxy(echo) };
const { url, restApiId } = await rest.createApi([any, { ...any, at: 'GET /pets/{id}' }], {
  stage: { variables: { table: 'pets' } },
});
const answered = (answer: unknown) => get(`${url}/any`, { headers: { x: JSON.stringify({ answer }) } });
// biome-ignore lint/suspicious/noExplicitAny: tests look into the event
const eventOf = async (path: string, init?: RequestInit): Promise<any> => (await json(`${url}${path}`, init)).body;

describe('the event', () => {
  test('has the request and its context', async () => {
    const event = await eventOf('/pets/7?b=1&a=x+y&b=2', { headers: { 'User-Agent': 'me' } });
    expect(event).toMatchObject({
      resource: '/pets/{id}',
      path: '/pets/7',
      httpMethod: 'GET',
      headers: { 'User-Agent': 'me', 'X-Forwarded-Proto': 'http', 'X-Forwarded-For': '127.0.0.1' },
      queryStringParameters: { a: 'x y', b: '2' },
      multiValueQueryStringParameters: { a: ['x y'], b: ['1', '2'] },
      pathParameters: { id: '7' },
      stageVariables: { table: 'pets' },
      body: null,
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        apiId: restApiId,
        stage: 'dev',
        path: '/dev/pets/7',
        resourcePath: '/pets/{id}',
        httpMethod: 'GET',
        protocol: 'HTTP/1.1',
        identity: { sourceIp: '127.0.0.1', userAgent: 'me', accessKey: null, userArn: null },
        domainPrefix: restApiId,
      },
    });
    expect(event.requestContext.requestTime).toMatch(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  });

  test('keeps the spelling of headers, and lists their values', async () => {
    const { port } = new URL(url);
    const body = await new Promise<string>((done) => {
      const headers = [
        'tEsT-HeaDer',
        'aValUE',
        'Twice',
        '1',
        'Twice',
        '2',
        'TE',
        'trailers',
        'Host',
        `localhost:${port}`,
      ];
      const outgoing = request({ port, path: '/dev/any', headers }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk) => {
          text += chunk;
        });
        incoming.on('end', () => done(text));
      });
      outgoing.end();
    });
    const event = JSON.parse(body);
    expect(event.headers).toMatchObject({ 'tEsT-HeaDer': 'aValUE', Twice: '2' });
    expect(event.multiValueHeaders).toMatchObject({ Twice: ['1', '2'] });
    expect(event.headers).not.toHaveProperty('TE');
  });

  test.each([
    ['/value/', '/value/', 'value', '/dev/value/'],
    ['//value', '/value', 'value', '/dev//value'],
    ['/value//more', '/value//more', 'value//more', '/dev/value//more'],
    ['/a%2Bb@c/d+e', '/a%2Bb@c/d+e', 'a%2Bb@c/d+e', '/dev/a%2Bb@c/d+e'],
  ])('for the path %s keeps its slashes and encoding', async (path, eventPath, parameter, fullPath) => {
    const event = await eventOf(path);
    expect([event.path, event.pathParameters.proxy, event.requestContext.path]).toEqual([
      eventPath,
      parameter,
      fullPath,
    ]);
  });

  test('has the body as text', async () => {
    const event = await eventOf('/any', { method: 'POST', body: '{"a":"é"}' });
    expect(event).toMatchObject({ httpMethod: 'POST', body: '{"a":"é"}', isBase64Encoded: false });
  });

  test('has binary media types as base64', async () => {
    const binary = await rest.createApi([any], { api: { binaryMediaTypes: ['image/*'] } });
    const headers = { 'content-type': 'image/png' };
    const sent = await json(`${binary.url}/a`, { method: 'PUT', body: new Uint8Array([1, 255]), headers });
    expect(sent.body).toMatchObject({ body: 'Af8=', isBase64Encoded: true });
  });
});

describe('the answer', () => {
  test('becomes the response, as JSON by default', async () => {
    const response = await answered({ statusCode: 201, headers: { 'X-One': '1' }, body: 'made' });
    expect([response.status, response.text]).toEqual([201, 'made']);
    expect(response.headers.get('x-one')).toBe('1');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('x-amz-apigw-id')).toBeTruthy();
    expect(response.headers.get('x-amzn-trace-id')).toMatch(/^Root=1-/);
  });

  test('may list values, and gets no headers of the connection', async () => {
    const response = await answered({
      statusCode: 200,
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      headers: { 'Content-Length': '7', Server: 'mine' },
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-amzn-remapped-content-length')).toBe('7');
    expect(response.headers.get('x-amzn-remapped-server')).toBe('mine');
  });

  test.each([
    'text',
    null,
    { statusCode: 'many' },
    { statusCode: 200, body: { a: 1 } },
    { statusCode: 200, unknown: true },
    { statusCode: 200, headers: { a: {} } },
  ])('of %j is malformed', async (answer) => {
    const response = await answered(answer);
    expect([response.status, response.text]).toEqual([502, '{"message": "Internal server error"}'.replace(': ', ':')]);
    expect(response.headers.get('x-amzn-errortype')).toBe('InternalServerErrorException');
  });

  test('is decoded only for a client that accepts binary', async () => {
    const binary = await rest.createApi([any], { api: { binaryMediaTypes: ['image/png'] } });
    const x = JSON.stringify({ answer: { statusCode: 200, body: 'aGk=', isBase64Encoded: true } });
    expect((await get(`${binary.url}/a`, { headers: { x, accept: 'image/png' } })).text).toBe('hi');
    expect((await get(`${binary.url}/a`, { headers: { x, accept: 'text/html' } })).text).toBe('aGk=');
  });
});

describe('fails', () => {
  test('without permission', async () => {
    const { createFunction } = await import('../lambda/fixture.ts');
    const closed = await createFunction(rest.cloud, 'export const handler = async () => 1', { Role: rest.Role });
    const api = await rest.createApi([{ integration: proxy(closed) }]);
    expect(await json(`${api.url}/`)).toEqual({ status: 500, body: { message: 'Internal server error' } });
    await rest.cloud.call('lambda', 'AddPermission', {
      FunctionName: closed,
      StatementId: 'one',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${api.restApiId}/dev/GET/`,
    });
    expect((await get(`${api.url}/`)).status).toBe(502);
  });

  test('if the function fails, and for a method other than POST', async () => {
    const broken = await rest.publicFunction('export const handler = async () => { throw new Error("no") }');
    const api = await rest.createApi([
      { integration: proxy(broken) },
      { at: 'GET /get', integration: proxy(broken, { httpMethod: 'GET' }) },
    ]);
    expect(await json(api.url)).toEqual({ status: 502, body: { message: 'Internal server error' } });
    expect(await json(`${api.url}/get`)).toEqual({ status: 500, body: { message: 'Internal server error' } });
  });

  test('if the function is too slow', async () => {
    const slow = await rest.publicFunction(
      'export const handler = () => new Promise((done) => setTimeout(done, 2000))',
    );
    const api = await rest.createApi([{ integration: proxy(slow, { timeoutInMillis: 50 }) }]);
    expect(await json(api.url)).toEqual({ status: 504, body: { message: 'Endpoint request timed out' } });
  });

  test('for a body above 10 MB', async () => {
    const response = await get(`${url}/any`, { method: 'POST', body: 'x'.repeat(10 * 1024 * 1024 + 1) });
    expect([response.status, response.text]).toEqual([413, '{"message":"Request Too Long"}']);
  });

  test('for unknown stages, paths and methods', async () => {
    const one = await rest.createApi([{ at: 'GET /one/two', integration: proxy(echo) }]);
    const unknown = { message: 'Missing Authentication Token' };
    expect(await json(`${one.address}/prod/one/two`)).toEqual({ status: 403, body: { message: 'Forbidden' } });
    for (const path of ['/', '/one', '/one/three', '/one/two/three']) {
      expect(await json(`${one.url}${path}`)).toEqual({ status: 403, body: unknown });
    }
    const { status, headers } = await get(`${one.url}/one/two`, { method: 'POST' });
    expect([status, headers.get('x-amzn-errortype')]).toEqual([403, 'MissingAuthenticationTokenException']);
  });

  test('if the default endpoint is disabled', async () => {
    const closed = await rest.createApi([any], { api: { disableExecuteApiEndpoint: true } });
    expect(await json(`${closed.url}/a`)).toEqual({ status: 403, body: { message: 'Forbidden' } });
  });
});

test('of a domain name has the path that the client asked for, base path and all', async () => {
  const { cloud, call } = rest;
  const domainName = 'pets.example.com';
  const regionalCertificateArn = 'arn:aws:acm:us-east-1:000000000000:certificate/1';
  const endpointConfiguration = { types: ['REGIONAL' as const] };
  await call('CreateDomainName', { domainName, regionalCertificateArn, endpointConfiguration });
  await call('CreateBasePathMapping', { domainName, basePath: 'v1', restApiId, stage: 'dev' });
  const headers = { host: `${domainName}.localhost` };
  const text = await new Promise<string>((done, fail) => {
    const asked = request({ port: new URL(cloud.endpoint).port, path: '/v1/pets/7', headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => done(Buffer.concat(chunks).toString()));
    });
    asked.once('error', fail).end();
  });
  expect(JSON.parse(text)).toMatchObject({
    resource: '/pets/{id}',
    path: '/v1/pets/7',
    requestContext: { path: '/v1/pets/7', resourcePath: '/pets/{id}', stage: 'dev' },
  });
});

test('prefers literal parts to variables, and those to greedy variables', async () => {
  const api = await rest.createApi(
    ['/{proxy+}', '/a', '/a/{id}', '/a/{id}/c', '/a/b'].map((path) => ({
      at: `GET ${path}`,
      integration: proxy(echo),
    })),
  );
  const resourceOf = async (path: string) => ((await json(`${api.url}${path}`)).body as { resource: string }).resource;
  expect(await Promise.all(['/x/y', '/a', '/a/b', '/a/z', '/a/b/c', '/a/b/d'].map(resourceOf))).toEqual([
    '/{proxy+}',
    '/a',
    '/a/b',
    '/a/{id}',
    '/a/{id}/c',
    '/{proxy+}',
  ]);
});

test('streams what the function writes, as it writes it', async () => {
  const streaming = await rest.publicFunction(`
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream = awslambda.HttpResponseStream.from(stream, { statusCode: 202, headers: { 'Content-Type': 'text/plain' }, cookies: ['a=1'] });
      stream.write('one ');
      await new Promise((done) => setTimeout(done, 300));
      stream.write('two');
      stream.end();
    })`);
  const uri = functionUri(streaming, '2021-11-15', 'response-streaming-invocations');
  const api = await rest.createApi([{ integration: proxy(streaming, { uri, responseTransferMode: 'STREAM' }) }]);
  const response = await fetch(api.url);
  expect([response.status, response.headers.get('content-type')]).toEqual([202, 'text/plain']);
  expect(response.headers.getSetCookie()).toEqual(['a=1']);
  const reader = response.body?.getReader();
  const started = Date.now();
  const chunks: string[] = [];
  let firstAt = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    firstAt ||= Date.now();
    chunks.push(Buffer.from(value ?? []).toString());
  }
  expect(chunks).toEqual(['one ', 'two']);
  expect(Date.now() - started).toBeGreaterThan(firstAt - started);
});

test('a function does not wait for a client that has left', async () => {
  const streaming = await rest.publicFunction(`
    let ended = 0;
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: { ended: String(ended) } });
      for (let i = 0; event.httpMethod === 'POST' && i < 20; i++) {
        stream.write('x'.repeat(100_000));
        await new Promise((done) => setTimeout(done, 10));
      }
      ended++;
      stream.end('.');
    })`);
  const uri = functionUri(streaming, '2021-11-15', 'response-streaming-invocations');
  const integration = proxy(streaming, { uri, responseTransferMode: 'STREAM' });
  const api = await rest.createApi([{ at: 'ANY /', integration }]);
  const left = new AbortController();
  const response = await fetch(api.url, { method: 'POST', signal: left.signal });
  await response.body?.getReader().read();
  left.abort();
  await expect.poll(async () => (await fetch(api.url)).headers.get('ended'), { timeout: 5000 }).not.toBe('0');
});

test('a streamed answer without metadata is malformed', async () => {
  const plain = await rest.publicFunction('export const handler = async () => ({ statusCode: 200 })');
  const uri = functionUri(plain, '2021-11-15', 'response-streaming-invocations');
  const api = await rest.createApi([{ integration: proxy(plain, { uri, responseTransferMode: 'STREAM' }) }]);
  expect(await json(api.url)).toEqual({ status: 502, body: { message: 'Internal server error' } });
});

test('serves the deployment, not the current state', async () => {
  const api = await rest.createApi([{ at: 'GET /old', integration: proxy(echo) }]);
  await rest.addMethod(api.restApiId, { at: 'GET /new', integration: proxy(echo) });
  expect((await get(`${api.url}/new`)).status).toBe(403);
  await rest.call('CreateDeployment', { restApiId: api.restApiId, stageName: 'dev' });
  expect((await get(`${api.url}/new`)).status).toBe(200);
});

test('resolves stage variables in the URI', async () => {
  const api = await rest.createApi([{ integration: proxy('${stageVariables.fn}') }], {
    stage: { variables: { fn: echo } },
  });
  expect((await get(api.url)).status).toBe(200);
});

test('calls the function as the role of the integration, if it has one', async () => {
  const { createFunction, createRole } = await import('../lambda/fixture.ts');
  const source = 'export const handler = async () => ({ statusCode: 200, body: "ok" })';
  const name = await createFunction(rest.cloud, source, { Role: rest.Role });
  const allow = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
  const as = async (credentials: string) => {
    const api = await rest.createApi([{ integration: proxy(name, { credentials }) }]);
    return (await get(api.url)).status;
  };
  expect(await as(await rest.createRole(allow('lambda:InvokeFunction')))).toBe(200);
  expect(await as(await rest.createRole(allow('lambda:GetFunction')))).toBe(500);
  // only Lambda may assume this one
  expect(await as(await createRole(rest.cloud, allow('lambda:InvokeFunction')))).toBe(500);
});

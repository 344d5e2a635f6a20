import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { functionUri, get, json, mock, startTestRest, type TestMethod } from './test-rest.ts';

const rest = await startTestRest();
/** An endpoint that answers with what it received. */
const server = createServer((incoming, outgoing) => {
  let body = '';
  incoming.on('data', (chunk) => {
    body += chunk;
  });
  incoming.on('end', () => {
    const status = Number(incoming.headers['x-status'] ?? 200);
    outgoing.writeHead(status, { 'Content-Type': 'application/json', 'X-Count': '3', Server: 'mine' });
    const { method, url, headers } = incoming;
    outgoing.end(JSON.stringify({ method, url, headers, body }));
  });
});
await new Promise<void>((done) => {
  server.listen(0, '127.0.0.1', done);
});
afterAll(() => {
  server.close();
});
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const header = (name: string) => ({ [`method.response.header.${name}`]: false });
const okWith = (...names: string[]): TestMethod['methodResponses'] => ({
  200: { statusCode: '200', responseParameters: Object.assign({}, ...names.map(header)) },
});

describe('a mock', () => {
  test('answers with the response whose pattern its status matches', async () => {
    const { url } = await rest.createApi([
      {
        integration: mock('{"statusCode": #if($input.params("fail") == "yes")404#{else}200#end}'),
        responses: [
          { statusCode: '200', responseTemplates: { 'application/json': '{"ok": true}' } },
          {
            statusCode: '404',
            selectionPattern: '4\\d\\d',
            responseTemplates: { 'application/json': '{"ok": false}' },
          },
        ],
      },
    ]);
    expect(await json(url)).toEqual({ status: 200, body: { ok: true } });
    expect(await json(`${url}?fail=yes`)).toEqual({ status: 404, body: { ok: false } });
  });

  test('without a status is a mistake in the configuration', async () => {
    const { url } = await rest.createApi([{ integration: { type: 'MOCK' } }]);
    const response = await get(url);
    expect([response.status, response.text]).toEqual([500, '{"message":"Internal server error"}']);
    expect(response.headers.get('x-amzn-errortype')).toBe('InternalServerErrorException');
  });

  test('sets headers, as for CORS', async () => {
    const { url } = await rest.createApi([
      {
        at: 'OPTIONS /',
        methodResponses: okWith('Access-Control-Allow-Origin', 'X-From', 'Content-Type', 'Date'),
        responses: [
          {
            statusCode: '200',
            responseParameters: {
              'method.response.header.Access-Control-Allow-Origin': "'*'",
              'method.response.header.X-From': 'context.identity.sourceIp',
              'method.response.header.Content-Type': "'text/html'",
              'method.response.header.Date': "'today'",
            },
          },
        ],
      },
    ]);
    const { status, headers, text } = await get(url, { method: 'OPTIONS' });
    expect([status, text]).toEqual([200, '']);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('x-from')).toBe('127.0.0.1');
    expect(headers.get('content-type')).toBe('text/html');
    expect(headers.get('x-amzn-remapped-date')).toBe('today');
  });

  test.each([
    ['NEVER', 'text/plain', 415],
    ['WHEN_NO_TEMPLATES', 'text/plain', 415],
    ['WHEN_NO_MATCH', 'text/plain', 500],
    ['NEVER', 'application/json; charset=utf-8', 200],
  ])('with passthrough %s takes a body of %s with %i', async (passthroughBehavior, type, status) => {
    const { url } = await rest.createApi([{ at: 'POST /', integration: { ...mock(), passthroughBehavior } }]);
    const headers = { 'content-type': type };
    expect((await get(url, { method: 'POST', body: 'text', headers })).status).toBe(status);
  });
});

/** Renders a template as the response of a mock. */
async function rendered(template: string, path = '', init: RequestInit = {}, variables: Record<string, string> = {}) {
  const { url } = await rest.createApi(
    [
      {
        at: 'POST /pets/{id}',
        integration: mock(),
        responses: [{ statusCode: '200', responseTemplates: { 'application/json': template } }],
      },
    ],
    { stage: { variables } },
  );
  const { text } = await get(`${url}/pets/7${path}`, { method: 'POST', ...init });
  return text;
}

describe('a template', () => {
  test('has parameters, context and stage variables', async () => {
    const template =
      "$input.params('id') $input.params('q') $input.params('X-One') $context.httpMethod $context.resourcePath $stageVariables.table [$stageVariables.none] [$context.none]";
    expect(await rendered(template, '?q=a%20b', { headers: { 'x-one': '1' } }, { table: 'pets' })).toBe(
      '7 a b 1 POST /pets/{id} pets [] []',
    );
  });

  test('iterates over all parameters', async () => {
    const template = `#set($all = $input.params().querystring){#foreach($name in $all.keySet())"$name": "$util.escapeJavaScript($all.get($name))"#if($foreach.hasNext),#end#end}`;
    expect(JSON.parse(await rendered(template, '?a=1&b=x%22y'))).toEqual({ a: '1', b: 'x"y' });
  });

  test('has the functions of $util', async () => {
    const template = `$util.base64Encode("hi") $util.base64Decode("aGk=") $util.urlEncode("a b&c") $util.urlDecode("a+b%26c") $util.parseJson('{"a":{"b":[1,2]}}').a.b[1] $util.escapeJavaScript("it's/é")`;
    expect(await rendered(template)).toBe("aGk= hi a+b%26c a b&c 2 it\\'s\\/\\u00E9");
  });

  test('overrides the status and headers of the response', async () => {
    const { url } = await rest.createApi([
      {
        responses: [
          {
            statusCode: '200',
            responseTemplates: {
              'application/json': `#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-Tea = "pot")short`,
            },
          },
        ],
      },
    ]);
    const { status, headers, text } = await get(url);
    expect([status, headers.get('x-tea'), text]).toEqual([418, 'pot', 'short']);
  });

  test('prints and changes maps and lists as Java does', async () => {
    const template = `#set($map = {"a": 1})#set($none = $map.put("b", "two"))#set($list = ["x"])#set($added = $list.add("y"))$map $list $map.size() $list.size() $map.containsKey("b") $map.get("b").substring(1) #if($map.isEmpty())e#{else}f#end`;
    expect(await rendered(template)).toBe('{a=1, b=two} [x, y] 2 2 true wo f');
  });

  test('changes maps by name, key and method', async () => {
    const template = `#set($map = {"inner": {}})#set($map.a = "1")#set($map["b"] = "2")#set($none = $map.inner.put("c", "3"))#set($map.inner.d = "4")$map.a $map.b $map["a"] $map.inner.c $map.inner.d $map.get("inner").get("c")`;
    expect(await rendered(template)).toBe('1 2 1 3 4 3');
  });

  test('that is not valid is a mistake in the configuration', async () => {
    expect(await rendered('#if($a')).toBe('{"message":"Internal server error"}');
  });

  test.each([
    ["$input.json('$')", '{"a":{"b":[1,{"c":"x"}]},"n":null}'],
    ["$input.json('$.a.b[1].c')", '"x"'],
    ["$input.path('$.a.b[1].c')", 'x'],
    ["$input.path('$.a')", '{b=[1,{"c":"x"}]}'],
    ["$input.json('$..c')", '["x"]'],
    ["$input.json('$.none')", ''],
    ["$input.json('$.n')", 'null'],
    ["$input.path('$.a.b').size()", '2'],
    ['$input.body', '{"a":{"b":[1,{"c":"x"}]},"n":null}'],
    ["#set($inputRoot = $input.path('$'))#foreach($i in $inputRoot.a.b)$foreach.index#end", '01'],
  ])('reads the body by %s', async (template, expected) => {
    const { url } = await rest.createApi([
      {
        at: 'POST /render',
        integration: {
          type: 'HTTP',
          httpMethod: 'POST',
          uri: endpoint,
          requestTemplates: { 'application/json': template },
        },
        responses: [{ statusCode: '200', responseTemplates: { 'application/json': "$input.path('$.body')" } }],
      },
    ]);
    const body = '{"a":{"b":[1,{"c":"x"}]},"n":null}';
    expect(
      (await get(`${url}/render`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })).text,
    ).toBe(expected);
  });
});
describe('an HTTP integration', () => {
  const requestParameters = {
    'method.request.path.id': true,
    'method.request.querystring.q': false,
    'method.request.header.x-status': false,
  };

  test('sends only what is mapped, and maps the answer', async () => {
    const { url, restApiId } = await rest.createApi([
      {
        at: 'POST /pets/{id}',
        requestParameters,
        integration: {
          type: 'HTTP',
          httpMethod: 'PUT',
          uri: `${endpoint}/v1/{pet}`,
          requestParameters: {
            'integration.request.path.pet': 'method.request.path.id',
            'integration.request.querystring.from': 'method.request.querystring.q',
            'integration.request.header.x-status': 'method.request.header.x-status',
            'integration.request.header.x-name': 'method.request.body.name',
            'integration.request.header.x-stage': 'context.stage',
          },
        },
        methodResponses: okWith('x-count', 'x-method'),
        responses: [
          {
            statusCode: '200',
            responseParameters: {
              'method.response.header.x-count': 'integration.response.header.X-Count',
              'method.response.header.x-method': 'integration.response.body.method',
            },
          },
          { statusCode: '400', selectionPattern: '4\\d{2}', responseTemplates: { 'application/json': '{"bad": 1}' } },
        ],
      },
    ]);
    const body = '{"name":"rex"}';
    const response = await get(`${url}/pets/7?q=a&other=1`, { method: 'POST', body, headers: { 'x-other': '1' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-count')).toBe('3');
    expect(response.headers.get('x-method')).toBe('PUT');
    const sent = JSON.parse(response.text);
    expect(sent).toMatchObject({ method: 'PUT', url: '/v1/7?from=a', body });
    expect(sent.headers).toMatchObject({
      'x-name': 'rex',
      'x-stage': 'dev',
      'user-agent': `AmazonAPIGateway_${restApiId}`,
      'x-amzn-apigateway-api-id': restApiId,
      accept: 'application/json',
    });
    expect(sent.headers).not.toHaveProperty('x-other');
    const bad = await json(`${url}/pets/7`, { method: 'POST', headers: { 'x-status': '404' } });
    expect(bad).toEqual({ status: 400, body: { bad: 1 } });
  });

  test('as a proxy passes everything on', async () => {
    const { url } = await rest.createApi([
      {
        at: 'ANY /{proxy+}',
        requestParameters: { 'method.request.path.proxy': true },
        integration: {
          type: 'HTTP_PROXY',
          httpMethod: 'ANY',
          uri: `${endpoint}/{proxy}`,
          requestParameters: {
            'integration.request.path.proxy': 'method.request.path.proxy',
            'integration.request.header.x-added': "'yes'",
          },
        },
      },
    ]);
    const response = await get(`${url}/a/b?q=1`, {
      method: 'PATCH',
      body: 'text',
      headers: { 'x-status': '207', 'x-own': '1' },
    });
    expect(response.status).toBe(207);
    expect(response.headers.get('x-amzn-remapped-server')).toBe('mine');
    expect(JSON.parse(response.text)).toMatchObject({
      method: 'PATCH',
      url: '/a/b?q=1',
      body: 'text',
      headers: { 'x-own': '1', 'x-added': 'yes' },
    });
  });

  test('without an endpoint that answers is a 504', async () => {
    const uri = 'http://127.0.0.1:1/';
    const { url } = await rest.createApi([{ integration: { type: 'HTTP_PROXY', httpMethod: 'GET', uri } }]);
    expect(await json(url)).toEqual({ status: 504, body: { message: 'Network error communicating with endpoint' } });
  });

  test('may not set the headers of the connection', async () => {
    const { url } = await rest.createApi([
      {
        integration: {
          type: 'HTTP',
          httpMethod: 'GET',
          uri: endpoint,
          requestParameters: { 'integration.request.header.Content-Length': "'1'" },
        },
      },
    ]);
    expect((await get(url)).status).toBe(500);
  });
});

describe('an integration with a function', () => {
  const source =
    'export const handler = async (event) => { if (event.fail) throw new Error(event.fail); return { got: event } }';

  test('maps the event, the answer and errors', async () => {
    const fn = await rest.publicFunction(source);
    const { url } = await rest.createApi([
      {
        at: 'POST /',
        integration: {
          type: 'AWS',
          httpMethod: 'POST',
          uri: functionUri(fn),
          requestTemplates: { 'application/json': `{"fail": $input.json('$.fail'), "stage": "$context.stage"}` },
        },
        responses: [
          { statusCode: '200', responseTemplates: { 'application/json': '{"stage": $input.json(\'$.got.stage\')}' } },
          {
            statusCode: '400',
            selectionPattern: 'bad.*',
            responseTemplates: { 'application/json': '{"why": $input.json(\'$.errorMessage\')}' },
          },
        ],
      },
    ]);
    const post = (body: string) => json(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(await post('{"fail": ""}')).toEqual({ status: 200, body: { stage: 'dev' } });
    expect(await post('{"fail": "bad name"}')).toEqual({ status: 400, body: { why: 'bad name' } });
    // an error that no pattern matches is answered like a success
    const other = { method: 'POST', body: '{"fail": "other"}', headers: { 'content-type': 'application/json' } };
    expect((await get(url, other)).status).toBe(200);
  });

  test('passes the body through, and may be asynchronous', async () => {
    const fn = await rest.publicFunction(source);
    const integration = { type: 'AWS', httpMethod: 'POST', uri: functionUri(fn) } as const;
    const { url } = await rest.createApi([
      { at: 'POST /', integration },
      {
        at: 'POST /later',
        integration: {
          ...integration,
          requestParameters: { 'integration.request.header.X-Amz-Invocation-Type': "'Event'" },
        },
        responses: [{ statusCode: '202' }],
      },
    ]);
    expect(await json(url, { method: 'POST', body: '{"a":1}' })).toEqual({ status: 200, body: { got: { a: 1 } } });
    const later = await get(`${url}/later`, { method: 'POST', body: '{"a":1}' });
    expect([later.status, later.text]).toEqual([202, '']);
  });

  test('without a response for its answer is a mistake in the configuration', async () => {
    const fn = await rest.publicFunction(source);
    const { url } = await rest.createApi([
      {
        integration: { type: 'AWS', httpMethod: 'POST', uri: functionUri(fn) },
        responses: [{ statusCode: '200', selectionPattern: 'never' }],
      },
    ]);
    expect(await json(url)).toEqual({ status: 500, body: { message: 'Internal server error' } });
  });
});

test('a test call of an integration with a function shows the call and its answer', async () => {
  const fn = await rest.publicFunction('export const handler = async (event) => ({ got: event })');
  const integration = { type: 'AWS', httpMethod: 'POST', uri: functionUri(fn) } as const;
  const { restApiId, rootResourceId: resourceId } = await rest.createApi([{ at: 'POST /', integration }]);
  const place = { restApiId, resourceId, httpMethod: 'POST' };
  const { status, body, headers, log = '' } = await rest.call('TestInvokeMethod', { ...place, body: '{"a":1}' });
  expect([status, body]).toEqual([200, '{"got":{"a":1}}']);
  expect(Object.keys(headers ?? {})).toEqual(['X-Amzn-Trace-Id', 'Content-Type']);
  const lines = log.split('\n').map((line) => line.replace(/^.* UTC \d{4} : /, '').replace(/: .*$/, ''));
  expect(lines.slice(6, -4)).toEqual([
    'Method request body before transformations',
    'Endpoint request URI',
    'Endpoint request headers',
    'Endpoint request body after transformations',
    expect.stringMatching(/^Sending request to https/),
    'Received response. Status',
    'Endpoint response headers',
    'Endpoint response body before transformations',
    'Method response body after transformations',
  ]);
});

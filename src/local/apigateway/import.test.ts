import { describe, expect, test } from 'vitest';
import { functionUri, get, startTestRest } from './test-rest.ts';

const { call, cloud, addressOf } = await startTestRest();
const bytes = (document: object | string) =>
  Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));

const mocked = (settings: object = {}) => ({
  responses: { 200: { description: 'ok', headers: { 'X-One': { schema: { type: 'string' } } } } },
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    passthroughBehavior: 'when_no_templates',
    responses: { default: { statusCode: 200, responseParameters: { 'method.response.header.X-One': "'1'" } } },
    ...settings,
  },
});

async function imported(document: object | string, parameters: Record<string, string> = {}) {
  const api = await call('ImportRestApi', { body: bytes(document), parameters });
  const { items = [] } = await call('GetResources', { restApiId: api.id, embed: ['methods'] });
  const methodAt = (path: string, verb: string) => items.find((item) => item.path === path)?.resourceMethods?.[verb];
  return { api, restApiId: api.id ?? '', paths: items.map(({ path }) => path).sort(), methodAt };
}

const openapi = (more: object = {}) => ({ openapi: '3.0.1', info: { title: 'Pets', version: '1.0' }, ...more });

test('makes methods, models, validators and authorizers', async () => {
  const { restApiId, methodAt, paths, api } = await imported(
    openapi({
      'x-amazon-apigateway-binary-media-types': ['image/png'],
      'x-amazon-apigateway-request-validators': {
        basic: { validateRequestBody: true, validateRequestParameters: false },
      },
      'x-amazon-apigateway-request-validator': 'basic',
      'x-amazon-apigateway-gateway-responses': { DEFAULT_4XX: { statusCode: 444 } },
      components: {
        schemas: {
          Pet: {
            type: 'object',
            description: 'A pet',
            required: ['name'],
            properties: { owner: { $ref: '#/components/schemas/Owner' } },
          },
          Owner: { type: 'object' },
        },
        securitySchemes: {
          api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' },
          gate: {
            type: 'apiKey',
            name: 'Authorization',
            in: 'header',
            'x-amazon-apigateway-authtype': 'oauth2',
            'x-amazon-apigateway-authorizer': {
              type: 'token',
              authorizerUri: functionUri('gate'),
              authorizerResultTtlInSeconds: 60,
            },
          },
        },
      },
      paths: {
        '/pets/{id}': {
          get: {
            ...mocked(),
            operationId: 'getPet',
            security: [{ gate: [] }],
            parameters: [{ name: 'id', in: 'path', required: true }],
          },
          post: {
            ...mocked(),
            security: [{ api_key: [] }],
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } },
          },
          'x-amazon-apigateway-any-method': mocked({ type: 'aws_proxy', httpMethod: 'POST', uri: functionUri('f') }),
        },
      },
    }),
  );
  expect(api).toMatchObject({ name: 'Pets', version: '1.0', binaryMediaTypes: ['image/png'] });
  expect(paths).toEqual(['/', '/pets', '/pets/{id}']);
  const { items: models } = await call('GetModels', { restApiId });
  expect(models?.map(({ name }) => name)).toEqual(['Owner', 'Pet']);
  expect(JSON.parse(models?.[1]?.schema ?? '')).toMatchObject({
    properties: { owner: { $ref: `https://apigateway.amazonaws.com/restapis/${restApiId}/models/Owner` } },
  });
  const { items: authorizers } = await call('GetAuthorizers', { restApiId });
  expect(authorizers).toEqual([
    {
      id: expect.any(String),
      name: 'gate',
      type: 'TOKEN',
      authType: 'oauth2',
      authorizerUri: functionUri('gate'),
      authorizerResultTtlInSeconds: 60,
      identitySource: 'method.request.header.Authorization',
    },
  ]);
  const { items: validators } = await call('GetRequestValidators', { restApiId });
  const requestValidatorId = validators?.[0]?.id;
  expect(methodAt('/pets/{id}', 'GET')).toMatchObject({
    authorizationType: 'CUSTOM',
    authorizerId: authorizers?.[0]?.id,
    apiKeyRequired: false,
    operationName: 'getPet',
    requestParameters: { 'method.request.path.id': true },
    requestValidatorId,
    methodResponses: { 200: { statusCode: '200', responseParameters: { 'method.response.header.X-One': false } } },
    methodIntegration: {
      type: 'MOCK',
      passthroughBehavior: 'WHEN_NO_TEMPLATES',
      timeoutInMillis: 29_000,
      integrationResponses: {
        200: { statusCode: '200', responseParameters: { 'method.response.header.X-One': "'1'" } },
      },
    },
  });
  expect(methodAt('/pets/{id}', 'POST')).toMatchObject({
    apiKeyRequired: true,
    requestModels: { 'application/json': 'Pet' },
  });
  expect(methodAt('/pets/{id}', 'ANY')?.methodIntegration).toMatchObject({ type: 'AWS_PROXY', httpMethod: 'POST' });
  expect((await call('GetGatewayResponse', { restApiId, responseType: 'DEFAULT_4XX' })).statusCode).toBe('444');
});

describe('the base path', () => {
  const swagger = {
    swagger: '2.0',
    info: { title: 'a' },
    basePath: '/base/part',
    paths: { '/test': { get: mocked() } },
  };
  const server = openapi({
    servers: [{ url: 'https://example.com/{basePath}', variables: { basePath: { default: '/base/part' } } }],
    paths: { '/test': { get: mocked() } },
  });
  test.each([
    ['ignore', '/test'],
    ['prepend', '/base/part/test'],
    ['split', '/part/test'],
  ])('with %s gives %s', async (basepath, path) => {
    expect((await imported(swagger, { basepath })).paths).toContain(path);
    expect((await imported(server, { basepath })).paths).toContain(path);
  });
});

test('reads YAML, and warns about parameters that are not text', async () => {
  const { api, restApiId } = await imported(`
swagger: '2.0'
info: { title: Plain, version: 2 }
paths:
  /a:
    get:
      produces: [application/json]
      responses:
        200: { description: ok, schema: { type: array, items: { type: string } } }
      x-amazon-apigateway-integration:
        type: mock
        requestParameters: { integration.request.header.nothing: true, integration.request.header.a: "'b'" }
        requestTemplates: { application/json: '{"statusCode": 200}' }
        responses: { default: { statusCode: 200, responseTemplates: { application/json: yes! } } }
`);
  expect(api).toMatchObject({
    version: '2',
    warnings: [
      "Invalid format for 'requestParameters'. Expected type string for property 'integration.request.header.nothing' of resource '/a' and method 'GET' but got 'true'",
    ],
  });
  await call('CreateDeployment', { restApiId, stageName: 'dev' });
  expect((await get(`${addressOf(restApiId)}/dev/a`)).text).toBe('yes!');
});

test('a put merges, or overwrites everything but the stages', async () => {
  const { restApiId, api } = await imported(openapi({ paths: { '/a': { get: mocked() } } }));
  await call('CreateDeployment', { restApiId, stageName: 'dev' });
  const put = async (mode: 'merge' | 'overwrite', path: string) => {
    const document = openapi({ info: { title: 'New', version: '2' }, paths: { [path]: { put: mocked() } } });
    const changed = await call('PutRestApi', { restApiId, mode, body: bytes(document) });
    const { items = [] } = await call('GetResources', { restApiId });
    return [changed.name, changed.rootResourceId, ...items.map((item) => item.path).sort()];
  };
  expect(await put('merge', '/b')).toEqual(['New', api.rootResourceId, '/', '/a', '/b']);
  expect(await put('overwrite', '/c')).toEqual(['New', api.rootResourceId, '/', '/c']);
  expect((await call('GetStages', { restApiId })).item).toHaveLength(1);
});

test('a test call shows the log of the execution', async () => {
  const { restApiId } = await imported(
    openapi({
      paths: {
        '/pets/{petId}': {
          get: mocked({
            responses: {
              default: {
                statusCode: '200',
                responseTemplates: { 'application/json': `{"petId": "$input.params('petId')"}` },
              },
            },
          }),
          post: mocked({ type: 'http', httpMethod: 'GET', uri: 'http://${stageVariables.none}', requestTemplates: {} }),
        },
      },
    }),
  );
  const { items = [] } = await call('GetResources', { restApiId });
  const resourceId = items.find(({ path }) => path === '/pets/{petId}')?.id;
  const place = { restApiId, resourceId };
  const found = await call('TestInvokeMethod', { ...place, httpMethod: 'GET', pathWithQueryString: '/pets/123?a=1' });
  expect(found).toMatchObject({
    status: 200,
    body: '{"petId": "123"}',
    headers: { 'Content-Type': 'application/json' },
    multiValueHeaders: { 'Content-Type': ['application/json'] },
  });
  const lines = (found.log ?? '').split('\n').map((line) => line.replace(/^.* UTC \d{4} : /, ''));
  expect(lines.slice(1, -1).map((line) => line.replace(/[0-9a-f-]{36}/, 'id'))).toEqual([
    'Starting execution for request: id',
    'HTTP Method: GET, Resource Path: /pets/123',
    'Method request path: {petId=123}',
    'Method request query string: {a=1}',
    'Method request headers: {}',
    'Method request body before transformations: ',
    'Method response body after transformations: {"petId": "123"}',
    'Method response headers: {Content-Type=application/json}',
    'Successfully completed execution',
    'Method completed with status: 200',
  ]);
  expect(await call('TestInvokeMethod', { ...place, httpMethod: 'GET' })).toMatchObject({
    body: '{"petId": "{petId}"}',
  });
  const failed = await call('TestInvokeMethod', { ...place, httpMethod: 'POST' });
  expect(failed).toMatchObject({
    status: 500,
    body: '{"message":"Internal server error"}',
    headers: { 'x-amzn-ErrorType': 'InternalServerErrorException' },
  });
  expect(failed.log).toContain('Execution failed due to configuration error: Invalid endpoint address');
});

test('an API and its parts can be used over the wire', async () => {
  const { APIGatewayClient, CreateRestApiCommand, GetTagsCommand, ImportRestApiCommand, GetStagesCommand } =
    await import('@aws-sdk/client-api-gateway');
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new APIGatewayClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  const created = await client.send(new CreateRestApiCommand({ name: 'wired', tags: { a: '1' } }));
  expect(created).toMatchObject({
    name: 'wired',
    createdDate: expect.any(Date),
    endpointConfiguration: { types: ['EDGE'] },
  });
  const resourceArn = `arn:aws:apigateway:us-east-1::/restapis/${created.id}`;
  expect((await client.send(new GetTagsCommand({ resourceArn }))).tags).toEqual({ a: '1' });
  const body = bytes(openapi({ servers: [{ url: '/base' }], paths: { '/a': { get: mocked() } } }));
  const wired = await client.send(new ImportRestApiCommand({ body, parameters: { basepath: 'prepend' } }));
  const { items = [] } = await call('GetResources', { restApiId: wired.id });
  expect(items.map(({ path }) => path).sort()).toEqual(['/', '/base', '/base/a']);
  await expect(client.send(new GetStagesCommand({ restApiId: 'none' }))).rejects.toMatchObject({
    name: 'NotFoundException',
    message: 'Invalid API identifier specified 000000000000:none',
    $metadata: { httpStatusCode: 404 },
  });
});

test('an export says what the stage serves, and can be imported again', async () => {
  const described = openapi({
    paths: {
      '/pets/{id}': {
        get: { ...mocked(), operationId: 'getPet', parameters: [{ name: 'id', in: 'path', required: true }] },
      },
    },
    components: { schemas: { Pet: { type: 'object' } } },
  });
  const { restApiId, methodAt } = await imported(described);
  await call('CreateDeployment', { restApiId, stageName: 'dev' });
  const place = { restApiId, stageName: 'dev', parameters: { extensions: 'integrations' } };
  for (const exportType of ['oas30', 'swagger']) {
    const { body, contentType } = await call('GetExport', { ...place, exportType });
    expect(contentType).toBe('application/octet-stream');
    const again = await imported(Buffer.from(body ?? []).toString());
    const withoutPlace = (method: object | undefined) => JSON.stringify(method).replace(/"cacheNamespace":"\w+"/, '');
    expect(withoutPlace(again.methodAt('/pets/{id}', 'GET'))).toBe(withoutPlace(methodAt('/pets/{id}', 'GET')));
  }
});

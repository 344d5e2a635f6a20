import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { get, json, mock, proxy, startTestRest } from './test-rest.ts';

const rest = await startTestRest();
const { call, cloud } = rest;
const type = { 'content-type': 'application/json' };

describe('validation', () => {
  async function validated(schema: object) {
    const { restApiId, url } = await rest.createApi([{ at: 'GET /none' }]);
    const model = (name: string, value: object) =>
      call('CreateModel', { restApiId, name, contentType: 'application/json', schema: JSON.stringify(value) });
    await model('Pet', schema);
    await model('Pets', {
      $schema: 'http://json-schema.org/draft-04/schema#',
      type: 'array',
      items: { $ref: `https://apigateway.amazonaws.com/restapis/${restApiId}/models/Pet` },
    });
    const { id: requestValidatorId } = await call('CreateRequestValidator', {
      restApiId,
      name: 'all',
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    await rest.addMethod(restApiId, {
      at: 'POST /pets/{id}',
      requestValidatorId,
      requestModels: { 'application/json': 'Pets' },
      requestParameters: {
        'method.request.querystring.q': true,
        'method.request.header.x-one': true,
        'method.request.path.id': true,
        'method.request.querystring.free': false,
      },
    });
    await call('CreateDeployment', { restApiId, stageName: 'dev' });
    return { restApiId, url: `${url}/pets/1` };
  }
  const pet = {
    type: 'object',
    required: ['name'],
    properties: { age: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
  };

  test('names the missing parameters', async () => {
    const { url } = await validated(pet);
    const missing = { message: 'Missing required request parameters: [q, x-one]' };
    expect(await json(url, { method: 'POST' })).toEqual({ status: 400, body: missing });
    const one = { message: 'Missing required request parameters: [x-one]' };
    expect(await json(`${url}?q=1`, { method: 'POST' })).toEqual({ status: 400, body: one });
  });

  test.each([
    ['[{"name":"rex","age":1}]', 200],
    ['[{"age":1}]', 400],
    ['[{"name":"rex","age":0}]', 400],
    ['[{', 400],
    ['', 400],
  ])('of the body %s by models that refer to others is %i', async (body, status) => {
    const { url } = await validated(pet);
    const response = await get(`${url}?q=1`, { method: 'POST', body, headers: { ...type, 'x-one': '1' } });
    expect(response.status).toBe(status);
    if (status === 400) expect(response.text).toBe('{"message":"Invalid request body"}');
  });
});

test('gateway responses replace what the API says itself', async () => {
  const { restApiId, url } = await rest.createApi([{}]);
  await call('PutGatewayResponse', {
    restApiId,
    responseType: 'MISSING_AUTHENTICATION_TOKEN',
    statusCode: '404',
    responseParameters: {
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.x-q': 'method.request.querystring.q',
    },
    responseTemplates: {
      'application/json': '{"m":$context.error.messageString,"t":"$context.error.responseType","s":"${context.stage}"}',
    },
  });
  await call('PutGatewayResponse', { restApiId, responseType: 'DEFAULT_5XX', statusCode: '555' });
  await rest.addMethod(restApiId, { at: 'GET /broken', integration: { type: 'MOCK' } });
  await call('CreateDeployment', { restApiId, stageName: 'dev' });
  const response = await get(`${url}/none?q=1`);
  expect([response.status, JSON.parse(response.text)]).toEqual([
    404,
    { m: 'Missing Authentication Token', t: 'MISSING_AUTHENTICATION_TOKEN', s: 'dev' },
  ]);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('x-q')).toBe('1');
  expect((await get(`${url}/broken`)).status).toBe(555);
});

test('compresses large answers, and decompresses bodies', async () => {
  const fn = await rest.publicFunction(
    'export const handler = async (event) => ({ statusCode: 200, body: (event.body ?? "").repeat(100) })',
  );
  const { url } = await rest.createApi([{ at: 'POST /', integration: proxy(fn) }], {
    api: { minimumCompressionSize: 150 },
  });
  const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    fetch(url, { method: 'POST', body, headers });
  const large = await post('xy', { 'accept-encoding': 'deflate;q=0.5, gzip' });
  expect([large.headers.get('content-encoding'), (await large.text()).length]).toEqual(['gzip', 200]);
  expect((await post('x', { 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBeNull();
  expect((await post('xy', { 'accept-encoding': 'br' })).headers.get('content-encoding')).toBeNull();
  const packed = await post(new Uint8Array(gzipSync('ab')), {
    'content-encoding': 'gzip',
    'accept-encoding': 'identity',
  });
  expect((await packed.text()).slice(0, 4)).toBe('abab');
  expect((await post('ab', { 'content-encoding': 'br' })).status).toBe(415);
  expect(gunzipSync(gzipSync('a')).toString()).toBe('a');
});

test('a canary gets its share, its deployment and its variables', async () => {
  const answering = (text: string) => ({
    responses: [
      {
        statusCode: '200',
        responseTemplates: { 'application/json': `${text} $stageVariables.v $context.isCanaryRequest` },
      },
    ],
  });
  const { restApiId, url, rootResourceId } = await rest.createApi([answering('old')], {
    stage: { variables: { v: '1' } },
  });
  await call('DeleteMethod', { restApiId, resourceId: rootResourceId, httpMethod: 'GET' });
  await rest.addMethod(restApiId, answering('new'));
  const canarySettings = { percentTraffic: 100, stageVariableOverrides: { v: '2' } };
  expect((await get(url)).text).toBe('old 1 false');
  await call('CreateDeployment', { restApiId, stageName: 'dev', canarySettings });
  expect((await get(url)).text).toBe('new 2 true');
  const percent = { op: 'replace' as const, path: '/canarySettings/percentTraffic', value: '0' };
  await call('UpdateStage', { restApiId, stageName: 'dev', patchOperations: [percent] });
  expect((await get(url)).text).toBe('old 1 false');
});

test('writes access logs', async () => {
  const { restApiId, url } = await rest.createApi([{}]);
  const patch = (path: string, value: string) => ({ op: 'replace' as const, path, value });
  const level = [patch('/*/*/logging/loglevel', 'INFO')];
  await expect(call('UpdateStage', { restApiId, stageName: 'dev', patchOperations: level })).rejects.toMatchObject({
    message: 'CloudWatch Logs role ARN must be set in account settings to enable logging',
  });
  await call('UpdateAccount', { patchOperations: [patch('/cloudwatchRoleArn', await rest.createRole())] });
  await cloud.call('logs', 'CreateLogGroup', { logGroupName: 'api' });
  const format =
    '$context.httpMethod $context.path $context.status $context.error.responseType $context.identity.sourceIp';
  const patchOperations = [
    patch('/accessLogSettings/destinationArn', 'arn:aws:logs:us-east-1:000000000000:log-group:api'),
    patch('/accessLogSettings/format', format),
    ...level,
  ];
  await call('UpdateStage', { restApiId, stageName: 'dev', patchOperations });
  await get(url);
  await get(`${url}/none`);
  const { events } = await cloud.call('logs', 'FilterLogEvents', { logGroupName: 'api' });
  expect(events?.map(({ message }) => message)).toEqual([
    'GET /dev 200 - 127.0.0.1',
    'GET /dev/none 403 MISSING_AUTHENTICATION_TOKEN 127.0.0.1',
  ]);
  // the level INFO logs the execution too, but not the data
  const logGroupName = `API-Gateway-Execution-Logs_${restApiId}/dev`;
  const execution = await cloud.call('logs', 'FilterLogEvents', { logGroupName });
  expect(execution.events?.map(({ message }) => message?.replaceAll(/[0-9a-f-]{36}/g, 'id'))).toEqual([
    '(id) Starting execution for request: id',
    '(id) HTTP Method: GET, Resource Path: /',
    '(id) Successfully completed execution',
    '(id) Method completed with status: 200',
  ]);
});

test('an integration with SQS sends what its template says, as its role', async () => {
  const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName: 'pets' });
  const role = (Action: string) => rest.createRole({ Effect: 'Allow', Action, Resource: '*' });
  const integration = async (Action: string) => ({
    type: 'AWS' as const,
    httpMethod: 'POST',
    uri: 'arn:aws:apigateway:us-east-1:sqs:path/000000000000/pets',
    credentials: await role(Action),
    requestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
    requestTemplates: {
      'application/json':
        'Action=SendMessage&MessageBody=$util.urlEncode($input.body)&MessageAttribute.1.Name=kind&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=dog',
    },
  });
  const responses = [
    {
      statusCode: '200',
      responseTemplates: {
        'application/json': "$input.path('$.SendMessageResponse.SendMessageResult.MD5OfMessageBody')",
      },
    },
    { statusCode: '403', selectionPattern: '403' },
  ];
  const { url } = await rest.createApi([
    { at: 'POST /', integration: await integration('sqs:SendMessage'), responses },
    { at: 'POST /poor', integration: await integration('sqs:ReceiveMessage'), responses },
  ]);
  const sent = await get(url, { method: 'POST', body: '{"a": 1}', headers: type });
  expect([sent.status, sent.text]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
  const { Messages } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, MessageAttributeNames: ['All'] });
  expect(Messages?.map(({ Body }) => Body)).toEqual(['{"a": 1}']);
  expect(Messages?.[0]?.MessageAttributes).toMatchObject({ kind: { DataType: 'String', StringValue: 'dog' } });
  expect((await get(`${url}/poor`, { method: 'POST', body: '{}', headers: type })).status).toBe(403);
});

test('an integration with S3 reads and writes objects', async () => {
  await cloud.call('s3', 'CreateBucket', { Bucket: 'pets' });
  const credentials = await rest.createRole({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
  const { url } = await rest.createApi([
    {
      at: 'ANY /{key}',
      requestParameters: { 'method.request.path.key': true },
      integration: {
        type: 'AWS',
        httpMethod: 'ANY',
        uri: 'arn:aws:apigateway:us-east-1:s3:path/pets/{object}',
        credentials,
        requestParameters: { 'integration.request.path.object': 'method.request.path.key' },
      },
      responses: [{ statusCode: '200' }, { statusCode: '404', selectionPattern: '404' }],
    },
  ]);
  expect((await get(`${url}/rex`)).status).toBe(404);
  expect((await get(`${url}/rex`, { method: 'PUT', body: 'good dog' })).status).toBe(200);
  expect((await get(`${url}/rex`)).text).toBe('good dog');
});

test('refuses services that are not here', async () => {
  const { url } = await rest.createApi([
    {
      integration: {
        type: 'AWS',
        httpMethod: 'POST',
        uri: 'arn:aws:apigateway:us-east-1:firehose:action/PutRecord',
        credentials: await rest.createRole(),
      },
    },
  ]);
  expect((await get(url)).text).toContain('is not implemented by the fx local AWS');
});

test('APIs keep their address and deployments across restarts', async () => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const folder = mkdtempSync(join(tmpdir(), 'fx-rest-'));
  const first = await startTestAws({ folder });
  const here = await first.cloud();
  const { id: restApiId = '', rootResourceId } = await here.call('apigateway', 'CreateRestApi', { name: 'kept' });
  const place = { restApiId, resourceId: rootResourceId, httpMethod: 'GET' };
  await here.call('apigateway', 'PutMethod', { ...place, authorizationType: 'NONE' });
  const { requestTemplates } = mock();
  await here.call('apigateway', 'PutIntegration', { ...place, type: 'MOCK', requestTemplates });
  await here.call('apigateway', 'PutIntegrationResponse', { ...place, statusCode: '200' });
  await here.call('apigateway', 'CreateDeployment', { restApiId, stageName: 'dev' });
  const { port } = here.collection<{ port: number }>('apigateway.rest-apis').get(restApiId) ?? {};
  await first.stop();
  const second = await startTestAws({ folder });
  expect((await get(`http://127.0.0.1:${port}/dev`)).status).toBe(200);
  await second.stop();
  rmSync(folder, { recursive: true });
});

describe('on the port of the local AWS', () => {
  /** A request to a host name that leads to this machine. */
  async function at(host: string, path: string) {
    const { request } = await import('node:http');
    const { port } = new URL(cloud.endpoint);
    return new Promise<{ status: number | undefined; text: string }>((done, fail) => {
      const outgoing = request({ host: '127.0.0.1', port, path, headers: { host: `${host}:${port}` } }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk) => {
          text += chunk;
        });
        incoming.on('end', () => done({ status: incoming.statusCode, text }));
      });
      outgoing.once('error', fail);
      outgoing.end();
    });
  }

  test('an API answers under the name of its endpoint', async () => {
    const { restApiId } = await rest.createApi([{ at: 'GET /a' }]);
    expect(await at(`${restApiId}.execute-api.us-east-1.localhost`, '/dev/a')).toMatchObject({ status: 200 });
    expect(await at('127.0.0.1', `/_aws/execute-api/${restApiId}/dev/a?b=1`)).toMatchObject({ status: 200 });
    expect(await at('127.0.0.1', '/_aws/execute-api/none/dev/a')).toMatchObject({ status: 404 });
  });

  test('an API answers under its domain name, below its base path', async () => {
    const template = '$context.path $context.resourcePath $context.stage';
    const responses = [{ statusCode: '200', responseTemplates: { 'application/json': template } }];
    const { restApiId } = await rest.createApi([{ at: 'GET /a', responses }], {
      api: { disableExecuteApiEndpoint: true },
    });
    const domainName = 'api.example.com';
    const endpointConfiguration = { types: ['REGIONAL' as const] };
    const regionalCertificateArn = 'arn:aws:acm:us-east-1:000000000000:certificate/1';
    await call('CreateDomainName', { domainName, regionalCertificateArn, endpointConfiguration });
    await call('CreateBasePathMapping', { domainName, basePath: 'v1', restApiId, stage: 'dev' });
    await call('CreateBasePathMapping', { domainName, restApiId });
    const { items } = await call('GetBasePathMappings', { domainName });
    expect(items).toEqual([
      { basePath: 'v1', restApiId, stage: 'dev' },
      { basePath: '(none)', restApiId },
    ]);
    expect((await at('api.example.com.localhost', '/v1/a')).text).toBe('/v1/a /a dev');
    expect((await at('api.example.com.localhost', '/dev/a')).text).toBe('/dev/a /a dev');
  });
});

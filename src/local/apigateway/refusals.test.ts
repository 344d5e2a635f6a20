import { beforeAll, describe, expect, test } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { functionUri, startTestRest } from './test-rest.ts';

const { call, createApi } = await startTestRest();
let restApiId = '';
let rootResourceId = '';
beforeAll(async () => {
  ({ restApiId, rootResourceId } = await createApi([{ at: 'GET /pets/{id}' }, {}]));
});

async function refused<O extends OperationName<'apigateway'>>(
  operation: O,
  input: Input<'apigateway', O>,
  [code, status]: readonly [string, number],
  message: string,
) {
  const failure = call(operation, input);
  await expect(failure).rejects.toMatchObject({ code, status, message });
}
const bad = ['BadRequestException', 400] as const;
const unknown = ['NotFoundException', 404] as const;
const taken = ['ConflictException', 409] as const;
const invalid = ['ValidationException', 400] as const;
const replace = (path: string, value?: string) => ({ op: 'replace' as const, path, value });
const here = () => ({ restApiId, resourceId: rootResourceId, httpMethod: 'GET' });

describe('a REST API', () => {
  const noApi = (id: string) => `Invalid API identifier specified 000000000000:${id}`;

  test('that is unknown', async () => {
    await refused('GetRestApi', { restApiId: 'none' }, unknown, noApi('none'));
    await refused('GetRestApi', { restApiId: restApiId.toUpperCase() }, unknown, noApi(restApiId.toUpperCase()));
    await refused('UpdateRestApi', { restApiId: 'none' }, unknown, noApi('none'));
    await refused('GetAuthorizers', { restApiId: 'none' }, unknown, noApi('none'));
    await refused('GetRequestValidators', { restApiId: 'none' }, unknown, noApi('none'));
    await refused('GetDocumentationParts', { restApiId: 'none' }, unknown, noApi('none'));
    const concurrent = 'Unable to complete operation due to concurrent modification. Please try again later.';
    await refused('CreateAuthorizer', { restApiId: 'none', name: 'a', type: 'TOKEN' }, taken, concurrent);
  });

  test('with a wrong endpoint, description or compression size', async () => {
    const endpoint = (endpointConfiguration: object, more: object = {}) =>
      ({ name: 'a', endpointConfiguration, ...more }) as Input<'apigateway', 'CreateRestApi'>;
    const types = `Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]`;
    const address = `Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]`;
    await refused('CreateRestApi', endpoint({ types: ['wrong'] }), invalid, `1 validation error detected: ${types}`);
    const both = endpoint({ types: ['wrong'], ipAddressType: 'wrong' }, { description: '' });
    await refused('CreateRestApi', both, invalid, `2 validation errors detected: ${types}; ${address}`);
    const none = 'REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.';
    await refused('CreateRestApi', endpoint({ types: [] }), bad, none);
    const two = endpoint({ types: ['EDGE', 'REGIONAL'] });
    await refused('CreateRestApi', two, bad, 'Cannot create an api with multiple Endpoint Types.');
    await refused('CreateRestApi', { name: 'a', description: '' }, bad, 'Description cannot be an empty string');
    const size = 'Invalid minimum compression size, must be between 0 and 10485760';
    await refused('CreateRestApi', { name: 'a', minimumCompressionSize: -1 }, bad, size);
  });

  test('with a patch that is not supported', async () => {
    for (const op of ['add', 'replace', 'remove'] as const) {
      const patchOperations = [{ op, path: '/binaryMediaTypes', value: 'a/b' }];
      await refused('UpdateRestApi', { restApiId, patchOperations }, bad, 'Invalid patch path /binaryMediaTypes');
    }
    const wrong = { op: 'wrong' as 'add', path: '/name', value: 'x' };
    const at = (i: number) =>
      `Value 'wrong' at 'updateRestApiInput.patchOperations.${i}.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]`;
    const patchOperations = [wrong, replace('/name', 'y'), wrong];
    await refused(
      'UpdateRestApi',
      { restApiId, patchOperations },
      invalid,
      `2 validation errors detected: ${at(1)}; ${at(3)}`,
    );
  });
});

describe('a resource', () => {
  test('in a wrong place', async () => {
    const noResource = 'Invalid Resource identifier specified';
    const create = (parentId: string, pathPart: string) => ({ restApiId, parentId, pathPart });
    await refused('CreateResource', create('none', 'a'), unknown, noResource);
    await refused('GetResource', { restApiId: 'none', resourceId: 'none' }, unknown, noResource);
    const { id = '' } = await call('CreateResource', create(rootResourceId, '{proxy+}'));
    const second = 'A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed';
    await refused('CreateResource', create(rootResourceId, '{dynamic}'), bad, second);
    const child = 'Cannot create a child of a resource with a greedy path variable: {proxy+}';
    await refused('CreateResource', create(id, 'a'), bad, child);
    const again = 'Another resource with the same parent already has this name: pets';
    await refused('CreateResource', create(rootResourceId, 'pets'), taken, again);
  });

  test('that would move to a wrong place', async () => {
    const part = (parentId: string, pathPart: string) => call('CreateResource', { restApiId, parentId, pathPart });
    const { id: a = '' } = await part(rootResourceId, 'a');
    const { id: b = '' } = await part(a, 'b');
    await part(b, 'a');
    const update = (resourceId: string, patch: object) => ({ restApiId, resourceId, patchOperations: [patch] });
    await refused(
      'UpdateResource',
      update(a, replace('/parentId', b)),
      taken,
      'Another resource with the same parent already has this name: a',
    );
    const { id: c = '' } = await part(rootResourceId, 'c');
    const { id: d = '' } = await part(c, 'd');
    await refused('UpdateResource', update(c, replace('/parentId', d)), bad, 'Resources cannot be cyclical.');
    await refused(
      'UpdateResource',
      update(c, replace('/parentId', 'none')),
      unknown,
      'Invalid Resource identifier specified',
    );
    const wrong = "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]";
    await refused('UpdateResource', update(c, replace('/invalid', 'x')), bad, wrong);
    for (const op of ['add', 'remove']) {
      const message = `Invalid patch path  '/pathPart' specified for op '${op}'. Please choose supported operations`;
      await refused('UpdateResource', update(c, { op, path: '/pathPart', value: 'x' }), bad, message);
    }
    const moved = await call('UpdateResource', update(d, replace('/parentId', rootResourceId)));
    expect(moved).toEqual({ id: d, parentId: rootResourceId, pathPart: 'd', path: '/d' });
  });
});

describe('a method', () => {
  const authorizer =
    'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.';

  test('that is not possible', async () => {
    const put = (more: object) => ({ ...here(), httpMethod: 'PUT', authorizationType: 'NONE', ...more });
    const noResource = 'Invalid Resource identifier specified';
    await refused('PutMethod', put({ restApiId: 'none' }), unknown, noResource);
    await refused('PutMethod', put({ resourceId: 'none' }), unknown, noResource);
    const verbs = 'Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY';
    await refused('PutMethod', put({ httpMethod: 'TEMP' }), bad, verbs);
    await refused('PutMethod', put({ authorizationType: 'CUSTOM' }), bad, authorizer);
    const validator = 'Invalid Request Validator identifier specified';
    await refused('PutMethod', put({ requestValidatorId: 'none' }), bad, validator);
    const requestModels = { 'application/json': 'petModel' };
    await refused('PutMethod', put({ requestModels }), bad, 'Invalid model identifier specified: petModel');
    const requestParameters = { 'method.request.querystring.a': true, 'method.request.header.a': true };
    const same = 'Parameter names must be unique across querystring, header and path';
    await refused('PutMethod', put({ requestParameters }), bad, same);
    await refused('GetMethod', { ...here(), httpMethod: 'PATCH' }, unknown, 'Invalid Method identifier specified');
    await refused('DeleteMethod', { ...here(), httpMethod: 'PATCH' }, unknown, 'Invalid Method identifier specified');
  });

  test('with a patch that is not supported', async () => {
    const update = (...patchOperations: object[]) => ({ ...here(), patchOperations });
    for (const op of ['add', 'remove']) {
      const patch = { op, path: '/authorizationType', value: 'AWS_IAM' };
      await refused('UpdateMethod', update(patch), bad, 'Invalid patch operation specified. Must be one of: [replace]');
    }
    for (const path of ['/httpMethod', '/requestParameters', '/requestModels/application/json']) {
      await refused('UpdateMethod', update(replace(path, 'x')), bad, `Invalid patch path ${path}`);
    }
    await refused('UpdateMethod', update(replace('/authorizationType', 'CUSTOM')), bad, authorizer);
    const both = update(replace('/authorizationType', 'CUSTOM'), replace('/authorizerId', 'none'));
    await refused('UpdateMethod', both, bad, authorizer);
    const validator = update(replace('/requestValidatorId', 'none'));
    await refused('UpdateMethod', validator, bad, 'Invalid Request Validator identifier specified');
    const kept = await call('UpdateMethod', update(replace('/authorizerId', 'none'), replace('/apiKeyRequired', 'no')));
    expect(kept).not.toHaveProperty('authorizerId');
    expect(kept).toMatchObject({ authorizationType: 'NONE', apiKeyRequired: false });
  });

  test('with a response that is not possible', async () => {
    await call('PutMethodResponse', { ...here(), statusCode: '200' });
    const update = (patch: object) => ({ ...here(), statusCode: '200', patchOperations: [patch] });
    const header = 'method.response.header.my-header';
    await refused(
      'UpdateMethodResponse',
      update(replace(`/responseParameters/${header}`, 'true')),
      unknown,
      'Invalid parameter name specified',
    );
    await refused(
      'UpdateMethodResponse',
      update(replace('/responseModels/application~1json', 'Empty')),
      unknown,
      'Content-Type specified was not found',
    );
    await refused(
      'UpdateMethodResponse',
      update({ op: 'add', path: `/wrong/${header}` }),
      bad,
      `Invalid patch path /wrong/${header}`,
    );
  });
});

describe('an integration', () => {
  const put = (more: object) =>
    ({ ...here(), type: 'HTTP', integrationHttpMethod: 'POST', uri: 'http://example.com', ...more }) as Input<
      'apigateway',
      'PutIntegration'
    >;

  test('that is unknown', async () => {
    const { id = '' } = await call('CreateResource', { restApiId, parentId: rootResourceId, pathPart: 'bare' });
    const bare = { restApiId, resourceId: id, httpMethod: 'GET' };
    await call('PutMethod', { ...bare, authorizationType: 'NONE' });
    await refused('GetIntegration', { ...bare, restApiId: 'none' }, unknown, 'Invalid Resource identifier specified');
    await refused('GetIntegration', { ...bare, resourceId: 'none' }, unknown, 'Invalid Resource identifier specified');
    await refused('GetIntegration', { ...bare, httpMethod: 'PUT' }, unknown, 'Invalid Method identifier specified');
    await refused('GetIntegration', bare, unknown, 'Invalid Integration identifier specified');
    const response = { ...bare, statusCode: '200' };
    await refused('GetIntegrationResponse', response, unknown, 'Invalid Integration identifier specified');
    await refused(
      'PutIntegrationResponse',
      { ...response, httpMethod: 'PUT' },
      unknown,
      'Invalid Method identifier specified',
    );
    // the same unknown method counts as an unknown integration here
    await refused(
      'DeleteIntegrationResponse',
      { ...response, httpMethod: 'PUT' },
      unknown,
      'Invalid Integration identifier specified',
    );
  });

  test('with a wrong type, method or URI', async () => {
    const type =
      "1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]";
    await refused('PutIntegration', put({ type: 'HTTPS_PROXY' }), invalid, type);
    for (const kind of ['HTTP', 'HTTP_PROXY', 'AWS']) {
      const without = put({ type: kind, integrationHttpMethod: undefined });
      await refused('PutIntegration', without, bad, 'Enumeration value for HttpMethod must be non-empty');
    }
    const endpoint = 'Invalid HTTP endpoint specified for URI';
    await refused('PutIntegration', put({ uri: 'non-sense' }), bad, endpoint);
    const aws = (uri: string, kind = 'AWS') => put({ type: kind, uri });
    await refused('PutIntegration', aws('not-an-arn'), bad, 'Invalid ARN specified in the request');
    const path = 'AWS ARN for integration must contain path or action';
    await refused('PutIntegration', aws('arn:aws:apigateway:us-east-1:lambda:test'), bad, path);
    await refused('PutIntegration', aws('arn:aws:iam::000000000000:role/service-role/r'), bad, path);
    const proxies =
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.";
    await refused('PutIntegration', aws('arn:aws:apigateway:us-east-1:s3:path/b/k', 'AWS_PROXY'), bad, proxies);
  });

  test("has AWS's defaults", async () => {
    const uri = functionUri('f');
    expect(await call('PutIntegration', put({ type: 'AWS', uri }))).toEqual({
      type: 'AWS',
      httpMethod: 'POST',
      uri,
      passthroughBehavior: 'WHEN_NO_MATCH',
      timeoutInMillis: 29_000,
      cacheNamespace: rootResourceId,
      cacheKeyParameters: [],
    });
    expect(await call('PutIntegration', put({}))).toMatchObject({ connectionType: 'INTERNET', type: 'HTTP' });
  });

  test('maps only parameters that the method declares', async () => {
    const message = (parameter: string) =>
      `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${parameter}]`;
    const requestParameters = { 'integration.request.path.id': 'method.request.path.id' };
    await refused('PutIntegration', put({ requestParameters }), bad, message('method.request.path.id'));
    await call('PutMethodResponse', { ...here(), statusCode: '201' });
    const header = 'method.response.header.X-One';
    const response = { ...here(), statusCode: '201', responseParameters: { [header]: "'1'" } };
    await refused('PutIntegrationResponse', response, bad, message(header));
  });

  test('with a wrong response', async () => {
    const response = (statusCode: string, more: object = {}) => ({ ...here(), statusCode, ...more });
    const status =
      "1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d";
    await refused('PutIntegrationResponse', response('wrong'), invalid, status);
    await refused('GetIntegrationResponse', response('wrong'), invalid, status);
    await refused('GetIntegrationResponse', response('201'), unknown, 'Invalid Response status code specified');
    const responseTemplates = { 123: '{}' };
    const type = 'Validation Result: warnings : [], errors : [Invalid content type specified: 123]';
    await refused('PutIntegrationResponse', response('200', { responseTemplates }), bad, type);
  });
});

describe('models and validators', () => {
  test('that are unknown, or used', async () => {
    await refused('GetModel', { restApiId, modelName: 'none' }, unknown, 'Invalid model name specified: none');
    await call('CreateModel', {
      restApiId,
      name: 'Used',
      contentType: 'application/json',
      schema: '{"type":"object"}',
    });
    await call('PutMethod', {
      ...here(),
      httpMethod: 'ANY',
      authorizationType: 'NONE',
      requestModels: { 'application/json': 'Used' },
    });
    const used = "Cannot delete model 'Used', is referenced in method request: //ANY";
    await refused('DeleteModel', { restApiId, modelName: 'Used' }, taken, used);
    const patch = (patchOperation: object) => ({ restApiId, modelName: 'Used', patchOperations: [patchOperation] });
    const add = "Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported operations";
    await refused('UpdateModel', patch({ op: 'add', path: '/wrong-path', value: 'x' }), bad, add);
    const name = "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]";
    await refused('UpdateModel', patch(replace('/name', 'x')), bad, name);
    const empty = 'Model schema must have at least 1 property or array items defined';
    await refused('UpdateModel', patch(replace('/schema', '')), bad, empty);
    const models = [{ op: 'replace' as const, path: '/requestModels/application~1json', value: '' }];
    const freed = await call('UpdateMethod', { ...here(), httpMethod: 'ANY', patchOperations: models });
    expect(freed).not.toHaveProperty('requestModels');
    await call('DeleteModel', { restApiId, modelName: 'Used' });
  });

  test('with a patch that is not supported', async () => {
    const { id: requestValidatorId = '' } = await call('CreateRequestValidator', { restApiId, name: 'v' });
    const noValidator = 'Invalid Request Validator identifier specified';
    await refused('GetRequestValidator', { restApiId: 'none', requestValidatorId }, unknown, noValidator);
    const update = (patch: object) => ({ restApiId, requestValidatorId, patchOperations: [patch] });
    const add = "Invalid patch path  '/validateRequestBody' specified for op 'add'. Please choose supported operations";
    await refused(
      'UpdateRequestValidator',
      update({ op: 'add', path: '/validateRequestBody', value: 'true' }),
      bad,
      add,
    );
    const paths =
      "Invalid patch path  '/x' specified for op 'replace'. Must be one of: [/name, /validateRequestParameters, /validateRequestBody]";
    await refused('UpdateRequestValidator', update(replace('/x', 'y')), bad, paths);
    await refused(
      'UpdateRequestValidator',
      update(replace('/name', '')),
      bad,
      'Request Validator name cannot be blank',
    );
    const { id: documentationPartId = '' } = await call('CreateDocumentationPart', {
      restApiId,
      location: { type: 'API' },
      properties: '{"a":1}',
    });
    const part = (patch: object) => ({ restApiId, documentationPartId, patchOperations: [patch] });
    const noPart = 'Invalid Documentation part identifier specified';
    await refused(
      'UpdateDocumentationPart',
      { ...part(replace('/properties', '{}')), restApiId: 'none' },
      unknown,
      noPart,
    );
    const properties = "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/properties]";
    await refused('UpdateDocumentationPart', part(replace('/invalidPath', '{}')), bad, properties);
  });
});

test('keys, plans, links and imports that are not possible', async () => {
  const long = { name: 'x'.repeat(1025) };
  await refused('CreateApiKey', long, bad, 'Invalid API Key name, can be at most 1024 characters.');
  const { id: apiKey = '' } = await call('CreateApiKey', { name: '' });
  const id =
    "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]";
  await refused('UpdateApiKey', { apiKey, patchOperations: [replace('/id', 'x')] }, bad, id);
  const plan = (usagePlanId: string, value?: string) => ({
    usagePlanId,
    patchOperations: [{ op: 'add' as const, path: '/apiStages', value }],
  });
  await refused('UpdateUsagePlan', plan('none', 'a:b'), unknown, 'Invalid Usage Plan ID specified');
  const { id: planId = '' } = await call('CreateUsagePlan', { name: 'p' });
  await refused('UpdateUsagePlan', plan(planId), bad, 'Invalid API Stage specified');
  await refused('UpdateUsagePlan', plan(planId, 'fakevalue'), bad, 'Invalid API Stage specified');
  const noStage = `Invalid API Stage {api: ${restApiId}, stage: none} specified for usageplan ${planId}`;
  await refused('UpdateUsagePlan', plan(planId, `${restApiId}:none`), unknown, noStage);
  await refused('CreateVpcLink', { name: '', targetArns: [] }, bad, 'Name cannot be empty');
  const arn = 'Invalid ARN. ARN is not well formed invalid-arn';
  await refused('CreateVpcLink', { name: 'a', targetArns: ['invalid-arn'] }, bad, arn);
  await refused('DeleteVpcLink', { vpcLinkId: 'none' }, unknown, 'Invalid Vpc Link identifier specified');
  const body = Buffer.from('{wrong: "file');
  await refused('ImportRestApi', { body }, bad, 'Invalid OpenAPI input.');
  await refused('PutRestApi', { restApiId, body }, bad, 'Invalid OpenAPI input.');
  const parts = 'Unable to build importer with provided input.';
  await refused('ImportDocumentationParts', { restApiId, body }, bad, parts);
});

test('gateway responses have defaults, and refuse wrong patches', async () => {
  const responseType = 'MISSING_AUTHENTICATION_TOKEN';
  const byDefault = await call('GetGatewayResponse', { restApiId, responseType });
  expect(byDefault).toEqual({
    defaultResponse: true,
    responseParameters: {},
    responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
    responseType,
    statusCode: '403',
  });
  const { items = [] } = await call('GetGatewayResponses', { restApiId });
  expect(items.map((item) => item.responseType)).toHaveLength(21);
  const update = (patch: object) => ({ restApiId, responseType: 'DEFAULT_4XX' as const, patchOperations: [patch] });
  expect(await call('UpdateGatewayResponse', update(replace('/statusCode', '444')))).toMatchObject({
    defaultResponse: false,
    statusCode: '444',
  });
  for (const op of ['add', 'remove']) {
    await refused(
      'UpdateGatewayResponse',
      update({ op, path: '/statusCode', value: '1' }),
      bad,
      'Invalid patch path /statusCode',
    );
  }
  await refused('UpdateGatewayResponse', update({ op: 'replace', value: '1' }), bad, 'Invalid patch path null');
  const parameter = replace('/responseParameters/gatewayresponse.header.none', "'x'");
  await refused('UpdateGatewayResponse', update(parameter), unknown, 'Invalid parameter name specified');
  const template = replace('/responseTemplates/application~1json');
  await refused('UpdateGatewayResponse', update(template), bad, 'Invalid null or empty value in responseTemplates');
});

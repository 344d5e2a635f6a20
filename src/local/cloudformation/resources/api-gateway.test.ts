import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Api as ApiRecord } from '../../apigateway/state.ts';
import { type Rig, startRig, template } from '../test-rig.ts';
import { deploysTo } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy, outputs } = deploysTo(() => rig);

const type = (name: string, Properties: object, more: object = {}) => ({
  Type: `AWS::ApiGateway::${name}`,
  Properties,
  ...more,
});
const Api = { Ref: 'Api' };
const root = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
const mock = (answer: string) => ({
  Type: 'MOCK',
  RequestTemplates: { 'application/json': '{"statusCode": 200}' },
  IntegrationResponses: [
    {
      StatusCode: 200,
      ResponseParameters: { 'method.response.header.X-One': "'1'" },
      ResponseTemplates: { 'application/json': answer },
    },
  ],
});
const method = (answer: string, properties: object = {}) =>
  type('Method', {
    RestApiId: Api,
    ResourceId: root,
    HttpMethod: 'GET',
    AuthorizationType: 'NONE',
    Integration: mock(answer),
    MethodResponses: [{ StatusCode: 200, ResponseParameters: { 'method.response.header.X-One': true } }],
    ...properties,
  });
const deployed = (id: string, stage: object = {}) => ({
  [id]: type('Deployment', { RestApiId: Api }, { DependsOn: 'Get' }),
  Dev: type('Stage', { RestApiId: Api, DeploymentId: { Ref: id }, StageName: 'dev', ...stage }),
});
const portOf = (id: string) => rig.cloud.collection<ApiRecord>('apigateway.rest-apis').get(id)?.port;

it('deploys an API, changes it with a new deployment, and deletes it', async () => {
  const first = await deploy(
    { Api: type('RestApi', { Name: 'one', Tags: [{ Key: 'a', Value: '1' }] }), Get: method('one'), ...deployed('D1') },
    { Outputs: { Root: { Value: root } } },
  );
  const restApiId = first['Api'] ?? '';
  const { rootResourceId } = await rig.cloud.call('apigateway', 'GetRestApi', { restApiId });
  expect(await outputs()).toEqual({ Root: rootResourceId });
  const url = `http://127.0.0.1:${portOf(restApiId)}/dev`;
  const answer = async () => {
    const response = await fetch(url);
    return [response.status, response.headers.get('x-one'), await response.text()];
  };
  expect(await answer()).toEqual([200, '1', 'one']);
  const second = await deploy({
    Api: type('RestApi', {
      Name: 'two',
      Description: 'd',
      BinaryMediaTypes: ['image/png'],
      Tags: [{ Key: 'b', Value: '2' }],
    }),
    Get: method('two'),
    ...deployed('D2', {
      Variables: { v: '1' },
      MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', ThrottlingBurstLimit: 5, ThrottlingRateLimit: 5 }],
    }),
  });
  expect([second['Api'], second['Get'], second['Dev']]).toEqual([restApiId, first['Get'], 'dev']);
  expect(await answer()).toEqual([200, '1', 'two']);
  expect(await rig.cloud.call('apigateway', 'GetRestApi', { restApiId })).toMatchObject({
    name: 'two',
    description: 'd',
    binaryMediaTypes: ['image/png'],
    tags: { b: '2' },
  });
  const stage = await rig.cloud.call('apigateway', 'GetStage', { restApiId, stageName: 'dev' });
  expect(stage).toMatchObject({
    deploymentId: second['D2'],
    variables: { v: '1' },
    methodSettings: { '*/*': { throttlingBurstLimit: 5, throttlingRateLimit: 5 } },
  });
  const { items } = await rig.cloud.call('apigateway', 'GetDeployments', { restApiId });
  expect(items).toHaveLength(1);
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('apigateway', 'GetRestApis', {})).items).toEqual([]);
});

it('deploys every kind of part', async () => {
  const resources = {
    Api: type('RestApi', { Name: 'parts' }),
    Pets: type('Resource', { RestApiId: Api, ParentId: root, PathPart: 'pets' }),
    Validator: type('RequestValidator', { RestApiId: Api, Name: 'all', ValidateRequestBody: true }),
    Pet: type('Model', {
      RestApiId: Api,
      ContentType: 'application/json',
      Schema: { type: 'object', required: ['name'] },
    }),
    Auth: type('Authorizer', {
      RestApiId: Api,
      Name: 'auth',
      Type: 'TOKEN',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerUri:
        'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations',
    }),
    Get: method('x', { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Auth' } }),
    Post: method('x', {
      ResourceId: { Ref: 'Pets' },
      HttpMethod: 'POST',
      ApiKeyRequired: true,
      RequestValidatorId: { Ref: 'Validator' },
      RequestModels: { 'application/json': { Ref: 'Pet' } },
    }),
    Missing: type('GatewayResponse', {
      RestApiId: Api,
      ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
      StatusCode: '404',
    }),
    D1: type('Deployment', { RestApiId: Api }, { DependsOn: ['Get', 'Post', 'Missing'] }),
    Dev: type('Stage', { RestApiId: Api, DeploymentId: { Ref: 'D1' }, StageName: 'dev' }),
    Key: type('ApiKey', { Enabled: true, Value: 'x'.repeat(20) }),
    Plan: type('UsagePlan', { ApiStages: [{ ApiId: Api, Stage: { Ref: 'Dev' } }], Quota: { Limit: 9, Period: 'DAY' } }),
    PlanKey: type('UsagePlanKey', { KeyId: { Ref: 'Key' }, KeyType: 'API_KEY', UsagePlanId: { Ref: 'Plan' } }),
    Account: type('Account', {}),
    Certificate: type('ClientCertificate', { Description: 'c' }),
    Part: type('DocumentationPart', { RestApiId: Api, Location: { Type: 'API' }, Properties: '{"a":1}' }),
    Docs: type('DocumentationVersion', { RestApiId: Api, DocumentationVersion: 'v1' }, { DependsOn: 'Part' }),
    Domain: type('DomainName', {
      DomainName: 'api.example.com',
      RegionalCertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/1',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    }),
    Mapping: type('BasePathMapping', { DomainName: { Ref: 'Domain' }, RestApiId: Api, Stage: { Ref: 'Dev' } }),
  };
  const ids = await deploy(resources, {
    Outputs: { Regional: { Value: { 'Fn::GetAtt': ['Domain', 'RegionalDomainName'] } } },
  });
  expect(ids).toMatchObject({
    Dev: 'dev',
    Docs: 'v1',
    Domain: 'api.example.com',
    Mapping: 'api.example.com|(none)',
    PlanKey: `${ids['Key']}:${ids['Plan']}`,
  });
  expect((await outputs())['Regional']).toMatch(/^d-\w{10}\.execute-api\.eu-west-1\.amazonaws\.com$/);
  const url = `http://127.0.0.1:${portOf(ids['Api'] ?? '')}/dev`;
  const post = (body: string) =>
    fetch(`${url}/pets`, {
      method: 'POST',
      body,
      headers: { 'x-api-key': 'x'.repeat(20), 'content-type': 'application/json' },
    });
  expect((await post('{"name": "rex"}')).status).toBe(200);
  expect((await post('{}')).status).toBe(400);
  expect((await fetch(`${url}/none`)).status).toBe(404);
  // removes keys from plans, and stages with their deployments
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('apigateway', 'GetUsagePlans', {})).items).toEqual([]);
});

describe('an API with a body', () => {
  const body = (answer: string) => ({
    openapi: '3.0.1',
    info: { title: 'from body', version: '1' },
    paths: {
      '/pets': {
        get: {
          responses: { 200: { description: 'ok' } },
          'x-amazon-apigateway-integration': {
            type: 'mock',
            requestTemplates: { 'application/json': '{"statusCode": 200}' },
            responses: { default: { statusCode: '200', responseTemplates: { 'application/json': answer } } },
          },
        },
      },
    },
  });

  it('is what the body says, and its deployment may make the stage', async () => {
    const stack = (answer: string, id: string) => ({
      Api: type('RestApi', { Body: body(answer) }),
      [id]: type('Deployment', { RestApiId: Api, StageName: 'prod', StageDescription: { Variables: { a: id } } }),
    });
    const ids = await deploy(stack('one', 'D1'));
    const restApiId = ids['Api'] ?? '';
    const url = `http://127.0.0.1:${portOf(restApiId)}/prod/pets`;
    expect(await (await fetch(url)).text()).toBe('one');
    expect(await rig.cloud.call('apigateway', 'GetRestApi', { restApiId })).toMatchObject({
      name: 'from body',
      version: '1',
    });
    await deploy(stack('two', 'D2'));
    expect(await (await fetch(url)).text()).toBe('two');
    expect(await rig.cloud.call('apigateway', 'GetStage', { restApiId, stageName: 'prod' })).toMatchObject({
      variables: { a: 'D2' },
    });
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('apigateway', 'GetRestApis', {})).items).toEqual([]);
  });

  it('that is wrong leaves no API behind', async () => {
    await rig.run('CreateStack', {
      StackName: 's',
      TemplateBody: template({ Api: type('RestApi', { Name: 'a', Body: { a: 1 } }) }),
    });
    expect((await rig.events('s')).join('\n')).toContain('Invalid OpenAPI input.');
    expect((await rig.cloud.call('apigateway', 'GetRestApis', {})).items).toEqual([]);
  });
});

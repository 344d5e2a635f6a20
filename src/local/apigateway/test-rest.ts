// For tests: a local API Gateway for the tests of one file, and REST APIs with one method or several.
import type { Integration, IntegrationResponse, Method } from '@aws-sdk/client-api-gateway';
import type { Cloud, Input, OperationName, Output } from '../cloud.ts';
import { createFunction } from '../lambda/fixture.ts';
import { startTestLambda } from '../lambda/test-lambda.ts';
import type { Api } from './state.ts';

export const functionUri = (name: string, path = '2015-03-31', ending = 'invocations') =>
  `arn:aws:apigateway:us-east-1:lambda:path/${path}/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/${ending}`;

export interface TestMethod extends Omit<Method, 'methodIntegration'> {
  /** Such as `GET /pets/{id}`. */
  readonly at?: string;
  readonly integration?: Integration;
  readonly responses?: readonly IntegrationResponse[];
}

interface ApiOptions {
  readonly api?: Partial<Input<'apigateway', 'CreateRestApi'>>;
  readonly stage?: Partial<Input<'apigateway', 'CreateStage'>>;
}

export type RestCall = <O extends OperationName<'apigateway'>>(
  operation: O,
  input: Input<'apigateway', O>,
) => Promise<Output<'apigateway', O>>;

/** Ends after the last test of the file. */
export async function startTestRest() {
  const { cloud, Role, aws } = await startTestLambda();
  const call: RestCall = (operation, input) => cloud.call('apigateway', operation, input);
  return { cloud, aws, Role, call, ...makers(cloud, Role, call) };
}

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
let roles = 0;

function makers(cloud: Cloud, Role: string, call: RestCall) {
  /** The name of a function that every REST API may call. */
  async function publicFunction(source: string): Promise<string> {
    const FunctionName = await createFunction(cloud, source, { Role });
    await cloud.call('lambda', 'AddPermission', {
      FunctionName,
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    });
    return FunctionName;
  }

  /** The ARN of a role that API Gateway may assume, with that statement in its policy. */
  async function createRole(statement?: object): Promise<string> {
    const RoleName = `api-role-${roles++}`;
    const { Role: created } = await cloud.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: trust });
    if (statement !== undefined) {
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await cloud.call('iam', 'PutRolePolicy', { RoleName, PolicyName: 'inline', PolicyDocument });
    }
    return created?.Arn ?? '';
  }

  async function ensureResource(restApiId: string, path: string): Promise<string> {
    const { items = [] } = await call('GetResources', { restApiId, limit: 500 });
    const found = items.find((resource) => resource.path === path);
    if (found?.id !== undefined) return found.id;
    const slash = path.lastIndexOf('/');
    const parentId = await ensureResource(restApiId, path.slice(0, slash) || '/');
    const { id = '' } = await call('CreateResource', { restApiId, parentId, pathPart: path.slice(slash + 1) });
    return id;
  }

  async function addMethod(restApiId: string, { at = 'GET /', ...given }: TestMethod): Promise<void> {
    const [httpMethod = '', path = ''] = at.split(' ');
    const resourceId = await ensureResource(restApiId, path);
    const { integration = mock(), responses = [{ statusCode: '200' }], methodResponses, ...method } = given;
    const place = { restApiId, resourceId, httpMethod };
    await call('PutMethod', { authorizationType: 'NONE', ...method, ...place });
    for (const response of Object.values(methodResponses ?? {})) {
      await call('PutMethodResponse', { ...response, ...place, statusCode: response.statusCode });
    }
    const { httpMethod: integrationHttpMethod, integrationResponses: _, ...settings } = integration;
    await call('PutIntegration', { ...settings, ...place, type: integration.type, integrationHttpMethod });
    if (integration.type?.endsWith('_PROXY')) return;
    for (const response of responses)
      await call('PutIntegrationResponse', { ...response, ...place, statusCode: response.statusCode });
  }

  async function deploy(restApiId: string, stage: ApiOptions['stage'] = {}): Promise<string> {
    const { id: deploymentId } = await call('CreateDeployment', { restApiId });
    await call('CreateStage', { stageName: 'dev', ...stage, restApiId, deploymentId });
    return addressOf(restApiId);
  }

  const addressOf = (restApiId: string) => {
    const { port = 0 } = cloud.collection<Api>('apigateway.rest-apis').get(restApiId) ?? {};
    return `http://127.0.0.1:${port}`;
  };

  /** An API with these methods, deployed on the stage `dev`. */
  async function createApi(methods: readonly TestMethod[], options: ApiOptions = {}) {
    const { id: restApiId = '', rootResourceId = '' } = await call('CreateRestApi', { name: 'api', ...options.api });
    for (const method of methods) await addMethod(restApiId, method);
    const address = await deploy(restApiId, options.stage);
    return { restApiId, rootResourceId, address, url: `${address}/dev` };
  }

  return { publicFunction, createRole, addMethod, deploy, createApi, addressOf };
}

export function mock(template = '{"statusCode": 200}'): Integration {
  return { type: 'MOCK', requestTemplates: { 'application/json': template } };
}

export function proxy(name: string, settings: Integration = {}): Integration {
  return { type: 'AWS_PROXY', httpMethod: 'POST', uri: functionUri(name), ...settings };
}

export async function get(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

export async function json(url: string, init: RequestInit = {}) {
  const { status, text } = await get(url, init);
  return { status, body: JSON.parse(text) as unknown };
}

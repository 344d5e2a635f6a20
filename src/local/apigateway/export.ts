// API Gateway's GetExport: what a stage serves, as an OpenAPI document.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html
import type { Integration, Method, MethodResponse } from '@aws-sdk/client-api-gateway';
import { stringify as yamlOf } from 'yaml';
import { badRequest, notFound } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { unknownStage } from './stages.ts';
import {
  type Api,
  type ApiContext,
  type Deployment,
  defined,
  deploymentKey,
  existingApi,
  existingPart,
  type Served,
} from './state.ts';

type Version = 'oas30' | 'swagger';

export function exportOperations(context: ApiContext): Operations<'apigateway'> {
  return {
    GetExport: {
      members: ['restApiId', 'stageName', 'exportType', 'parameters', 'accepts'],
      run({ restApiId, stageName = '', exportType = '', parameters = {}, accepts = 'application/json' }) {
        const api = existingApi(context, restApiId);
        const stage = existingPart(api.stages, stageName, unknownStage);
        const deployment = context.deployments.get(deploymentKey(api.id, stage.deploymentId));
        if (deployment === undefined) throw notFound('Invalid Deployment identifier specified');
        if (exportType !== 'oas30' && exportType !== 'swagger') {
          throw badRequest(`No API exporter for type '${exportType}'`);
        }
        const { extensions = '', ...unknown } = parameters;
        if (Object.keys(unknown).length > 0) throw notImplemented(`an export with ${Object.keys(unknown).join(', ')}`);
        const isWhole = /integrations|apigateway/.test(extensions);
        if (/authorizers|apigateway/.test(extensions) && Object.keys(deployment.served.authorizers).length > 0) {
          throw notImplemented('an export of authorizers');
        }
        const head = headOf(context, api, stageName, deployment, exportType);
        const document = { ...head, ...bodyOf(deployment.served, exportType, isWhole) };
        const isYaml = accepts.includes('yaml');
        const text = isYaml ? yamlOf(document) : JSON.stringify(document, undefined, 2);
        const name = `${exportType}_${new Date(deployment.createdDate).toISOString()}.${isYaml ? 'yaml' : 'json'}`;
        return {
          contentType: 'application/octet-stream',
          contentDisposition: `attachment; filename="${name}"`,
          // A blob is a Buffer in process: see Output in cloud.ts.
          body: Buffer.from(text) as never,
        };
      },
    },
  };
}

function headOf({ cloud }: ApiContext, api: Api, stage: string, { createdDate }: Deployment, kind: Version): object {
  const version = api.version ?? `${new Date(createdDate).toISOString().slice(0, 19)}Z`;
  const info = defined({ title: api.name, description: api.description, version });
  const host = `${api.id}.execute-api.${cloud.region}.amazonaws.com`;
  if (kind === 'swagger') return { swagger: '2.0', info, host, basePath: `/${stage}`, schemes: ['https'] };
  const servers = [{ url: `https://${host}/{basePath}`, variables: { basePath: { default: stage } } }];
  return { openapi: '3.0.1', info, servers };
}

function bodyOf({ resources, models }: Served, kind: Version, withIntegrations: boolean): object {
  const paths = Object.values(resources)
    .filter(({ methods }) => Object.keys(methods).length > 0)
    .map(({ path, methods }) => {
      const operations = Object.entries(methods).map(([name, method]) => [
        name === 'ANY' ? 'x-amazon-apigateway-any-method' : name.toLowerCase(),
        {
          ...(kind === 'swagger' ? swaggerOperation(method) : oasOperation(method)),
          ...(withIntegrations && method.methodIntegration !== undefined
            ? { 'x-amazon-apigateway-integration': exportedIntegration(method.methodIntegration) }
            : {}),
        },
      ]);
      return [path, Object.fromEntries(operations)];
    });
  const front = frontOf(kind);
  const schemas = Object.fromEntries(
    Object.entries(models).map(([name, { schema = '{}' }]) => [name, withReferences(JSON.parse(schema), front)]),
  );
  const described = kind === 'swagger' ? { definitions: schemas } : { components: { schemas } };
  return { paths: Object.fromEntries(paths), ...(Object.keys(schemas).length === 0 ? {} : described) };
}

const frontOf = (kind: Version) => (kind === 'swagger' ? '#/definitions/' : '#/components/schemas/');
const reference = (kind: Version, model: string) => ({ $ref: `${frontOf(kind)}${model}` });

function withReferences(value: unknown, front: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withReferences(item, front));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const model = key === '$ref' && typeof item === 'string' ? /\/models\/(\w+)$/.exec(item)?.[1] : undefined;
      return [key, model === undefined ? withReferences(item, front) : `${front}${model}`];
    }),
  );
}

interface ExportedParameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
}

function parametersOf({ requestParameters = {} }: Method): ExportedParameter[] {
  return Object.entries(requestParameters).map(([parameter, required]) => {
    const [, , place = '', ...name] = parameter.split('.');
    return { name: name.join('.'), in: place === 'querystring' ? 'query' : place, required };
  });
}

const headersOf = ({ responseParameters = {} }: MethodResponse) =>
  Object.keys(responseParameters).map((name) => name.replace(/^method\.response\.header\./, ''));

function oasOperation(method: Method): object {
  const parameters = parametersOf(method).map(({ required, ...parameter }) => ({
    ...parameter,
    ...(required ? { required } : {}),
    schema: { type: 'string' },
  }));
  const content = (models: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(models).map(([type, model]) => [type, { schema: reference('oas30', model) }]));
  const responses = Object.entries(method.methodResponses ?? {}).map(([status, response]) => {
    const headers = headersOf(response).map((name) => [name, { schema: { type: 'string' } }]);
    return [
      status,
      {
        description: `${status} response`,
        ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
        content: content(response.responseModels),
      },
    ];
  });
  return defined({
    operationId: method.operationName,
    parameters: parameters.length === 0 ? undefined : parameters,
    requestBody: method.requestModels && { content: content(method.requestModels), required: true },
    responses: responses.length === 0 ? undefined : Object.fromEntries(responses),
    security: method.apiKeyRequired ? [{ api_key: [] }] : undefined,
  });
}

function swaggerOperation(method: Method): object {
  const { methodResponses = {}, methodIntegration = {}, requestModels = {} } = method;
  const consumes = keysOf([requestModels, methodIntegration.requestTemplates]);
  const produces = keysOf([
    ...Object.values(methodResponses).map(({ responseModels }) => responseModels),
    ...Object.values(methodIntegration.integrationResponses ?? {}).map(({ responseTemplates }) => responseTemplates),
  ]);
  const [model] = Object.values(requestModels);
  const parameters = [
    ...parametersOf(method).map((parameter) => ({ ...parameter, type: 'string' })),
    ...(model === undefined ? [] : [{ in: 'body', name: model, required: true, schema: reference('swagger', model) }]),
  ];
  const responses = Object.entries(methodResponses).map(([status, response]) => {
    const headers = headersOf(response).map((name) => [name, { type: 'string' }]);
    const [answered] = Object.values(response.responseModels ?? {});
    return [
      status,
      {
        description: `${status} response`,
        ...(answered === undefined ? {} : { schema: reference('swagger', answered) }),
        ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
      },
    ];
  });
  return defined({
    operationId: method.operationName,
    consumes: consumes.length === 0 ? undefined : consumes,
    produces: produces.length === 0 ? undefined : produces,
    parameters: parameters.length === 0 ? undefined : parameters,
    responses: responses.length === 0 ? undefined : Object.fromEntries(responses),
    security: method.apiKeyRequired ? [{ api_key: [] }] : undefined,
  });
}

function keysOf(maps: readonly (Readonly<Record<string, unknown>> | undefined)[]): string[] {
  return [...new Set(maps.flatMap((map) => Object.keys(map ?? {})))];
}

function exportedIntegration(integration: Integration): object {
  const { integrationResponses = {}, type, passthroughBehavior, timeoutInMillis, ...others } = integration;
  const { cacheNamespace: _, cacheKeyParameters: __, connectionType: ___, ...settings } = others;
  const responses = Object.values(integrationResponses).map(({ selectionPattern, ...response }) => [
    selectionPattern || 'default',
    response,
  ]);
  return defined({
    ...settings,
    type: type?.toLowerCase(),
    responses: responses.length === 0 ? undefined : Object.fromEntries(responses),
    passthroughBehavior: passthroughBehavior?.toLowerCase(),
    timeoutInMillis: timeoutInMillis === 29_000 ? undefined : timeoutInMillis,
  });
}

// AWS::ApiGateway: REST APIs with their resources and methods.
import type { Integration, IntegrationResponse, MethodResponse, PatchOperation } from '@aws-sdk/client-api-gateway';
import type { Cloud, Input } from '../../cloud.ts';
import { isNotFound } from '../failure.ts';
import { randomPart } from '../names.ts';
import type { Properties } from '../stack.ts';
import { camelCase, escapePointer, generatedId, patchesOf, settingsOf, updateTags } from './api-gateway-values.ts';
import { HandlerError, type Providers } from './provider.ts';
import { json, tagMap, text, textList } from './values.ts';

const maps = [
  'RequestParameters',
  'RequestTemplates',
  'ResponseParameters',
  'ResponseTemplates',
  'ResponseModels',
  'RequestModels',
];

const apiSettings = [
  'BinaryMediaTypes',
  'CloneFrom',
  'Description',
  'DisableExecuteApiEndpoint',
  'EndpointConfiguration',
  'MinimumCompressionSize',
  'Version',
];

async function describeApi(cloud: Cloud, restApiId: string) {
  const { rootResourceId } = await cloud.call('apigateway', 'GetRestApi', { restApiId });
  return { physicalId: restApiId, attributes: { RestApiId: restApiId, RootResourceId: rootResourceId } };
}

/** The OpenAPI document, in the template or in a bucket. */
async function documentOf(cloud: Cloud, properties: Properties): Promise<Buffer | undefined> {
  if (properties['Body'] !== undefined) return Buffer.from(json(properties['Body']));
  const location = properties['BodyS3Location'] as { Bucket?: string; Key?: string; Version?: string } | undefined;
  if (location === undefined) return undefined;
  const { Body } = await cloud.call('s3', 'GetObject', {
    Bucket: location.Bucket,
    Key: location.Key,
    ...(location.Version === undefined ? {} : { VersionId: location.Version }),
  });
  // A streamed blob is a Buffer or a Readable in process: see Output in cloud.ts.
  const chunks: Buffer[] = [];
  if (Buffer.isBuffer(Body)) return Body;
  for await (const chunk of Body as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function putDocument(cloud: Cloud, restApiId: string, properties: Properties): Promise<void> {
  const body = await documentOf(cloud, properties);
  if (body === undefined) return;
  await cloud.call('apigateway', 'PutRestApi', {
    restApiId,
    body,
    mode: text(properties, 'Mode') === 'merge' ? 'merge' : 'overwrite',
    failOnWarnings: properties['FailOnWarnings'] === true,
    parameters: { ...(properties['Parameters'] as Record<string, string> | undefined) },
  });
  // what the template says wins over the document
  const patches = patchesOf(
    properties,
    new Set(['Name', 'Description'].filter((name) => properties[name] !== undefined)),
    {
      Name: '/name',
      Description: '/description',
    },
  );
  if (patches.length > 0) await cloud.call('apigateway', 'UpdateRestApi', { restApiId, patchOperations: patches });
}

function titleOf(body: Buffer | undefined): string | undefined {
  if (body === undefined) return undefined;
  try {
    return (JSON.parse(body.toString('utf8')) as { info?: { title?: string } }).info?.title;
  } catch {
    return /^\s*title:\s*["']?(.+?)["']?\s*$/m.exec(body.toString('utf8'))?.[1];
  }
}

function apiPatches(before: Properties, after: Properties, changed: ReadonlySet<string>): PatchOperation[] {
  const endpoint = (properties: Properties) =>
    (properties['EndpointConfiguration'] ?? {}) as {
      Types?: string[];
      IpAddressType?: string;
      VpcEndpointIds?: string[];
    };
  const patches = patchesOf(after, changed, {
    Name: '/name',
    Policy: '/policy',
    MinimumCompressionSize: '/minimumCompressionSize',
    Version: '/version',
  });
  if (changed.has('Description')) {
    const value = text(after, 'Description');
    patches.push(value ? { op: 'replace', path: '/description', value } : { op: 'remove', path: '/description' });
  }
  if (changed.has('ApiKeySourceType')) {
    patches.push({ op: 'replace', path: '/apiKeySource', value: text(after, 'ApiKeySourceType') ?? 'HEADER' });
  }
  if (changed.has('DisableExecuteApiEndpoint')) {
    const value = String(after['DisableExecuteApiEndpoint'] ?? false);
    patches.push({ op: 'replace', path: '/disableExecuteApiEndpoint', value });
  }
  if (changed.has('EndpointConfiguration')) {
    const { Types = ['EDGE'], IpAddressType, VpcEndpointIds = [] } = endpoint(after);
    patches.push({ op: 'replace', path: '/endpointConfiguration/types/0', value: Types[0] });
    const type = IpAddressType ?? (Types[0] === 'PRIVATE' ? 'dualstack' : 'ipv4');
    patches.push({ op: 'replace', path: '/endpointConfiguration/ipAddressType', value: type });
    const old = endpoint(before).VpcEndpointIds ?? [];
    for (const [op, ids] of [
      ['remove', old.filter((id) => !VpcEndpointIds.includes(id))],
      ['add', VpcEndpointIds],
    ] as const) {
      for (const value of ids) patches.push({ op, path: '/endpointConfiguration/vpcEndpointIds', value });
    }
  }
  if (changed.has('BinaryMediaTypes')) {
    const [old, next] = [textList(before, 'BinaryMediaTypes'), textList(after, 'BinaryMediaTypes')];
    const path = (type: string) => `/binaryMediaTypes/${escapePointer(type)}`;
    for (const type of old) if (!next.includes(type)) patches.push({ op: 'remove', path: path(type) });
    for (const type of next) if (!old.includes(type)) patches.push({ op: 'add', path: path(type) });
  }
  return patches;
}

interface MethodProperties {
  readonly Integration?: Properties & { readonly IntegrationResponses?: readonly Properties[] };
  readonly MethodResponses?: readonly Properties[];
}

async function putMethod(cloud: Cloud, properties: Properties): Promise<void> {
  const place = {
    restApiId: text(properties, 'RestApiId'),
    resourceId: text(properties, 'ResourceId'),
    httpMethod: text(properties, 'HttpMethod'),
  };
  const { Integration: integration, MethodResponses = [] } = properties as MethodProperties;
  const settings = settingsOf(properties, methodSettings, maps);
  await cloud.call('apigateway', 'PutMethod', {
    authorizationType: 'NONE',
    ...settings,
    requestParameters: flags(properties['RequestParameters']),
    ...place,
  } as Input<'apigateway', 'PutMethod'>);
  for (const response of MethodResponses) {
    const { statusCode, responseModels } = camelCase(response, maps) as MethodResponse;
    const responseParameters = flags(response['ResponseParameters']);
    await cloud.call('apigateway', 'PutMethodResponse', {
      ...place,
      statusCode: String(statusCode),
      ...(responseModels === undefined ? {} : { responseModels }),
      ...(responseParameters === undefined ? {} : { responseParameters }),
    });
  }
  if (integration === undefined) return;
  const { IntegrationResponses = [], ...others } = integration;
  const { type = 'MOCK', timeoutInMillis, ...given } = camelCase(others, maps) as Integration;
  await cloud.call('apigateway', 'PutIntegration', {
    ...given,
    ...(timeoutInMillis === undefined ? {} : { timeoutInMillis: Number(timeoutInMillis) }),
    type,
    ...place,
  });
  for (const response of IntegrationResponses) {
    const values = camelCase(response, maps) as IntegrationResponse;
    await cloud.call('apigateway', 'PutIntegrationResponse', {
      ...values,
      statusCode: String(values.statusCode),
      ...place,
    });
  }
}

const methodSettings = [
  'ApiKeyRequired',
  'AuthorizationScopes',
  'AuthorizationType',
  'AuthorizerId',
  'OperationName',
  'RequestModels',
  'RequestValidatorId',
];

/** A template may write booleans as text. */
function flags(map: unknown): Record<string, boolean> | undefined {
  if (map === undefined) return undefined;
  return Object.fromEntries(Object.entries(map as object).map(([name, value]) => [name, String(value) === 'true']));
}

async function deleteMethod(cloud: Cloud, properties: Properties): Promise<void> {
  await cloud.call('apigateway', 'DeleteMethod', {
    restApiId: text(properties, 'RestApiId'),
    resourceId: text(properties, 'ResourceId'),
    httpMethod: text(properties, 'HttpMethod'),
  });
}

export const restApiProviders: Providers = {
  'AWS::ApiGateway::RestApi': {
    service: 'ApiGateway',
    properties: [
      ...apiSettings,
      'ApiKeySourceType',
      'Body',
      'BodyS3Location',
      'FailOnWarnings',
      'Mode',
      'Name',
      'Parameters',
      'Policy',
      'Tags',
    ],
    async create({ cloud, properties }) {
      const name = text(properties, 'Name') ?? titleOf(await documentOf(cloud, properties));
      if (name === undefined)
        throw new HandlerError('InvalidRequest', 'Name is required for a REST API without a Body.');
      const { id = '' } = await cloud.call('apigateway', 'CreateRestApi', {
        ...(settingsOf(properties, apiSettings) as unknown as Input<'apigateway', 'CreateRestApi'>),
        name,
        ...(properties['ApiKeySourceType'] === undefined
          ? {}
          : { apiKeySource: text(properties, 'ApiKeySourceType') as 'HEADER' }),
        ...(properties['Policy'] === undefined ? {} : { policy: json(properties['Policy']) }),
        ...(properties['Tags'] === undefined ? {} : { tags: tagMap(properties) }),
      });
      try {
        await putDocument(cloud, id, properties);
      } catch (error) {
        await cloud.call('apigateway', 'DeleteRestApi', { restApiId: id });
        throw error;
      }
      return describeApi(cloud, id);
    },
    async update({ cloud, physicalId: restApiId, before, after, changed }) {
      const patchOperations = apiPatches(before, after, changed);
      if (patchOperations.length > 0) await cloud.call('apigateway', 'UpdateRestApi', { restApiId, patchOperations });
      const documents = ['Body', 'BodyS3Location', 'Mode', 'Parameters'];
      if (documents.some((name) => changed.has(name))) await putDocument(cloud, restApiId, after);
      if (changed.has('Tags')) await updateTags(cloud, `/restapis/${restApiId}`, before, after);
      return describeApi(cloud, restApiId);
    },
    async delete({ cloud, physicalId: restApiId }) {
      await cloud.call('apigateway', 'DeleteRestApi', { restApiId });
    },
  },

  'AWS::ApiGateway::Resource': {
    service: 'ApiGateway',
    properties: ['ParentId', 'PathPart', 'RestApiId'],
    async create({ cloud, properties }) {
      const { id = '' } = await cloud.call('apigateway', 'CreateResource', {
        restApiId: text(properties, 'RestApiId'),
        parentId: text(properties, 'ParentId'),
        pathPart: text(properties, 'PathPart'),
      });
      return { physicalId: id, attributes: { ResourceId: id } };
    },
    async delete({ cloud, physicalId: resourceId, properties }) {
      await cloud.call('apigateway', 'DeleteResource', { restApiId: text(properties, 'RestApiId'), resourceId });
    },
  },

  'AWS::ApiGateway::Method': {
    service: 'ApiGateway',
    properties: [
      ...methodSettings,
      'HttpMethod',
      'Integration',
      'MethodResponses',
      'RequestParameters',
      'ResourceId',
      'RestApiId',
    ],
    async create({ cloud, properties, stackName, logicalId }) {
      await putMethod(cloud, properties);
      return { physicalId: generatedId(stackName, logicalId, randomPart()), attributes: {} };
    },
    // Stages serve deployments, so nobody sees the method missing in between.
    async update({ cloud, physicalId, before, after }) {
      try {
        await deleteMethod(cloud, before);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      await putMethod(cloud, after);
      return { physicalId, attributes: {} };
    },
    delete: ({ cloud, properties }) => deleteMethod(cloud, properties),
  },
};

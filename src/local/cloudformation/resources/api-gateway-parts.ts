// AWS::ApiGateway: authorizers, models, validators, gateway responses and documentation of REST APIs.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { patchesOf, patchText, settingsOf } from './api-gateway-values.ts';
import type { Providers } from './provider.ts';
import { json, text, textList } from './values.ts';

const apiOf = (properties: Properties) => text(properties, 'RestApiId');

const authorizerPaths = {
  AuthType: '/authType',
  AuthorizerCredentials: '/authorizerCredentials',
  AuthorizerUri: '/authorizerUri',
  IdentitySource: '/identitySource',
  IdentityValidationExpression: '/identityValidationExpression',
  Name: '/name',
  Type: '/type',
};
const authorizerSettings = [...Object.keys(authorizerPaths), 'ProviderARNs'];

async function putGatewayResponse(cloud: Cloud, properties: Properties): Promise<void> {
  await cloud.call('apigateway', 'PutGatewayResponse', {
    ...(settingsOf(
      properties,
      ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'StatusCode'],
      ['ResponseParameters', 'ResponseTemplates'],
    ) as unknown as Input<'apigateway', 'PutGatewayResponse'>),
    restApiId: apiOf(properties),
  });
}

export const apiPartProviders: Providers = {
  'AWS::ApiGateway::Authorizer': {
    service: 'ApiGateway',
    properties: [...authorizerSettings, 'AuthorizerResultTtlInSeconds', 'RestApiId'],
    async create({ cloud, properties }) {
      const ttl = properties['AuthorizerResultTtlInSeconds'];
      const { id = '' } = await cloud.call('apigateway', 'CreateAuthorizer', {
        ...(settingsOf(properties, authorizerSettings) as unknown as Input<'apigateway', 'CreateAuthorizer'>),
        ...(ttl === undefined ? {} : { authorizerResultTtlInSeconds: Number(ttl) }),
        restApiId: apiOf(properties),
      });
      return { physicalId: id, attributes: { AuthorizerId: id } };
    },
    async update({ cloud, physicalId: authorizerId, before, after, changed }) {
      const patchOperations = patchesOf(after, changed, authorizerPaths);
      if (changed.has('AuthorizerResultTtlInSeconds')) {
        const value = patchText(after['AuthorizerResultTtlInSeconds'] ?? 300);
        patchOperations.push({ op: 'replace', path: '/authorizerResultTtlInSeconds', value });
      }
      if (changed.has('ProviderARNs')) {
        const [old, next] = [textList(before, 'ProviderARNs'), textList(after, 'ProviderARNs')];
        for (const value of next) patchOperations.push({ op: 'add', path: '/providerARNs', value });
        const gone = old.filter((arn) => !next.includes(arn));
        for (const value of gone) patchOperations.push({ op: 'remove', path: '/providerARNs', value });
      }
      await cloud.call('apigateway', 'UpdateAuthorizer', { restApiId: apiOf(after), authorizerId, patchOperations });
      return { physicalId: authorizerId, attributes: { AuthorizerId: authorizerId } };
    },
    async delete({ cloud, physicalId: authorizerId, properties }) {
      await cloud.call('apigateway', 'DeleteAuthorizer', { restApiId: apiOf(properties), authorizerId });
    },
  },

  'AWS::ApiGateway::Model': {
    service: 'ApiGateway',
    properties: ['ContentType', 'Description', 'Name', 'RestApiId', 'Schema'],
    name: { property: 'Name', limit: 128 },
    async create({ cloud, properties, name }) {
      const given = text(properties, 'Name') ?? name.replace(/[^a-zA-Z0-9]/g, '');
      await cloud.call('apigateway', 'CreateModel', {
        contentType: 'application/json',
        ...settingsOf(properties, ['ContentType', 'Description']),
        ...(properties['Schema'] === undefined ? {} : { schema: json(properties['Schema']) }),
        name: given,
        restApiId: apiOf(properties),
      });
      return { physicalId: given, attributes: {} };
    },
    async update({ cloud, physicalId: modelName, after, changed }) {
      const patchOperations = patchesOf(after, changed, { Description: '/description', Schema: '/schema' });
      await cloud.call('apigateway', 'UpdateModel', { restApiId: apiOf(after), modelName, patchOperations });
      return { physicalId: modelName, attributes: {} };
    },
    async delete({ cloud, physicalId: modelName, properties }) {
      await cloud.call('apigateway', 'DeleteModel', { restApiId: apiOf(properties), modelName });
    },
  },

  'AWS::ApiGateway::RequestValidator': {
    service: 'ApiGateway',
    properties: ['Name', 'RestApiId', 'ValidateRequestBody', 'ValidateRequestParameters'],
    async create({ cloud, properties }) {
      const { id = '' } = await cloud.call('apigateway', 'CreateRequestValidator', {
        ...settingsOf(properties, ['Name', 'ValidateRequestBody', 'ValidateRequestParameters']),
        restApiId: apiOf(properties),
      });
      return { physicalId: id, attributes: { RequestValidatorId: id } };
    },
    async update({ cloud, physicalId: requestValidatorId, after, changed }) {
      const patchOperations = patchesOf(after, changed, {
        ValidateRequestBody: '/validateRequestBody',
        ValidateRequestParameters: '/validateRequestParameters',
      });
      const place = { restApiId: apiOf(after), requestValidatorId };
      await cloud.call('apigateway', 'UpdateRequestValidator', { ...place, patchOperations });
      return { physicalId: requestValidatorId, attributes: { RequestValidatorId: requestValidatorId } };
    },
    async delete({ cloud, physicalId: requestValidatorId, properties }) {
      await cloud.call('apigateway', 'DeleteRequestValidator', { restApiId: apiOf(properties), requestValidatorId });
    },
  },

  'AWS::ApiGateway::GatewayResponse': {
    service: 'ApiGateway',
    properties: ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'RestApiId', 'StatusCode'],
    async create({ cloud, properties }) {
      await putGatewayResponse(cloud, properties);
      const id = `${apiOf(properties)}/${text(properties, 'ResponseType')}`;
      return { physicalId: id, attributes: { Id: id } };
    },
    async update({ cloud, physicalId: id, after }) {
      await putGatewayResponse(cloud, after);
      return { physicalId: id, attributes: { Id: id } };
    },
    async delete({ cloud, properties }) {
      await cloud.call('apigateway', 'DeleteGatewayResponse', {
        restApiId: apiOf(properties),
        responseType: text(properties, 'ResponseType') as 'DEFAULT_4XX',
      });
    },
  },

  'AWS::ApiGateway::DocumentationPart': {
    service: 'ApiGateway',
    properties: ['Location', 'Properties', 'RestApiId'],
    async create({ cloud, properties }) {
      const { id = '' } = await cloud.call('apigateway', 'CreateDocumentationPart', {
        ...(settingsOf(properties, ['Location']) as unknown as Input<'apigateway', 'CreateDocumentationPart'>),
        properties: json(properties['Properties']),
        restApiId: apiOf(properties),
      });
      return { physicalId: id, attributes: { DocumentationPartId: id } };
    },
    async update({ cloud, physicalId: documentationPartId, after, changed }) {
      const patchOperations = patchesOf(after, changed, { Properties: '/properties' });
      const place = { restApiId: apiOf(after), documentationPartId };
      await cloud.call('apigateway', 'UpdateDocumentationPart', { ...place, patchOperations });
      return { physicalId: documentationPartId, attributes: { DocumentationPartId: documentationPartId } };
    },
    async delete({ cloud, physicalId: documentationPartId, properties }) {
      await cloud.call('apigateway', 'DeleteDocumentationPart', { restApiId: apiOf(properties), documentationPartId });
    },
  },

  'AWS::ApiGateway::DocumentationVersion': {
    service: 'ApiGateway',
    properties: ['Description', 'DocumentationVersion', 'RestApiId'],
    async create({ cloud, properties }) {
      const documentationVersion = text(properties, 'DocumentationVersion') ?? '';
      const place = { restApiId: apiOf(properties), documentationVersion };
      await cloud.call('apigateway', 'CreateDocumentationVersion', {
        ...place,
        ...settingsOf(properties, ['Description']),
      });
      return { physicalId: documentationVersion, attributes: {} };
    },
    async update({ cloud, physicalId: documentationVersion, after, changed }) {
      const patchOperations = patchesOf(after, changed, { Description: '/description' });
      const place = { restApiId: apiOf(after), documentationVersion };
      await cloud.call('apigateway', 'UpdateDocumentationVersion', { ...place, patchOperations });
      return { physicalId: documentationVersion, attributes: {} };
    },
    async delete({ cloud, physicalId: documentationVersion, properties }) {
      const place = { restApiId: apiOf(properties), documentationVersion };
      await cloud.call('apigateway', 'DeleteDocumentationVersion', place);
    },
  },
};

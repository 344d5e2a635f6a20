// AWS::ApiGatewayV2: HTTP APIs with their integrations, authorizers, routes and stages.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers } from './provider.ts';
import { pick, tagChanges, tagMap, text } from './values.ts';

const apiProperties = [
  'ApiKeySelectionExpression',
  'CorsConfiguration',
  'CredentialsArn',
  'Description',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'IpAddressType',
  'Name',
  'ProtocolType',
  'RouteKey',
  'RouteSelectionExpression',
  'Target',
  'Version',
];
const integrationProperties = [
  'ConnectionId',
  'ConnectionType',
  'ContentHandlingStrategy',
  'CredentialsArn',
  'Description',
  'IntegrationMethod',
  'IntegrationSubtype',
  'IntegrationType',
  'IntegrationUri',
  'PassthroughBehavior',
  'PayloadFormatVersion',
  'RequestParameters',
  'RequestTemplates',
  'ResponseParameters',
  'TemplateSelectionExpression',
  'TimeoutInMillis',
  'TlsConfig',
];
const routeProperties = [
  'ApiKeyRequired',
  'AuthorizationScopes',
  'AuthorizationType',
  'AuthorizerId',
  'ModelSelectionExpression',
  'OperationName',
  'RequestModels',
  'RequestParameters',
  'RouteKey',
  'RouteResponseSelectionExpression',
  'Target',
];
const authorizerProperties = [
  'AuthorizerCredentialsArn',
  'AuthorizerPayloadFormatVersion',
  'AuthorizerResultTtlInSeconds',
  'AuthorizerType',
  'AuthorizerUri',
  'EnableSimpleResponses',
  'IdentitySource',
  'IdentityValidationExpression',
  'JwtConfiguration',
  'Name',
];
const stageProperties = [
  'AccessLogSettings',
  'AutoDeploy',
  'ClientCertificateId',
  'DefaultRouteSettings',
  'DeploymentId',
  'Description',
  'RouteSettings',
  'StageVariables',
];

/** The defaults of optional settings. */
const defaults: Properties = {
  AccessLogSettings: { DestinationArn: '', Format: '' },
  AuthorizationScopes: [],
  AuthorizationType: 'NONE',
  AuthorizerResultTtlInSeconds: 0,
  EnableSimpleResponses: false,
  IdentitySource: [],
  AutoDeploy: false,
  CredentialsArn: '',
  DefaultRouteSettings: {},
  Description: '',
  DisableExecuteApiEndpoint: false,
  PayloadFormatVersion: '1.0',
  RouteSettings: {},
  StageVariables: {},
  Target: '',
  TimeoutInMillis: 30_000,
  Version: '',
};

/** The changed settings for an update; removed ones get their defaults. */
function changes(names: readonly string[], after: Properties, changed: ReadonlySet<string>): Properties {
  return Object.fromEntries(
    names
      .filter((name) => changed.has(name))
      .map((name) => {
        const value = after[name] ?? defaults[name];
        if (value !== undefined) return [name, value];
        throw new HandlerError('NotUpdatable', `The fx local AWS cannot take ${name} away.`);
      }),
  );
}

const apiIdOf = (properties: Properties) => text(properties, 'ApiId');

async function describeApi(cloud: Cloud, ApiId: string) {
  const { ApiEndpoint } = await cloud.call('apigatewayv2', 'GetApi', { ApiId });
  const ExecuteApiArn = `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${ApiId}`;
  return { physicalId: ApiId, attributes: { ApiEndpoint, ApiId, ExecuteApiArn } };
}

/** What the template says beside the document replaces what the document says. */
async function importApi(cloud: Cloud, properties: Properties) {
  const { ApiId = '' } = await cloud.call('apigatewayv2', 'ImportApi', { Body: JSON.stringify(properties['Body']) });
  const settings = pick(
    properties,
    apiProperties.filter((name) => name !== 'ProtocolType'),
  );
  if (Object.keys(settings).length > 0) await cloud.call('apigatewayv2', 'UpdateApi', { ApiId, ...settings });
  if (properties['Tags'] !== undefined) await updateTags(cloud, `/apis/${ApiId}`, {}, properties);
  return describeApi(cloud, ApiId);
}

async function updateTags(cloud: Cloud, path: string, before: Properties, after: Properties): Promise<void> {
  const { set, remove } = tagChanges(before, after);
  const ResourceArn = `arn:aws:apigateway:${cloud.region}::${path}`;
  if (remove.length > 0) await cloud.call('apigatewayv2', 'UntagResource', { ResourceArn, TagKeys: remove });
  if (Object.keys(set).length > 0) await cloud.call('apigatewayv2', 'TagResource', { ResourceArn, Tags: set });
}

export const apiGatewayProviders: Providers = {
  'AWS::ApiGatewayV2::Api': {
    service: 'ApiGatewayV2',
    properties: [...apiProperties, 'Body', 'FailOnWarnings', 'Tags'],
    async create({ cloud, properties }) {
      if (properties['Body'] !== undefined) return importApi(cloud, properties);
      const { ApiId = '' } = await cloud.call('apigatewayv2', 'CreateApi', {
        ...(pick(properties, apiProperties) as unknown as Input<'apigatewayv2', 'CreateApi'>),
        ...(properties['Tags'] === undefined ? {} : { Tags: tagMap(properties) }),
      });
      return describeApi(cloud, ApiId);
    },
    async update({ cloud, physicalId: ApiId, before, after, changed }) {
      if (changed.has('Body') && after['Body'] !== undefined)
        await cloud.call('apigatewayv2', 'ReimportApi', { ApiId, Body: JSON.stringify(after['Body']) });
      const isWithoutCors = changed.has('CorsConfiguration') && after['CorsConfiguration'] === undefined;
      if (isWithoutCors) await cloud.call('apigatewayv2', 'DeleteCorsConfiguration', { ApiId });
      const names = apiProperties.filter((name) => !(name === 'CorsConfiguration' && isWithoutCors));
      const settings = changes(names, after, changed);
      if (Object.keys(settings).length > 0) await cloud.call('apigatewayv2', 'UpdateApi', { ApiId, ...settings });
      if (changed.has('Tags')) await updateTags(cloud, `/apis/${ApiId}`, before, after);
      return describeApi(cloud, ApiId);
    },
    async delete({ cloud, physicalId: ApiId }) {
      await cloud.call('apigatewayv2', 'DeleteApi', { ApiId });
    },
  },

  'AWS::ApiGatewayV2::Integration': {
    service: 'ApiGatewayV2',
    properties: ['ApiId', ...integrationProperties],
    async create({ cloud, properties }) {
      const { IntegrationId = '' } = await cloud.call('apigatewayv2', 'CreateIntegration', {
        ...(pick(properties, integrationProperties) as unknown as Input<'apigatewayv2', 'CreateIntegration'>),
        ApiId: apiIdOf(properties),
      });
      return { physicalId: IntegrationId, attributes: { IntegrationId } };
    },
    async update({ cloud, physicalId: IntegrationId, after, changed }) {
      const settings = changes(integrationProperties, after, changed);
      await cloud.call('apigatewayv2', 'UpdateIntegration', { ApiId: apiIdOf(after), IntegrationId, ...settings });
      return { physicalId: IntegrationId, attributes: { IntegrationId } };
    },
    async delete({ cloud, physicalId: IntegrationId, properties }) {
      await cloud.call('apigatewayv2', 'DeleteIntegration', { ApiId: apiIdOf(properties), IntegrationId });
    },
  },

  'AWS::ApiGatewayV2::Authorizer': {
    service: 'ApiGatewayV2',
    properties: ['ApiId', ...authorizerProperties],
    async create({ cloud, properties }) {
      const { AuthorizerId = '' } = await cloud.call('apigatewayv2', 'CreateAuthorizer', {
        ...(pick(properties, authorizerProperties) as unknown as Input<'apigatewayv2', 'CreateAuthorizer'>),
        ApiId: apiIdOf(properties),
      });
      return { physicalId: AuthorizerId, attributes: { AuthorizerId } };
    },
    async update({ cloud, physicalId: AuthorizerId, after, changed }) {
      const settings = changes(authorizerProperties, after, changed);
      await cloud.call('apigatewayv2', 'UpdateAuthorizer', { ApiId: apiIdOf(after), AuthorizerId, ...settings });
      return { physicalId: AuthorizerId, attributes: { AuthorizerId } };
    },
    async delete({ cloud, physicalId: AuthorizerId, properties }) {
      await cloud.call('apigatewayv2', 'DeleteAuthorizer', { ApiId: apiIdOf(properties), AuthorizerId });
    },
  },

  'AWS::ApiGatewayV2::Route': {
    service: 'ApiGatewayV2',
    properties: ['ApiId', ...routeProperties],
    async create({ cloud, properties }) {
      const { RouteId = '' } = await cloud.call('apigatewayv2', 'CreateRoute', {
        ...(pick(properties, routeProperties) as unknown as Input<'apigatewayv2', 'CreateRoute'>),
        ApiId: apiIdOf(properties),
      });
      return { physicalId: RouteId, attributes: { RouteId } };
    },
    async update({ cloud, physicalId: RouteId, after, changed }) {
      const settings = changes(routeProperties, after, changed);
      await cloud.call('apigatewayv2', 'UpdateRoute', { ApiId: apiIdOf(after), RouteId, ...settings });
      return { physicalId: RouteId, attributes: { RouteId } };
    },
    async delete({ cloud, physicalId: RouteId, properties }) {
      await cloud.call('apigatewayv2', 'DeleteRoute', { ApiId: apiIdOf(properties), RouteId });
    },
  },

  'AWS::ApiGatewayV2::RouteResponse': {
    service: 'ApiGatewayV2',
    properties: ['ApiId', 'RouteId', 'RouteResponseKey'],
    async create({ cloud, properties }) {
      const { RouteResponseId = '' } = await cloud.call('apigatewayv2', 'CreateRouteResponse', {
        ApiId: apiIdOf(properties),
        RouteId: text(properties, 'RouteId'),
        RouteResponseKey: text(properties, 'RouteResponseKey'),
      });
      return { physicalId: RouteResponseId, attributes: { RouteResponseId } };
    },
    async delete({ cloud, physicalId: RouteResponseId, properties }) {
      const RouteId = text(properties, 'RouteId');
      await cloud.call('apigatewayv2', 'DeleteRouteResponse', { ApiId: apiIdOf(properties), RouteId, RouteResponseId });
    },
  },

  'AWS::ApiGatewayV2::Deployment': {
    service: 'ApiGatewayV2',
    properties: ['ApiId', 'Description', 'StageName'],
    async create({ cloud, properties }) {
      const { DeploymentId = '' } = await cloud.call('apigatewayv2', 'CreateDeployment', {
        ...pick(properties, ['Description', 'StageName']),
        ApiId: apiIdOf(properties),
      });
      return { physicalId: DeploymentId, attributes: { DeploymentId } };
    },
    async update({ cloud, physicalId: DeploymentId, after, changed }) {
      const settings = changes(['Description'], after, changed);
      const ApiId = apiIdOf(after);
      if (Object.keys(settings).length > 0) {
        await cloud.call('apigatewayv2', 'UpdateDeployment', { ApiId, DeploymentId, ...settings });
      }
      return { physicalId: DeploymentId, attributes: { DeploymentId } };
    },
    async delete({ cloud, physicalId: DeploymentId, properties }) {
      await cloud.call('apigatewayv2', 'DeleteDeployment', { ApiId: apiIdOf(properties), DeploymentId });
    },
  },

  'AWS::ApiGatewayV2::Stage': {
    service: 'ApiGatewayV2',
    properties: ['ApiId', 'StageName', 'Tags', ...stageProperties],
    async create({ cloud, properties }) {
      const StageName = text(properties, 'StageName');
      await cloud.call('apigatewayv2', 'CreateStage', {
        ...pick(properties, stageProperties),
        ApiId: apiIdOf(properties),
        StageName,
        ...(properties['Tags'] === undefined ? {} : { Tags: tagMap(properties) }),
      });
      return { physicalId: StageName ?? '', attributes: {} };
    },
    async update({ cloud, physicalId: StageName, before, after, changed }) {
      const ApiId = apiIdOf(after);
      // a stage that deploys by itself from now on has a deployment of its own
      const isFreed = after['AutoDeploy'] === true && after['DeploymentId'] === undefined;
      const named = stageProperties.filter((name) => !(isFreed && name === 'DeploymentId'));
      const settings = changes(named, after, changed);
      if (Object.keys(settings).length > 0) {
        await cloud.call('apigatewayv2', 'UpdateStage', { ApiId, StageName, ...settings });
      }
      if (changed.has('Tags')) await updateTags(cloud, `/apis/${ApiId}/stages/${StageName}`, before, after);
      return { physicalId: StageName, attributes: {} };
    },
    async delete({ cloud, physicalId: StageName, properties }) {
      await cloud.call('apigatewayv2', 'DeleteStage', { ApiId: apiIdOf(properties), StageName });
    },
  },
};

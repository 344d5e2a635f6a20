// The REST API itself: models, validators, preflights, deployment, stage, keys and plans.
import { stackName } from '../cfn/names.ts';
import type { Part, SharedPart } from '../cfn/part.ts';
import { type Output, type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import { accessLogGroup, accessLogPart, requestLine } from './_access-log.ts';
import { throttleProperties } from './_api-settings.ts';
import { domainPart } from './_domain-resources.ts';
import type { RestSection } from './_rest-api.ts';
import { restAuthorizerResources } from './_rest-authorizer.ts';
import { preflightMethod } from './_rest-cors.ts';
import { apiResource, gatewayResponses } from './_rest-definition.ts';
import type { RestEvent } from './_rest-event.ts';
import { keyPart } from './_rest-keys.ts';
import { logRoleResources } from './_rest-log-role.ts';
import {
  afterStage,
  checksOf,
  corsOf,
  deploymentId,
  methodId,
  modelId,
  pathResources,
  preflightId,
  type RestApi,
  resourceOf,
  restApiOf,
  stageId,
  stageName,
  stageReference,
  usesOfApi,
  validatorId,
} from './_rest-shared.ts';
import type { SourceContext, Use } from './source.ts';

type Resources = Readonly<Record<string, Resource>>;

/** `compile` gives the resources of one route, which the deployment is made of too. */
export function sharedRest(
  uses: readonly Use<RestEvent>[],
  context: SourceContext<RestSection>,
  compile: (use: Use<RestEvent>) => Part,
): SharedPart {
  const apis = new Map<string | undefined, RestApi>();
  for (const { config } of uses) {
    const api = restApiOf(config, context);
    if (api !== undefined) apis.set(api.name, api);
  }
  const parts = [...apis.values()].map((api) => partOf(api, usesOfApi(uses, api), { context, compile }));
  return {
    resources: Object.assign({}, ...parts.map(({ resources }) => resources)),
    outputs: Object.assign({}, ...parts.map(({ outputs }) => outputs)),
    identities: Object.assign({}, ...parts.map(({ identities }) => identities)),
  };
}

interface Making {
  readonly context: SourceContext<RestSection>;
  compile(use: Use<RestEvent>): Part;
}

function partOf(api: RestApi, uses: readonly Use<RestEvent>[], { context, compile }: Making): SharedPart {
  const { settings, prefix, id, exists, ownStage } = api;
  const served: Record<string, Resource> = {
    ...(exists ? {} : { [prefix]: apiResource(api, context) }),
    ...pathResources(api, uses),
    ...modelResources(api),
    ...validators(api, uses),
    ...preflights(api, uses),
    ...(exists ? {} : gatewayResponses(api)),
  };
  for (const [name, authorizer] of settings.authorizers ?? []) {
    const place = { apiId: id, prefix, functionNamed: context.functionNamed, resources: context.resources };
    Object.assign(served, restAuthorizerResources(name, authorizer, place));
  }
  const ofRoutes = uses.flatMap((use) => Object.entries(compile(use).resources ?? {}));
  const isServed = ({ Type }: Resource) => Type.startsWith('AWS::ApiGateway::');
  const methods = uses.map(({ config }) => methodId(config, api));
  const waited = Object.entries(served).filter(([, { Type }]) =>
    ['AWS::ApiGateway::Method', 'AWS::ApiGateway::GatewayResponse'].includes(Type),
  );
  const deployment: Resource = {
    Type: 'AWS::ApiGateway::Deployment',
    // a deployment is of what there is when it is made
    DependsOn: [...methods, ...waited.map(([key]) => key)],
    // the stage of another stack goes on with it, and API Gateway deletes none that a stage uses
    ...(exists ? { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Delete' } : {}),
    Properties: { RestApiId: id, ...(ownStage ? {} : { StageName: stageName(api) }) },
  };
  const identities = {
    [deploymentId(api)]: [
      ...Object.keys(served).filter((key) => isServed(served[key] ?? deployment)),
      ...ofRoutes.filter(([, resource]) => isServed(resource)).map(([key]) => key),
    ],
  };
  const made = { ...served, [deploymentId(api)]: deployment };
  if (exists) return { resources: made, identities };
  const stage = ownStage ? stagePart(api, uses, context) : {};
  const keys = keyPart(api, context);
  const domains = domainPart(settings.domain ?? [], {
    prefix,
    id,
    stage: stageReference(api),
    ...afterStage(api),
    scheme: 'https',
    isLocal: context.names.environment === 'local',
  });
  const outputs: Record<string, Output> = { ...domains.outputs, ...keys.outputs };
  if (settings.defaultEndpoint?.value !== false) {
    outputs[`${prefix}Url`] = {
      Description: api.name === undefined ? 'Where the REST API answers' : `Where the REST API ${api.name} answers`,
      Value: sub(`https://\${${prefix}}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/${stageName(api)}`),
    };
  }
  return {
    resources: { ...made, ...stage, ...keys.resources, ...domains.resources },
    outputs,
    identities,
  };
}

function modelResources(api: RestApi): Resources {
  return Object.fromEntries(
    [...(api.settings.models ?? [])].map(([name, schema]) => [
      modelId(api, name),
      {
        Type: 'AWS::ApiGateway::Model',
        Properties: { RestApiId: api.id, Name: name, ContentType: 'application/json', Schema: schema },
      },
    ]),
  );
}

function validators(api: RestApi, uses: readonly Use<RestEvent>[]): Resources {
  return Object.fromEntries(
    uses
      .map(({ config }) => checksOf(config))
      .filter(({ body, parameters }) => body || parameters)
      .map((checks) => [
        validatorId(api, checks),
        {
          Type: 'AWS::ApiGateway::RequestValidator',
          Properties: {
            RestApiId: api.id,
            ValidateRequestBody: checks.body,
            ValidateRequestParameters: checks.parameters,
          },
        },
      ]),
  );
}

/** An OPTIONS method for each path with cross-origin requests, unless a route has it. */
function preflights(api: RestApi, uses: readonly Use<RestEvent>[]): Resources {
  const paths = [...new Set(uses.map(({ config }) => config.path))];
  return Object.fromEntries(
    paths.flatMap((path): [string, Resource][] => {
      const ofPath = uses.filter(({ config }) => config.path === path);
      const cors = ofPath.map(({ config }) => corsOf(config, api)).find((one) => one !== undefined);
      if (cors === undefined || ofPath.some(({ config }) => config.method === 'OPTIONS')) return [];
      const methods = ofPath
        .filter(({ config }) => corsOf(config, api) !== undefined)
        .map(({ config }) => config.method);
      const Properties = { RestApiId: api.id, ResourceId: resourceOf(api, path), ...preflightMethod(cors, methods) };
      return [[preflightId(api, path), { Type: 'AWS::ApiGateway::Method', Properties }]];
    }),
  );
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html */
const defaultFormat = requestLine('resourcePath');

function stagePart(api: RestApi, uses: readonly Use<RestEvent>[], { names }: SourceContext<RestSection>): Resources {
  const { settings, prefix, id } = api;
  const { stageVariables, canary, cache, tracing, accessLogs, waf, logRole } = settings;
  const group = accessLogGroup(stackName(names), api.name ?? 'rest');
  const log = accessLogs
    ? accessLogPart(accessLogs, { groupId: `${prefix}LogGroup`, group, defaultFormat })
    : undefined;
  const methodSettings = [
    ...settingOf({ ResourcePath: '/*', HttpMethod: '*' }, stageLimits(api)),
    ...uses.flatMap(({ config }) =>
      settingOf({ ResourcePath: settingPath(config.path), HttpMethod: config.method }, routeLimits(config)),
    ),
  ];
  const stage: Resource = {
    Type: 'AWS::ApiGateway::Stage',
    ...(logRole === true ? { DependsOn: `${prefix}Account` } : {}),
    Properties: {
      RestApiId: id,
      StageName: stageName(api),
      DeploymentId: ref(deploymentId(api)),
      ...(stageVariables === undefined ? {} : { Variables: Object.fromEntries(stageVariables) }),
      ...(canary === undefined
        ? {}
        : {
            CanarySetting: {
              PercentTraffic: canary.percent,
              ...(canary.deploymentId === undefined ? {} : { DeploymentId: canary.deploymentId }),
              ...(canary.stageVariables === undefined
                ? {}
                : { StageVariableOverrides: Object.fromEntries(canary.stageVariables) }),
              ...(canary.useStageCache === undefined ? {} : { UseStageCache: canary.useStageCache }),
            },
          }),
      ...(cache === undefined ? {} : { CacheClusterEnabled: true, CacheClusterSize: cache.size }),
      ...(tracing === undefined ? {} : { TracingEnabled: tracing }),
      ...(log === undefined ? {} : { AccessLogSetting: log.settings }),
      ...(methodSettings.length === 0 ? {} : { MethodSettings: methodSettings }),
    },
  };
  return {
    [stageId(api)]: stage,
    ...log?.resources,
    ...(logRole === true ? logRoleResources(prefix) : {}),
    ...(waf === undefined
      ? {}
      : {
          [`${prefix}Firewall`]: {
            Type: 'AWS::WAFv2::WebACLAssociation',
            Properties: {
              WebACLArn: waf,
              ResourceArn: sub(
                `arn:\${AWS::Partition}:apigateway:\${AWS::Region}::/restapis/\${${prefix}}/stages/\${${stageId(api)}}`,
              ),
            },
          },
        }),
  };
}

function settingOf(where: Readonly<Record<string, Value>>, values: Readonly<Record<string, Value>>): Value[] {
  return Object.keys(values).length === 0 ? [] : [{ ...where, ...values }];
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html */
const settingPath = (path: string): string => (path === '/' ? '/' : `/~1${path.slice(1).replaceAll('/', '~1')}`);

function stageLimits({ settings: { throttle, metrics, executionLogs, cache } }: RestApi): Record<string, Value> {
  return {
    ...throttleProperties(throttle),
    ...(metrics === undefined ? {} : { MetricsEnabled: metrics }),
    ...(executionLogs === undefined
      ? {}
      : { LoggingLevel: executionLogs === 'error' ? 'ERROR' : 'INFO', DataTraceEnabled: executionLogs === 'data' }),
    ...(cache === undefined
      ? {}
      : {
          CachingEnabled: true,
          CacheTtlInSeconds: cache.ttl ?? 300,
          ...(cache.encrypted === undefined ? {} : { CacheDataEncrypted: cache.encrypted }),
        }),
  };
}

function routeLimits({ throttle, metrics, cache }: RestEvent): Record<string, Value> {
  return {
    ...throttleProperties(throttle),
    ...(metrics === undefined ? {} : { MetricsEnabled: metrics }),
    ...(cache === undefined ? {} : { CachingEnabled: cache !== false }),
    ...(cache && cache.ttl !== undefined ? { CacheTtlInSeconds: cache.ttl } : {}),
  };
}

// What the routes of an HTTP API share: the API, its stage with throttling and log, its authorizers, and the role of its calls.
import { sha256 } from '../base/hash.ts';
import { fitted, pascalCase, stackName } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { attribute, type Resource, ref, type Value } from '../cfn/resource.ts';
import { inlinePolicies, policyDocument, trust } from '../cfn/role.ts';
import { accessLogGroup, accessLogPart, requestLine } from './_access-log.ts';
import { type Throttle, throttleProperties } from './_api-settings.ts';
import { corsProperties } from './_cors.ts';
import { domainPart } from './_domain-resources.ts';
import type { HttpApiSettings, HttpSection } from './_http-api.ts';
import { authorizerPart } from './_http-authorizer.ts';
import type { HttpEvent } from './_http-event.ts';
import { pathIdPart, routeIdentity, routeKey } from './_http-route.ts';
import type { SourceContext, Use } from './source.ts';

/** One of the project's HTTP APIs. */
export interface HttpApi {
  /** Undefined for the API of `http` itself. */
  readonly name: string | undefined;
  readonly settings: HttpApiSettings;
  /** The prefix of its logical ids, and the id of the API itself if fx makes it. */
  readonly prefix: string;
  /** Its id, as a value of the template. */
  readonly id: Value;
  readonly exists: boolean;
}

/** The API of an event. Undefined if it names none that there is. */
export function httpApiOf({ api }: HttpEvent, { section }: SourceContext<HttpSection>): HttpApi | undefined {
  const settings = api === undefined ? (section ?? {}) : section?.apis?.get(api.value);
  return settings === undefined ? undefined : httpApi(api?.value, settings);
}

function httpApi(name: string | undefined, settings: HttpApiSettings): HttpApi {
  const prefix = `${name === undefined ? '' : pascalCase(name)}HttpApi`;
  const existing = settings.id?.value;
  return { name, settings, prefix, id: existing ?? ref(prefix), exists: existing !== undefined };
}

export const hashed = (value: string): string => sha256(value).slice(0, 8);

/** The logical id of a route. It does not depend on the function, so that a route that moves to another changes in place: CloudFormation
 * makes what is new before it deletes what is old, and an API has each route once. */
export const routeIdOf = ({ method, path }: HttpEvent, { name }: HttpApi): string =>
  `HttpRoute${pascalCase(method.toLowerCase())}${pathIdPart(path)}${name === undefined ? '' : hashed(`${name} ${routeIdentity({ method, path })}`)}`;

/** Above this number of functions an API calls them as one role: the permissions of each alone would take a stack to its 500
 * resources. Fewer are called by permission, which needs no role to become known everywhere first. */
const mostPermissions = 50;

export function usesRole(uses: readonly Use<HttpEvent>[], api: HttpApi): boolean {
  return functionsOf(uses, api).size > mostPermissions;
}

const functionsOf = (uses: readonly Use<HttpEvent>[], { name }: HttpApi) =>
  new Map(uses.filter(({ config }) => config.api?.value === name).map((use) => [use.function.name, use.function]));

export const integrationRoleId = ({ prefix }: HttpApi): string => `${prefix}Role`;

export function sharedOf(uses: readonly Use<HttpEvent>[], context: SourceContext<HttpSection>): Part {
  const apis = new Map<string | undefined, HttpApi>();
  for (const { config } of uses) {
    const api = httpApiOf(config, context);
    if (api !== undefined) apis.set(api.name, api);
  }
  const parts = [...apis.values()].map((api) => partOf(api, uses, context));
  return {
    resources: Object.assign({}, ...parts.map(({ resources }) => resources)),
    outputs: Object.assign({}, ...parts.map(({ outputs }) => outputs)),
  };
}

function partOf(api: HttpApi, uses: readonly Use<HttpEvent>[], context: SourceContext<HttpSection>): Part {
  const { settings, prefix } = api;
  const ofApi = uses.filter(({ config }) => config.api?.value === api.name);
  const authorizers = [...(settings.authorizers ?? [])].map(([name, authorizer]) =>
    authorizerPart(name, authorizer, { apiId: api.id, prefix, functionNamed: context.functionNamed }),
  );
  const resources: Record<string, Resource> = Object.assign(
    {},
    ...authorizers.map((part) => part.resources ?? {}),
    usesRole(uses, api) ? { [integrationRoleId(api)]: integrationRole(ofApi) } : {},
  );
  if (api.exists) return { resources };
  const stage = stageOf(api, ofApi, context);
  const domains = domainPart(settings.domain ?? [], {
    prefix,
    id: api.id,
    stage: ref(`${prefix}Stage`),
    scheme: 'https',
    isLocal: context.names.environment === 'local',
  });
  return {
    resources: { [prefix]: apiResource(api, context), ...stage.resources, ...resources, ...domains.resources },
    // an API without its own endpoint answers only at a domain
    outputs: {
      ...domains.outputs,
      ...(settings.defaultEndpoint?.value === false
        ? {}
        : {
            [`${prefix}Url`]: {
              Description:
                api.name === undefined ? 'Where the HTTP API answers' : `Where the HTTP API ${api.name} answers`,
              Value: urlOf(api),
            },
          }),
    },
  };
}

function urlOf({ settings: { stage = '$default' }, prefix }: HttpApi): Value {
  const endpoint = attribute(prefix, 'ApiEndpoint');
  return stage === '$default' ? endpoint : { 'Fn::Join': ['/', [endpoint, stage]] };
}

function apiResource({ name, settings }: HttpApi, { names }: SourceContext<HttpSection>): Resource {
  const { description, cors, defaultEndpoint, ipAddressType } = settings;
  const ownName = name === undefined ? stackName(names) : fitted(`${stackName(names)}-${name}`, 128);
  return {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: {
      Name: settings.name ?? ownName,
      ProtocolType: 'HTTP',
      ...(description === undefined ? {} : { Description: description }),
      ...(cors === undefined || cors === false ? {} : { CorsConfiguration: corsProperties(cors) }),
      ...(defaultEndpoint?.value === false ? { DisableExecuteApiEndpoint: true } : {}),
      ...(ipAddressType === undefined ? {} : { IpAddressType: ipAddressType }),
    },
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const defaultFormat = requestLine('routeKey');

function stageOf(api: HttpApi, uses: readonly Use<HttpEvent>[], { names }: SourceContext<HttpSection>): Part {
  const { settings, prefix, id } = api;
  const { accessLogs, stageVariables, stage = '$default' } = settings;
  const group = accessLogGroup(stackName(names), api.name ?? 'http');
  const log = accessLogs
    ? accessLogPart(accessLogs, { groupId: `${prefix}LogGroup`, group, defaultFormat })
    : undefined;
  const own = uses.filter(({ config }) => config.throttle !== undefined || config.metrics !== undefined);
  const defaults = routeSettings(settings.throttle, settings.metrics);
  const stageResource: Resource = {
    Type: 'AWS::ApiGatewayV2::Stage',
    // a stage with settings for a route that it does not have is refused
    ...(own.length === 0 ? {} : { DependsOn: own.map(({ config }) => routeIdOf(config, api)) }),
    Properties: {
      ApiId: id,
      StageName: stage,
      AutoDeploy: true,
      ...(Object.keys(defaults).length === 0 ? {} : { DefaultRouteSettings: defaults }),
      ...(own.length === 0
        ? {}
        : {
            RouteSettings: Object.fromEntries(
              own.map(({ config }) => [
                routeKey(config),
                routeSettings(config.throttle ?? settings.throttle, config.metrics ?? settings.metrics),
              ]),
            ),
          }),
      ...(stageVariables === undefined ? {} : { StageVariables: Object.fromEntries(stageVariables) }),
      ...(log === undefined ? {} : { AccessLogSettings: log.settings }),
    },
  };
  return { resources: { [`${prefix}Stage`]: stageResource, ...log?.resources } };
}

const ifHolds = (condition: string, value: Value): Value => ({
  'Fn::If': [condition, value, { Ref: 'AWS::NoValue' }],
});

function routeSettings(throttle: Throttle | undefined, metrics: boolean | undefined): Readonly<Record<string, Value>> {
  return {
    ...throttleProperties(throttle),
    ...(metrics === undefined ? {} : { DetailedMetricsEnabled: metrics }),
  };
}

function integrationRole(uses: readonly Use<HttpEvent>[]): Resource {
  const targets = [...new Map(uses.map((use) => [use.function.name, use.function])).values()];
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policyDocument([trust('apigateway.amazonaws.com')]),
      ...inlinePolicies([
        {
          Effect: 'Allow',
          Action: ['lambda:InvokeFunction'],
          Resource: targets.map(({ alias, condition }) =>
            condition === undefined ? alias : ifHolds(condition, alias),
          ),
        },
      ]),
    },
  };
}

// API Gateway's operations on HTTP and WebSocket APIs, and on their tags and those of their stages.
import type { Api as ApiShape, Cors } from '@aws-sdk/client-apigatewayv2';
import { badRequest, newId, notFound } from '../api-gateway.ts';
import type { Cloud, Input, Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { withoutKeys } from '../without-keys.ts';
import type { Listeners } from './listeners.ts';
import { type Api, type ApiContext, existingApi, existingPart, isWebSocket, page } from './state.ts';

type ApiInput = Partial<Input<'apigatewayv2', 'CreateApi'>>;

export function apiOperations(context: ApiContext, listeners: Listeners): Operations<'apigatewayv2'> {
  const { apis, cloud } = context;
  return {
    CreateApi: {
      members: [
        'Name',
        'ProtocolType',
        'CorsConfiguration',
        'Description',
        'DisableExecuteApiEndpoint',
        'IpAddressType',
        'RouteSelectionExpression',
        'Tags',
        'Version',
      ],
      async run(input) {
        const isHttp = input.ProtocolType === 'HTTP';
        checkProtocol(input);
        checkInput(input);
        if (!input.Name) throw badRequest('Name is required');
        const id = newId(10);
        const port = await listeners.open(id, undefined, isHttp ? 'HTTP' : 'WEBSOCKET');
        const api: Api = {
          id,
          name: input.Name,
          ...(input.Description === undefined ? {} : { description: input.Description }),
          ...(input.Version === undefined ? {} : { version: input.Version }),
          ...(input.CorsConfiguration === undefined ? {} : { cors: checkCors(input.CorsConfiguration) }),
          ...(isHttp ? {} : { routeSelection: input.RouteSelectionExpression ?? '' }),
          ipAddressType: input.IpAddressType ?? 'ipv4',
          endpointDisabled: input.DisableExecuteApiEndpoint ?? false,
          createdAt: cloud.now(),
          tags: { ...input.Tags },
          stages: {},
          deployments: {},
          routes: {},
          integrations: {},
          authorizers: {},
          port,
        };
        apis.set(id, api);
        return describeApi(api);
      },
    },
    GetApi: { members: ['ApiId'], run: ({ ApiId }) => describeApi(existingApi(context, ApiId)) },
    GetApis: { members: ['MaxResults', 'NextToken'], run: (input) => page([...apis.values()].map(describeApi), input) },
    UpdateApi: {
      members: [
        'ApiId',
        'CorsConfiguration',
        'Description',
        'DisableExecuteApiEndpoint',
        'IpAddressType',
        'Name',
        'RouteSelectionExpression',
        'Version',
      ],
      run(input) {
        checkInput(input);
        const before = existingApi(context, input.ApiId);
        const ProtocolType = isWebSocket(before) ? 'WEBSOCKET' : 'HTTP';
        const RouteSelectionExpression = input.RouteSelectionExpression ?? before.routeSelection;
        checkProtocol({ ...input, ProtocolType, RouteSelectionExpression });
        const api: Api = {
          ...before,
          name: input.Name ?? before.name,
          ...(input.Description === undefined ? {} : { description: input.Description }),
          ...(input.Version === undefined ? {} : { version: input.Version }),
          ...(input.CorsConfiguration === undefined ? {} : { cors: checkCors(input.CorsConfiguration) }),
          ...(isWebSocket(before) ? { routeSelection: RouteSelectionExpression ?? '' } : {}),
          ipAddressType: input.IpAddressType ?? before.ipAddressType,
          endpointDisabled: input.DisableExecuteApiEndpoint ?? before.endpointDisabled ?? false,
        };
        apis.set(api.id, api);
        return describeApi(api);
      },
    },
    DeleteCorsConfiguration: {
      members: ['ApiId'],
      run({ ApiId }) {
        const { cors: _, ...api } = existingApi(context, ApiId);
        apis.set(api.id, api);
        return {};
      },
    },
    DeleteApi: {
      members: ['ApiId'],
      async run({ ApiId }) {
        const { id } = existingApi(context, ApiId);
        apis.delete(id);
        await listeners.close(id);
        return {};
      },
    },
    ...tagOperations(context),
  };
}

function checkInput(input: ApiInput): void {
  checkConstraints('BadRequestException', [
    ['name', input.Name, { min: 1, max: 128 }],
    ['description', input.Description, { max: 1024 }],
    ['version', input.Version, { min: 1, max: 64 }],
    ['ipAddressType', input.IpAddressType, { oneOf: ['ipv4', 'dualstack'] }],
  ]);
}

// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
function checkProtocol({ ProtocolType, RouteSelectionExpression: expression, CorsConfiguration }: ApiInput): void {
  if (ProtocolType === 'HTTP') {
    checkConstraints('BadRequestException', [
      [
        'routeSelectionExpression',
        expression,
        { oneOf: ['$request.method $request.path', '${request.method} ${request.path}'] },
      ],
    ]);
    return;
  }
  if (ProtocolType !== 'WEBSOCKET') throw badRequest('Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]');
  if (CorsConfiguration !== undefined) throw badRequest('CORS is not supported for WEBSOCKET APIs');
  if (!/^\$\{?request\.body\.[\w.]+\}?$/.test(expression ?? ''))
    throw badRequest('RouteSelectionExpression is invalid: it selects from $request.body');
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
function checkCors(cors: Cors): Cors {
  if (cors.AllowCredentials && cors.AllowOrigins?.includes('*')) {
    // https://github.com/aws/aws-cdk/issues/9076
    throw badRequest("allow-credentials is not supported if 'allow-origin' is *");
  }
  checkConstraints('BadRequestException', [['corsConfiguration.maxAge', cors.MaxAge, { min: -1, max: 86_400 }]]);
  return { ...cors };
}

function describeApi(api: Api): ApiShape {
  return {
    ApiEndpoint: `${isWebSocket(api) ? 'ws' : 'http'}://127.0.0.1:${api.port}`,
    ApiId: api.id,
    ApiKeySelectionExpression: '$request.header.x-api-key',
    ...(api.cors === undefined ? {} : { CorsConfiguration: api.cors }),
    CreatedDate: new Date(api.createdAt),
    ...(api.description === undefined ? {} : { Description: api.description }),
    DisableExecuteApiEndpoint: api.endpointDisabled ?? false,
    IpAddressType: api.ipAddressType,
    Name: api.name,
    ProtocolType: isWebSocket(api) ? 'WEBSOCKET' : 'HTTP',
    RouteSelectionExpression: api.routeSelection ?? '$request.method $request.path',
    Tags: { ...api.tags },
    ...(api.version === undefined ? {} : { Version: api.version }),
  };
}

function tagOperations(context: ApiContext): Operations<'apigatewayv2'> {
  return {
    GetTags: {
      members: ['ResourceArn'],
      run: ({ ResourceArn }) => ({ Tags: { ...findTagged(context, ResourceArn).tags } }),
    },
    TagResource: {
      members: ['ResourceArn', 'Tags'],
      run({ ResourceArn, Tags }) {
        const tagged = findTagged(context, ResourceArn);
        tagged.set({ ...tagged.tags, ...Tags });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceArn', 'TagKeys'],
      run({ ResourceArn, TagKeys }) {
        const tagged = findTagged(context, ResourceArn);
        tagged.set(withoutKeys(tagged.tags, TagKeys));
        return {};
      },
    },
  };
}

function findTagged(context: ApiContext, arn: string | undefined) {
  const [, apiId, stageName] = resourcePattern(context.cloud).exec(arn ?? '') ?? [];
  if (apiId === undefined) throw notFound('Invalid resource identifier specified');
  const api = existingApi(context, apiId);
  if (stageName === undefined) {
    return { tags: api.tags, set: (tags: Api['tags']) => context.apis.set(api.id, { ...api, tags }) };
  }
  const stage = existingPart(api.stages, 'Stage', decodeURIComponent(stageName));
  const set = (tags: Api['tags']) =>
    context.apis.set(api.id, { ...api, stages: { ...api.stages, [stage.name]: { ...stage, tags } } });
  return { tags: stage.tags, set };
}

function resourcePattern({ region }: Cloud): RegExp {
  return new RegExp(`^arn:aws:apigateway:${region}::/(?:v2/)?apis/([^/]+)(?:/stages/([^/]+))?$`);
}

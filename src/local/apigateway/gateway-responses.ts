// API Gateway's operations on gateway responses: what the API itself answers instead of an integration.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html

import { badRequest, notFound, without } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { invalidPath, type Patch, patchedMap, readPatches } from './patch.ts';
import { type ApiContext, defined, existingApi, type GatewayResponse, own, type Served } from './state.ts';

/** The types with their default status. */
export const defaultStatus = {
  ACCESS_DENIED: '403',
  API_CONFIGURATION_ERROR: '500',
  AUTHORIZER_CONFIGURATION_ERROR: '500',
  AUTHORIZER_FAILURE: '500',
  BAD_REQUEST_BODY: '400',
  BAD_REQUEST_PARAMETERS: '400',
  DEFAULT_4XX: undefined,
  DEFAULT_5XX: undefined,
  EXPIRED_TOKEN: '403',
  INTEGRATION_FAILURE: '504',
  INTEGRATION_TIMEOUT: '504',
  INVALID_API_KEY: '403',
  INVALID_SIGNATURE: '403',
  MISSING_AUTHENTICATION_TOKEN: '403',
  QUOTA_EXCEEDED: '429',
  REQUEST_TOO_LARGE: '413',
  RESOURCE_NOT_FOUND: '404',
  THROTTLED: '429',
  UNAUTHORIZED: '401',
  UNSUPPORTED_MEDIA_TYPE: '415',
  WAF_FILTERED: '403',
} as const;
export type ResponseType = keyof typeof defaultStatus;
const responseTypes = Object.keys(defaultStatus) as ResponseType[];

/** The API's own response of a type, or AWS's default. */
export function gatewayResponse({ gatewayResponses }: Pick<Served, 'gatewayResponses'>, type: ResponseType) {
  return own(gatewayResponses, type) ?? defaultResponse(type);
}

function defaultResponse(type: ResponseType): GatewayResponse {
  return defined({
    responseType: type,
    statusCode: defaultStatus[type],
    responseParameters: {},
    responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
    defaultResponse: true,
  });
}

export function gatewayResponseOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis } = context;
  const keep = (apiId: string | undefined, response: GatewayResponse) => {
    const api = existingApi(context, apiId);
    const gatewayResponses = { ...api.gatewayResponses, [response.responseType ?? '']: response };
    apis.set(api.id, { ...api, gatewayResponses });
    return response;
  };
  return {
    PutGatewayResponse: {
      members: ['restApiId', 'responseType', 'statusCode', 'responseParameters', 'responseTemplates'],
      run({ restApiId, ...input }) {
        existingApi(context, restApiId);
        return keep(restApiId, newGatewayResponse(input));
      },
    },
    GetGatewayResponse: {
      members: ['restApiId', 'responseType'],
      run: ({ restApiId, responseType }) => gatewayResponse(existingApi(context, restApiId), checkType(responseType)),
    },
    GetGatewayResponses: {
      members: ['restApiId', 'position', 'limit'],
      run({ restApiId }) {
        const api = existingApi(context, restApiId);
        return { items: responseTypes.map((type) => gatewayResponse(api, type)) };
      },
    },
    UpdateGatewayResponse: {
      members: ['restApiId', 'responseType', 'patchOperations'],
      run({ restApiId, responseType, patchOperations }) {
        const patches = readPatches('updateGatewayResponseInput', patchOperations);
        const before = gatewayResponse(existingApi(context, restApiId), checkType(responseType));
        return keep(restApiId, { ...patches.reduce(patched, before), defaultResponse: false });
      },
    },
    DeleteGatewayResponse: {
      members: ['restApiId', 'responseType'],
      run({ restApiId, responseType }) {
        const api = existingApi(context, restApiId);
        const type = checkType(responseType);
        if (own(api.gatewayResponses, type) === undefined) throw notFound('Gateway response type not defined on api');
        apis.set(api.id, { ...api, gatewayResponses: without(api.gatewayResponses, type) });
        return {};
      },
    },
  };
}

export function newGatewayResponse(given: GatewayResponse): GatewayResponse {
  const type = checkType(given.responseType);
  return defined({
    responseType: type,
    statusCode: given.statusCode ?? defaultStatus[type],
    responseParameters: given.responseParameters ?? {},
    responseTemplates: given.responseTemplates ?? defaultResponse(type).responseTemplates,
    defaultResponse: false,
  });
}

function checkType(type: string | undefined): ResponseType {
  checkConstraints('ValidationException', [['responseType', type, { oneOf: responseTypes }]]);
  return type as ResponseType;
}

function patched(response: GatewayResponse, patch: Patch): GatewayResponse {
  const { op, segments, value } = patch;
  const [first = '', second, third] = segments;
  if (first === 'statusCode' && second === undefined && op === 'replace') {
    return { ...response, statusCode: value };
  }
  if (first !== 'responseParameters' && first !== 'responseTemplates') throw invalidPath(patch);
  if (second === undefined || third !== undefined) throw invalidPath(patch);
  if (op !== 'remove' && !value) throw badRequest(`Invalid null or empty value in ${first}`);
  if (op !== 'add' && own(response[first] ?? {}, second) === undefined) {
    throw notFound(
      first === 'responseParameters' ? 'Invalid parameter name specified' : 'Content-Type specified was not found',
    );
  }
  return { ...response, [first]: patchedMap(response[first], op, second, value ?? '') ?? {} };
}

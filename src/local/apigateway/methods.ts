// API Gateway's operations on the methods of resources, and on their responses.
import type { Method, MethodResponse } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, notFound } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { invalidPath, isTrue, type Patch, patchedList, patchedMap, readPatches } from './patch.ts';
import {
  type Api,
  type ApiContext,
  defined,
  existingMethod,
  existingPart,
  existingResource,
  keepMethod,
  own,
} from './state.ts';

export const httpMethods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY'];
export const unknownStatus = 'Invalid Response status code specified';

export function methodOperations(context: ApiContext): Operations<'apigateway'> {
  return {
    PutMethod: {
      members: [
        'restApiId',
        'resourceId',
        'httpMethod',
        'authorizationType',
        'authorizerId',
        'apiKeyRequired',
        'operationName',
        'requestParameters',
        'requestModels',
        'requestValidatorId',
        'authorizationScopes',
      ],
      run({ restApiId, resourceId, ...input }) {
        const { api, resource } = existingResource(context, restApiId, resourceId);
        const name = input.httpMethod ?? '';
        if (!httpMethods.includes(name)) {
          throw badRequest(`Invalid HttpMethod specified. Valid options are ${httpMethods.join(',')}`);
        }
        if (own(resource.methods, name) !== undefined) throw conflict('Method already exists for this resource');
        const method = checkMethod(api, { ...input, apiKeyRequired: input.apiKeyRequired ?? false });
        keepMethod(context, { api, resource }, name, method);
        return method;
      },
    },
    GetMethod: {
      members: ['restApiId', 'resourceId', 'httpMethod'],
      run: (input) => existingMethod(context, input).method,
    },
    UpdateMethod: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'patchOperations'],
      run({ patchOperations, ...reference }) {
        const patches = readPatches('updateMethodInput', patchOperations);
        const place = existingMethod(context, reference);
        const method = checkMethod(place.api, patches.reduce(patchedMethod, place.method));
        keepMethod(context, place, reference.httpMethod ?? '', method);
        return method;
      },
    },
    DeleteMethod: {
      members: ['restApiId', 'resourceId', 'httpMethod'],
      run(input) {
        keepMethod(context, existingMethod(context, input), input.httpMethod ?? '', undefined);
        return {};
      },
    },
  };
}

const customTypes = ['CUSTOM', 'COGNITO_USER_POOLS'];
const types = ['NONE', 'AWS_IAM', ...customTypes];

/** The method as AWS stores it. Throws if it refers to something that the API does not have. */
export function checkMethod(api: Api, { authorizerId, ...method }: Method): Method {
  const type = method.authorizationType ?? 'NONE';
  if (!types.includes(type)) {
    throw badRequest(
      'Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS',
    );
  }
  const needsAuthorizer = customTypes.includes(type);
  const authorizer = authorizerId === undefined ? undefined : own(api.authorizers, authorizerId);
  if (
    needsAuthorizer &&
    (authorizer === undefined || (authorizer.type === 'COGNITO_USER_POOLS') !== (type !== 'CUSTOM'))
  ) {
    throw badRequest(
      'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
    );
  }
  const { requestValidatorId } = method;
  if (requestValidatorId && own(api.requestValidators, requestValidatorId) === undefined) {
    throw badRequest('Invalid Request Validator identifier specified');
  }
  const unknown = Object.values(method.requestModels ?? {}).find((model) => own(api.models, model) === undefined);
  if (unknown !== undefined) throw badRequest(`Invalid model identifier specified: ${unknown}`);
  checkParameters(Object.keys(method.requestParameters ?? {}));
  return defined({
    ...method,
    ...(needsAuthorizer ? { authorizerId } : {}),
    requestValidatorId: requestValidatorId || undefined,
  });
}

function checkParameters(parameters: readonly string[]): void {
  const wrong = parameters.find((name) => !/^method\.request\.(header|querystring|path)\.\S+$/.test(name));
  if (wrong !== undefined) throw badRequest(`Invalid mapping expression specified: ${wrong}`);
  const names = parameters.map((name) => name.split('.').slice(3).join('.'));
  if (new Set(names).size < names.length) {
    throw badRequest('Parameter names must be unique across querystring, header and path');
  }
}

// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateMethod-Patch
function patchedMethod(method: Method, patch: Patch): Method {
  const { op, segments, value = '' } = patch;
  const [first = '', second, third] = segments;
  if (first === 'requestParameters' || first === 'requestModels') {
    if (second === undefined || third !== undefined) throw invalidPath(patch);
    const gone = first === 'requestModels' && value === '' ? 'remove' : op;
    if (first === 'requestModels') {
      return { ...method, requestModels: patchedMap(method.requestModels, gone, second, value) };
    }
    return { ...method, requestParameters: patchedMap(method.requestParameters, op, second, isTrue(value)) };
  }
  if (first === 'authorizationScopes') {
    const scopes = patchedList(method.authorizationScopes, op, value.split(/[\s,]+/).filter(Boolean));
    return { ...method, authorizationScopes: scopes.length === 0 ? undefined : scopes };
  }
  if (op !== 'replace') throw badRequest('Invalid patch operation specified. Must be one of: [replace]');
  switch (second === undefined ? first : '') {
    case 'authorizationType':
    case 'authorizerId':
    case 'operationName':
    case 'requestValidatorId':
      return { ...method, [first]: value === '' ? undefined : value };
    case 'apiKeyRequired':
      return { ...method, apiKeyRequired: isTrue(value) };
    default:
      throw invalidPath(patch);
  }
}

export function methodResponseOperations(context: ApiContext): Operations<'apigateway'> {
  const keep = (place: ReturnType<typeof existingMethod>, status: string, response: MethodResponse | undefined) => {
    const { [status]: _, ...others } = place.method.methodResponses ?? {};
    const { methodResponses: __, ...method } = place.method;
    const methodResponses = response === undefined ? others : { ...others, [status]: response };
    const kept = Object.keys(methodResponses).length === 0 ? method : { ...method, methodResponses };
    keepMethod(context, place, method.httpMethod ?? '', kept);
    return response ?? {};
  };
  return {
    PutMethodResponse: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'statusCode', 'responseParameters', 'responseModels'],
      run({ statusCode, responseParameters, responseModels, ...reference }) {
        checkStatus(statusCode);
        const place = existingMethod(context, reference);
        if (own(place.method.methodResponses ?? {}, statusCode) !== undefined) {
          throw conflict('Response already exists for this resource');
        }
        return keep(
          place,
          statusCode ?? '',
          checkResponse(place.api, { statusCode, responseParameters, responseModels }),
        );
      },
    },
    GetMethodResponse: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'statusCode'],
      run({ statusCode, ...reference }) {
        checkStatus(statusCode);
        return existingPart(existingMethod(context, reference).method.methodResponses, statusCode, unknownStatus);
      },
    },
    UpdateMethodResponse: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'statusCode', 'patchOperations'],
      run({ statusCode, patchOperations, ...reference }) {
        const patches = readPatches('updateMethodResponseInput', patchOperations);
        const place = existingMethod(context, reference);
        const before = existingPart(place.method.methodResponses, statusCode, unknownStatus);
        return keep(place, statusCode ?? '', checkResponse(place.api, patches.reduce(patchedResponse, before)));
      },
    },
    DeleteMethodResponse: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'statusCode'],
      run({ statusCode, ...reference }) {
        const place = existingMethod(context, reference);
        existingPart(place.method.methodResponses, statusCode, unknownStatus);
        return keep(place, statusCode ?? '', undefined);
      },
    },
  };
}

export function checkStatus(statusCode: string | undefined): void {
  checkConstraints('ValidationException', [['statusCode', statusCode, { pattern: '[1-5]\\d\\d' }]]);
}

function checkResponse(api: Api, response: MethodResponse): MethodResponse {
  const unknown = Object.values(response.responseModels ?? {}).find((model) => own(api.models, model) === undefined);
  if (unknown !== undefined) throw badRequest(`Invalid model identifier specified: ${unknown}`);
  const wrong = Object.keys(response.responseParameters ?? {}).find(
    (name) => !/^method\.response\.header\.\S+$/.test(name),
  );
  if (wrong !== undefined) throw badRequest(`Invalid mapping expression specified: ${wrong}`);
  return defined(response);
}

function patchedResponse(response: MethodResponse, patch: Patch): MethodResponse {
  const { op, segments, value = '' } = patch;
  const [first, second, third] = segments;
  if (second === undefined || third !== undefined) throw invalidPath(patch);
  if (first === 'responseParameters') {
    if (op !== 'add' && own(response.responseParameters ?? {}, second) === undefined) {
      throw notFound('Invalid parameter name specified');
    }
    return { ...response, responseParameters: patchedMap(response.responseParameters, op, second, isTrue(value)) };
  }
  if (first === 'responseModels') {
    if (op !== 'add' && own(response.responseModels ?? {}, second) === undefined) {
      throw notFound('Content-Type specified was not found');
    }
    return { ...response, responseModels: patchedMap(response.responseModels, op, second, value) };
  }
  throw invalidPath(patch);
}

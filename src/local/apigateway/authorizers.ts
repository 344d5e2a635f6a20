// API Gateway's operations on the authorizers of REST APIs.
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, newId, without } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { invalidPath, type Patch, patchedList, readPatches } from './patch.ts';
import type { Pipeline } from './pipeline.ts';
import { type Api, defined, existingApi, existingPart, page } from './state.ts';

const kinds = ['TOKEN', 'REQUEST', 'COGNITO_USER_POOLS'];

export function authorizerOperations(context: Pipeline): Operations<'apigateway'> {
  const { apis } = context;
  const existing = (apiId: string | undefined, id: string | undefined) =>
    existingPart(existingApi(context, apiId).authorizers, id, 'Invalid Authorizer identifier specified');
  const keep = (api: Api, authorizer: Authorizer) => {
    apis.set(api.id, { ...api, authorizers: { ...api.authorizers, [authorizer.id ?? '']: authorizer } });
    return authorizer;
  };
  return {
    CreateAuthorizer: {
      members: [
        'restApiId',
        'name',
        'type',
        'providerARNs',
        'authType',
        'authorizerUri',
        'authorizerCredentials',
        'identitySource',
        'identityValidationExpression',
        'authorizerResultTtlInSeconds',
      ],
      run({ restApiId, ...input }) {
        const api = apis.get(restApiId ?? '');
        if (api === undefined) {
          throw conflict('Unable to complete operation due to concurrent modification. Please try again later.');
        }
        checkConstraints('ValidationException', [['createAuthorizerInput.type', input.type, { oneOf: kinds }]]);
        if (Object.values(api.authorizers).some(({ name }) => name === input.name)) {
          throw badRequest(`Authorizer name must be unique. Authorizer ${input.name} already exists in this RestApi.`);
        }
        return keep(api, newAuthorizer(input));
      },
    },
    GetAuthorizer: {
      members: ['restApiId', 'authorizerId'],
      run: ({ restApiId, authorizerId }) => existing(restApiId, authorizerId),
    },
    GetAuthorizers: {
      members: ['restApiId', 'position', 'limit'],
      run: (input) => page(Object.values(existingApi(context, input.restApiId).authorizers), input),
    },
    UpdateAuthorizer: {
      members: ['restApiId', 'authorizerId', 'patchOperations'],
      run({ restApiId, authorizerId, patchOperations }) {
        const patches = readPatches('updateAuthorizerInput', patchOperations);
        const authorizer = patches.reduce(patched, existing(restApiId, authorizerId));
        return keep(existingApi(context, restApiId), checkAuthorizer(authorizer));
      },
    },
    DeleteAuthorizer: {
      members: ['restApiId', 'authorizerId'],
      run({ restApiId, authorizerId = '' }) {
        existing(restApiId, authorizerId);
        const api = existingApi(context, restApiId);
        const methods = Object.values(api.resources).flatMap((resource) => Object.values(resource.methods));
        if (methods.some((method) => method.authorizerId === authorizerId)) {
          throw conflict('Unable to delete the authorizer, it is referenced by at least one method');
        }
        apis.set(api.id, { ...api, authorizers: without(api.authorizers, authorizerId) });
        return {};
      },
    },
    FlushStageAuthorizersCache: {
      members: ['restApiId', 'stageName'],
      run({ restApiId, stageName }) {
        existingPart(existingApi(context, restApiId).stages, stageName, 'Invalid Stage identifier specified');
        context.authorizerCache.clear();
        return {};
      },
    },
  };
}

/** With AWS's defaults. */
export function newAuthorizer(given: Authorizer): Authorizer {
  const authType = given.authType ?? (given.type === 'COGNITO_USER_POOLS' ? 'cognito_user_pools' : 'custom');
  return checkAuthorizer(defined({ id: newId(6), ...given, authType }));
}

const longestTtl = 3600;

function checkAuthorizer(authorizer: Authorizer): Authorizer {
  const { type, authorizerUri, identitySource, providerARNs, authorizerResultTtlInSeconds: ttl = 300 } = authorizer;
  if (!authorizer.name) throw badRequest('Authorizer name cannot be empty');
  if (ttl < 0 || ttl > longestTtl) {
    throw badRequest(`Authorizer result TTL must be between 0 and ${longestTtl} seconds`);
  }
  if (type === 'COGNITO_USER_POOLS') {
    if (!providerARNs?.length) throw badRequest('Authorizer provider ARNs must be specified for this type');
    const wrong = providerARNs.find((arn) => !/^arn:[\w-]+:cognito-idp:[\w-]+:\d{12}:userpool\/.+$/.test(arn));
    if (wrong !== undefined) throw badRequest(`Invalid Authorizer provider ARN specified: ${wrong}`);
    return authorizer;
  }
  if (!authorizerUri) throw badRequest('Invalid Authorizer URI: the URI of a Lambda function is needed');
  if (!/^arn:[\w-]+:apigateway:[^:]*:lambda:path\//.test(authorizerUri)) {
    throw badRequest(
      `Invalid Authorizer URI: ${authorizerUri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
    );
  }
  if (type === 'TOKEN' && !identitySource) throw badRequest('Authorizer identity source cannot be empty');
  if (type === 'REQUEST' && ttl > 0 && !identitySource) {
    throw badRequest('Identity source is required when authorizer caching is enabled');
  }
  return authorizer;
}

// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateAuthorizer-Patch
function patched(authorizer: Authorizer, patch: Patch): Authorizer {
  const { op, segments, value = '' } = patch;
  const [first = '', second] = segments;
  if (second !== undefined) throw invalidPath(patch);
  if (first === 'providerARNs' && (op === 'add' || op === 'remove')) {
    return { ...authorizer, providerARNs: patchedList(authorizer.providerARNs, op, [value]) };
  }
  if (op !== 'replace') throw invalidPath(patch);
  switch (first) {
    case 'authType':
    case 'authorizerCredentials':
    case 'authorizerUri':
    case 'identitySource':
    case 'identityValidationExpression':
    case 'name':
    case 'type':
      return { ...authorizer, [first]: value === '' ? undefined : value };
    case 'authorizerResultTtlInSeconds':
      return { ...authorizer, authorizerResultTtlInSeconds: Number(value) };
    default:
      throw invalidPath(patch);
  }
}

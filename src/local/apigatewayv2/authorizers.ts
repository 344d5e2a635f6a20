// API Gateway's operations on the authorizers of HTTP APIs.
import type { Authorizer as AuthorizerShape } from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, newId, without } from '../api-gateway.ts';
import type { Input, Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { functionOf } from './integrations.ts';
import { type Api, type ApiContext, type Authorizer, existingApi, existingPart, isWebSocket, page } from './state.ts';

const members = [
  'AuthorizerCredentialsArn',
  'AuthorizerPayloadFormatVersion',
  'AuthorizerResultTtlInSeconds',
  'AuthorizerType',
  'AuthorizerUri',
  'EnableSimpleResponses',
  'IdentitySource',
  'JwtConfiguration',
  'Name',
] as const;

export function authorizerOperations(context: ApiContext): Operations<'apigatewayv2'> {
  const keep = (api: Api, authorizer: Authorizer) => {
    context.apis.set(api.id, { ...api, authorizers: { ...api.authorizers, [authorizer.id]: authorizer } });
    return describeAuthorizer(authorizer);
  };
  const find = (api: Api, id: string | undefined) => existingPart(api.authorizers ?? {}, 'Authorizer', id);
  return {
    CreateAuthorizer: {
      members: ['ApiId', ...members],
      run(input) {
        const api = existingApi(context, input.ApiId);
        if (Object.values(api.authorizers ?? {}).some(({ name }) => name === input.Name)) {
          throw conflict(`Authorizer with name ${input.Name} already exists for this API`);
        }
        return keep(api, readAuthorizer(api, input, newId(6)));
      },
    },
    GetAuthorizer: {
      members: ['ApiId', 'AuthorizerId'],
      run: ({ ApiId, AuthorizerId }) => describeAuthorizer(find(existingApi(context, ApiId), AuthorizerId)),
    },
    GetAuthorizers: {
      members: ['ApiId', 'MaxResults', 'NextToken'],
      run: (input) =>
        page(Object.values(existingApi(context, input.ApiId).authorizers ?? {}).map(describeAuthorizer), input),
    },
    UpdateAuthorizer: {
      members: ['ApiId', 'AuthorizerId', ...members],
      run(input) {
        const api = existingApi(context, input.ApiId);
        const before = describeAuthorizer(find(api, input.AuthorizerId));
        const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
        return keep(api, readAuthorizer(api, { ...before, ...given }, before.AuthorizerId ?? ''));
      },
    },
    DeleteAuthorizer: {
      members: ['ApiId', 'AuthorizerId'],
      run({ ApiId, AuthorizerId }) {
        const api = existingApi(context, ApiId);
        const { id } = find(api, AuthorizerId);
        const users = Object.values(api.routes).filter(
          ({ authorization }) =>
            authorization !== undefined && 'authorizerId' in authorization && authorization.authorizerId === id,
        );
        if (users.length > 0) {
          throw conflict(
            `Cannot delete Authorizer because it is referenced by the following Routes with Ids: [${users.map((route) => route.id).join(', ')}]`,
          );
        }
        context.apis.set(api.id, { ...api, authorizers: without(api.authorizers ?? {}, id) });
        return {};
      },
    },
  };
}

type AuthorizerInput = Partial<Input<'apigatewayv2', 'CreateAuthorizer'>>;

// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html
function readAuthorizer(api: Api, input: AuthorizerInput, id: string): Authorizer {
  const { Name = '', AuthorizerType: type, IdentitySource: identity = [], JwtConfiguration: jwt } = input;
  checkConstraints('BadRequestException', [
    ['name', Name, { min: 1, max: 128 }],
    ['authorizerType', type, { oneOf: ['JWT', 'REQUEST'] }],
    ['authorizerResultTtlInSeconds', input.AuthorizerResultTtlInSeconds, { min: 0, max: 3600 }],
    ['authorizerPayloadFormatVersion', input.AuthorizerPayloadFormatVersion, { oneOf: ['1.0', '2.0'] }],
  ]);
  const shared = { id, name: Name, identity: [...identity] };
  if (type === 'JWT') {
    if (isWebSocket(api)) throw badRequest('JWT authorizers are not supported on protocolType WEBSOCKET');
    if (!jwt?.Issuer) throw badRequest('JWT authorizer requires an issuer');
    if (identity.length !== 1) throw badRequest('JWT authorizer requires exactly one identity source');
    return { ...shared, type: 'JWT', issuer: jwt.Issuer, audience: [...(jwt.Audience ?? [])] };
  }
  if (functionOf(input.AuthorizerUri ?? '') === undefined) throw badRequest('Invalid Authorizer URI');
  if (input.AuthorizerPayloadFormatVersion === undefined && !isWebSocket(api)) {
    throw badRequest('AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizers');
  }
  const ttlSeconds = input.AuthorizerResultTtlInSeconds ?? 0;
  if (ttlSeconds > 0 && identity.length === 0) {
    throw badRequest('Identity source is required when the authorization caching is enabled');
  }
  return {
    ...shared,
    type: 'REQUEST',
    uri: input.AuthorizerUri ?? '',
    payloadFormat: input.AuthorizerPayloadFormatVersion === '1.0' || isWebSocket(api) ? '1.0' : '2.0',
    simple: input.EnableSimpleResponses ?? false,
    ttlSeconds,
    ...(input.AuthorizerCredentialsArn ? { credentialsArn: input.AuthorizerCredentialsArn } : {}),
  };
}

function describeAuthorizer(authorizer: Authorizer): AuthorizerShape {
  const shared = {
    AuthorizerId: authorizer.id,
    AuthorizerType: authorizer.type,
    IdentitySource: [...authorizer.identity],
    Name: authorizer.name,
  };
  if (authorizer.type === 'JWT') {
    const { issuer: Issuer, audience } = authorizer;
    return { ...shared, JwtConfiguration: { Issuer, Audience: [...audience] } };
  }
  return {
    ...shared,
    ...(authorizer.credentialsArn === undefined ? {} : { AuthorizerCredentialsArn: authorizer.credentialsArn }),
    AuthorizerPayloadFormatVersion: authorizer.payloadFormat,
    AuthorizerResultTtlInSeconds: authorizer.ttlSeconds,
    AuthorizerUri: authorizer.uri,
    EnableSimpleResponses: authorizer.simple,
  };
}

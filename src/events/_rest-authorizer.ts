// The authorizers of a REST API: a Cognito user pool, a function asked with a token or with the request, or an existing one.
import { duration } from '../base/duration.ts';
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, list, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import { type Resource, ref, type Value } from '../cfn/resource.ts';
import { invocationUri, withPermission } from './_api-invoke.ts';
import { functionReferenceSchema } from './_api-settings.ts';
import type { FunctionReference } from './source.ts';

export type RestAuthorizer =
  | { readonly kind: 'cognito'; readonly pools: readonly Plain[]; readonly identity: string; readonly ttl: number }
  | {
      readonly kind: 'function';
      readonly type: 'TOKEN' | 'REQUEST';
      readonly function?: { readonly value: string; readonly at: Span };
      readonly arn?: Plain;
      readonly identity: readonly string[];
      readonly validation: string | undefined;
      readonly ttl: number;
    }
  | { readonly kind: 'existing'; readonly id: Plain; readonly type: 'CUSTOM' | 'COGNITO_USER_POOLS' };

const defaultIdentity = 'method.request.header.Authorization';
const source = text({
  pattern: /^(method\.request\.(header|querystring)|context|stageVariables)\.\S+$/,
  expected: 'a source such as method.request.header.Authorization, method.request.querystring.token or context.path',
});

const one: Schema<readonly Plain[]> = converted(verbatim, (pool) => ({ value: [pool] }));
const fields = object({
  required: {},
  optional: {
    cognito: described(
      'Takes tokens of a Cognito user pool, or of several: logical ids of resources, or ARNs.',
      byKind<readonly Plain[]>({ scalar: one, map: one, list: list(verbatim, { least: 1 }), expected: 'a user pool' }),
      { examples: ['arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEfGhI'] },
    ),
    function: described('Asks a function of this project.', functionReferenceSchema, {
      examples: ['authorize'],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html',
    }),
    arn: described('Asks a function outside this project, by its ARN.', verbatim, {
      examples: ['arn:aws:lambda:eu-west-1:111122223333:function:authorize:live'],
    }),
    id: described('An existing authorizer, for an API that exists already.', verbatim, { examples: ['a1b2c3'] }),
    type: oneOf(
      ['request', 'token', 'cognito'],
      'What a function is asked with: the request, or only a token. Of an existing authorizer: what it is.',
      { default: 'request', examples: ['token'] },
    ),
    identitySource: described(
      'Where the token is. Without one of them, a request gets 401 and no function is asked; cached answers are kept by them.',
      byKind<readonly string[]>({
        scalar: converted(source, (value) => ({ value: [value] })),
        list: list(source),
        expected: 'a source, or a list of them',
      }),
      { default: defaultIdentity, examples: [['method.request.header.Authorization', 'context.path']] },
    ),
    validation: described(
      'A regular expression for the token; others get 401 and no function is asked. Only with type: token.',
      text(),
      { examples: ['^Bearer [-0-9a-zA-Z._]+$'] },
    ),
    ttl: described(
      'How long an answer is reused for the same identity sources, up to 1h.',
      duration({ least: 0, most: 3600, expected: 'a time from 0s to 1h' }),
      { default: 0, examples: ['5m'] },
    ),
  },
  elsewhere: {
    functionName: 'function',
    functionArn: 'arn',
    authorizerId: 'id',
    resultTtlInSeconds: 'ttl',
    identityValidationExpression: 'validation',
    userPoolArn: 'cognito',
  },
});

type Converted = { readonly value: RestAuthorizer } | { readonly wrong: string; readonly hint?: string };

export const restAuthorizerSchema: Schema<RestAuthorizer> = converted(fields, (written): Converted => {
  const kinds = (['cognito', 'function', 'arn', 'id'] as const).filter((key) => written[key] !== undefined);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? '' : `, found ${kinds.join(' and ')}`;
    return { wrong: `an authorizer has one of cognito, function, arn and id${found}` };
  }
  const { type = 'request', identitySource = [defaultIdentity], validation, ttl = 0 } = written;
  if (written.id !== undefined) {
    return { value: { kind: 'existing', id: written.id, type: type === 'cognito' ? 'COGNITO_USER_POOLS' : 'CUSTOM' } };
  }
  const [first = defaultIdentity, ...more] = identitySource;
  if (written.cognito !== undefined) {
    if (more.length > 0) return { wrong: 'an authorizer of a user pool has one identitySource' };
    return { value: { kind: 'cognito', pools: written.cognito, identity: first, ttl } };
  }
  if (type === 'cognito') return { wrong: 'type: cognito needs the user pool', hint: 'write cognito: POOL' };
  if (type === 'token' && (more.length > 0 || !first.startsWith('method.request.header.'))) {
    return {
      wrong: 'a token comes in one header',
      hint: 'identitySource: method.request.header.Authorization, or type: request',
    };
  }
  if (validation !== undefined && type !== 'token') return { wrong: 'validation is for type: token' };
  if (ttl > 0 && identitySource.length === 0) {
    return { wrong: 'ttl needs an identitySource: answers are cached by it' };
  }
  return {
    value: {
      kind: 'function',
      type: type === 'token' ? 'TOKEN' : 'REQUEST',
      ...(written.function === undefined ? {} : { function: written.function }),
      ...(written.arn === undefined ? {} : { arn: written.arn }),
      identity: identitySource,
      validation,
      ttl,
    },
  };
});

export const restAuthorizerId = (prefix: string, name: string): string => `${prefix}Authorizer${pascalCase(name)}`;

/** The type of authorization of a method with the authorizer. */
export const authorizationType = (authorizer: RestAuthorizer): string => {
  if (authorizer.kind === 'existing') return authorizer.type;
  return authorizer.kind === 'cognito' ? 'COGNITO_USER_POOLS' : 'CUSTOM';
};

export const restAuthorizerReference = (authorizer: RestAuthorizer, prefix: string, name: string): Value =>
  authorizer.kind === 'existing' ? authorizer.id : ref(restAuthorizerId(prefix, name));

export interface RestAuthorizerPlace {
  readonly apiId: Value;
  readonly prefix: string;
  functionNamed(name: string): FunctionReference | undefined;
  /** The resources that the user wrote: a pool may be one. */
  readonly resources: ReadonlyMap<string, Resource>;
}

/** The authorizer and, if it asks a function of the project, the permission to call it. */
export function restAuthorizerResources(
  name: string,
  authorizer: RestAuthorizer,
  place: RestAuthorizerPlace,
): Readonly<Record<string, Resource>> {
  if (authorizer.kind === 'existing') return {};
  const id = restAuthorizerId(place.prefix, name);
  const made = (properties: Readonly<Record<string, Value>>): Resource => ({
    Type: 'AWS::ApiGateway::Authorizer',
    Properties: { RestApiId: place.apiId, Name: name, ...properties, AuthorizerResultTtlInSeconds: authorizer.ttl },
  });
  if (authorizer.kind === 'cognito') {
    const ProviderARNs = authorizer.pools.map((pool) =>
      typeof pool === 'string' && place.resources.has(pool) ? { 'Fn::GetAtt': [pool, 'Arn'] } : pool,
    );
    return { [id]: made({ Type: 'COGNITO_USER_POOLS', ProviderARNs, IdentitySource: authorizer.identity }) };
  }
  const { type, identity, validation } = authorizer;
  const target = authorizer.function === undefined ? undefined : place.functionNamed(authorizer.function.value);
  const resource = made({
    Type: type,
    AuthorizerUri: invocationUri(target?.alias ?? authorizer.arn ?? ''),
    ...(identity.length === 0 ? {} : { IdentitySource: identity.join(',') }),
    ...(validation === undefined ? {} : { IdentityValidationExpression: validation }),
  });
  return withPermission(id, resource, { apiId: place.apiId, target });
}

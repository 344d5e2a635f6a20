// The authorizers of an HTTP API: JSON Web Tokens, a function, or an existing one by id.
import { duration } from '../base/duration.ts';
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, list, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { type Resource, ref, type Value } from '../cfn/resource.ts';
import { invocationUri, withPermission } from './_api-invoke.ts';
import { functionReferenceSchema } from './_api-settings.ts';
import type { FunctionReference } from './source.ts';

export type Authorizer =
  | { readonly kind: 'jwt'; readonly issuer: string; readonly audience: readonly string[]; readonly identity: string }
  | {
      readonly kind: 'function';
      /** The name of a function of the project. */
      readonly name: string;
      readonly nameAt: Span;
      readonly identity: readonly string[];
      /** Seconds. */
      readonly ttl: number;
      readonly simple: boolean;
      readonly payload: '1.0' | '2.0';
    }
  | {
      readonly kind: 'arn';
      readonly arn: Plain;
      readonly identity: readonly string[];
      readonly ttl: number;
      readonly simple: boolean;
      readonly payload: '1.0' | '2.0';
    }
  | { readonly kind: 'existing'; readonly id: Plain };

const defaultIdentity = '$request.header.Authorization';
const identityExpected =
  'a source such as $request.header.Authorization, $request.querystring.token or $context.routeKey';
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources
const identity = text({
  pattern: /^\$(request\.(header|querystring)|context|stageVariables)\.\S+$/,
  expected: identityExpected,
});
const identities: Schema<readonly string[]> = byKind<readonly string[]>({
  scalar: converted(identity, (one) => ({ value: [one] })),
  list: list(identity),
  expected: identityExpected,
});

const jwt = object({
  required: {
    issuer: described(
      'The issuer of the tokens: a URL below which /.well-known/openid-configuration is.',
      text({ pattern: /^https?:\/\/\S+$/, expected: 'a URL such as https://cognito-idp.eu-west-1.amazonaws.com/POOL' }),
      { examples: ['https://login.example.com/'] },
    ),
    audience: described('The audiences, of which a token must name one.', list(text(), { least: 1 }), {
      examples: [['shop']],
    }),
  },
  optional: {},
  elsewhere: { issuerUrl: 'issuer', audiences: 'audience' },
});

const fields = object({
  required: {},
  optional: {
    jwt: described('Takes JSON Web Tokens of one issuer.', jwt, {
      examples: [{ issuer: 'https://login.example.com/', audience: ['shop'] }],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html',
    }),
    function: described('Asks a function of this project.', functionReferenceSchema, {
      examples: ['authorize'],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html',
    }),
    arn: described('Asks a function outside this project, by its ARN. Its policy must let the API call it.', verbatim, {
      examples: ['arn:aws:lambda:eu-west-1:111122223333:function:authorize:live'],
    }),
    id: described('An existing authorizer, for an API that exists already.', verbatim, { examples: ['a1b2c3'] }),
    identitySource: described(
      'Where the token is. A request without one of them gets 401 and no function is asked; cached answers are kept by them.',
      identities,
      { default: defaultIdentity, examples: [['$request.header.Authorization', '$context.routeKey']] },
    ),
    ttl: described(
      'How long an answer of the function is reused for the same identity sources, up to 1h.',
      duration({ least: 0, most: 3600, expected: 'a time from 0s to 1h' }),
      { default: 0, examples: ['5m'] },
    ),
    responses: oneOf(
      ['simple', 'policy'],
      'What the function answers: simple, {isAuthorized: true}; policy, an IAM policy. Format 1.0 has policies only.',
      { default: 'simple', examples: ['policy'] },
    ),
    payload: oneOf(['1.0', '2.0'], 'The format of the event that the function gets.', {
      default: '2.0',
      examples: ['1.0'],
    }),
  },
  elsewhere: {
    issuerUrl: 'jwt.issuer',
    audience: 'jwt.audience',
    type: 'an authorizer with jwt takes tokens, one with function asks a function; AWS_IAM needs none: authorizer: iam at the route',
    functionName: 'function',
    functionArn: 'arn',
    resultTtlInSeconds: 'ttl',
    enableSimpleResponses: 'responses: simple',
    payloadVersion: 'payload',
  },
});

type Converted = { readonly value: Authorizer } | { readonly wrong: string; readonly hint?: string };

export const authorizerSchema: Schema<Authorizer> = converted(fields, (written): Converted => {
  const kinds = (['jwt', 'function', 'arn', 'id'] as const).filter((key) => written[key] !== undefined);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? '' : `, found ${kinds.join(' and ')}`;
    return { wrong: `an authorizer has one of jwt, function, arn and id${found}` };
  }
  const { identitySource, ttl = 0, payload = '2.0', responses = payload === '1.0' ? 'policy' : 'simple' } = written;
  if (written.id !== undefined) return { value: { kind: 'existing', id: written.id } };
  if (written.jwt !== undefined) {
    const unused = (['ttl', 'responses', 'payload'] as const).find((key) => written[key] !== undefined);
    if (unused !== undefined) return { wrong: `${unused} is for functions that authorize, not for jwt` };
    const [first = defaultIdentity, ...more] = identitySource ?? [];
    if (more.length > 0) return { wrong: 'a jwt authorizer has one identitySource' };
    return { value: { kind: 'jwt', ...written.jwt, identity: first } };
  }
  if (responses === 'simple' && payload === '1.0') {
    return { wrong: 'simple responses need payload "2.0"', hint: 'with payload "1.0", a function answers a policy' };
  }
  const shared = { identity: identitySource ?? [defaultIdentity], ttl, simple: responses === 'simple', payload };
  if (ttl > 0 && shared.identity.length === 0) {
    return { wrong: 'ttl needs an identitySource: answers are cached by it' };
  }
  if (written.function !== undefined) {
    return { value: { kind: 'function', name: written.function.value, nameAt: written.function.at, ...shared } };
  }
  return { value: { kind: 'arn', arn: written.arn as Plain, ...shared } };
});

export interface AuthorizerPlace {
  /** The API's id, as a value of the template. */
  readonly apiId: Value;
  /** The prefix of the logical ids, such as `HttpApi`. */
  readonly prefix: string;
  functionNamed(name: string): FunctionReference | undefined;
}

/** The logical id of an authorizer that fx makes. */
export const authorizerId = (prefix: string, name: string): string => `${prefix}Authorizer${pascalCase(name)}`;

/** What a route names: a made authorizer, or the existing one. */
export const authorizerReference = (authorizer: Authorizer, prefix: string, name: string): Value =>
  authorizer.kind === 'existing' ? authorizer.id : ref(authorizerId(prefix, name));

/** The authorizer and, if it asks a function of the project, the permission to call it. */
export function authorizerPart(name: string, authorizer: Authorizer, place: AuthorizerPlace): Part {
  if (authorizer.kind === 'existing') return {};
  const id = authorizerId(place.prefix, name);
  const made = (properties: Readonly<Record<string, Value>>): Resource => ({
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: { ApiId: place.apiId, Name: name, ...properties },
  });
  if (authorizer.kind === 'jwt') {
    const { issuer, audience, identity: source } = authorizer;
    const JwtConfiguration = { Issuer: issuer, Audience: [...audience] };
    return { resources: { [id]: made({ AuthorizerType: 'JWT', IdentitySource: [source], JwtConfiguration }) } };
  }
  const target = authorizer.kind === 'arn' ? undefined : place.functionNamed(authorizer.name);
  const resource = made({
    AuthorizerType: 'REQUEST',
    AuthorizerUri: invocationUri(target?.alias ?? (authorizer.kind === 'arn' ? authorizer.arn : '')),
    AuthorizerPayloadFormatVersion: authorizer.payload,
    ...(authorizer.payload === '2.0' ? { EnableSimpleResponses: authorizer.simple } : {}),
    ...(authorizer.identity.length === 0 ? {} : { IdentitySource: [...authorizer.identity] }),
    AuthorizerResultTtlInSeconds: authorizer.ttl,
  });
  return { resources: withPermission(id, resource, { apiId: place.apiId, target }) };
}

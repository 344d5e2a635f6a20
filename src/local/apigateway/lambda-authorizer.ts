// Lambda authorizers: their events, the policies that they return, and how long those are remembered.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import { AwsError } from '../cloud.ts';
import { contextText, templateContext } from './context.ts';
import { integrationCaller } from './credentials.ts';
import { proxyEvent } from './event.ts';
import { GatewayFailure } from './failure.ts';
import { decide, type Statement, statementsOf } from './policy.ts';
import { headerValue, methodArn, type RestRequest } from './request.ts';
import { lambdaUri, withVariables } from './uri.ts';

export interface Authorization {
  readonly principalId: string;
  readonly statements: readonly Statement[];
  readonly context: Readonly<Record<string, string | number | boolean>>;
  readonly usageIdentifierKey?: string;
}

/** What authorizers returned, until it expires. */
export class AuthorizerCache {
  readonly #entries = new Map<string, { readonly authorization: Authorization; readonly until: number }>();

  get(key: string, now: number): Authorization | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.until > now) return entry.authorization;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, authorization: Authorization, until: number): void {
    this.#entries.set(key, { authorization, until });
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** The authorization of a request, or a failure if the authorizer does not allow it. */
export async function authorizeByFunction(
  request: RestRequest,
  authorizer: Authorizer,
  cache: AuthorizerCache,
): Promise<Authorization> {
  const identity = identityOf(request, authorizer);
  const ttl = authorizer.authorizerResultTtlInSeconds ?? 300;
  const key = JSON.stringify([request.api.id, request.stage.stageName, authorizer.id, identity]);
  const now = request.cloud.now();
  const caches = ttl > 0 && identity.length > 0;
  let authorization = caches ? cache.get(key, now) : undefined;
  if (authorization === undefined) {
    authorization = await invoke(request, authorizer, identity);
    if (caches) cache.set(key, authorization, now + ttl * 1000);
  }
  const call = {
    action: 'execute-api:Invoke',
    resource: methodArn(request),
    principals: [],
    values: { 'aws:sourceip': request.sourceIp },
  };
  const decision = decide(authorization.statements, call, false);
  if (decision === 'allowed') return authorization;
  const message = 'User is not authorized to access this resource';
  const detail = decision === 'explicitDeny' ? `${message} with an explicit deny` : message;
  throw new GatewayFailure('ACCESS_DENIED', detail);
}

/** The values of the identity sources. A missing one means 401, without a call. */
function identityOf(request: RestRequest, authorizer: Authorizer): string[] {
  const sources = (authorizer.identitySource ?? '').split(',').map((source) => source.trim());
  return sources.filter(Boolean).map((source) => {
    const value = identityValue(request, source);
    const pattern = authorizer.type === 'TOKEN' ? authorizer.identityValidationExpression : undefined;
    if (!value || (pattern && !new RegExp(`^(?:${pattern})$`).test(value))) throw unauthorized();
    return value;
  });
}

const unauthorized = () => new GatewayFailure('UNAUTHORIZED', 'Unauthorized');

function identityValue(request: RestRequest, source: string): string | undefined {
  const [kind = '', ...rest] = source.split('.');
  if (kind === 'context') return contextText(templateContext(request), rest.join('.'));
  if (kind === 'stageVariables') return request.variables[rest.join('.')];
  const [, place, ...name] = rest;
  const key = name.join('.');
  if (place === 'header') return headerValue(request.headers, key);
  if (place === 'querystring') return request.query.findLast(([other]) => other === key)?.[1];
  return place === 'path' ? request.pathParameters[key] : undefined;
}

async function invoke(
  request: RestRequest,
  authorizer: Authorizer,
  identity: readonly string[],
): Promise<Authorization> {
  const { cloud, api } = request;
  const fn = lambdaUri(withVariables(authorizer.authorizerUri ?? '', request.variables));
  if (fn === undefined) throw misconfigured('the URI does not invoke a function');
  const caller = (await integrationCaller(request, authorizer.authorizerCredentials)) ?? {
    kind: 'service' as const,
    service: 'apigateway.amazonaws.com' as const,
    sourceArn: `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${api.id}/authorizers/${authorizer.id}`,
  };
  const event = eventOf(request, authorizer, identity);
  const input = { FunctionName: fn.functionArn, Payload: Buffer.from(JSON.stringify(event)) };
  const answer = await cloud.call('lambda', 'Invoke', input, caller).catch((error: unknown) => {
    if (error instanceof AwsError && error.code !== 'NotImplemented') throw misconfigured(error.message);
    throw error;
  });
  const payload = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError === undefined) return readAuthorization(payload);
  // this very message means 401
  if (errorMessageOf(payload) === 'Unauthorized') throw unauthorized();
  throw misconfigured(errorMessageOf(payload));
}

/** AWS's answer has no message: https://loige.co/debugging-custom-apigateway-authorizers/ */
function misconfigured(detail: string): GatewayFailure {
  return new GatewayFailure('AUTHORIZER_CONFIGURATION_ERROR', null, { detail });
}

function errorMessageOf(payload: string): string {
  try {
    return String((JSON.parse(payload) as { errorMessage?: unknown }).errorMessage ?? '');
  } catch {
    return '';
  }
}

function eventOf(request: RestRequest, { type }: Authorizer, identity: readonly string[]): object {
  const arn = methodArn(request);
  if (type === 'TOKEN') return { type: 'TOKEN', methodArn: arn, authorizationToken: identity[0] };
  const {
    body: _,
    isBase64Encoded: __,
    pathParameters,
    queryStringParameters,
    stageVariables,
    ...event
  } = proxyEvent(request);
  return {
    type: 'REQUEST',
    methodArn: arn,
    ...event,
    queryStringParameters: queryStringParameters ?? {},
    multiValueQueryStringParameters: event.multiValueQueryStringParameters ?? {},
    pathParameters: pathParameters ?? {},
    stageVariables: stageVariables ?? {},
  };
}

function readAuthorization(payload: string): Authorization {
  let answer: Readonly<Record<string, unknown>>;
  try {
    answer = (JSON.parse(payload) ?? {}) as Record<string, unknown>;
  } catch {
    throw misconfigured('the answer is not JSON');
  }
  const { principalId, policyDocument, context, usageIdentifierKey } = answer;
  if (typeof principalId !== 'string' && typeof principalId !== 'number') throw misconfigured('principalId is missing');
  const statements = statementsOf(policyDocument);
  const isValid = statements.every(
    ({ Effect, Action, Resource, NotAction, NotResource }) =>
      (Effect === 'Allow' || Effect === 'Deny') &&
      (Action !== undefined || NotAction !== undefined) &&
      (Resource !== undefined || NotResource !== undefined),
  );
  if (typeof policyDocument !== 'object' || policyDocument === null || !isValid) {
    throw misconfigured('policyDocument is not valid');
  }
  const values = Object.entries((context ?? {}) as Record<string, unknown>).filter(([, value]) => value !== null);
  if (values.some(([, value]) => typeof value === 'object'))
    throw misconfigured('context has values that are not text');
  return {
    principalId: String(principalId),
    statements,
    context: Object.fromEntries(values) as Authorization['context'],
    ...(typeof usageIdentifierKey === 'string' ? { usageIdentifierKey } : {}),
  };
}

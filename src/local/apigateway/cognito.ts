// Cognito authorizers: validates a token by the public keys of its user pool.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
import { createPublicKey, verify } from 'node:crypto';
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import { GatewayFailure } from './failure.ts';
import { headerValue, type RestRequest } from './request.ts';

type Claims = Readonly<Record<string, unknown>>;
type Key = Readonly<Record<string, unknown>> & { readonly kid?: string };

const unauthorized = (message = 'Unauthorized') => new GatewayFailure('UNAUTHORIZED', message);

/** The claims of the request's token, or a failure. */
export async function authorizeByCognito(request: RestRequest, authorizer: Authorizer): Promise<Claims> {
  const source = authorizer.identitySource ?? 'method.request.header.Authorization';
  const header = headerValue(request.headers, source.split('.').slice(3).join('.'));
  const token = header?.replace(/^Bearer\s+/i, '').trim();
  const [head, body, signature] = token?.split('.') ?? [];
  if (head === undefined || body === undefined || signature === undefined) throw unauthorized();
  const { kid, alg } = decoded(head);
  const claims = decoded(body);
  const issuer = String(claims['iss'] ?? '').replace(/\/$/, '');
  if (alg !== 'RS256' || !isPool(issuer, authorizer.providerARNs ?? [])) throw unauthorized();
  const key = (await keysOf(issuer)).find((other) => other.kid === kid);
  if (key === undefined || !isSigned(`${head}.${body}`, signature, key)) throw unauthorized();
  if (Number(claims['exp'] ?? 0) * 1000 <= request.cloud.now()) throw unauthorized('The incoming token has expired');
  checkUse(claims, request.method.authorizationScopes ?? []);
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function decoded(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    throw unauthorized();
  }
}

/** The issuer of a pool is its address at AWS, or that of an emulator on this machine. */
function isPool(issuer: string, arns: readonly string[]): boolean {
  return arns.some((arn) => {
    const [, , , region, , resource = ''] = arn.split(':');
    const id = resource.replace(/^userpool\//, '');
    const [, host = '', pool] = /^https?:\/\/([^/]+)\/([^/]+)$/.exec(issuer) ?? [];
    const isLocal = /^(127\.0\.0\.1|localhost|[\w.-]+\.localhost)(:\d+)?$/.test(host);
    return pool === id && (isLocal || issuer === `https://cognito-idp.${region}.amazonaws.com/${id}`);
  });
}

const known = new Map<string, Promise<readonly Key[]>>();

/** Without the pool's keys no token can be checked, so every request is refused. */
async function keysOf(issuer: string): Promise<readonly Key[]> {
  let keys = known.get(issuer);
  if (keys === undefined) {
    keys = fetchKeys(`${issuer}/.well-known/jwks.json`);
    known.set(issuer, keys);
  }
  try {
    return await keys;
  } catch (error) {
    known.delete(issuer);
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`the keys of the user pool ${issuer} could not be read: ${reason}`);
    throw new GatewayFailure('AUTHORIZER_CONFIGURATION_ERROR', null, { detail: reason });
  }
}

async function fetchKeys(address: string): Promise<readonly Key[]> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} returned ${response.status}`);
  return ((await response.json()) as { keys?: Key[] }).keys ?? [];
}

function isSigned(text: string, signature: string, key: Key): boolean {
  try {
    const publicKey = createPublicKey({ key: key as never, format: 'jwk' });
    return verify('RSA-SHA256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

// With scopes the token must be an access token, without them an identity token:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
function checkUse(claims: Claims, scopes: readonly string[]): void {
  if (scopes.length === 0) {
    if (claims['token_use'] !== 'id') throw unauthorized();
    return;
  }
  const granted = String(claims['scope'] ?? '').split(' ');
  if (claims['token_use'] !== 'access' || !scopes.some((scope) => granted.includes(scope))) throw unauthorized();
}

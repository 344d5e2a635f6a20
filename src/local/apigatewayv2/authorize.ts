// Decides whether a request may use a route of an HTTP API: by its token, its signature, or the answer of a function.
import type { Cloud } from '../cloud.ts';
import { askAuthorizer } from './authorizer-function.ts';
import { type Decision, forbidden, unauthorized } from './decision.ts';
import type { ApiRequest, RoutedRequest } from './event.ts';
import { identityValue } from './identity-source.ts';
import { hasScope, scopesOf, verifyToken } from './jwt.ts';
import { internalServerError } from './response.ts';
import { signedBy } from './signature.ts';
import type { Authorizer, Served } from './state.ts';

export async function authorize(cloud: Cloud, request: RoutedRequest, served: Served): Promise<Decision> {
  const { authorization } = request.route;
  if (authorization === undefined) return { allowed: true, identity: { kind: 'none' } };
  if (authorization.type === 'AWS_IAM') return signedBy(cloud, request);
  const authorizer = served.authorizers?.[authorization.authorizerId];
  if (authorizer === undefined) {
    return { allowed: false, response: internalServerError, error: 'the authorizer does not exist' };
  }
  return authorizer.type === 'JWT'
    ? byToken(request, authorizer, authorization.scopes)
    : askAuthorizer(cloud, request, authorizer);
}

async function byToken(
  request: ApiRequest,
  { identity, issuer, audience }: Extract<Authorizer, { type: 'JWT' }>,
  scopes: readonly string[] | undefined,
): Promise<Decision> {
  const given = identityValue(request, identity[0] ?? '');
  const token = given?.replace(/^Bearer\s+/i, '');
  if (token === undefined || token === '') return refusedToken('the request has no token', undefined);
  const verified = await verifyToken(token, { issuer, audience, now: request.time });
  if ('refused' in verified) return refusedToken(verified.refused, 'invalid_token');
  const { claims } = verified;
  if (scopes !== undefined && !hasScope(claims, scopes)) {
    const challenge = `Bearer scope="${scopes.join(' ')}" error="insufficient_scope"`;
    const response = { ...forbidden, headers: { ...forbidden.headers, 'www-authenticate': challenge } };
    return { allowed: false, response, error: 'insufficient scope' };
  }
  const texts = Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimText(value)]));
  const granted = scopes === undefined ? null : scopesOf(claims).filter((scope) => scopes.includes(scope));
  return { allowed: true, identity: { kind: 'jwt', claims: texts, scopes: granted } };
}

/** Claims are text in events; a list becomes `[a b]`: https://github.com/aws/aws-lambda-go/issues/404 */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(' ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function refusedToken(error: string, code: string | undefined): Decision {
  const challenge = code === undefined ? 'Bearer' : `Bearer scope="" error="${code}" error_description="${error}"`;
  const response = { ...unauthorized, headers: { ...unauthorized.headers, 'www-authenticate': challenge } };
  return { allowed: false, response, error };
}

// Verifies a JSON Web Token as an HTTP API's JWT authorizer does.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

export interface TokenRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Only RSA-based algorithms, as on AWS. */
const digests: Readonly<Record<string, string>> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' };

/** The keys of issuers, for two hours, as AWS keeps them. */
const kept = new Map<string, { readonly keys: readonly SigningKey[]; readonly until: number }>();
const keptMs = 2 * 3600 * 1000;

interface SigningKey extends JsonWebKey {
  readonly kid?: string;
}

/** The token's claims; or why it is refused, in the words of the header `www-authenticate`. */
export async function verifyToken(token: string, rules: TokenRules): Promise<{ claims: Claims } | { refused: string }> {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const header = decoded(head);
  const claims = decoded(body);
  if (header === undefined || claims === undefined || more.length > 0) return { refused: 'the token is malformed' };
  const digest = digests[String(header['alg'])];
  if (digest === undefined) return { refused: 'unable to verify the token: its algorithm is not supported' };
  const refused = refusalOf(claims, rules);
  if (refused !== undefined) return { refused };
  const key = await keyOf(rules, header['kid']);
  if (key === undefined) return { refused: 'unable to find the key that signed the token' };
  const isGenuine = verify(
    digest,
    Buffer.from(`${head}.${body}`),
    createPublicKey({ key, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  );
  return isGenuine ? { claims } : { refused: 'the token has an invalid signature' };
}

function refusalOf(claims: Claims, { issuer, audience, now }: TokenRules): string | undefined {
  const seconds = now / 1000;
  const { exp, nbf, iat } = claims;
  if (claims['iss'] !== issuer) return 'the token was issued by another issuer';
  // `client_id` counts only without `aud`: Cognito's access tokens have it
  const audiences = claims['aud'] === undefined ? [claims['client_id']] : [claims['aud']].flat();
  if (!audiences.some((one) => audience.includes(String(one)))) return 'the token has an invalid audience';
  if (typeof exp !== 'number' || exp <= seconds) return 'the token has expired';
  if (typeof nbf === 'number' && nbf > seconds) return 'the token is not valid yet';
  if (typeof iat === 'number' && iat > seconds) return 'the token was issued in the future';
  return undefined;
}

/** Whether the token has one of the scopes. */
export function hasScope(claims: Claims, scopes: readonly string[]): boolean {
  return scopesOf(claims).some((scope) => scopes.includes(scope));
}

export function scopesOf({ scope, scp }: Claims): readonly string[] {
  return [scope ?? scp ?? []].flat().flatMap((one) => String(one).split(' '));
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

async function keyOf({ issuer, now }: TokenRules, kid: unknown): Promise<SigningKey | undefined> {
  const found = kept.get(issuer);
  const known = found !== undefined && found.until > now ? found.keys.find((key) => key.kid === kid) : undefined;
  if (known !== undefined) return known;
  const keys = await fetchKeys(issuer);
  kept.set(issuer, { keys, until: now + keptMs });
  return keys.find((key) => key.kid === kid);
}

/** Empty if the issuer cannot be reached or has no keys. */
async function fetchKeys(issuer: string): Promise<readonly SigningKey[]> {
  const read = async (url: string): Promise<Record<string, unknown>> => {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html: AWS waits 1,500 ms
    const response = await fetch(url, { signal: AbortSignal.timeout(1500) });
    return (await response.json()) as Record<string, unknown>;
  };
  try {
    const { jwks_uri: uri } = await read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { keys } = await read(String(uri));
    return Array.isArray(keys) ? (keys as SigningKey[]) : [];
  } catch {
    return [];
  }
}

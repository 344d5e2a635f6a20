// Who may use a route of an HTTP API: tokens, functions that authorize, signatures; and what the function learns of the caller.

import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import type { Input } from '../cloud.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';
import { eventOf, functionArn, get, startTestApi } from './test-api.ts';

const { cloud, Role, call, createApi } = await startTestApi();

type AuthorizerInput = Omit<Input<'apigatewayv2', 'CreateAuthorizer'>, 'ApiId' | 'Name'>;

/** An API whose routes have that authorizer, and permission for it to be asked. */
async function protectedApi(
  authorizer: AuthorizerInput,
  { scopes, format = '2.0', fn }: { scopes?: string[]; format?: string; fn?: string } = {},
) {
  const { ApiId, ApiEndpoint, IntegrationId } = await createApi([], { format });
  const { AuthorizerId } = await call('CreateAuthorizer', { ApiId, Name: 'a', ...authorizer });
  for (const RouteKey of ['GET /a', 'GET /b/{id}']) {
    await call('CreateRoute', {
      ApiId,
      RouteKey,
      Target: `integrations/${IntegrationId}`,
      AuthorizationType: authorizer.AuthorizerType === 'JWT' ? 'JWT' : 'CUSTOM',
      AuthorizerId,
      AuthorizationScopes: scopes,
    });
  }
  if (fn !== undefined) {
    await cloud.call('lambda', 'AddPermission', {
      FunctionName: fn,
      StatementId: `${ApiId}-authorizer`,
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/authorizers/${AuthorizerId}`,
    });
  }
  return `${ApiEndpoint}`;
}

describe('a JWT authorizer', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = createServer((request, response) => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const body = request.url?.endsWith('openid-configuration')
      ? { jwks_uri: `${base}/keys` }
      : { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256' }] };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function token(claims: object = {}, header: object = {}): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(cloud.now() / 1000);
    const signed = `${part({ alg: 'RS256', kid: 'one', ...header })}.${part({ iss: issuer, aud: 'shop', iat: now - 1, exp: now + 60, ...claims })}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  const jwt: AuthorizerInput = {
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: issuer, Audience: ['shop', 'admin'] },
  };
  const url = await protectedApi(jwt);
  const bearer = (value: string) => ({ headers: { authorization: `Bearer ${value}` } });

  test('passes the claims of a good token on as text', async () => {
    const event = await eventOf(`${url}/a`, bearer(token({ sub: 'u1', admin: true, groups: ['a', 'b'] })));
    expect(event.requestContext.authorizer).toEqual({
      jwt: {
        claims: expect.objectContaining({ sub: 'u1', admin: 'true', groups: '[a b]', aud: 'shop' }),
        scopes: null,
      },
    });
  });

  test('takes client_id in place of an audience, as in access tokens of Cognito', async () => {
    expect((await get(`${url}/a`, bearer(token({ aud: undefined, client_id: 'admin' })))).status).toBe(200);
  });

  const seconds = Math.floor(cloud.now() / 1000);
  test.each([
    ['no token', undefined],
    ['text that is no token', 'abc'],
    ['an expired token', token({ exp: seconds - 1 })],
    ['a token of another issuer', token({ iss: 'https://other.example.com' })],
    ['a token for another audience', token({ aud: 'other' })],
    ['a token that is not valid yet', token({ nbf: seconds + 600 })],
    ['a token signed with an unknown key', token({}, { kid: 'two' })],
    ['a token without a signature', token({}, { alg: 'none' })],
    ['a changed token', `${token().slice(0, -6)}AAAAAA`],
  ])('answers 401 to %s', async (_, value) => {
    const { status, text, headers } = await get(`${url}/a`, value === undefined ? {} : bearer(value));
    expect({ status, text }).toEqual({ status: 401, text: '{"message":"Unauthorized"}' });
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('answers 403 to a token without the scope of the route', async () => {
    const scoped = await protectedApi(jwt, { scopes: ['orders.read', 'orders.write'] });
    expect((await get(`${scoped}/a`, bearer(token({ scope: 'openid' })))).status).toBe(403);
    const event = await eventOf(`${scoped}/a`, bearer(token({ scope: 'openid orders.read' })));
    expect(event.requestContext.authorizer.jwt.scopes).toEqual(['orders.read']);
  });

  test('gives payload format 1.0 the claims directly', async () => {
    const old = await protectedApi(jwt, { format: '1.0' });
    const event = await eventOf(`${old}/a`, bearer(token({ sub: 'u1' })));
    expect(event.requestContext.authorizer).toEqual({ claims: expect.objectContaining({ sub: 'u1' }), scopes: null });
  });
});

describe('a function that authorizes', async () => {
  /** Answers what the header `say` holds; counts its calls. */
  const fn = await createFunction(
    cloud,
    `let calls = 0;
     export const handler = async (event) => {
       calls++;
       const said = JSON.parse(event.headers.say);
       if (said === 'fail') throw new Error('no');
       return said === 'event' ? { isAuthorized: true, context: { event, calls } } : JSON.parse(JSON.stringify(said).replaceAll('CALLS', calls));
     }`,
    { Role },
  );
  const asking = (more: Partial<AuthorizerInput> = {}): AuthorizerInput => ({
    AuthorizerType: 'REQUEST',
    AuthorizerUri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(fn)}/invocations`,
    AuthorizerPayloadFormatVersion: '2.0',
    EnableSimpleResponses: true,
    IdentitySource: ['$request.header.token'],
    ...more,
  });
  const say = (said: unknown, token = 't') => ({ headers: { token, say: JSON.stringify(said) } });
  const simple = await protectedApi(asking(), { fn });

  test('is not asked without an identity source', async () => {
    const { status, text } = await get(`${simple}/a`, { headers: { say: '{"isAuthorized":true}' } });
    expect({ status, text }).toEqual({ status: 401, text: '{"message":"Unauthorized"}' });
  });

  test('allows, and its context reaches the function', async () => {
    const event = await eventOf(`${simple}/a`, say({ isAuthorized: true, context: { user: 'u1', level: 3 } }));
    expect(event.requestContext.authorizer).toEqual({ lambda: { user: 'u1', level: 3 } });
  });

  test('denies', async () => {
    const { status, text } = await get(`${simple}/a`, say({ isAuthorized: false }));
    expect({ status, text }).toEqual({ status: 403, text: '{"message":"Forbidden"}' });
  });

  test.each([['fail'], [{ isAuthorized: 'yes' }], ['text']])(
    'that answers %j makes an error of the server',
    async (said) => {
      expect((await get(`${simple}/a`, say(said))).status).toBe(500);
    },
  );

  test('gets the request without its body', async () => {
    const { event } = (await eventOf(`${simple}/b/7?x=1&x=2`, say('event'))).requestContext.authorizer.lambda;
    expect(event).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: expect.stringMatching(/^arn:aws:execute-api:us-east-1:000000000000:\w+\/\$default\/GET\/b\/7$/),
      identitySource: ['t'],
      routeKey: 'GET /b/{id}',
      rawPath: '/b/7',
      queryStringParameters: { x: '1,2' },
      pathParameters: { id: '7' },
      requestContext: { http: { method: 'GET' }, stage: '$default' },
    });
    expect(event).not.toHaveProperty('body');
  });

  test('is asked once for the same identity while its answer is kept, and again after', async () => {
    const url = await protectedApi(asking({ AuthorizerResultTtlInSeconds: 300 }), { fn });
    const calls = async (token: string) =>
      (await eventOf(`${url}/a`, say({ isAuthorized: true, context: { calls: 'CALLS' } }, token))).requestContext
        .authorizer.lambda.calls;
    const first = await calls('one');
    expect(await calls('one')).toBe(first);
    expect(await calls('two')).not.toBe(first);
    expect((await get(`${url}/b/1`, say({ isAuthorized: false }, 'one'))).status).toBe(200);
  });

  const policy = (Effect: string, Resource: string) => ({
    principalId: 'u1',
    policyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action: 'execute-api:Invoke', Resource }] },
    context: { level: 1 },
  });
  test('may answer with a policy, which decides for each route', async () => {
    const url = await protectedApi(asking({ EnableSimpleResponses: false, AuthorizerResultTtlInSeconds: 60 }), { fn });
    const said = policy('Allow', 'arn:aws:execute-api:*:*:*/*/GET/a');
    expect((await eventOf(`${url}/a`, say(said))).requestContext.authorizer).toEqual({ lambda: { level: 1 } });
    expect((await get(`${url}/b/1`, say(said))).status).toBe(403);
    expect((await get(`${url}/a`, say(policy('Deny', '*'), 'other'))).status).toBe(403);
    expect((await get(`${url}/a`, say({ isAuthorized: true }, 'third'))).status).toBe(500);
  });

  test('of format 1.0 gets the ARN and the token, and the function the context and the principal', async () => {
    const old = asking({ AuthorizerPayloadFormatVersion: '1.0', EnableSimpleResponses: false });
    const url = await protectedApi(old, { fn, format: '1.0' });
    const event = await eventOf(`${url}/a`, say(policy('Allow', '*')));
    expect(event.requestContext.authorizer).toEqual({ level: 1, principalId: 'u1' });
  });

  test('needs permission to be asked', async () => {
    const url = await protectedApi(asking());
    expect((await get(`${url}/a`, say({ isAuthorized: true }))).status).toBe(500);
  });
});

describe('IAM authorization', async () => {
  const { ApiId, ApiEndpoint, IntegrationId } = await createApi([]);
  for (const RouteKey of ['GET /a', 'GET /b']) {
    await call('CreateRoute', {
      ApiId,
      RouteKey,
      Target: `integrations/${IntegrationId}`,
      AuthorizationType: 'AWS_IAM',
    });
  }
  // the local AWS checks the scope of a signature, not its digits
  const signed = (accessKeyId: string, service = 'execute-api') => {
    const scope = `${accessKeyId}/20261129/us-east-1/${service}/aws4_request`;
    return { headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0a` } };
  };

  test('refuses a request that is not signed, or for another service', async () => {
    expect(await get(`${ApiEndpoint}/a`)).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
    expect((await get(`${ApiEndpoint}/a`, signed('AKIALOCAL', 'lambda'))).status).toBe(403);
  });

  test('tells the function who signed', async () => {
    const event = await eventOf(`${ApiEndpoint}/a`, signed('AKIALOCAL'));
    expect(event.requestContext.authorizer.iam).toMatchObject({ accessKey: 'AKIALOCAL', accountId: '000000000000' });
  });

  test('holds a role to its policies', async () => {
    const role = await createRole(cloud, {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/*/GET/a`,
    });
    const { accessKeyId } = cloud.credentialsFor(role, 'session');
    const event = await eventOf(`${ApiEndpoint}/a`, signed(accessKeyId));
    expect(event.requestContext.authorizer.iam.userArn).toContain('assumed-role/');
    expect((await get(`${ApiEndpoint}/b`, signed(accessKeyId))).status).toBe(403);
  });
});

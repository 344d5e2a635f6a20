import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { createRole } from '../lambda/fixture.ts';
import { metricOf } from '../monitoring/test-metrics.ts';
import { functionUri, get, json, mock, proxy, startTestRest } from './test-rest.ts';

const rest = await startTestRest();
const { call, cloud } = rest;
const echo = await rest.publicFunction(
  'export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event.requestContext) })',
);
/** Does what its token, or the query parameter `do`, says. */
const gate = await rest.publicFunction(`
  let calls = 0;
  export const handler = async (event) => {
    const what = event.authorizationToken ?? event.queryStringParameters.do;
    if (what === '401') throw new Error('Unauthorized');
    if (what === 'crash') throw new Error('crash');
    if (what === 'nothing') return {};
    const statement = (Effect, Resource) => ({ Action: 'execute-api:Invoke', Effect, Resource });
    const statements = { allow: statement('Allow', event.methodArn), deny: statement('Deny', '*'), other: statement('Allow', 'arn:aws:execute-api:*:*:*/*/GET/none') };
    return {
      principalId: 'me',
      policyDocument: { Version: '2012-10-17', Statement: [statements[what] ?? statements.allow] },
      context: { calls: ++calls, type: event.type, arn: event.methodArn },
      usageIdentifierKey: what,
    };
  }`);

async function withAuthorizer(settings: object, options: Parameters<typeof rest.createApi>[1] = {}) {
  const api = await rest.createApi([{ at: 'GET /none', integration: mock() }], options);
  const { restApiId } = api;
  const { id: authorizerId } = await call('CreateAuthorizer', {
    restApiId,
    name: 'gate',
    type: 'TOKEN',
    authorizerUri: functionUri(gate),
    identitySource: 'method.request.header.Authorization',
    ...settings,
  });
  for (const at of ['GET /', 'GET /two']) {
    await rest.addMethod(restApiId, { at, authorizationType: 'CUSTOM', authorizerId, integration: proxy(echo) });
  }
  await call('CreateDeployment', { restApiId, stageName: 'dev' });
  return api;
}
const bearing = (token: string) => ({ headers: { Authorization: token } });

describe('a TOKEN authorizer', () => {
  test('allows, and gives its context to the integration', async () => {
    const { url, restApiId } = await withAuthorizer({ authorizerResultTtlInSeconds: 0 });
    const { status, body } = await json(url, bearing('allow'));
    const arn = `arn:aws:execute-api:us-east-1:000000000000:${restApiId}/dev/GET/`;
    expect(status).toBe(200);
    expect(body).toMatchObject({ authorizer: { principalId: 'me', type: 'TOKEN', arn } });
  });

  test.each([
    ['401', 401, 'Unauthorized', 'UnauthorizedException'],
    ['deny', 403, 'User is not authorized to access this resource with an explicit deny', 'AccessDeniedException'],
    ['other', 403, 'User is not authorized to access this resource', 'AccessDeniedException'],
    ['crash', 500, null, 'AuthorizerConfigurationException'],
    ['nothing', 500, null, 'AuthorizerConfigurationException'],
  ])('that answers %s means %i %s', async (token, status, message, errorType) => {
    const { url } = await withAuthorizer({});
    const response = await get(url, bearing(token));
    expect([response.status, JSON.parse(response.text)]).toEqual([status, { message }]);
    expect(response.headers.get('x-amzn-errortype')).toBe(errorType);
  });

  test('is not called without a token, or for one that does not match', async () => {
    const { url } = await withAuthorizer({ identityValidationExpression: 'a.*' });
    expect(await json(url)).toEqual({ status: 401, body: { message: 'Unauthorized' } });
    expect((await get(url, bearing('other'))).status).toBe(401);
    expect((await get(url, bearing('allow'))).status).toBe(200);
  });

  test('is remembered, with its policy, for the whole API', async () => {
    const { url, restApiId } = await withAuthorizer({});
    const calls = async (path: string) => {
      const { status, body } = await json(`${url}${path}`, bearing('allow'));
      return [status, (body as { authorizer?: { calls?: string } }).authorizer?.calls];
    };
    const [, first] = await calls('');
    expect(await calls('')).toEqual([200, first]);
    // the remembered policy allows only the first method
    expect((await get(`${url}/two`, bearing('allow'))).status).toBe(403);
    await call('FlushStageAuthorizersCache', { restApiId, stageName: 'dev' });
    expect((await get(`${url}/two`, bearing('allow'))).status).toBe(200);
  });
});

test('a REQUEST authorizer gets the request', async () => {
  const sources = { identitySource: 'method.request.querystring.do,stageVariables.v' };
  const { url } = await withAuthorizer({ type: 'REQUEST', ...sources }, { stage: { variables: { v: '1' } } });
  expect(await json(`${url}?do=allow`)).toMatchObject({ status: 200, body: { authorizer: { type: 'REQUEST' } } });
  expect((await get(`${url}?do=deny`)).status).toBe(403);
  expect((await get(url)).status).toBe(401);
});

describe('API keys', () => {
  async function keyed(plan: object, source: 'HEADER' | 'AUTHORIZER' = 'HEADER') {
    const api = await rest.createApi([{ apiKeyRequired: true, integration: proxy(echo) }], {
      api: { apiKeySource: source },
    });
    const { id: usagePlanId } = await call('CreateUsagePlan', {
      name: 'plan',
      apiStages: [{ apiId: api.restApiId, stage: 'dev' }],
      ...plan,
    });
    const { id: keyId = '', value = '' } = await call('CreateApiKey', { name: 'key', enabled: true });
    await call('CreateUsagePlanKey', { usagePlanId, keyId, keyType: 'API_KEY' });
    return {
      ...api,
      usagePlanId,
      keyId,
      value,
      send: (key: string) => json(api.url, { headers: { 'x-api-key': key } }),
    };
  }

  test('are needed, enabled, and of a plan of the stage', async () => {
    const { url, send, value, keyId } = await keyed({});
    const forbidden = { status: 403, body: { message: 'Forbidden' } };
    expect(await json(url)).toEqual(forbidden);
    expect(await send('wrong')).toEqual(forbidden);
    expect(await send(value)).toMatchObject({ status: 200, body: { identity: { apiKey: value, apiKeyId: keyId } } });
    const other = await call('CreateApiKey', { enabled: true });
    expect(await send(other.value ?? '')).toEqual(forbidden);
    await call('UpdateApiKey', {
      apiKey: keyId,
      patchOperations: [{ op: 'replace', path: '/enabled', value: 'false' }],
    });
    expect(await send(value)).toEqual(forbidden);
  });

  test('have a quota', async () => {
    const { send, value, usagePlanId, keyId } = await keyed({ quota: { limit: 2, period: 'DAY' } });
    expect((await send(value)).status).toBe(200);
    expect((await send(value)).status).toBe(200);
    expect(await send(value)).toEqual({ status: 429, body: { message: 'Limit Exceeded' } });
    const day = new Date(cloud.now()).toISOString().slice(0, 10);
    const usage = await call('GetUsage', { usagePlanId, startDate: day, endDate: day });
    expect(usage.items).toEqual({ [keyId]: [[2, 0]] });
  });

  test('have a rate', async () => {
    const { send, value } = await keyed({ throttle: { burstLimit: 1, rateLimit: 0.001 } });
    expect((await send(value)).status).toBe(200);
    expect(await send(value)).toEqual({ status: 429, body: { message: 'Too Many Requests' } });
  });

  test('may come from the authorizer', async () => {
    const { restApiId, value, url } = await keyed({}, 'AUTHORIZER');
    const { id: authorizerId } = await call('CreateAuthorizer', {
      restApiId,
      name: 'gate',
      type: 'TOKEN',
      authorizerUri: functionUri(gate),
      identitySource: 'method.request.header.Authorization',
    });
    const settings = { authorizationType: 'CUSTOM', authorizerId, apiKeyRequired: true, integration: proxy(echo) };
    await rest.addMethod(restApiId, { at: 'GET /gated', ...settings });
    await call('CreateDeployment', { restApiId, stageName: 'dev' });
    expect((await get(`${url}/gated`, bearing(value))).status).toBe(200);
    expect((await get(`${url}/gated`, bearing('x'.repeat(40)))).status).toBe(403);
  });
});

test('a stage throttles its methods, and counts requests', async () => {
  const api = { name: 'Läden' };
  const { restApiId, url } = await rest.createApi([{}, { at: 'GET /free' }], { api });
  const patch = (path: string, value: string) => ({ op: 'replace' as const, path, value });
  const patchOperations = [patch('/~1/GET/throttling/rateLimit', '0.001'), patch('/~1/GET/throttling/burstLimit', '1')];
  await call('UpdateStage', { restApiId, stageName: 'dev', patchOperations });
  const statuses = [await get(url), await get(url), await get(`${url}/free`), await get(`${url}/free`)];
  expect(statuses.map(({ status }) => status)).toEqual([200, 429, 200, 200]);
  await call('UpdateStage', {
    restApiId,
    stageName: 'dev',
    patchOperations: [patch('/~1free/GET/metrics/enabled', 'true')],
  });
  await get(`${url}/free`);
  const of = (metric: string, more: Record<string, string> = {}, stat = 'Sum') =>
    metricOf(cloud, metric, { namespace: 'AWS/ApiGateway', dimensions: { ApiName: 'Lden', ...more }, stat });
  const Stage = 'dev';
  expect([await of('Count'), await of('4XXError'), await of('5XXError', { Stage })]).toEqual([5, 1, 0]);
  expect([await of('Latency', {}, 'SampleCount'), await of('IntegrationLatency', {}, 'SampleCount')]).toEqual([5, 4]);
  expect(await of('Count', { Stage, Method: 'GET', Resource: '/free' })).toBe(1);
  expect(await of('Count', { Stage, Method: 'GET', Resource: '/' })).toBeUndefined();
});

describe('AWS_IAM', () => {
  const signed = (key: string, service = 'execute-api', region = 'us-east-1') =>
    bearing(
      `AWS4-HMAC-SHA256 Credential=${key}/20261126/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0a`,
    );
  const iam = { authorizationType: 'AWS_IAM', integration: proxy(echo) };

  test('needs a signature for the service and region', async () => {
    const { url } = await rest.createApi([iam]);
    expect(await json(url)).toEqual({ status: 403, body: { message: 'Missing Authentication Token' } });
    expect(await json(url, signed('AKIA', 'lambda'))).toMatchObject({ status: 403 });
    expect(await json(url, signed('AKIA', 'execute-api', 'eu-west-1'))).toMatchObject({ status: 403 });
    expect(await json(url, signed('AKIA'))).toMatchObject({
      status: 200,
      body: { identity: { accessKey: 'AKIA', accountId: '000000000000', userArn: 'arn:aws:iam::000000000000:root' } },
    });
  });

  test('needs a permission of a role', async () => {
    const { url, restApiId } = await rest.createApi([iam]);
    const keyOf = (role: string) => cloud.credentialsFor(role, 'session').accessKeyId;
    const poor = await createRole(cloud);
    const Resource = `arn:aws:execute-api:us-east-1:000000000000:${restApiId}/dev/GET/*`;
    const rich = await createRole(cloud, { Effect: 'Allow', Action: 'execute-api:Invoke', Resource });
    const denied = await json(url, signed(keyOf(poor)));
    const session = `arn:aws:sts::000000000000:assumed-role/${poor.split('/').at(-1)}/session`;
    const message = `User: ${session} is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:${restApiId}/dev/GET/`;
    expect(denied).toEqual({ status: 403, body: { message } });
    expect((await get(url, signed(keyOf(rich)))).status).toBe(200);
  });
});

describe('the policy of an API', () => {
  const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
  const statement = (Effect: string, more: object = {}) => ({
    Effect,
    Principal: '*',
    Action: 'execute-api:Invoke',
    Resource: 'execute-api:/*',
    ...more,
  });

  test.each([
    ['allows everyone', [statement('Allow')], 200],
    ['allows addresses', [statement('Allow', { Condition: { IpAddress: { 'aws:SourceIp': ['127.0.0.0/8'] } } })], 200],
    ['allows other addresses', [statement('Allow', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.1' } } })], 403],
    ['allows another path', [statement('Allow', { Resource: 'execute-api:/dev/GET/none' })], 403],
    [
      'allows VPC endpoints',
      [statement('Allow', { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } })],
      403,
    ],
    [
      'denies addresses',
      [statement('Allow'), statement('Deny', { Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
      403,
    ],
  ])('that %s', async (_, statements, status) => {
    const { url } = await rest.createApi([{}], { api: { policy: policy(...statements) } });
    expect((await get(url)).status).toBe(status);
  });

  test('says who is denied, and where', async () => {
    const { url, restApiId } = await rest.createApi([{}], { api: { policy: policy(statement('Deny')) } });
    const arn = `arn:aws:execute-api:us-east-1:********0000:${restApiId}/dev/GET/`;
    const message = `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${arn} with an explicit deny`;
    expect(await json(url)).toEqual({ status: 403, body: { message } });
  });
});

describe('a Cognito authorizer', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = createServer((_, outgoing) => {
    outgoing.end(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256' }] }));
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  afterAll(() => {
    server.close();
  });
  const iss = `http://127.0.0.1:${(server.address() as AddressInfo).port}/us-east-1_pool`;
  const token = (claims: object, kid = 'k1') => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = Math.floor(cloud.now() / 1000) + 60;
    const text = `${part({ alg: 'RS256', kid })}.${part({ iss, exp, sub: 'me', token_use: 'id', ...claims })}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  };

  async function guarded(authorizationScopes?: string[]) {
    const api = await rest.createApi([{ at: 'GET /none' }]);
    const { restApiId } = api;
    const { id: authorizerId } = await call('CreateAuthorizer', {
      restApiId,
      name: 'pool',
      type: 'COGNITO_USER_POOLS',
      providerARNs: ['arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_pool'],
      identitySource: 'method.request.header.Authorization',
    });
    const scopes = authorizationScopes === undefined ? {} : { authorizationScopes };
    await rest.addMethod(restApiId, {
      authorizationType: 'COGNITO_USER_POOLS',
      authorizerId,
      integration: proxy(echo),
      ...scopes,
    });
    await call('CreateDeployment', { restApiId, stageName: 'dev' });
    return api.url;
  }

  test('takes the tokens of its pool', async () => {
    const url = await guarded();
    expect(await json(url, bearing(`Bearer ${token({ email_verified: true })}`))).toMatchObject({
      status: 200,
      body: { authorizer: { claims: { sub: 'me', email_verified: 'true' } } },
    });
    const unauthorized = { status: 401, body: { message: 'Unauthorized' } };
    expect(await json(url)).toEqual(unauthorized);
    expect(await json(url, bearing('a.b.c'))).toEqual(unauthorized);
    expect(await json(url, bearing(token({ iss: 'https://other.example/us-east-1_pool' })))).toEqual(unauthorized);
    expect(await json(url, bearing(token({}, 'other')))).toEqual(unauthorized);
    expect(await json(url, bearing(`${token({}).slice(0, -8)}AAAAAAAA`))).toEqual(unauthorized);
    expect(await json(url, bearing(token({ exp: 1 })))).toEqual({
      status: 401,
      body: { message: 'The incoming token has expired' },
    });
  });

  test('checks scopes of access tokens', async () => {
    const url = await guarded(['pets/read', 'pets/write']);
    const access = (scope: string) => bearing(token({ token_use: 'access', scope }));
    expect((await get(url, access('other pets/read'))).status).toBe(200);
    expect((await get(url, access('other'))).status).toBe(401);
    expect((await get(url, bearing(token({})))).status).toBe(401);
  });
});

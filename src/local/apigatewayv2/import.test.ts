// HTTP APIs from OpenAPI documents: what is imported answers, and another import replaces it.
import { expect, test } from 'vitest';
import { startTestApi } from './test-api.ts';

const { cloud, echo, call } = await startTestApi();

const integration = (timeoutInMillis = 10_000) => ({
  type: 'aws_proxy',
  httpMethod: 'POST',
  uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${echo}/invocations`,
  payloadFormatVersion: '2.0',
  timeoutInMillis,
});
const document = {
  openapi: '3.0.1',
  info: { title: 'orders', version: '7' },
  'x-amazon-apigateway-cors': { allowOrigins: ['https://shop.example'], allowMethods: ['GET'] },
  components: {
    securitySchemes: {
      users: {
        type: 'oauth2',
        'x-amazon-apigateway-authorizer': {
          type: 'jwt',
          identitySource: '$request.header.Authorization',
          jwtConfiguration: { issuer: 'https://issuer.example', audience: ['orders'] },
        },
      },
    },
    'x-amazon-apigateway-integrations': { shared: integration() },
  },
  paths: {
    '/orders/{id}': {
      get: { 'x-amazon-apigateway-integration': integration() },
      post: { security: [{ users: ['write'] }], 'x-amazon-apigateway-integration': integration() },
    },
    '/any': {
      'x-amazon-apigateway-any-method': {
        'x-amazon-apigateway-integration': { $ref: '#/components/x-amazon-apigateway-integrations/shared' },
      },
    },
    '/$default': {
      'x-amazon-apigateway-any-method': { isDefaultRoute: true, 'x-amazon-apigateway-integration': integration() },
    },
  },
};

async function imported(Body: object) {
  const api = await call('ImportApi', { Body: JSON.stringify(Body) });
  const { ApiId = '' } = api;
  await cloud.call('lambda', 'AddPermission', {
    FunctionName: echo,
    StatementId: ApiId,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/*`,
  });
  await call('CreateStage', { ApiId, StageName: '$default', AutoDeploy: true });
  const routes = async () => {
    const { Items = [] } = await call('GetRoutes', { ApiId });
    return Items.map(({ RouteKey }) => RouteKey).sort();
  };
  return { api, ApiId, routes, get: (path: string) => fetch(`${api.ApiEndpoint}${path}`) };
}

test('each operation is a route with its integration and authorizer', async () => {
  const { api, ApiId, routes, get } = await imported(document);
  expect(api).toMatchObject({ Name: 'orders', Version: '7', ProtocolType: 'HTTP' });
  expect(api.CorsConfiguration).toEqual({ AllowOrigins: ['https://shop.example'], AllowMethods: ['GET'] });
  expect(await routes()).toEqual(['$default', 'ANY /any', 'GET /orders/{id}', 'POST /orders/{id}']);
  const { event } = (await (await get('/orders/5')).json()) as { event: { routeKey: string; pathParameters: object } };
  expect([event.routeKey, event.pathParameters]).toEqual(['GET /orders/{id}', { id: '5' }]);
  const elsewhere = (await (await get('/else')).json()) as { event: { routeKey: string } };
  expect(elsewhere.event.routeKey).toBe('$default');

  const { Items: [authorizer] = [] } = await call('GetAuthorizers', { ApiId });
  expect(authorizer).toMatchObject({
    Name: 'users',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['orders'] },
  });
  const { Items: all = [] } = await call('GetRoutes', { ApiId });
  expect(all.find(({ RouteKey }) => RouteKey === 'POST /orders/{id}')).toMatchObject({
    AuthorizationType: 'JWT',
    AuthorizerId: authorizer?.AuthorizerId,
    AuthorizationScopes: ['write'],
  });
  expect((await fetch(`${api.ApiEndpoint}/orders/5`, { method: 'POST' })).status).toBe(401);
});

test('another import replaces all of it', async () => {
  const { ApiId, routes, get } = await imported(document);
  const paths = { '/new': { get: { 'x-amazon-apigateway-integration': integration(5_000) } } };
  const again = await call('ReimportApi', {
    ApiId,
    Body: JSON.stringify({ openapi: '3.0.1', info: { title: 'newer' }, paths }),
  });
  expect([again.Name, again.CorsConfiguration]).toEqual(['newer', undefined]);
  expect(await routes()).toEqual(['GET /new']);
  expect((await call('GetAuthorizers', { ApiId })).Items).toEqual([]);
  const { Items = [] } = await call('GetIntegrations', { ApiId });
  expect(Items.map(({ TimeoutInMillis }) => TimeoutInMillis)).toEqual([5_000]);
  expect([(await get('/new')).status, (await get('/orders/5')).status]).toEqual([200, 404]);
});

test('what is no document of version 3 is refused', async () => {
  await expect(call('ImportApi', { Body: '[]' })).rejects.toThrow('Invalid OpenAPI input.');
  await expect(call('ImportApi', { Body: '{"swagger": "2.0", "paths": {}}' })).rejects.toThrow(
    'Only OpenAPI 3.0 is supported for HTTP APIs',
  );
});

// What a stage adds to its routes: limits, an access log; how an API is reached by name, or not at all; calls as a role.
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { createRole } from '../lambda/fixture.ts';
import { metricOf } from '../monitoring/test-metrics.ts';
import { get, startTestApi } from './test-api.ts';

const { aws, cloud, call, createApi } = await startTestApi();

test('a route over its limit answers 429, others go on', async () => {
  const { ApiId, ApiEndpoint } = await createApi(['GET /a', 'GET /b']);
  const RouteSettings = { 'GET /a': { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 0 } };
  await call('UpdateStage', { ApiId, StageName: '$default', RouteSettings });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await get(`${ApiEndpoint}/a`)).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect((await get(`${ApiEndpoint}/a`)).text).toBe('{"message":"Too Many Requests"}');
  expect((await get(`${ApiEndpoint}/b`)).status).toBe(200);
  expect((await call('GetStage', { ApiId, StageName: '$default' })).RouteSettings).toEqual({
    'GET /a': { DetailedMetricsEnabled: false, ThrottlingBurstLimit: 2, ThrottlingRateLimit: 0 },
  });
});

test('each request is counted, and by route with detailed metrics', async () => {
  const { ApiId, ApiEndpoint } = await createApi(['GET /a/{id}', 'GET /b']);
  const RouteSettings = { 'GET /a/{id}': { DetailedMetricsEnabled: true } };
  await call('UpdateStage', { ApiId, StageName: '$default', RouteSettings });
  for (const path of ['a/1', 'a/2', 'b', 'none']) await get(`${ApiEndpoint}/${path}`);
  const wrong = { headers: { x: JSON.stringify({ answer: { statusCode: 'none' } }) } };
  await get(`${ApiEndpoint}/b`, wrong);
  const of = (metric: string, more: Record<string, string> = {}, stat?: string) =>
    metricOf(cloud, metric, { namespace: 'AWS/ApiGateway', dimensions: { ApiId, ...more }, ...(stat && { stat }) });
  const Stage = '$default';
  expect([await of('Count'), await of('4xx'), await of('5xx', { Stage })]).toEqual([5, 1, 1]);
  expect(await of('IntegrationLatency', { Stage }, 'SampleCount')).toBe(4);
  expect(await of('Latency', { Stage }, 'SampleCount')).toBe(5);
  expect(await of('DataProcessed')).toBeGreaterThan(100);
  expect(await of('Count', { Stage, Method: 'GET', Resource: '/a/{id}' })).toBe(2);
  expect(await of('Count', { Stage, Method: 'GET', Resource: '/b' })).toBeUndefined();
});

test('the access log has a line for each request', async () => {
  const { ApiId, ApiEndpoint } = await createApi(['GET /a/{id}']);
  await cloud.call('logs', 'CreateLogGroup', { logGroupName: '/access' });
  const AccessLogSettings = {
    DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/access:*',
    Format:
      '$context.httpMethod $context.path $context.routeKey $context.status $context.error.message $context.nothing.',
  };
  await call('UpdateStage', { ApiId, StageName: '$default', AccessLogSettings });
  await get(`${ApiEndpoint}/a/1`);
  await get(`${ApiEndpoint}/none`);
  const { events } = await cloud.call('logs', 'FilterLogEvents', { logGroupName: '/access' });
  expect(events?.map(({ message }) => message)).toEqual([
    'GET /a/1 GET /a/{id} 200 - -.',
    'GET /none - 404 Not Found -.',
  ]);
});

test('an API answers under its host name on the port of the local AWS', async () => {
  const { ApiId } = await createApi(['GET /a']);
  const at = (host: string) =>
    new Promise<{ status: number | undefined; text: string }>((done, fail) => {
      const asked = request({ host: '127.0.0.1', port: aws.port, path: '/a', headers: { host } }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => done({ status: response.statusCode, text }));
      });
      asked.once('error', fail).end();
    });
  const found = await at(`${ApiId}.execute-api.us-east-1.localhost:${aws.port}`);
  expect(JSON.parse(found.text).event.requestContext).toMatchObject({ apiId: ApiId, domainPrefix: ApiId });
  expect((await at(`none.execute-api.us-east-1.localhost:${aws.port}`)).status).toBe(404);
  expect((await at(`${ApiId}.execute-api.eu-west-1.localhost:${aws.port}`)).status).toBe(404);
});

test('an API without its endpoint answers 404', async () => {
  const { ApiEndpoint } = await createApi(['GET /a'], { api: { DisableExecuteApiEndpoint: true } });
  expect(await get(`${ApiEndpoint}/a`)).toMatchObject({ status: 404, text: '{"message":"Not Found"}' });
});

test('an integration with a role calls as that role, and needs no permission', async () => {
  const { ApiId, ApiEndpoint, IntegrationId } = await createApi(['GET /a'], { permission: undefined });
  expect((await get(`${ApiEndpoint}/a`)).status).toBe(500);
  const statement = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' };
  const CredentialsArn = await createRole(cloud, statement);
  await call('UpdateIntegration', { ApiId, IntegrationId, CredentialsArn });
  expect((await get(`${ApiEndpoint}/a`)).status).toBe(500); // it trusts Lambda only
  await cloud.call('iam', 'UpdateAssumeRolePolicy', {
    RoleName: CredentialsArn.split('/').at(-1),
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  });
  expect((await get(`${ApiEndpoint}/a`)).status).toBe(200);
});

// HTTP APIs: failures, stages, operations and listeners.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { createFunction } from '../lambda/fixture.ts';
import { eventOf, functionArn, get, startTestApi } from './test-api.ts';

const { call, cloud, createApi, echo, Role } = await startTestApi();

describe('failing', () => {
  const failed = { status: 500, text: '{"message":"Internal Server Error"}' };

  test('a request that matches no route is not found', async () => {
    const { ApiEndpoint } = await createApi(['GET /a']);
    expect(await get(`${ApiEndpoint}/b`)).toMatchObject({ status: 404, text: '{"message":"Not Found"}' });
  });

  test('a function that throws is an Internal Server Error', async () => {
    const fn = await createFunction(cloud, `export const handler = async () => { throw new Error('secret') }`, {
      Role,
    });
    const { ApiEndpoint } = await createApi(['GET /'], { fn });
    expect(await get(ApiEndpoint)).toMatchObject(failed);
  });

  test('so is a function without permission for the API, its route or the alias', async () => {
    const open = await createApi(['GET /a'], { permission: undefined });
    expect(await get(`${open.ApiEndpoint}/a`)).toMatchObject(failed);
    const other = await createApi(['GET /a/{id}'], { permission: '*/*/b' });
    expect(await get(`${other.ApiEndpoint}/a/1`)).toMatchObject(failed);
    const exact = await createApi(['GET /a/{id}'], { permission: '$default/GET/a/{id}' });
    expect((await get(`${exact.ApiEndpoint}/a/1`)).status).toBe(200);
    await cloud.call('lambda', 'PublishVersion', { FunctionName: echo });
    await cloud.call('lambda', 'CreateAlias', { FunctionName: echo, Name: 'live', FunctionVersion: '1' });
    const alias = await createApi(['GET /a'], { uri: functionArn(`${echo}:live`) });
    expect(await get(`${alias.ApiEndpoint}/a`)).toMatchObject(failed);
    const allowed = await createApi(['GET /a'], { uri: functionArn(`${echo}:live`), fn: `${echo}:live` });
    expect((await get(`${allowed.ApiEndpoint}/a`)).status).toBe(200);
  });

  test('a body over 10 MB is refused', async () => {
    const { ApiEndpoint } = await createApi(['POST /']);
    const body = Buffer.alloc(10 * 1024 * 1024 + 1);
    expect(await get(ApiEndpoint, { method: 'POST', body })).toMatchObject({
      status: 413,
      text: '{"message":"Request Entity Too Large"}',
    });
  });

  test('an integration does not time out while a debugger holds a function', async () => {
    const fn = await createFunction(
      cloud,
      `export const handler = () => new Promise((r) => setTimeout(() => r('late'), 300))`,
      { Role },
    );
    const { ApiEndpoint } = await createApi(['GET /'], { fn, timeout: 50 });
    const runOn = cloud.pauses.begin();
    expect(await get(ApiEndpoint)).toMatchObject({ status: 200, text: 'late' });
    runOn();
    expect(await get(ApiEndpoint)).toMatchObject({ status: 503 });
  });

  test('an integration that exceeds its timeout is unavailable', async () => {
    const fn = await createFunction(cloud, `export const handler = () => new Promise((r) => setTimeout(r, 2000))`, {
      Role,
    });
    const { ApiEndpoint } = await createApi(['GET /'], { fn, timeout: 50 });
    expect(await get(ApiEndpoint)).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' });
  });
});

describe('stages', () => {
  test('a named stage is the first part of the path, and has its variables', async () => {
    const { ApiEndpoint } = await createApi(['GET /a'], { stage: 'dev', variables: { colour: 'red' } });
    expect((await get(`${ApiEndpoint}/a`)).status).toBe(404);
    const event = await eventOf(`${ApiEndpoint}/dev/a`);
    expect(event).toMatchObject({
      rawPath: '/dev/a',
      routeKey: 'GET /a',
      requestContext: { stage: 'dev' },
      stageVariables: { colour: 'red' },
    });
  });

  test('a stage variable may name the function', async () => {
    const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn('${stageVariables.fn}')}/invocations`;
    const { ApiEndpoint } = await createApi(['$default'], { uri, variables: { fn: echo } });
    expect((await get(ApiEndpoint)).status).toBe(200);
  });

  test('without AutoDeploy a stage serves what was deployed', async () => {
    const { ApiId, ApiEndpoint, IntegrationId } = await createApi(['GET /a']);
    await call('UpdateStage', { ApiId, StageName: '$default', AutoDeploy: false });
    await call('CreateDeployment', { ApiId, StageName: '$default' });
    await call('CreateRoute', { ApiId, RouteKey: 'GET /b', Target: `integrations/${IntegrationId}` });
    expect((await get(`${ApiEndpoint}/b`)).status).toBe(404);
    const { DeploymentId } = await call('CreateDeployment', { ApiId });
    expect((await get(`${ApiEndpoint}/b`)).status).toBe(404);
    await call('UpdateStage', { ApiId, StageName: '$default', DeploymentId });
    expect((await get(`${ApiEndpoint}/b`)).status).toBe(200);
  });
});

describe('the operations', () => {
  test('return what was created, and refuse what is not supported or already exists', async () => {
    const { ApiId, ApiEndpoint, IntegrationId } = await createApi(['GET /a'], {
      api: { Tags: { a: '1' }, Description: 'd' },
    });
    expect(await call('GetApi', { ApiId })).toMatchObject({
      ApiId,
      ApiEndpoint,
      Name: 'api',
      ProtocolType: 'HTTP',
      Description: 'd',
      RouteSelectionExpression: '$request.method $request.path',
      Tags: { a: '1' },
    });
    expect((await call('GetStage', { ApiId, StageName: '$default' })).AutoDeploy).toBe(true);
    expect((await call('GetRoutes', { ApiId })).Items).toMatchObject([
      { RouteKey: 'GET /a', Target: `integrations/${IntegrationId}` },
    ]);
  });

  test('tags are kept by ARN, of APIs and stages', async () => {
    const { ApiId } = await createApi(['GET /']);
    const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}/stages/$default`;
    await call('TagResource', { ResourceArn, Tags: { a: '1', b: '2' } });
    await call('UntagResource', { ResourceArn, TagKeys: ['a'] });
    expect(await call('GetTags', { ResourceArn })).toEqual({ Tags: { b: '2' } });
  });

  test('a deleted API no longer listens', async () => {
    const { ApiId, ApiEndpoint } = await createApi(['GET /']);
    await call('DeleteApi', { ApiId });
    await expect(fetch(ApiEndpoint)).rejects.toThrow();
  });
});

test('an API keeps its port over a restart, unless it is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fx-apigateway-'));
  const restarted = async () => {
    const host = await startTestAws({ folder });
    const region = await host.cloud();
    return { host, region };
  };
  const first = await restarted();
  const { ApiId, ApiEndpoint } = await first.region.call('apigatewayv2', 'CreateApi', {
    Name: 'kept',
    ProtocolType: 'HTTP',
  });
  await first.host.stop();
  const second = await restarted();
  expect((await second.region.call('apigatewayv2', 'GetApi', { ApiId })).ApiEndpoint).toBe(ApiEndpoint);
  expect((await fetch(ApiEndpoint ?? '')).status).toBe(404);
  await second.host.stop();
  const squatter = createServer();
  await new Promise<void>((done) => squatter.listen(Number(new URL(ApiEndpoint ?? '').port), '127.0.0.1', done));
  const third = await restarted();
  const moved = (await third.region.call('apigatewayv2', 'GetApi', { ApiId })).ApiEndpoint;
  expect(moved).not.toBe(ApiEndpoint);
  expect(new URL(moved ?? '').port).not.toBe(String((squatter.address() as AddressInfo).port));
  await third.host.stop();
  await new Promise((done) => squatter.close(done));
  rmSync(folder, { recursive: true, force: true });
});

test('an answer with an invalid header is an Internal Server Error, and the API keeps working', async () => {
  const { ApiEndpoint } = await createApi(['$default']);
  for (const headers of [{ 'x-a': 'one\ntwo' }, { 'no name': 'x' }]) {
    const answer = { statusCode: 200, headers, body: 'ok' };
    const response = await fetch(ApiEndpoint, { headers: { x: JSON.stringify({ answer }) } });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  }
  expect((await fetch(ApiEndpoint)).status).toBe(200);
});

test('a path that begins like a member of every object belongs to the $default stage', async () => {
  const { ApiEndpoint } = await createApi(['$default']);
  for (const path of ['constructor', '__proto__', 'toString/x']) {
    expect((await fetch(`${ApiEndpoint}/${path}`)).status).toBe(200);
  }
});

test('only a loopback name reaches an API, so that no page of another name can call it from a browser', async () => {
  const { ApiEndpoint } = await createApi(['$default']);
  const status = (host: string) =>
    new Promise((done, fail) => {
      const asked = httpRequest(ApiEndpoint, { headers: { host } }, (response) => {
        response.resume();
        done(response.statusCode);
      });
      asked.once('error', fail).end();
    });
  expect(await status('evil.example')).toBe(403);
  expect(await status('api.localhost:4600')).toBe(200);
});

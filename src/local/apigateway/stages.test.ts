import { describe, expect, test } from 'vitest';
import { startTestRest } from './test-rest.ts';

const { call, createApi, createRole } = await startTestRest();
const replace = (path: string, value: string) => ({ op: 'replace' as const, path, value });
const remove = (path: string) => ({ op: 'remove' as const, path });
const add = (path: string, value: string) => ({ op: 'add' as const, path, value });
const copy = (from: string, path: string) => ({ op: 'copy' as const, from, path });

/** An API with the stage `dev` and a second deployment. */
async function staged(stage: object = {}) {
  const { restApiId } = await createApi([{}], { stage });
  const { deploymentId: first = '' } = await call('GetStage', { restApiId, stageName: 'dev' });
  const { id: second = '' } = await call('CreateDeployment', { restApiId });
  const place = { restApiId, stageName: 'dev' };
  const update = (...patchOperations: object[]) => call('UpdateStage', { ...place, patchOperations });
  const refused = (message: unknown, ...patches: object[]) =>
    expect(update(...patches)).rejects.toMatchObject({ code: 'BadRequestException', status: 400, message });
  return { restApiId, first, second, update, refused };
}

describe('a stage', () => {
  test("has AWS's defaults, and only the tags and variables that it got", async () => {
    const { restApiId, first } = await staged();
    expect(await call('GetStage', { restApiId, stageName: 'dev' })).toEqual({
      stageName: 'dev',
      deploymentId: first,
      cacheClusterEnabled: false,
      cacheClusterStatus: 'NOT_AVAILABLE',
      methodSettings: {},
      tracingEnabled: false,
      createdDate: expect.any(Date),
      lastUpdatedDate: expect.any(Date),
    });
  });

  test('changes its access log', async () => {
    const { update, refused } = await staged();
    const destinationArn = 'arn:aws:logs:us-east-1:000000000000:log-group:api';
    const needed = 'CloudWatch Logs role ARN must be set in account settings to enable logging';
    await refused(needed, add('/accessLogSettings/destinationArn', destinationArn));
    await call('UpdateAccount', { patchOperations: [replace('/cloudwatchRoleArn', await createRole())] });
    expect(await update(add('/accessLogSettings/destinationArn', destinationArn))).toMatchObject({
      accessLogSettings: { destinationArn },
    });
    expect(await update(add('/accessLogSettings/format', '$context.requestId'))).toMatchObject({
      accessLogSettings: { destinationArn, format: '$context.requestId' },
    });
    expect(await update(remove('/accessLogSettings'))).not.toHaveProperty('accessLogSettings');
  });

  test('changes the settings of methods', async () => {
    const { update, refused } = await staged();
    const { methodSettings } = await update(
      replace('/~1pets/GET/caching/enabled', 'true'),
      replace('/*/*/throttling/burstLimit', '7'),
    );
    expect(methodSettings).toMatchObject({
      '~1pets/GET': { cachingEnabled: true },
      '*/*': { throttlingBurstLimit: 7 },
    });
    expect((await update(remove('/~1pets/GET'))).methodSettings).not.toHaveProperty('~1pets/GET');
    const none = 'Cannot remove method setting ~1pets/GET because there is no method setting for this method ';
    await refused(none, remove('/~1pets/GET'));
  });

  test('cannot lose the deployment that it serves', async () => {
    const { restApiId, first, second, update } = await staged();
    const active = 'Active stages pointing to this deployment must be moved or deleted';
    await expect(call('DeleteDeployment', { restApiId, deploymentId: first })).rejects.toMatchObject({
      message: active,
    });
    await update(replace('/deploymentId', second));
    await call('DeleteDeployment', { restApiId, deploymentId: first });
    await expect(call('CreateStage', { restApiId, stageName: 'b', deploymentId: first })).rejects.toMatchObject({
      message: 'Deployment id does not exist',
    });
  });
});

describe('a canary', () => {
  test('comes and goes with its settings', async () => {
    const { update, first, second } = await staged({ variables: { v: 'default' } });
    expect((await update(replace('/canarySettings/deploymentId', second))).canarySettings).toEqual({
      deploymentId: second,
      percentTraffic: 0,
      useStageCache: false,
    });
    expect(await update(remove('/canarySettings'))).not.toHaveProperty('canarySettings');
    expect((await update(replace('/canarySettings/percentTraffic', '50'))).canarySettings).toEqual({
      deploymentId: first,
      percentTraffic: 50,
      useStageCache: false,
    });
    const overridden = await update(replace('/canarySettings/stageVariableOverrides/v', 'canary'));
    expect(overridden).toMatchObject({
      variables: { v: 'default' },
      canarySettings: { stageVariableOverrides: { v: 'canary' } },
    });
  });

  test('with a patch that is not supported', async () => {
    const { refused } = await staged();
    const cannot = (path: string) =>
      `Cannot remove method setting ${path} because there is no method setting for this method `;
    await refused(cannot('canarySettings/stageVariableOverrides'), remove('/canarySettings/stageVariableOverrides'));
    await refused(cannot('canarySettings/badPath'), remove('/canarySettings/badPath'));
    await refused(
      'Invalid add operation with path: /canarySettings/deploymentId',
      add('/canarySettings/deploymentId', 'x'),
    );
    await refused('Deployment id does not exist', replace('/canarySettings/deploymentId', 'none'));
    const invalid =
      /^Invalid method setting path: \/canarySettings\/badPath\. Must be one of: \[\/deploymentId, .*\/tracingEnabled\]$/;
    await refused(expect.stringMatching(invalid), replace('/canarySettings/badPath', 'x'));
  });

  test('is promoted by copies', async () => {
    const { restApiId, second, refused, update } = await staged({ variables: { a: '1', b: '2' } });
    const wrong =
      'Invalid copy operation with path: /canarySettings/stageVariableOverrides and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]';
    await refused(wrong, copy('/variables', '/canarySettings/stageVariableOverrides'));
    const promote = copy('/canarySettings/stageVariableOverrides', '/variables');
    await refused('Promotion not available. Canary does not exist.', promote);
    const canarySettings = { percentTraffic: 50, stageVariableOverrides: { a: 'x' } };
    await call('CreateDeployment', { restApiId, stageName: 'dev', canarySettings });
    const promoted = await update(
      copy('/canarySettings/deploymentId', '/deploymentId'),
      promote,
      replace('/canarySettings/percentTraffic', '0'),
    );
    expect(promoted.variables).toEqual({ a: 'x', b: '2' });
    expect(promoted.deploymentId).toBe(promoted.canarySettings?.deploymentId);
    expect(promoted.deploymentId).not.toBe(second);
  });

  test('needs a stage', async () => {
    const { restApiId } = await staged();
    const create = (stageName: string | undefined) =>
      call('CreateDeployment', { restApiId, stageName, canarySettings: {} });
    const content = 'Invalid deployment content specified.';
    const provided = `${content}Non null and non empty stageName must be provided for canary deployment. Provided value is `;
    await expect(create(undefined)).rejects.toMatchObject({ message: `${provided}null` });
    await expect(create('')).rejects.toMatchObject({ message: provided });
    await expect(create('none')).rejects.toMatchObject({
      message: `${content}Stage none must already be created before making a canary release deployment`,
    });
  });
});

test('tags belong to APIs, stages, keys and plans', async () => {
  const { restApiId } = await staged();
  const { id: key } = await call('CreateApiKey', { tags: { a: '1' } });
  const arns = [`/restapis/${restApiId}`, `/restapis/${restApiId}/stages/dev`, `/apikeys/${key}`];
  for (const path of arns) {
    const resourceArn = `arn:aws:apigateway:us-east-1::${path}`;
    await call('TagResource', { resourceArn, tags: { b: '2', c: '3' } });
    await call('UntagResource', { resourceArn, tagKeys: ['c'] });
    expect((await call('GetTags', { resourceArn })).tags).toMatchObject({ b: '2' });
  }
  expect((await call('GetRestApi', { restApiId })).tags).toEqual({ b: '2' });
});

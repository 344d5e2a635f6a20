// AWS::ApiGatewayV2: APIs from a document, and deployments of one whose stage does not deploy by itself.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig } from '../test-rig.ts';
import { deploysTo } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy } = deploysTo(() => rig);

const type = (name: string, Properties: object, more: object = {}) => ({
  Type: `AWS::ApiGatewayV2::${name}`,
  Properties,
  ...more,
});
const ApiId = { Ref: 'Api' };
const api = {
  Api: type('Api', { Name: 'chat', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' }),
  Route: type('Route', { ApiId, RouteKey: '$connect' }),
};
const deployment = (Description: string) => type('Deployment', { ApiId, Description }, { DependsOn: 'Route' });
const stage = (settings: object) => type('Stage', { ApiId, StageName: 'dev', ...settings });

it('moves a stage from one deployment to the next, and then to deploying by itself', async () => {
  const named = (id: string) => ({ [id]: deployment(id), Dev: stage({ DeploymentId: { Ref: id } }) });
  const first = await deploy({ ...api, ...named('One') });
  const id = first['Api'];
  const stageNow = () => rig.cloud.call('apigatewayv2', 'GetStage', { ApiId: id, StageName: 'dev' });
  const deployments = async () => {
    const { Items = [] } = await rig.cloud.call('apigatewayv2', 'GetDeployments', { ApiId: id });
    return Items.map(({ DeploymentId, Description, AutoDeployed }) => [DeploymentId, Description, AutoDeployed]);
  };
  expect((await stageNow()).DeploymentId).toBe(first['One']);
  expect(await deployments()).toEqual([[first['One'], 'One', false]]);

  const second = await deploy({ ...api, ...named('Two') });
  expect((await stageNow()).DeploymentId).toBe(second['Two']);
  expect(await deployments()).toEqual([[second['Two'], 'Two', false]]);

  await deploy({ ...api, Two: deployment('again'), Dev: stage({ DeploymentId: { Ref: 'Two' } }) });
  expect(await deployments()).toEqual([[second['Two'], 'again', false]]);

  await deploy({ ...api, Dev: stage({ AutoDeploy: true }) });
  const { DeploymentId, AutoDeploy } = await stageNow();
  expect([AutoDeploy, await deployments()]).toEqual([
    true,
    [[DeploymentId, expect.stringContaining('Automatic'), true]],
  ]);
});

it('makes an API of a document, and changes it with the document', async () => {
  const body = (path: string) => ({ openapi: '3.0.1', info: { title: 'orders' }, paths: { [path]: { get: {} } } });
  const { Api: id } = await deploy({ Api: type('Api', { Body: body('/one'), Tags: { a: '1' } }) });
  const now = async () => {
    const { Name, Tags, Description } = await rig.cloud.call('apigatewayv2', 'GetApi', { ApiId: id });
    const { Items = [] } = await rig.cloud.call('apigatewayv2', 'GetRoutes', { ApiId: id });
    return { Name, Tags, Description, routes: Items.map(({ RouteKey }) => RouteKey) };
  };
  expect(await now()).toMatchObject({ Name: 'orders', Tags: { a: '1' }, routes: ['GET /one'] });
  const changed = { Body: body('/two'), Description: 'of orders', Tags: { a: '1' } };
  expect((await deploy({ Api: type('Api', changed) }))['Api']).toBe(id);
  expect(await now()).toMatchObject({ Name: 'orders', Description: 'of orders', routes: ['GET /two'] });
});

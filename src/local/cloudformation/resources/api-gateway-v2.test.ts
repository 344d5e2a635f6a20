// AWS::ApiGatewayV2: deployments of an API whose stage does not deploy by itself.
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

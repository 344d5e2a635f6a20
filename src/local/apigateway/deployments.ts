// API Gateway's operations on deployments: copies of an API, which its stages serve.
import type { Deployment as DeploymentShape } from '@aws-sdk/client-api-gateway';
import { badRequest, newId, notFound } from '../api-gateway.ts';
import type { Input, Operations } from '../cloud.ts';
import { checkSupported, readPatches } from './patch.ts';
import { checkStageName, newStage } from './stages.ts';
import {
  type Api,
  type ApiContext,
  type Deployment,
  defined,
  deploymentKey,
  existingApi,
  own,
  page,
  type Served,
  type Stage,
} from './state.ts';

export function deploymentOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis, deployments, cloud } = context;
  const existing = (apiId: string | undefined, id: string | undefined) => {
    const deployment = deployments.get(deploymentKey(existingApi(context, apiId).id, id));
    if (deployment === undefined) throw notFound('Invalid Deployment identifier specified');
    return deployment;
  };
  const keep = (apiId: string | undefined, deployment: Deployment) => {
    deployments.set(deploymentKey(apiId ?? '', deployment.id), deployment);
    return describeDeployment(deployment);
  };
  return {
    CreateDeployment: {
      members: [
        'restApiId',
        'stageName',
        'stageDescription',
        'description',
        'cacheClusterEnabled',
        'cacheClusterSize',
        'variables',
        'canarySettings',
        'tracingEnabled',
      ],
      run(input) {
        const api = existingApi(context, input.restApiId);
        checkCanary(api, input);
        checkComplete(api);
        const deployment: Deployment = defined({
          id: newId(6),
          createdDate: cloud.now(),
          description: input.description,
          served: servedBy(api),
        });
        const stage = input.stageName ? stageOf(context, api, input, deployment.id) : undefined;
        if (stage !== undefined) {
          apis.set(api.id, { ...api, stages: { ...api.stages, [stage.stageName]: stage } });
        }
        return keep(api.id, deployment);
      },
    },
    GetDeployment: {
      members: ['restApiId', 'deploymentId', 'embed'],
      run({ restApiId, deploymentId, embed }) {
        const deployment = existing(restApiId, deploymentId);
        const described = describeDeployment(deployment);
        return embed?.includes('apisummary') ? { ...described, apiSummary: summaryOf(deployment.served) } : described;
      },
    },
    GetDeployments: {
      members: ['restApiId', 'position', 'limit'],
      run(input) {
        const { id } = existingApi(context, input.restApiId);
        const prefix = deploymentKey(id, '');
        const own = [...deployments.entries()].filter(([key]) => key.startsWith(prefix));
        return page(
          own.map(([, deployment]) => describeDeployment(deployment)),
          input,
        );
      },
    },
    UpdateDeployment: {
      members: ['restApiId', 'deploymentId', 'patchOperations'],
      run({ restApiId, deploymentId, patchOperations }) {
        const patches = readPatches('updateDeploymentInput', patchOperations);
        const before = existing(restApiId, deploymentId);
        for (const patch of patches) checkSupported(patch, { replace: ['/description'] });
        const description = patches.at(-1)?.value ?? before.description;
        return keep(restApiId, { ...before, ...defined({ description }) });
      },
    },
    DeleteDeployment: {
      members: ['restApiId', 'deploymentId'],
      run({ restApiId, deploymentId }) {
        const { id } = existing(restApiId, deploymentId);
        const { stages } = existingApi(context, restApiId);
        const isActive = Object.values(stages).some(
          (stage) => stage.deploymentId === id || stage.canarySettings?.deploymentId === id,
        );
        if (isActive) throw badRequest('Active stages pointing to this deployment must be moved or deleted');
        deployments.delete(deploymentKey(restApiId ?? '', id));
        return {};
      },
    },
  };
}

type DeploymentInput = Input<'apigateway', 'CreateDeployment'>;

function checkCanary(api: Api, { canarySettings, stageName }: DeploymentInput): void {
  if (canarySettings === undefined) return;
  const invalid = 'Invalid deployment content specified.';
  if (!stageName) {
    throw badRequest(
      `${invalid}Non null and non empty stageName must be provided for canary deployment. Provided value is ${stageName ?? 'null'}`,
    );
  }
  if (own(api.stages, stageName) === undefined) {
    throw badRequest(`${invalid}Stage ${stageName} must already be created before making a canary release deployment`);
  }
}

function checkComplete({ resources }: Api): void {
  const methods = Object.values(resources).flatMap((resource) => Object.values(resource.methods));
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods");
  if (methods.some(({ methodIntegration }) => methodIntegration === undefined)) {
    throw badRequest('No integration defined for method');
  }
}

/** The named stage with the new deployment, which it serves to all requests, or only as a canary. */
function stageOf({ cloud }: ApiContext, api: Api, input: DeploymentInput, deploymentId: string): Stage {
  const { stageName = '', canarySettings } = input;
  const before = own(api.stages, stageName);
  const lastUpdatedDate = cloud.now();
  if (before !== undefined && canarySettings !== undefined) {
    return {
      ...before,
      canarySettings: {
        deploymentId,
        percentTraffic: canarySettings.percentTraffic ?? 0,
        ...defined({ stageVariableOverrides: canarySettings.stageVariableOverrides }),
        useStageCache: canarySettings.useStageCache ?? false,
      },
      lastUpdatedDate,
    };
  }
  const settings = defined({
    description: input.stageDescription,
    cacheClusterEnabled: input.cacheClusterEnabled,
    cacheClusterSize: input.cacheClusterSize,
    variables: input.variables,
    tracingEnabled: input.tracingEnabled,
  });
  if (before !== undefined) return { ...before, ...settings, deploymentId, lastUpdatedDate };
  checkStageName(stageName);
  return newStage(cloud, { ...settings, stageName, deploymentId });
}

function servedBy(api: Api): Served {
  return defined({
    resources: api.resources,
    authorizers: api.authorizers,
    models: api.models,
    requestValidators: api.requestValidators,
    gatewayResponses: api.gatewayResponses,
    binaryMediaTypes: api.binaryMediaTypes,
    minimumCompressionSize: api.minimumCompressionSize,
    apiKeySource: api.apiKeySource,
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    policy: api.policy,
  });
}

function summaryOf({ resources }: Served): NonNullable<DeploymentShape['apiSummary']> {
  return Object.fromEntries(
    Object.values(resources).map(({ path, methods }) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([name, { authorizationType, apiKeyRequired }]) => [
          name,
          { authorizationType, apiKeyRequired },
        ]),
      ),
    ]),
  );
}

function describeDeployment({ id, createdDate, description }: Deployment): DeploymentShape {
  return defined({ id, createdDate: new Date(createdDate), description });
}

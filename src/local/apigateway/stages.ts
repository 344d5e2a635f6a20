// API Gateway's operations on the stages of REST APIs.
import type { Stage as StageShape } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, without } from '../api-gateway.ts';
import type { Cloud, Operations } from '../cloud.ts';
import { checkLogging } from './account.ts';
import { readPatches } from './patch.ts';
import { patchedStage } from './stage-patch.ts';
import {
  type Api,
  type ApiContext,
  defined,
  deploymentKey,
  existingApi,
  existingPart,
  own,
  type Stage,
} from './state.ts';

export const unknownStage = 'Invalid Stage identifier specified';

export function stageOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis, cloud } = context;
  const keep = (api: Api, stage: Stage) => {
    apis.set(api.id, { ...api, stages: { ...api.stages, [stage.stageName]: stage } });
    return stage;
  };
  return {
    CreateStage: {
      members: [
        'restApiId',
        'stageName',
        'deploymentId',
        'description',
        'cacheClusterEnabled',
        'cacheClusterSize',
        'variables',
        'documentationVersion',
        'canarySettings',
        'tracingEnabled',
        'tags',
      ],
      run({ restApiId, ...input }) {
        const api = existingApi(context, restApiId);
        const { stageName = '', canarySettings: canary, deploymentId = '' } = input;
        checkStageName(stageName);
        checkDeployment(context, api, deploymentId);
        if (canary?.deploymentId !== undefined) checkDeployment(context, api, canary.deploymentId);
        if (own(api.stages, stageName) !== undefined) throw conflict('Stage already exists');
        checkVariables(input.variables);
        const canarySettings = canary && {
          percentTraffic: 0,
          deploymentId,
          useStageCache: false,
          ...defined(canary),
        };
        const stage = newStage(cloud, defined({ ...input, stageName, deploymentId, canarySettings }));
        const { tags, ...described } = describeStage(keep(api, stage));
        return Object.keys(tags ?? {}).length === 0 ? described : { ...described, tags };
      },
    },
    GetStage: {
      members: ['restApiId', 'stageName'],
      run: ({ restApiId, stageName }) =>
        describeStage(existingPart(existingApi(context, restApiId).stages, stageName, unknownStage)),
    },
    GetStages: {
      members: ['restApiId', 'deploymentId'],
      run({ restApiId, deploymentId }) {
        const stages = Object.values(existingApi(context, restApiId).stages);
        const listed = stages.filter((stage) => deploymentId === undefined || stage.deploymentId === deploymentId);
        return { item: listed.map(describeStage) };
      },
    },
    UpdateStage: {
      members: ['restApiId', 'stageName', 'patchOperations'],
      run({ restApiId, stageName, patchOperations }) {
        const patches = readPatches('updateStageInput', patchOperations);
        const api = existingApi(context, restApiId);
        const before = existingPart(api.stages, stageName, unknownStage);
        // copies read what the other operations wrote
        const inOrder = [...patches.filter(({ op }) => op !== 'copy'), ...patches.filter(({ op }) => op === 'copy')];
        const stage = inOrder.reduce(patchedStage, before);
        checkDeployment(context, api, stage.deploymentId);
        if (stage.canarySettings !== undefined) checkDeployment(context, api, stage.canarySettings.deploymentId);
        checkVariables(stage.variables);
        const logs = Object.values(stage.methodSettings).some(({ loggingLevel = 'OFF' }) => loggingLevel !== 'OFF');
        if (logs || stage.accessLogSettings !== undefined) checkLogging(context);
        return describeStage(keep(api, { ...stage, lastUpdatedDate: cloud.now() }));
      },
    },
    DeleteStage: {
      members: ['restApiId', 'stageName'],
      run({ restApiId, stageName = '' }) {
        const api = existingApi(context, restApiId);
        existingPart(api.stages, stageName, unknownStage);
        apis.set(api.id, { ...api, stages: without(api.stages, stageName) });
        return {};
      },
    },
    FlushStageCache: {
      members: ['restApiId', 'stageName'],
      run({ restApiId, stageName }) {
        existingPart(existingApi(context, restApiId).stages, stageName, unknownStage);
        return {};
      },
    },
  };
}

type NewStage = Partial<Stage> & Pick<Stage, 'stageName' | 'deploymentId'>;

export function newStage(cloud: Cloud, settings: NewStage): Stage {
  const now = cloud.now();
  return {
    cacheClusterEnabled: false,
    methodSettings: {},
    tracingEnabled: false,
    ...settings,
    createdDate: now,
    lastUpdatedDate: now,
  };
}

// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html
export function checkStageName(name: string): void {
  if (!/^[\w-]{1,128}$/.test(name)) throw badRequest('Stage name only allows a-zA-Z0-9_');
}

function checkDeployment({ deployments }: ApiContext, api: Api, id: string | undefined): void {
  if (!deployments.has(deploymentKey(api.id, id))) throw badRequest('Deployment id does not exist');
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
function checkVariables(variables: Stage['variables'] = {}): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^\w+$/.test(name)) {
      throw badRequest(`Stage variable name ${name} is invalid: it may contain only alphanumeric characters and _`);
    }
    if (!/^[A-Za-z0-9\-._~:/?#&=,@%+ ]*$/.test(value)) {
      throw badRequest(`Stage variable ${name} has the invalid value ${value}: it must match [A-Za-z0-9-._~:/?#&=,]+`);
    }
  }
}

export function describeStage(stage: Stage): StageShape {
  return defined({
    ...stage,
    cacheClusterStatus: stage.cacheClusterEnabled ? ('AVAILABLE' as const) : ('NOT_AVAILABLE' as const),
    createdDate: new Date(stage.createdDate),
    lastUpdatedDate: new Date(stage.lastUpdatedDate),
    tags: Object.keys(stage.tags ?? {}).length === 0 ? undefined : stage.tags,
  });
}

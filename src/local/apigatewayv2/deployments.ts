// API Gateway's operations on the deployments of HTTP and WebSocket APIs.
import type { Deployment as DeploymentShape } from '@aws-sdk/client-apigatewayv2';
import { badRequest, newId, without } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { type Api, type ApiContext, type Deployment, existingApi, existingPart, page } from './state.ts';

/** What the API serves now. */
export function deploymentOf(
  { routes, integrations, authorizers = {} }: Api,
  now: number,
  description: string | undefined,
): Deployment {
  return {
    id: newId(6),
    createdAt: now,
    autoDeployed: false,
    ...(description === undefined ? {} : { description }),
    served: { routes, integrations, authorizers },
  };
}

export function deploymentOperations(context: ApiContext): Operations<'apigatewayv2'> {
  const { cloud, apis } = context;
  return {
    CreateDeployment: {
      members: ['ApiId', 'Description', 'StageName'],
      run(input) {
        const api = existingApi(context, input.ApiId);
        if (Object.keys(api.routes).length === 0) {
          throw badRequest('At least one route is required before deploying the Api');
        }
        const deployment = deploymentOf(api, cloud.now(), input.Description);
        const stage = input.StageName === undefined ? undefined : existingPart(api.stages, 'Stage', input.StageName);
        if (stage?.autoDeploy) {
          throw badRequest('Deployment ID cannot be set on a stage with auto-deploy enabled');
        }
        const stages =
          stage === undefined ? api.stages : { ...api.stages, [stage.name]: { ...stage, deploymentId: deployment.id } };
        apis.set(api.id, { ...api, stages, deployments: { ...api.deployments, [deployment.id]: deployment } });
        return describeDeployment(deployment);
      },
    },
    GetDeployment: {
      members: ['ApiId', 'DeploymentId'],
      run({ ApiId, DeploymentId }) {
        return describeDeployment(existingPart(existingApi(context, ApiId).deployments, 'Deployment', DeploymentId));
      },
    },
    GetDeployments: {
      members: ['ApiId', 'MaxResults', 'NextToken'],
      run: (input) => page(Object.values(existingApi(context, input.ApiId).deployments).map(describeDeployment), input),
    },
    UpdateDeployment: {
      members: ['ApiId', 'DeploymentId', 'Description'],
      run(input) {
        const api = existingApi(context, input.ApiId);
        const before = existingPart(api.deployments, 'Deployment', input.DeploymentId);
        const deployment = input.Description === undefined ? before : { ...before, description: input.Description };
        apis.set(api.id, { ...api, deployments: { ...api.deployments, [deployment.id]: deployment } });
        return describeDeployment(deployment);
      },
    },
    DeleteDeployment: {
      members: ['ApiId', 'DeploymentId'],
      run({ ApiId, DeploymentId }) {
        const api = existingApi(context, ApiId);
        const { id } = existingPart(api.deployments, 'Deployment', DeploymentId);
        if (Object.values(api.stages).some(({ deploymentId }) => deploymentId === id)) {
          throw badRequest('Active stages pointing to this deployment must be moved or deleted');
        }
        apis.set(api.id, { ...api, deployments: without(api.deployments, id) });
        return {};
      },
    },
  };
}

function describeDeployment({ id, createdAt, autoDeployed, description }: Deployment): DeploymentShape {
  return {
    AutoDeployed: autoDeployed,
    CreatedDate: new Date(createdAt),
    DeploymentId: id,
    DeploymentStatus: 'DEPLOYED',
    ...(description === undefined ? {} : { Description: description }),
  };
}

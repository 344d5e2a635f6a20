// API Gateway's operations on the stages of HTTP and WebSocket APIs.
import type { RouteSettings, Stage as StageShape } from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, notFound, without } from '../api-gateway.ts';
import type { Input, Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { deploymentOf } from './deployments.ts';
import {
  type Api,
  type ApiContext,
  existingApi,
  existingPart,
  isWebSocket,
  page,
  type RouteLimits,
  type Stage,
} from './state.ts';

const stageMembers = [
  'AccessLogSettings',
  'AutoDeploy',
  'DefaultRouteSettings',
  'DeploymentId',
  'Description',
  'RouteSettings',
  'StageVariables',
] as const;

export function stageOperations(context: ApiContext): Operations<'apigatewayv2'> {
  const { cloud, apis } = context;
  const keep = (api: Api, stage: Stage) => {
    apis.set(api.id, { ...api, stages: { ...api.stages, [stage.name]: stage } });
    return describeStage(stage);
  };
  return {
    CreateStage: {
      members: ['ApiId', 'StageName', ...stageMembers, 'Tags'],
      run(input) {
        const api = existingApi(context, input.ApiId);
        const name = input.StageName ?? '';
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
        if (!/^(\$default|[\w-]{1,128})$/.test(name)) {
          throw badRequest('Stage name only allows a-z, A-Z, 0-9, _ and -, or $default');
        }
        if (name === '$default' && isWebSocket(api)) {
          throw badRequest('$default stage is not supported on protocolType WEBSOCKET');
        }
        if (api.stages[name] !== undefined) throw conflict('Stage already exists');
        const now = cloud.now();
        const bare: Stage = {
          name,
          autoDeploy: false,
          variables: {},
          createdAt: now,
          updatedAt: now,
          tags: { ...input.Tags },
        };
        return storeWithDeployment(context, api, readStage(api, input, bare));
      },
    },
    GetStage: {
      members: ['ApiId', 'StageName'],
      run({ ApiId, StageName }) {
        return describeStage(existingPart(existingApi(context, ApiId).stages, 'Stage', StageName));
      },
    },
    GetStages: {
      members: ['ApiId', 'MaxResults', 'NextToken'],
      run: (input) => page(Object.values(existingApi(context, input.ApiId).stages).map(describeStage), input),
    },
    UpdateStage: {
      members: ['ApiId', 'StageName', ...stageMembers],
      run(input) {
        const api = existingApi(context, input.ApiId);
        const before = existingPart(api.stages, 'Stage', input.StageName);
        const stage = { ...readStage(api, input, before), updatedAt: cloud.now() };
        return before.autoDeploy ? keep(api, stage) : storeWithDeployment(context, api, stage);
      },
    },
    DeleteStage: {
      members: ['ApiId', 'StageName'],
      run({ ApiId, StageName }) {
        const api = existingApi(context, ApiId);
        const { name } = existingPart(api.stages, 'Stage', StageName);
        apis.set(api.id, { ...api, stages: without(api.stages, name) });
        return {};
      },
    },
  };
}

/** A stage with AutoDeploy shows the deployment that it was created with, or that turning it on has made. */
function storeWithDeployment({ cloud, apis }: ApiContext, api: Api, stage: Stage): StageShape {
  if (!stage.autoDeploy) {
    apis.set(api.id, { ...api, stages: { ...api.stages, [stage.name]: stage } });
    return describeStage(stage);
  }
  const deployment = deploymentOf(
    api,
    cloud.now(),
    'Automatic deployment triggered by changes to the Api configuration',
  );
  const deployed = { ...stage, deploymentId: deployment.id };
  apis.set(api.id, {
    ...api,
    stages: { ...api.stages, [stage.name]: deployed },
    deployments: { ...api.deployments, [deployment.id]: { ...deployment, autoDeployed: true } },
  });
  return describeStage(deployed);
}

type StageInput = Partial<Input<'apigatewayv2', 'CreateStage'>>;

function readStage(api: Api, input: StageInput, before: Stage): Stage {
  const limits = limitsOf(input.DefaultRouteSettings) ?? before.limits;
  const routeLimits = routeLimitsOf(api, input) ?? before.routeLimits;
  checkVariables(input.StageVariables ?? {});
  checkConstraints('BadRequestException', [['description', input.Description, { max: 1024 }]]);
  if (input.DeploymentId !== undefined) existingPart(api.deployments, 'Deployment', input.DeploymentId);
  const deploymentId = input.DeploymentId ?? before.deploymentId;
  const description = input.Description ?? before.description;
  const accessLog = accessLogOf(input) ?? before.accessLog;
  const { deploymentId: _, description: __, accessLog: ___, ...kept } = before;
  return {
    ...kept,
    autoDeploy: input.AutoDeploy ?? before.autoDeploy,
    variables: { ...(input.StageVariables ?? before.variables) },
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(description === undefined ? {} : { description }),
    ...(limits === undefined ? {} : { limits }),
    ...(routeLimits === undefined ? {} : { routeLimits }),
    ...(accessLog === undefined || accessLog.destinationArn === '' ? {} : { accessLog }),
  };
}

function limitsOf(settings: RouteSettings | undefined): RouteLimits | undefined {
  if (settings === undefined) return undefined;
  const { ThrottlingBurstLimit: burst, ThrottlingRateLimit: rate, DetailedMetricsEnabled: detailedMetrics } = settings;
  // both are for WebSocket APIs only
  const refused = (['DataTraceEnabled', 'LoggingLevel'] as const).find((key) => settings[key]);
  if (refused !== undefined) throw badRequest(`Execution logs are not supported on protocolType HTTP`);
  return {
    ...(burst === undefined ? {} : { burst }),
    ...(rate === undefined ? {} : { rate }),
    ...(detailedMetrics === undefined ? {} : { detailedMetrics }),
  };
}

function routeLimitsOf(api: Api, { RouteSettings }: StageInput): Stage['routeLimits'] {
  if (RouteSettings === undefined) return undefined;
  const keys = new Set(Object.values(api.routes).map(({ key }) => key));
  return Object.fromEntries(
    Object.entries(RouteSettings).map(([key, settings]) => {
      // https://github.com/hashicorp/terraform-provider-aws/issues/14742
      if (!keys.has(key)) throw notFound(`Unable to find Route by key ${key} within the provided RouteSettings`);
      return [key, limitsOf(settings) ?? {}];
    }),
  );
}

function accessLogOf({ AccessLogSettings }: StageInput): Stage['accessLog'] {
  if (AccessLogSettings === undefined) return undefined;
  const { DestinationArn: destinationArn = '', Format: format = '' } = AccessLogSettings;
  if (destinationArn !== '' && !destinationArn.startsWith('arn:aws:logs:'))
    throw notImplemented(`an access log to ${destinationArn}`);
  return { destinationArn: destinationArn.replace(/:\*$/, ''), format };
}

function describeLimits({ burst, rate, detailedMetrics = false }: RouteLimits): RouteSettings {
  return {
    DetailedMetricsEnabled: detailedMetrics,
    ...(burst === undefined ? {} : { ThrottlingBurstLimit: burst }),
    ...(rate === undefined ? {} : { ThrottlingRateLimit: rate }),
  };
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.stage-variables.html
function checkVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^\w{1,64}$/.test(name) || !/^[A-Za-z0-9\-._~:/?#&=,]{0,512}$/.test(value)) {
      throw badRequest(
        `Stage variable ${name} is invalid: names are alphanumeric or _, values match [A-Za-z0-9-._~:/?#&=,]+`,
      );
    }
  }
}

function describeStage(stage: Stage): StageShape {
  return {
    AutoDeploy: stage.autoDeploy,
    CreatedDate: new Date(stage.createdAt),
    ...(stage.accessLog === undefined
      ? {}
      : { AccessLogSettings: { DestinationArn: stage.accessLog.destinationArn, Format: stage.accessLog.format } }),
    DefaultRouteSettings: describeLimits(stage.limits ?? {}),
    ...(stage.deploymentId === undefined ? {} : { DeploymentId: stage.deploymentId }),
    ...(stage.description === undefined ? {} : { Description: stage.description }),
    ...(stage.autoDeploy
      ? { LastDeploymentStatusMessage: `Successfully deployed stage with deployment ID '${stage.deploymentId}'` }
      : {}),
    LastUpdatedDate: new Date(stage.updatedAt),
    RouteSettings: Object.fromEntries(
      Object.entries(stage.routeLimits ?? {}).map(([key, limits]) => [key, describeLimits(limits)]),
    ),
    StageName: stage.name,
    StageVariables: { ...stage.variables },
    Tags: { ...stage.tags },
  };
}

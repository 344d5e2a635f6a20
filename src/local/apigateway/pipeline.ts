// Answers a request to a REST API, in AWS's order: stage, resource, authorization, API key, throttling, validation, integration.
import type { MappedApi } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { faultMessage } from '../http-servers.ts';
import type { Throttle } from '../throttle.ts';
import { logAccess } from './access-log.ts';
import { authorize } from './authorize.ts';
import { compressed, decompressed } from './compression.ts';
import { logFailure, logRequest, logResponse, stageLog } from './execution-log.ts';
import { failureResponse, forbidden, GatewayFailure } from './failure.ts';
import { type ApiResponse, integrate } from './integrate.ts';
import type { AuthorizerCache } from './lambda-authorizer.ts';
import { recordRequest } from './metrics.ts';
import type { Received, RestRequest } from './request.ts';
import { findMethod, findResource } from './router.ts';
import { type ApiContext, type Deployment, deploymentKey, own, type Stage } from './state.ts';
import { checkApiKey, throttleMethod } from './throttle.ts';
import { validate } from './validation.ts';

export interface Pipeline extends ApiContext {
  readonly authorizerCache: AuthorizerCache;
  readonly buckets: Throttle;
}

const noResponses = { gatewayResponses: {} };

/** The response to a request whose path begins with a stage, or that a domain name maps to one. */
export async function respond(
  pipeline: Pipeline,
  received: Received,
  mapped: MappedApi | undefined,
): Promise<ApiResponse> {
  const { api, fullPath } = received;
  const below =
    mapped === undefined ? fullPath : fullPath.slice(mapped.basePath === '' ? 0 : mapped.basePath.length + 1);
  const [, first = '', rest = ''] = /^\/*([^/]*)(.*)$/s.exec(below) ?? [];
  // a mapping without a stage leaves it to the path
  const stageName = mapped?.stage || first;
  const path = mapped?.stage ? below : rest;
  const stage = own(api.stages, stageName);
  if (stage === undefined) return failureResponse(forbidden(), received, noResponses);
  // slashes before the stage do not count
  const request = mapped === undefined ? { ...received, fullPath: `/${stageName}${path}` } : received;
  return respondOnStage(pipeline, request, { stage, path: path || '/', isMapped: mapped !== undefined });
}

interface Place {
  readonly stage: Stage;
  /** Below the stage. */
  readonly path: string;
  /** Whether the request came by a domain name. */
  readonly isMapped: boolean;
}

async function respondOnStage(
  pipeline: Pipeline,
  received: Received,
  { stage, path, isMapped }: Place,
): Promise<ApiResponse> {
  const chosen = chooseDeployment(pipeline, received, stage);
  if (chosen === undefined) return failureResponse(forbidden(), received, noResponses);
  const { deployment, isCanary } = chosen;
  const { served } = deployment;
  if (served.disableExecuteApiEndpoint && !isMapped) return failureResponse(forbidden(), received, noResponses);
  const variables = { ...stage.variables, ...(isCanary ? stage.canarySettings?.stageVariableOverrides : {}) };
  let known: Received & Partial<RestRequest> = {
    ...received,
    stage,
    served,
    deploymentId: deployment.id,
    isCanary,
    variables,
    path: path.replace(/^\/+/, '/'),
    isMapped,
    identity: {},
  };
  let response: ApiResponse;
  let failure: GatewayFailure | undefined;
  let log: ReturnType<typeof stageLog>;
  let integrationLatency: number | undefined;
  try {
    const found = findResource(served.resources, path);
    if (found !== undefined) {
      known = { ...known, resource: found.resource, pathParameters: found.parameters };
    }
    const method = found && findMethod(found.resource, received.httpMethod);
    if (method === undefined) {
      throw new GatewayFailure('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
    }
    known = { ...known, method };
    log = stageLog(known as RestRequest);
    if (log !== undefined) {
      known = { ...known, log: log.log };
      logRequest(known as RestRequest, log.log);
    }
    const authorized = await authorize(known as RestRequest, pipeline.authorizerCache);
    known = authorized.request;
    known = checkApiKey(authorized.request, pipeline.buckets, authorized.usageKey);
    throttleMethod(known as RestRequest, pipeline.buckets);
    known = decompressed(served, known);
    validate(known as RestRequest);
    const began = received.cloud.now();
    try {
      response = await integrate(known as RestRequest);
    } finally {
      integrationLatency = received.cloud.now() - began;
    }
    if (log !== undefined) logResponse(response, log.log);
    if (!('chunks' in response)) response = compressed(served, received.headers, response);
  } catch (error) {
    failure = error instanceof GatewayFailure ? error : undefined;
    if (failure !== undefined && log !== undefined) logFailure(failure, log.log);
    response = failure === undefined ? fault(error) : failureResponse(failure, known, served);
  }
  log?.log(`Method completed with status: ${response.status}`);
  await log?.write();
  recordRequest(stage, known, { status: response.status, integrationLatency });
  const length = 'chunks' in response ? 0 : Buffer.byteLength(response.body);
  await logAccess(stage, known, { status: response.status, length, failure });
  return response;
}

/** A fault of the local AWS, or something that it does not support: told to the client, since AWS would not fail here. */
function fault(error: unknown): ApiResponse {
  const message =
    error instanceof Error && error.name === notImplemented('').name ? error.message : faultMessage(error);
  const headers = { 'Content-Type': 'application/json', 'x-amzn-ErrorType': 'InternalServerErrorException' };
  return { status: 500, headers, body: JSON.stringify({ message }) };
}

interface Chosen {
  readonly deployment: Deployment;
  readonly isCanary: boolean;
}

/** A canary gets its share of the requests.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html */
function chooseDeployment({ deployments }: ApiContext, { api }: Received, stage: Stage): Chosen | undefined {
  const { percentTraffic = 0, deploymentId } = stage.canarySettings ?? {};
  const isCanary = Math.random() * 100 < percentTraffic;
  const deployment = deployments.get(deploymentKey(api.id, isCanary ? deploymentId : stage.deploymentId));
  return deployment && { deployment, isCanary };
}

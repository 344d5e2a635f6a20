// Limits the rates of requests: of API keys by their usage plans, and of methods by their stage.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
import type { Throttle } from '../throttle.ts';
import { openApiKeys } from './api-keys.ts';
import { GatewayFailure } from './failure.ts';
import { countRequest } from './quota.ts';
import { headerValue, type RestRequest } from './request.ts';
import type { Stage } from './state.ts';
import { openUsagePlans } from './usage-plans.ts';

/** Checks the API key of a request whose method needs one. The request with the key's identity. */
export function checkApiKey(request: RestRequest, buckets: Throttle, fromAuthorizer: string | undefined): RestRequest {
  const { cloud, method, served } = request;
  if (!method.apiKeyRequired) return request;
  const value = served.apiKeySource === 'AUTHORIZER' ? fromAuthorizer : headerValue(request.headers, 'x-api-key');
  const key = value === undefined ? undefined : openApiKeys(cloud).find((other) => other.value === value);
  const place = `${request.api.id}:${request.stage.stageName}`;
  const plan = openUsagePlans(cloud).find(
    ({ keyIds, apiStages = [] }) =>
      key !== undefined &&
      keyIds.includes(key.id) &&
      apiStages.some(({ apiId, stage }) => `${apiId}:${stage}` === place),
  );
  if (!key?.enabled || plan === undefined) throw new GatewayFailure('INVALID_API_KEY', 'Forbidden');
  const { throttle: byMethod = {} } =
    (plan.apiStages ?? []).find(({ apiId, stage }) => `${apiId}:${stage}` === place) ?? {};
  const own = byMethod[`${request.resource.path}/${request.method.httpMethod}`];
  const throttle = own ?? plan.throttle;
  const scope = own === undefined ? '' : `/${place}${request.resource.path}/${request.method.httpMethod}`;
  const { rateLimit: rate = 0, burstLimit: burst = 0 } = throttle ?? {};
  const bucket = `${plan.id}/${key.id}${scope}`;
  if (throttle !== undefined && !buckets.admits(bucket, { rate, burst }, cloud.now())) throw throttled();
  if (!countRequest(cloud, plan, key.id)) throw new GatewayFailure('QUOTA_EXCEEDED', 'Limit Exceeded');
  return { ...request, identity: { ...request.identity, apiKey: key.value, apiKeyId: key.id } };
}

const throttled = () => new GatewayFailure('THROTTLED', 'Too Many Requests');

/** The settings of a method on a stage: its own, else those of all methods. */
export function methodSetting({ methodSettings }: Stage, path: string, httpMethod: string) {
  const escaped = path.replace(/~/g, '~0').replace(/\//g, '~1');
  return methodSettings[`${escaped}/${httpMethod}`] ?? methodSettings['*/*'];
}

export function throttleMethod(request: RestRequest, buckets: Throttle): void {
  const { stage, resource, method, cloud, api } = request;
  const setting = methodSetting(stage, resource.path, method.httpMethod ?? '');
  const { throttlingRateLimit: rate, throttlingBurstLimit: burst } = setting ?? {};
  if (rate === undefined || burst === undefined || rate < 0 || burst < 0) return;
  const name = `${api.id}/${stage.stageName}${resource.path}/${method.httpMethod}`;
  if (!buckets.admits(name, { rate, burst }, cloud.now())) throw throttled();
}

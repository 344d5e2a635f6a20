// Limits the rates of requests: of API keys by their usage plans, and of methods by their stage.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
import type { ThrottleSettings } from '@aws-sdk/client-api-gateway';
import { openApiKeys } from './api-keys.ts';
import { GatewayFailure } from './failure.ts';
import { countRequest } from './quota.ts';
import { headerValue, type RestRequest } from './request.ts';
import type { Stage } from './state.ts';
import { openUsagePlans } from './usage-plans.ts';

interface Bucket {
  tokens: number;
  time: number;
}

/** Token buckets. They are full when the local AWS starts. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes a token; false if there is none. */
  take(name: string, { rateLimit = 0, burstLimit = 0 }: ThrottleSettings, now: number): boolean {
    const bucket = this.#buckets.get(name) ?? { tokens: burstLimit, time: now };
    const tokens = Math.min(burstLimit, bucket.tokens + ((now - bucket.time) / 1000) * rateLimit);
    const isFree = tokens >= 1;
    this.#buckets.set(name, { tokens: isFree ? tokens - 1 : tokens, time: now });
    return isFree;
  }
}

/** Checks the API key of a request whose method needs one. The request with the key's identity. */
export function checkApiKey(request: RestRequest, buckets: Buckets, fromAuthorizer: string | undefined): RestRequest {
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
  if (throttle !== undefined && !buckets.take(`${plan.id}/${key.id}${scope}`, throttle, cloud.now())) throw throttled();
  if (!countRequest(cloud, plan, key.id)) throw new GatewayFailure('QUOTA_EXCEEDED', 'Limit Exceeded');
  return { ...request, identity: { ...request.identity, apiKey: key.value, apiKeyId: key.id } };
}

const throttled = () => new GatewayFailure('THROTTLED', 'Too Many Requests');

/** The settings of a method on a stage: its own, else those of all methods. */
export function methodSetting({ methodSettings }: Stage, path: string, httpMethod: string) {
  const escaped = path.replace(/~/g, '~0').replace(/\//g, '~1');
  return methodSettings[`${escaped}/${httpMethod}`] ?? methodSettings['*/*'];
}

export function throttleMethod(request: RestRequest, buckets: Buckets): void {
  const { stage, resource, method, cloud, api } = request;
  const setting = methodSetting(stage, resource.path, method.httpMethod ?? '');
  const { throttlingRateLimit: rateLimit, throttlingBurstLimit: burstLimit } = setting ?? {};
  if (rateLimit === undefined || burstLimit === undefined || rateLimit < 0 || burstLimit < 0) return;
  const name = `${api.id}/${stage.stageName}${resource.path}/${method.httpMethod}`;
  if (!buckets.take(name, { rateLimit, burstLimit }, cloud.now())) throw throttled();
}

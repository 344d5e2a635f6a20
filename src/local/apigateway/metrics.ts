// The metrics that API Gateway sends to CloudWatch for each request to a REST API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
import { counted, lasted, publishMetrics } from '../service-metrics.ts';
import type { Received, RestRequest } from './request.ts';
import type { Stage } from './state.ts';
import { methodSetting } from './throttle.ts';

export interface MeasuredResponse {
  readonly status: number;
  /** Undefined if no integration was called. */
  readonly integrationLatency: number | undefined;
}

export function recordRequest(
  stage: Stage,
  request: Received & Partial<RestRequest>,
  { status, integrationLatency }: MeasuredResponse,
): void {
  const { cloud, api, resource, time } = request;
  const ofApi = { Name: 'ApiName', Value: api.name.replace(/[^\x20-\x7e]/g, '') || api.id };
  const ofStage = { Name: 'Stage', Value: stage.stageName };
  // detailed metrics have those of the method, too
  const isDetailed =
    resource !== undefined && methodSetting(stage, resource.path, request.httpMethod)?.metricsEnabled === true;
  const ofMethod = isDetailed
    ? [[ofApi, { Name: 'Method', Value: request.httpMethod }, { Name: 'Resource', Value: resource.path }, ofStage]]
    : [];
  const data = [
    counted('Count'),
    counted('4XXError', status >= 400 && status < 500 ? 1 : 0),
    counted('5XXError', status >= 500 ? 1 : 0),
    lasted('Latency', cloud.now() - time),
    ...(integrationLatency === undefined ? [] : [lasted('IntegrationLatency', integrationLatency)]),
  ];
  const gateway = { service: 'apigateway.amazonaws.com', namespace: 'AWS/ApiGateway' } as const;
  publishMetrics(cloud, gateway, [{ dimensions: [[ofApi], [ofApi, ofStage], ...ofMethod], data }], time);
}

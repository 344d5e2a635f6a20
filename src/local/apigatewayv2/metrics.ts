// The metrics that API Gateway sends to CloudWatch for each request to an HTTP API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
import type { Cloud } from '../cloud.ts';
import { counted, lasted, publishMetrics } from '../service-metrics.ts';
import type { Api, Route, Stage } from './state.ts';

export interface MeasuredRequest {
  readonly api: Api;
  readonly stage: Stage;
  readonly route: Route | undefined;
  readonly status: number;
  /** Received and sent. */
  readonly bytes: number;
  readonly began: number;
  /** Milliseconds. */
  readonly latency: number;
  /** Undefined if no integration was called. */
  readonly integrationLatency: number | undefined;
}

export function recordRequest(cloud: Cloud, measured: MeasuredRequest): void {
  const { api, stage, route, status, bytes, began, latency, integrationLatency } = measured;
  const ofApi = { Name: 'ApiId', Value: api.id };
  const ofStage = { Name: 'Stage', Value: stage.name };
  // detailed metrics have those of the route, too
  const { detailedMetrics } = { ...stage.limits, ...stage.routeLimits?.[route?.key ?? ''] };
  const [, method = '', resource] = /^(\S+) (.+)$/.exec(route?.key ?? '') ?? [];
  const ofRoute =
    resource === undefined || detailedMetrics !== true
      ? []
      : [[ofApi, { Name: 'Method', Value: method }, { Name: 'Resource', Value: resource }, ofStage]];
  const data = [
    counted('Count'),
    counted('4xx', status >= 400 && status < 500 ? 1 : 0),
    counted('5xx', status >= 500 ? 1 : 0),
    lasted('Latency', latency),
    ...(integrationLatency === undefined ? [] : [lasted('IntegrationLatency', integrationLatency)]),
    { MetricName: 'DataProcessed', Value: bytes, Unit: 'Bytes' as const },
  ];
  const gateway = { service: 'apigateway.amazonaws.com', namespace: 'AWS/ApiGateway' } as const;
  publishMetrics(cloud, gateway, [{ dimensions: [[ofApi], [ofApi, ofStage], ...ofRoute], data }], began);
}

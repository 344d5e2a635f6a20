import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

export const handler = async () => {
  const metrics = new Metrics({ namespace: 'x' });
  metrics.addMetric('orders', MetricUnit.Count, 1);
  const [value] = metrics.serializeMetrics().orders === undefined ? [] : [metrics.serializeMetrics().orders];
  metrics.clearMetrics();
  return [value].flat();
};

// How the services of the local AWS record metrics: as themselves, and without waiting.
import type { Dimension, MetricDatum } from '@aws-sdk/client-cloudwatch';
import { AwsError, type Cloud } from './cloud.ts';

export type Datum = Pick<MetricDatum, 'MetricName' | 'Value' | 'Unit'>;

/** Values that are recorded once for each of the dimensions. */
export interface Measures {
  readonly dimensions: readonly (readonly Dimension[])[];
  readonly data: readonly Datum[];
}

export const counted = (MetricName: string, Value = 1): Datum => ({ MetricName, Value, Unit: 'Count' });
export const lasted = (MetricName: string, Value: number): Datum => ({ MetricName, Value, Unit: 'Milliseconds' });

/** What is measured does not wait for its metrics. `at` is when it began. */
export function publishMetrics(
  cloud: Cloud,
  { service, namespace }: { readonly service: `${string}.amazonaws.com`; readonly namespace: `AWS/${string}` },
  measures: readonly Measures[],
  at: number,
): void {
  const Timestamp = new Date(at);
  const MetricData = measures.flatMap(({ dimensions, data }) =>
    data.flatMap(({ MetricName, Value, Unit }) =>
      // nobody changes them
      dimensions.map((each) => ({ MetricName, Value, Unit, Timestamp, Dimensions: each as Dimension[] })),
    ),
  );
  const principal = { kind: 'service', service, sourceArn: '' } as const;
  cloud.call('monitoring', 'PutMetricData', { Namespace: namespace, MetricData }, principal).catch((error) => {
    // what outlasts the local AWS is not measured
    if (!(error instanceof AwsError && error.code === 'ServiceUnavailable')) throw error;
  });
}

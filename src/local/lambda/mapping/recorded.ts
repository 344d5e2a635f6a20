// Settings of mappings that have no effect here, and are kept and described: the key of the filters, and metrics.
import type { EventSourceMappingConfiguration, EventSourceMappingMetric } from '@aws-sdk/client-lambda';
import type { MappingInput } from './source.ts';

export interface RecordedSettings {
  readonly metrics?: readonly EventSourceMappingMetric[];
  readonly kmsKeyArn?: string;
}

export const recordedMembers = ['KMSKeyArn', 'MetricsConfig'] as const;

/** An empty value removes it. */
export function readRecorded(input: MappingInput, before: RecordedSettings = {}): RecordedSettings {
  const { MetricsConfig, KMSKeyArn: kmsKeyArn = before.kmsKeyArn } = input;
  const metrics = MetricsConfig === undefined ? before.metrics : MetricsConfig.Metrics;
  return {
    ...(metrics === undefined || metrics.length === 0 ? {} : { metrics }),
    ...(kmsKeyArn === undefined || kmsKeyArn === '' ? {} : { kmsKeyArn }),
  };
}

export function describeRecorded({ metrics, kmsKeyArn }: RecordedSettings): Partial<EventSourceMappingConfiguration> {
  return {
    ...(kmsKeyArn === undefined ? {} : { KMSKeyArn: kmsKeyArn }),
    ...(metrics === undefined ? {} : { MetricsConfig: { Metrics: [...metrics] } }),
  };
}

// The metrics that Lambda sends to CloudWatch for each invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { AwsError, type Cloud } from '../cloud.ts';

export interface Measured {
  readonly functionName: string;
  /** As the caller named it: an alias, a version, or '' for none. */
  readonly qualifier: string;
  /** Whether the qualifier is an alias. */
  readonly isAlias: boolean;
  readonly version: string;
  readonly failed: boolean;
  /** Milliseconds. */
  readonly duration: number;
}

/** Metrics are not part of the invocation: it ends without waiting for them. */
export function recordInvocation(cloud: Cloud, measured: Measured): void {
  const { failed, duration } = measured;
  const values = [
    ['Invocations', 1, 'Count'],
    ['Errors', failed ? 1 : 0, 'Count'],
    ['Throttles', 0, 'Count'],
    ['Duration', duration, 'Milliseconds'],
  ] as const;
  send(
    cloud,
    measured,
    values.map(([MetricName, Value, Unit]) => ({ MetricName, Value, Unit })),
  );
}

/** A throttled invocation did not run: it has no version, and counts as no invocation. */
export function recordThrottle(cloud: Cloud, measured: Pick<Measured, 'functionName' | 'qualifier'>): void {
  const datum: MetricDatum = { MetricName: 'Throttles', Value: 1, Unit: 'Count' };
  send(cloud, { ...measured, isAlias: false, version: '' }, [datum]);
}

function send(
  cloud: Cloud,
  { functionName, qualifier, isAlias, version }: Pick<Measured, 'functionName' | 'qualifier' | 'isAlias' | 'version'>,
  data: readonly MetricDatum[],
): void {
  const name = { Name: 'FunctionName', Value: functionName };
  const resource = { Name: 'Resource', Value: qualifier === '' ? functionName : `${functionName}:${qualifier}` };
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html#metrics-dimensions
  const dimensions = [
    [name],
    [name, resource],
    ...(isAlias ? [[name, resource, { Name: 'ExecutedVersion', Value: version }]] : []),
  ];
  const MetricData = data.flatMap((datum) => dimensions.map((Dimensions) => ({ ...datum, Dimensions })));
  const principal = { kind: 'service', service: 'lambda.amazonaws.com', sourceArn: '' } as const;
  cloud.call('monitoring', 'PutMetricData', { Namespace: 'AWS/Lambda', MetricData }, principal).catch((error) => {
    // an invocation that outlasts the local AWS is not measured
    if (!(error instanceof AwsError && error.code === 'ServiceUnavailable')) throw error;
  });
}

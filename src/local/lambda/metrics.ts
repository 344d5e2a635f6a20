// The metrics that Lambda sends to CloudWatch for invocations, events and batches.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
import type { Cloud } from '../cloud.ts';
import { counted, type Datum, lasted, type Measures, publishMetrics } from '../service-metrics.ts';
import type { FunctionReference } from './names.ts';

/** How many environments are at work when an invocation begins, it included. */
export interface Load {
  /** Those of the function. */
  readonly concurrent: number;
  /** Those of all functions. */
  readonly all: number;
  /** Those of all functions without reserved concurrency. */
  readonly unreserved: number;
  /** Those of the version. */
  readonly ofVersion: number;
  /** How many environments the version has provisioned. */
  readonly provisioned: number;
}

export interface Measured {
  readonly functionName: string;
  /** As the caller named it: an alias, a version, or '' for none. */
  readonly qualifier: string;
  /** Whether the qualifier is an alias. */
  readonly isAlias: boolean;
  readonly version: string;
  /** When it began: the time of its metrics, whenever they are recorded. */
  readonly began: number;
  readonly failed: boolean;
  /** Milliseconds. */
  readonly duration: number;
  readonly load: Load;
}

const lambda = { service: 'lambda.amazonaws.com', namespace: 'AWS/Lambda' } as const;

export function recordInvocation(cloud: Cloud, measured: Measured): void {
  const { functionName, began, failed, duration, load } = measured;
  const { concurrent, all, unreserved, ofVersion, provisioned } = load;
  const used = Math.min(ofVersion, provisioned);
  const dimensions = dimensionsOf(measured);
  const own = [
    counted('Invocations'),
    counted('Errors', failed ? 1 : 0),
    counted('Throttles', 0),
    // as the platform's report has it
    lasted('Duration', Math.round(duration * 100) / 100),
  ];
  const ofProvisioned = [
    counted(
      ofVersion <= provisioned ? 'ProvisionedConcurrencyInvocations' : 'ProvisionedConcurrencySpilloverInvocations',
    ),
    counted('ProvisionedConcurrentExecutions', used),
    counted('ProvisionedConcurrencyUtilization', used / provisioned),
  ];
  const ofAccount = [counted('ConcurrentExecutions', all), counted('UnreservedConcurrentExecutions', unreserved)];
  const measures = [
    { dimensions: [...dimensions, []], data: own },
    { dimensions, data: provisioned > 0 ? ofProvisioned : [] },
    {
      dimensions: [[{ Name: 'FunctionName', Value: functionName }]],
      data: [counted('ConcurrentExecutions', concurrent)],
    },
    { dimensions: [[]], data: ofAccount },
  ];
  publishMetrics(cloud, lambda, measures, began);
}

/** A throttled invocation did not run: it has no version, and counts as no invocation. */
export function recordThrottle(cloud: Cloud, measured: Pick<Measured, 'functionName' | 'qualifier'>): void {
  send(cloud, [...dimensionsOf(measured), []], counted('Throttles'));
}

/** Of events: received, dropped without success, or what could not be sent to the dead-letter target or a destination. */
export type EventMetric =
  | 'AsyncEventsReceived'
  | 'AsyncEventsDropped'
  | 'DeadLetterErrors'
  | 'DestinationDeliveryFailures';

export function recordEvent(cloud: Cloud, reference: FunctionReference, metric: EventMetric): void {
  send(cloud, dimensionsOf(named(reference)), counted(metric));
}

/** From the event's arrival to an attempt. */
export function recordEventAge(cloud: Cloud, reference: FunctionReference, ageMs: number): void {
  send(cloud, dimensionsOf(named(reference)), lasted('AsyncEventAge', ageMs));
}

/** From the arrival of a batch's last record to its sending. */
export function recordIteratorAge(cloud: Cloud, reference: FunctionReference, ageMs: number): void {
  send(cloud, dimensionsOf(named(reference)), lasted('IteratorAge', Math.max(0, ageMs)));
}

const named = ({ name, qualifier }: FunctionReference) => ({ functionName: name, qualifier });

function send(cloud: Cloud, dimensions: Measures['dimensions'], datum: Datum): void {
  publishMetrics(cloud, lambda, [{ dimensions, data: [datum] }], cloud.now());
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html#metrics-dimensions */
function dimensionsOf({
  functionName,
  qualifier,
  isAlias = false,
  version = '',
}: Pick<Measured, 'functionName' | 'qualifier'> & Partial<Measured>) {
  const name = { Name: 'FunctionName', Value: functionName };
  const resource = { Name: 'Resource', Value: qualifier === '' ? functionName : `${functionName}:${qualifier}` };
  return [
    [name],
    [name, resource],
    ...(isAlias ? [[{ Name: 'ExecutedVersion', Value: version }, name, resource]] : []),
  ];
}

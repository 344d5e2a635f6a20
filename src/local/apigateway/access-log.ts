// Writes the access logs of stages into their log groups.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
import { AwsError, type Cloud } from '../cloud.ts';
import { contextText, templateContext } from './context.ts';
import type { GatewayFailure } from './failure.ts';
import type { Received, RestRequest } from './request.ts';
import type { Stage } from './state.ts';

export interface Outcome {
  readonly status: number;
  readonly length: number;
  readonly failure: GatewayFailure | undefined;
}

/** Logging never fails a request. */
export async function logAccess(
  stage: Stage,
  request: Received & Partial<RestRequest>,
  { status, length, failure }: Outcome,
): Promise<void> {
  const { destinationArn, format } = stage.accessLogSettings ?? {};
  const group = /^arn:[^:]+:logs:[^:]*:\d*:log-group:([^:]+)/.exec(destinationArn ?? '')?.[1];
  if (group === undefined || format === undefined) return;
  const { cloud } = request;
  const latency = cloud.now() - request.time;
  const error = failure && { message: failure.text, responseType: failure.type };
  const context = {
    ...templateContext({ ...request, stage }, error),
    status,
    responseLength: length,
    responseLatency: latency,
    integrationLatency: latency,
    integrationStatus: status,
    integration: { status, latency, integrationStatus: status },
  };
  // a variable without a value is a hyphen
  const message = format.replace(/\$context\.([\w.]*\w)/g, (_, name: string) => contextText(context, name) ?? '-');
  try {
    await write(cloud, group, message);
  } catch (cause) {
    if (!(cause instanceof AwsError)) throw cause;
    process.emitWarning(`the access log of ${request.api.id}/${stage.stageName} was not written: ${cause.message}`);
  }
}

async function write(cloud: Cloud, logGroupName: string, message: string): Promise<void> {
  const logStreamName = 'access-log';
  const events = { logGroupName, logStreamName, logEvents: [{ timestamp: cloud.now(), message }] };
  try {
    await cloud.call('logs', 'PutLogEvents', events);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
    await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName });
    await cloud.call('logs', 'PutLogEvents', events);
  }
}

// The access log of an API's stage: its settings, and the log group that fx makes for it.

import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  flag,
  mapOf,
  object,
  oneOf,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';
import { defaultRetention, retentionDays } from '../cfn/log-retention.ts';
import type { Resource, Value } from '../cfn/resource.ts';

export interface AccessLog {
  /** One line, with $context variables; undefined for the source's default. */
  readonly format: string | undefined;
  readonly retention: number | 'forever';
  /** The ARN of an existing log group or Firehose stream. */
  readonly destination: Plain | undefined;
}

const format: Schema<string> = byKind<string>({
  scalar: text(),
  map: converted(mapOf(text()), (fields) => ({ value: JSON.stringify(Object.fromEntries(fields)) })),
  expected: 'a line with $context variables, or a map of fields',
});

const map: Schema<AccessLog | false> = converted(
  object({
    required: {},
    optional: {
      format: described('A line with $context variables, or a map of the fields of a JSON line.', format, {
        examples: [{ requestId: '$context.requestId', status: '$context.status' }],
      }),
      retentionInDays: oneOf([...retentionDays, 'forever'], 'How many days to keep the log, or forever.', {
        default: defaultRetention,
        examples: [90],
      }),
      destination: described(
        'The ARN of an existing log group or Firehose stream, instead of a new log group.',
        verbatim,
        {
          examples: ['arn:aws:logs:eu-west-1:111122223333:log-group:access'],
        },
      ),
    },
    elsewhere: { retention: 'retentionInDays', destinationArn: 'destination' },
  }),
  ({ format: line, retentionInDays = defaultRetention, destination }) => ({
    value: { format: line, retention: retentionInDays, destination },
  }),
);
const short: Schema<AccessLog | false> = converted(flag, (on) => ({
  value: on ? { format: undefined, retention: defaultRetention, destination: undefined } : false,
}));

export const accessLogSchema: Schema<AccessLog | false> = byKind({
  scalar: short,
  map,
  expected: 'true, or a map with format',
});

/** The line of a request that names its route by one of the $context variables. */
export const requestLine = (route: 'routeKey' | 'resourcePath'): string =>
  JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    ip: '$context.identity.sourceIp',
    httpMethod: '$context.httpMethod',
    path: '$context.path',
    [route]: `$context.${route}`,
    status: '$context.status',
    protocol: '$context.protocol',
    responseLength: '$context.responseLength',
    responseLatency: '$context.responseLatency',
    integrationLatency: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
    authorizerError: '$context.authorizer.error',
    error: '$context.error.message',
  });

/** The `AccessLogSettings` of a stage, and its log group by logical id. */
export function accessLogPart(
  log: AccessLog,
  {
    groupId,
    group,
    defaultFormat,
  }: { readonly groupId: string; readonly group: string; readonly defaultFormat: string },
): { readonly settings: Value; readonly resources: Readonly<Record<string, Resource>> } {
  const Format = log.format ?? defaultFormat;
  if (log.destination !== undefined) return { settings: { DestinationArn: log.destination, Format }, resources: {} };
  return {
    settings: { DestinationArn: { 'Fn::GetAtt': [groupId, 'Arn'] }, Format },
    resources: {
      [groupId]: {
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: group,
          ...(log.retention === 'forever' ? {} : { RetentionInDays: log.retention }),
        },
      },
    },
  };
}

/**
 * The name of an API's log group. Names below /aws/vendedlogs/ share one statement of the account's log policy, which is limited.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/AWS-logs-and-resource-policy.html
 */
export const accessLogGroup = (stack: string, api: string): string => `/aws/vendedlogs/${stack}/${api}`;

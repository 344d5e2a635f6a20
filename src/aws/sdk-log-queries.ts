// Queries of CloudWatch Logs Insights through the SDK.
import type { CloudWatchLogsClient, QueryStatus } from '@aws-sdk/client-cloudwatch-logs';
import type { Logs, QueryPage, StartedQuery } from './aws.ts';
import type { Ask } from './sdk-call.ts';

/** What AWS calls a call too many: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html */
const throttlings = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'];

export const throttled = Object.fromEntries(throttlings.map((name) => [name, () => 'throttled' as const]));

interface Loaded {
  readonly sdk: typeof import('./clients/logs.ts');
  readonly client: CloudWatchLogsClient;
}

export function logQueries(
  load: () => Promise<Loaded>,
  ask: Ask,
): Pick<Logs, 'startQuery' | 'queryResults' | 'stopQuery'> {
  return {
    startQuery: ({ groups, text, since, until, limit }) =>
      ask<StartedQuery>(
        'logs:StartQuery',
        async () => {
          const { sdk, client } = await load();
          const input = {
            logGroupNames: [...groups],
            queryString: text,
            // seconds, both inclusive
            startTime: Math.floor(since.getTime() / 1000),
            endTime: Math.ceil(until.getTime() / 1000),
            ...(limit === undefined ? {} : { limit }),
          };
          const { queryId = '' } = await client.send(new sdk.StartQueryCommand(input));
          return { id: queryId };
        },
        {
          ...throttled,
          // too many queries at once: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
          LimitExceededException: () => 'throttled',
          MalformedQueryException: (error) => ({ malformed: unsigned(error.message), at: placeOf(error) }),
          ResourceNotFoundException: (error) => ({ missing: /'([^']+)'/.exec(error.message)?.[1] ?? groups[0] ?? '' }),
        },
      ),
    queryResults: (queryId, nextToken) =>
      ask<QueryPage | 'throttled'>(
        'logs:GetQueryResults',
        async () => {
          const { sdk, client } = await load();
          const input = { queryId, ...(nextToken === undefined ? {} : { nextToken }) };
          const {
            status = 'Unknown',
            results = [],
            statistics,
            ...rest
          } = await client.send(new sdk.GetQueryResultsCommand(input));
          return {
            status: states[status] ?? 'failed',
            said: status,
            rows: results.map((row) => row.map(({ field = '', value = '' }) => [field, value] as const)),
            statistics: {
              matched: statistics?.recordsMatched ?? 0,
              scanned: statistics?.recordsScanned ?? 0,
              bytes: statistics?.bytesScanned ?? 0,
            },
            next: rest.nextToken,
          };
        },
        throttled,
      ),
    stopQuery: (queryId) =>
      ask<void>(
        'logs:StopQuery',
        async () => {
          const { sdk, client } = await load();
          await client.send(new sdk.StopQueryCommand({ queryId }));
        },
        { InvalidParameterException: () => undefined, ResourceNotFoundException: () => undefined },
      ),
  };
}

const states: Readonly<Partial<Record<QueryStatus, QueryPage['status']>>> = {
  Scheduled: 'running',
  Running: 'running',
  Complete: 'complete',
};

/** Without the part that is for AWS's support. */
function unsigned(message: string): string {
  return message.replace(/ \(Service: AWSLogs;[^)]*\)$/, '');
}

function placeOf(error: Error): number | undefined {
  const { queryCompileError } = error as { queryCompileError?: { location?: { startCharOffset?: number } } };
  return queryCompileError?.location?.startCharOffset;
}

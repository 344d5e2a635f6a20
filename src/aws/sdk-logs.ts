// CloudWatch Logs through the SDK.
import type { FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import type { LogPage, LogSearch, Logs } from './aws.ts';
import { logsRate, paceRequests } from './pace.ts';
import { exceptThrottling } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

/** What AWS calls a call too many: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html */
const throttlings = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'];

const throttled = Object.fromEntries(throttlings.map((name) => [name, () => 'throttled' as const]));

export function sdkLogs(config: Config, ask: Ask): Logs {
  const load = once(async () => {
    const sdk = await import('./clients/logs.ts');
    const client = new sdk.CloudWatchLogsClient({ ...config, retryStrategy: await exceptThrottling() });
    if (config.paced !== false) paceRequests(client.middlewareStack, logsRate, config);
    return { sdk, client };
  });
  return {
    page: (search) =>
      ask<LogPage | 'missing' | 'throttled'>(
        'logs:FilterLogEvents',
        async () => {
          const { sdk, client } = await load();
          const { events = [], nextToken } = await client.send(new sdk.FilterLogEventsCommand(inputOf(search)));
          return {
            events: events.map(({ eventId = '', logStreamName = '', timestamp = 0, message = '' }) => ({
              id: eventId,
              group: search.group,
              stream: logStreamName,
              time: new Date(timestamp),
              message,
            })),
            next: nextToken,
          };
        },
        { ...throttled, ResourceNotFoundException: () => 'missing' },
      ),
  };
}

function inputOf(search: LogSearch): FilterLogEventsCommandInput {
  const { group, since, until, pattern, streams, newestFirst, limit, next } = search;
  return {
    logGroupName: group,
    startTime: since.getTime(),
    ...(until === undefined ? {} : { endTime: until.getTime() }),
    ...(pattern === undefined ? {} : { filterPattern: pattern }),
    ...(streams === undefined ? {} : { logStreamNames: [...streams] }),
    ...(newestFirst === true ? { startFromHead: false } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(next === undefined ? {} : { nextToken: next }),
  };
}

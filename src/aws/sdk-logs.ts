// CloudWatch Logs through the SDK.
import type { FilterLogEventsCommandInput, StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';
import type { LiveTail, LiveUpdate, LogPage, LogSearch, Logs } from './aws.ts';
import { logsRate, paceRequests } from './pace.ts';
import { exceptThrottling } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';
import { logQueries, throttled } from './sdk-log-queries.ts';

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
    ...logQueries(load, ask),
    live: (tail) =>
      ask('logs:StartLiveTail', async () => {
        const sdk = await import('./clients/logs.ts');
        // a client of its own, whose connection ends with the session; sessions have a host of their own, but only on AWS
        const client = new sdk.CloudWatchLogsClient({
          ...config,
          retryStrategy: await exceptThrottling(),
          disableHostPrefix: config.endpoint !== undefined,
        });
        const { groups, pattern } = tail;
        const input = {
          logGroupIdentifiers: [...groups.keys()],
          ...(pattern === undefined ? {} : { logEventFilterPattern: pattern }),
        };
        const { responseStream } = await client.send(new sdk.StartLiveTailCommand(input));
        return updates(responseStream, tail, () => client.destroy());
      }),
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

async function* updates(
  stream: AsyncIterable<StartLiveTailResponseStream> | undefined,
  { groups }: LiveTail,
  close: () => void,
): AsyncGenerator<LiveUpdate, void> {
  const names = [...groups.values()];
  // AWS names a group by its ARN, or by its account and name
  const nameOf = (identifier: string) =>
    groups.get(identifier) ?? names.find((name) => identifier.endsWith(`:${name}`)) ?? identifier;
  try {
    for await (const { sessionUpdate } of stream ?? []) {
      if (sessionUpdate === undefined) continue;
      const { sessionResults = [], sessionMetadata } = sessionUpdate;
      yield {
        sampled: sessionMetadata?.sampled === true,
        events: sessionResults.map(({ logGroupIdentifier = '', logStreamName = '', message = '', timestamp = 0 }) => ({
          id: '',
          group: nameOf(logGroupIdentifier),
          stream: logStreamName,
          time: new Date(timestamp),
          message,
        })),
      };
    }
  } catch {
    // after three hours, AWS ends the session with an exception; a lost connection ends it, too
  } finally {
    close();
  }
}

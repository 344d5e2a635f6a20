// CloudWatch Logs through the SDK.
import type { Logs } from './aws.ts';
import { logsRate, paceRequests } from './pace.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

export function sdkLogs(config: Config, ask: Ask): Logs {
  const load = once(async () => {
    const sdk = await import('./clients/logs.ts');
    const client = new sdk.CloudWatchLogsClient({ ...config, retryStrategy: await retryStrategy() });
    if (config.paced !== false) paceRequests(client.middlewareStack, logsRate, config);
    return { sdk, client };
  });
  return {
    filter: ({ group, since, until, pattern }) =>
      ask(
        'logs:FilterLogEvents',
        async () => {
          const { sdk, client } = await load();
          const input = {
            logGroupName: group,
            startTime: since.getTime(),
            ...(until === undefined ? {} : { endTime: until.getTime() }),
            ...(pattern === undefined ? {} : { filterPattern: pattern }),
          };
          const events = [];
          for await (const page of sdk.paginateFilterLogEvents({ client }, input)) {
            for (const event of page.events ?? []) {
              events.push({
                id: event.eventId ?? '',
                group,
                stream: event.logStreamName ?? '',
                time: new Date(event.timestamp ?? 0),
                message: event.message ?? '',
              });
            }
          }
          return events.sort((a, b) => a.time.getTime() - b.time.getTime());
        },
        { ResourceNotFoundException: () => [] },
      ),
  };
}

// X-Ray through the SDK.
import type { EdgeStatistics } from '@aws-sdk/client-xray';
import type { TracedCalls, TracedService, TraceSummary, Traces } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-gettingdata.html */
const tracesPerCall = 5;

export function sdkTraces(config: Config, ask: Ask): Traces {
  const load = once(async () => {
    const sdk = await import('./clients/xray.ts');
    return { sdk, client: new sdk.XRayClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    summaries: ({ since, until, filter }, most) =>
      ask('xray:GetTraceSummaries', async () => {
        const { sdk, client } = await load();
        const input = {
          StartTime: since,
          EndTime: until,
          ...(filter === undefined ? {} : { FilterExpression: filter }),
        };
        const found: TraceSummary[] = [];
        for await (const { TraceSummaries = [] } of sdk.paginateGetTraceSummaries({ client }, input)) {
          for (const each of TraceSummaries) {
            found.push({
              id: each.Id ?? '',
              duration: each.Duration ?? 0,
              hasFault: each.HasFault ?? false,
              hasError: each.HasError ?? false,
              hasThrottle: each.HasThrottle ?? false,
              services: (each.ServiceIds ?? []).map(({ Name = '' }) => Name),
              url: each.Http?.HttpURL,
              method: each.Http?.HttpMethod,
              status: each.Http?.HttpStatus,
            });
          }
          if (found.length >= most) return found.slice(0, most);
        }
        return found;
      }),
    documents: (ids) =>
      ask('xray:BatchGetTraces', async () => {
        const { sdk, client } = await load();
        const found = new Map<string, readonly string[]>();
        for (let start = 0; start < ids.length; start += tracesPerCall) {
          const TraceIds = ids.slice(start, start + tracesPerCall);
          let NextToken: string | undefined;
          do {
            const page = await client.send(new sdk.BatchGetTracesCommand({ TraceIds, NextToken }));
            for (const { Id = '', Segments = [] } of page.Traces ?? []) {
              const documents = Segments.flatMap(({ Document }) => Document ?? []);
              found.set(Id, [...(found.get(Id) ?? []), ...documents]);
            }
            NextToken = page.NextToken;
          } while (NextToken !== undefined);
        }
        return found;
      }),
    graph: (since, until) =>
      ask('xray:GetServiceGraph', async () => {
        const { sdk, client } = await load();
        const services: TracedService[] = [];
        for await (const page of sdk.paginateGetServiceGraph({ client }, { StartTime: since, EndTime: until })) {
          for (const { ReferenceId = 0, Name = '', Type = '', Edges = [], SummaryStatistics } of page.Services ?? []) {
            const edges = Edges.map(({ ReferenceId: to = 0, SummaryStatistics: calls }) => ({ to, ...callsOf(calls) }));
            services.push({ id: ReferenceId, name: Name, type: Type, edges, ...callsOf(SummaryStatistics) });
          }
        }
        return services;
      }),
  };
}

function callsOf(statistics: EdgeStatistics | undefined): TracedCalls {
  const { TotalCount = 0, ErrorStatistics, FaultStatistics, TotalResponseTime = 0 } = statistics ?? {};
  return {
    calls: TotalCount,
    errors: ErrorStatistics?.TotalCount ?? 0,
    faults: FaultStatistics?.TotalCount ?? 0,
    seconds: TotalResponseTime,
  };
}

// X-Ray: segments that services and programs send, as traces, summaries and a service graph.
// https://docs.aws.amazon.com/xray/latest/api/Welcome.html
import type { UnprocessedTraceSegment } from '@aws-sdk/client-xray';
import { AwsError, type Cloud, type Operations, type Service } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageFrom } from '../paging.ts';
import { serviceGraph } from './graph.ts';
import { endOf, readSegment, type Segment } from './segment.ts';
import { filterOf, summaryOf } from './summary.ts';

/** What was sent of one trace: documents by the id of the segment, as they came. */
interface Trace {
  readonly id: string;
  readonly documents: Readonly<Record<string, string>>;
}

const hourMs = 3_600_000;
/** https://docs.aws.amazon.com/general/latest/gr/xray.html */
const keptMs = 30 * 24 * hourMs;
const mostTracesInRequest = 5;
const longestGraphMs = 6 * hourMs;
const longestSummariesMs = 24 * hourMs;
/** Beyond them, the oldest go. */
const mostTraces = 10_000;
const mostSegments = 1_000;
const perPage = 100;

export function createXray(cloud: Cloud): Service<'xray'> {
  const traces = cloud.collection<Trace>('xray.traces');
  const segmentsOf = ({ documents }: Trace) => Object.values(documents).map((text) => JSON.parse(text) as Segment);

  const keep = (segment: Segment, text: string): void => {
    const { trace_id: id } = segment;
    const documents = traces.get(id)?.documents ?? {};
    if (Object.keys(documents).length >= mostSegments) return;
    traces.set(id, { id, documents: { ...documents, [segment.id]: text } });
    const expired = cloud.now() - keptMs;
    for (const oldest of traces.keys()) {
      if (traces.size <= mostTraces && startOf(oldest) >= expired) break;
      traces.delete(oldest);
    }
  };

  const between = (from: number, to: number) =>
    traces.filter(({ id }) => startOf(id) >= from - 1000 && startOf(id) <= to);

  const operations: Operations<'xray'> = {
    PutTraceSegments: {
      members: ['TraceSegmentDocuments'],
      run({ TraceSegmentDocuments = [] }) {
        const UnprocessedTraceSegments = TraceSegmentDocuments.flatMap((text): UnprocessedTraceSegment[] => {
          const segment = readSegment(text);
          if (typeof segment === 'object') {
            keep(segment, text);
            return [];
          }
          return [{ ErrorCode: 'ParseError', Message: `Input segment/subsegment has an invalid ${segment}` }];
        });
        return { UnprocessedTraceSegments };
      },
    },

    GetTraceSummaries: {
      members: ['StartTime', 'EndTime', 'TimeRangeType', 'FilterExpression', 'NextToken'],
      run({ StartTime, EndTime, TimeRangeType = 'TraceId', FilterExpression, NextToken }) {
        checkConstraints('InvalidRequestException', [
          ['timeRangeType', TimeRangeType, { oneOf: ['TraceId', 'Event', 'Service'] }],
        ]);
        const range = rangeOf(StartTime, EndTime, longestSummariesMs);
        const passes = filterOf(FilterExpression);
        const isWithin = (segments: readonly Segment[]) => {
          if (TimeRangeType === 'TraceId') return true;
          const end = Math.max(...segments.map(endOf)) * 1000;
          return end >= range.from && end <= range.to;
        };
        const found = (TimeRangeType === 'TraceId' ? between(range.from, range.to) : [...traces.values()])
          .map((trace) => ({ id: trace.id, segments: segmentsOf(trace) }))
          .filter(({ segments }) => isWithin(segments))
          .map(({ id, segments }) => summaryOf(id, segments, cloud.accountId))
          .filter(passes);
        const page = pageFrom(found, { token: NextToken, most: perPage });
        if (page === undefined) throw invalid('Invalid NextToken');
        return {
          TraceSummaries: page.items,
          ApproximateTime: new Date(cloud.now()),
          TracesProcessedCount: found.length,
          ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
        };
      },
    },

    BatchGetTraces: {
      members: ['TraceIds'],
      run({ TraceIds = [] }) {
        if (TraceIds.length > mostTracesInRequest) throw invalid(`At most ${mostTracesInRequest} traces can be read`);
        const found = TraceIds.flatMap((id) => traces.get(id) ?? []);
        return {
          Traces: found.map((trace) => ({
            Id: trace.id,
            Duration: summaryOf(trace.id, segmentsOf(trace), cloud.accountId).Duration,
            LimitExceeded: false,
            Segments: Object.entries(trace.documents).map(([Id, Document]) => ({ Id, Document })),
          })),
          UnprocessedTraceIds: TraceIds.filter((id) => !traces.has(id)),
        };
      },
    },

    GetServiceGraph: {
      members: ['StartTime', 'EndTime'],
      run({ StartTime, EndTime }) {
        const { from, to } = rangeOf(StartTime, EndTime, longestGraphMs);
        return {
          StartTime,
          EndTime,
          Services: serviceGraph(between(from, to).map(segmentsOf), cloud.accountId),
          ContainsOldGroupVersions: false,
        };
      },
    },
  };
  return { name: 'xray', operations };
}

const invalid = (message: string) => new AwsError('InvalidRequestException', message);

/** The time in a trace's id, to the second. */
function startOf(traceId: string): number {
  return Number.parseInt(traceId.split('-')[1] ?? '0', 16) * 1000;
}

function rangeOf(start: Date | undefined, end: Date | undefined, longestMs: number) {
  if (start === undefined || end === undefined || start > end) throw invalid('StartTime is not before EndTime');
  const [from, to] = [start.getTime(), end.getTime()];
  if (to - from > longestMs) throw invalid(`Time range cannot be longer than ${longestMs / hourMs} hours`);
  return { from, to };
}

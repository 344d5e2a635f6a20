// Segment documents: what PutTraceSegments takes, and what the other operations read of them.
// https://docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-api.html#xray-api-segmentdocuments

export interface Subsegment {
  readonly id?: string;
  readonly name: string;
  /** Seconds since 1970. */
  readonly start_time: number;
  readonly end_time?: number;
  readonly fault?: boolean;
  readonly error?: boolean;
  readonly throttle?: boolean;
  /** `aws` for calls to AWS, `remote` for others. */
  readonly namespace?: string;
  readonly subsegments?: readonly Subsegment[];
}

export interface Segment extends Subsegment {
  readonly id: string;
  readonly trace_id: string;
  readonly parent_id?: string;
  /** `subsegment` if it was sent apart from its segment. */
  readonly type?: string;
  /** The type of resource, such as `AWS::Lambda`. */
  readonly origin?: string;
  readonly resource_arn?: string;
  readonly http?: {
    readonly request?: { readonly url?: string; readonly method?: string };
    readonly response?: { readonly status?: number };
  };
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
}

/** The segment, or which member is missing or wrong. */
export function readSegment(text: string): Segment | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'document';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'document';
  const { name, id, trace_id, start_time, end_time, in_progress } = parsed as Record<string, unknown>;
  if (typeof name !== 'string' || name === '' || name.length > 200) return 'name';
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return 'id';
  if (typeof trace_id !== 'string' || !/^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(trace_id)) return 'trace_id';
  if (typeof start_time !== 'number') return 'start_time';
  if (typeof end_time !== 'number' && in_progress !== true) return 'end_time';
  return parsed as Segment;
}

/** A segment or subsegment with those below it. */
export function* withSubsegments<S extends Subsegment>(segment: S): Generator<Subsegment> {
  yield segment;
  for (const below of segment.subsegments ?? []) yield* withSubsegments(below);
}

export const endOf = ({ start_time, end_time }: Subsegment): number => end_time ?? start_time;
export const durationOf = (segment: Subsegment): number => endOf(segment) - segment.start_time;

/** Segments that no other segment of the trace called. */
export function rootsOf(segments: readonly Segment[]): readonly Segment[] {
  const ids = new Set(segments.flatMap((segment) => [...withSubsegments(segment)].map(({ id }) => id)));
  return segments.filter(({ type, parent_id }) => type !== 'subsegment' && !ids.has(parent_id));
}

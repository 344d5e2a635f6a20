// A trace as spans: its segments and subsegments in the order of their calls, each with its time.
import type { Plain } from '../base/located.ts';

export interface TraceSpan {
  readonly name: string;
  /** How far below the first span it is. */
  readonly depth: number;
  /** Milliseconds from the beginning of the trace. */
  readonly start: number;
  /** Milliseconds. */
  readonly duration: number;
  /** `cold start`: the initialization of an execution environment. */
  readonly kind: 'service' | 'call' | 'cold start' | 'part';
  /** The type of AWS resource, such as `AWS::Lambda::Function`. */
  readonly origin: string | undefined;
  readonly failed: boolean;
}

/** https://docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-api.html#xray-api-segmentdocuments */
interface Segment {
  readonly id?: string;
  readonly parent_id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly origin?: string;
  readonly namespace?: string;
  readonly start_time?: number;
  readonly end_time?: number;
  readonly fault?: boolean;
  readonly error?: boolean;
  readonly subsegments?: readonly Segment[];
}

/** Documents that are no JSON objects are left out. */
export function spansOf(documents: readonly string[]): readonly TraceSpan[] {
  const segments = documents.flatMap((text): Segment[] => {
    const parsed = JSON.parse(text) as Plain;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? [parsed as Segment] : [];
  });
  const begin = Math.min(...segments.map(({ start_time = 0 }) => start_time));
  const below = grouped(segments);
  const ids = new Set(segments.flatMap((segment) => [...idsIn(segment)]));
  const walk = (segment: Segment, depth: number): readonly TraceSpan[] => {
    const { id = '', name = '', origin, start_time: start = begin, end_time: end = start } = segment;
    const children = [...(segment.subsegments ?? []), ...(below.get(id) ?? [])].sort(
      (a, b) => (a.start_time ?? 0) - (b.start_time ?? 0),
    );
    const span: TraceSpan = {
      name,
      depth,
      start: milliseconds(start - begin),
      duration: milliseconds(end - start),
      kind: kindOf(segment),
      origin,
      failed: segment.fault === true || segment.error === true,
    };
    return [span, ...children.flatMap((child) => walk(child, depth + 1))];
  };
  return segments
    .filter(({ parent_id }) => parent_id === undefined || !ids.has(parent_id))
    .sort((a, b) => (a.start_time ?? 0) - (b.start_time ?? 0))
    .flatMap((root) => walk(root, 0));
}

/** X-Ray's times are seconds, as binary fractions. */
const milliseconds = (seconds: number): number => Math.round(seconds * 1e5) / 100;

function grouped(segments: readonly Segment[]): ReadonlyMap<string, readonly Segment[]> {
  const below = new Map<string, Segment[]>();
  for (const segment of segments) {
    const { parent_id } = segment;
    if (parent_id !== undefined) below.set(parent_id, [...(below.get(parent_id) ?? []), segment]);
  }
  return below;
}

function* idsIn({ id, subsegments = [] }: Segment): Generator<string> {
  if (id !== undefined) yield id;
  for (const each of subsegments) yield* idsIn(each);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html */
function kindOf({ name, namespace, origin }: Segment): TraceSpan['kind'] {
  if (origin !== undefined) return 'service';
  if (name === 'Initialization' || name === 'Init') return 'cold start';
  return namespace === undefined ? 'part' : 'call';
}

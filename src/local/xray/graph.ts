// The service graph: which services called which, made of the segments of traces.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-gettingdata.html#xray-api-servicegraph
import type { Edge, Service, ServiceStatistics } from '@aws-sdk/client-xray';
import { durationOf, endOf, rootsOf, type Segment, type Subsegment, withSubsegments } from './segment.ts';

interface Counted {
  count: number;
  faults: number;
  errors: number;
  throttles: number;
  seconds: number;
  start: number;
  end: number;
}

interface Node extends Counted {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  /** Whether clients call it. */
  isRoot: boolean;
  /** Whether it has sent segments: others are known from those that call them. */
  isTraced: boolean;
  readonly edges: Map<Node, Counted>;
}

const nothing = (): Counted => ({
  count: 0,
  faults: 0,
  errors: 0,
  throttles: 0,
  seconds: 0,
  start: Number.POSITIVE_INFINITY,
  end: 0,
});

export function serviceGraph(traces: readonly (readonly Segment[])[], accountId: string): Service[] {
  const nodes = new Map<string, Node>();
  const nodeOf = (name: string, type: string): Node => {
    const key = `${type}\n${name}`;
    const fresh = { ...nothing(), id: nodes.size, name, type, isRoot: false, isTraced: false, edges: new Map() };
    const known = nodes.get(key) ?? fresh;
    nodes.set(key, known);
    return known;
  };
  const called = (from: Node, to: Node, call: Subsegment) => {
    const edge = from.edges.get(to) ?? nothing();
    from.edges.set(to, edge);
    add(edge, call);
  };
  for (const segments of traces) {
    const roots = new Set(rootsOf(segments));
    /** Where each segment and subsegment is. */
    const places = new Map<string, Node>();
    for (const segment of segments) {
      if (segment.type === 'subsegment') continue;
      const node = nodeOf(segment.name, segment.origin ?? 'remote');
      for (const { id } of withSubsegments(segment)) if (id !== undefined) places.set(id, node);
    }
    const answered = new Set(segments.map(({ parent_id }) => parent_id));
    for (const segment of segments) {
      const own = segment.type === 'subsegment' ? places.get(segment.parent_id ?? '') : places.get(segment.id);
      if (own === undefined) continue;
      if (segment.type !== 'subsegment') {
        add(own, segment);
        own.isTraced = true;
        own.isRoot ||= roots.has(segment);
        const caller = roots.has(segment) ? nodeOf(segment.name, 'client') : places.get(segment.parent_id ?? '');
        if (caller?.type === 'client') add(caller, segment);
        if (caller !== undefined && caller !== own) called(caller, own, segment);
      }
      // a call that no segment answers is a service without traces of its own
      for (const call of withSubsegments(segment)) {
        if (call.namespace === undefined || answered.has(call.id)) continue;
        const remote = nodeOf(call.name, call.namespace === 'aws' ? `AWS::${call.name}` : 'remote');
        add(remote, call);
        called(own, remote, call);
      }
    }
  }
  return [...nodes.values()].map((node) => describe(node, accountId));
}

function add(counted: Counted, call: Subsegment): void {
  counted.count += 1;
  counted.seconds += durationOf(call);
  counted.start = Math.min(counted.start, call.start_time);
  counted.end = Math.max(counted.end, endOf(call));
  if (call.throttle === true) counted.throttles += 1;
  if (call.fault === true) counted.faults += 1;
  else if (call.error === true) counted.errors += 1;
}

function describe({ id, name, type, isRoot, isTraced, edges, ...counted }: Node, AccountId: string): Service {
  return {
    ReferenceId: id,
    Name: name,
    Names: [name],
    ...(isRoot ? { Root: true } : {}),
    ...(type.startsWith('AWS::') ? { AccountId } : {}),
    Type: type,
    State: isTraced ? 'active' : 'unknown',
    ...times(counted),
    Edges: [...edges].map(
      ([to, calls]): Edge => ({
        ReferenceId: to.id,
        ...times(calls),
        SummaryStatistics: statistics(calls),
        Aliases: [],
      }),
    ),
    // a client sends nothing
    ...(type === 'client' ? {} : { SummaryStatistics: statistics(counted) }),
  };
}

const times = ({ start, end }: Counted) => ({ StartTime: new Date(start * 1000), EndTime: new Date(end * 1000) });

function statistics({ count, faults, errors, throttles, seconds }: Counted): ServiceStatistics {
  return {
    OkCount: count - faults - errors,
    ErrorStatistics: { ThrottleCount: throttles, OtherCount: errors - throttles, TotalCount: errors },
    FaultStatistics: { OtherCount: faults, TotalCount: faults },
    TotalCount: count,
    TotalResponseTime: seconds,
  };
}

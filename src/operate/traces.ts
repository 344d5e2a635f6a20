// fx traces: which services called which, the slowest traces, and how many calls of each function began cold, according to X-Ray.
import type { TracedCalls, TracedService, TraceSummary } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, identify } from './context.ts';
import { chosenFunctions, type Deployed, readDeployed } from './deployed.ts';
import { spansOf, type TraceSpan } from './trace-spans.ts';

export interface TraceOptions {
  /** Names or patterns with `*`. Empty: all functions. */
  readonly names: readonly string[];
  readonly since: (now: number) => Date;
  /** Only traces with an error or a fault. */
  readonly failed: boolean;
  /** How many of the slowest to show. */
  readonly most: number;
}

/** A caller, and whom it called. */
export interface MappedService extends TracedCalls {
  /** As in project.yml, for its functions. */
  readonly name: string;
  /** `function`, `client`, or the type that X-Ray has. */
  readonly type: string;
  readonly to: readonly (TracedCalls & { readonly name: string; readonly type: string })[];
}

export interface ShownTrace {
  readonly id: string;
  /** ISO 8601, to the second. */
  readonly time: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly failed: boolean;
  readonly throttled: boolean;
  readonly url: string | undefined;
  readonly method: string | undefined;
  readonly status: number | undefined;
  readonly spans: readonly TraceSpan[];
}

export interface Starts {
  /** In project.yml. */
  readonly name: string;
  readonly calls: number;
  readonly cold: number;
  /** Milliseconds of initialization of a cold start, at the median. */
  readonly initialization: number | undefined;
  /** Milliseconds of a call, without initialization, at the median. */
  readonly invocation: number | undefined;
}

export interface TraceReport {
  readonly project: string;
  readonly environment: string;
  readonly region: string;
  readonly since: Date;
  readonly until: Date;
  /** How many traces there are. */
  readonly found: number;
  /** Whether there are more than were read. */
  readonly isPartial: boolean;
  readonly services: readonly MappedService[];
  readonly starts: readonly Starts[];
  /** Slowest first. */
  readonly traces: readonly ShownTrace[];
  /** The chosen functions without active tracing. */
  readonly untraced: readonly string[];
}

/** GetServiceGraph refuses longer ranges: "Time range cannot be longer than 6 hours". */
const longestMs = 6 * 3_600_000;
const mostSummaries = 2_000;
/** Of so many of the newest traces, starts are counted: each costs a fifth of a call. */
const mostRead = 100;

export async function traces(environment: Environment, options: TraceOptions, context: Context): Promise<TraceReport> {
  const until = new Date(context.now());
  const since = options.since(until.getTime());
  if (since >= until) throw new FxError('USAGE', '--since is not in the past');
  if (until.getTime() - since.getTime() > longestMs) {
    throw new FxError('USAGE', '--since is more than 6 hours ago; X-Ray maps at most 6 hours at once');
  }
  await identify(environment, context);
  const deployed = await readDeployed(environment, context);
  const names = chosenFunctions(environment, options.names, deployed);
  const nameOf = namesInAws(deployed, Object.keys(deployed.functions));
  const chosen = namesInAws(deployed, names);
  const { aws } = context;
  // X-Ray can look for one service; for several, it is quicker to read all
  const [only] = chosen.size === 1 ? chosen.keys() : [];
  const filter = only === undefined ? undefined : `service("${only}")`;
  const [all, graph] = await Promise.all([
    aws.traces.summaries({ since, until, filter }, mostSummaries),
    aws.traces.graph(since, until),
  ]);
  const own = all.filter(({ services }) => services.some((service) => chosen.has(service)));
  const wanted = options.failed ? own.filter(({ hasFault, hasError }) => hasFault || hasError) : own;
  const slowest = [...wanted].sort((a, b) => b.duration - a.duration).slice(0, options.most);
  const newest = [...own].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, mostRead);
  const documents = await aws.traces.documents([...new Set([...slowest, ...newest].map(({ id }) => id))]);
  const spans = new Map([...documents].map(([id, texts]) => [id, spansOf(texts)]));
  return {
    project: environment.project,
    environment: environment.name,
    region: environment.region,
    since,
    until,
    found: own.length,
    isPartial: all.length === mostSummaries,
    services: mapOf(graph, { nameOf, chosen }),
    starts: startsOf(
      newest.flatMap(({ id }) => spans.get(id) ?? []),
      chosen,
    ),
    traces: slowest.map((summary) => shown(summary, spans.get(summary.id) ?? [], nameOf)),
    untraced: names.filter((name) => !isTraced(deployed, name)),
  };
}

type NameOf = ReadonlyMap<string, string>;

function namesInAws({ functions }: Deployed, names: readonly string[]): NameOf {
  return new Map(names.map((name) => [functions[name]?.physicalName ?? name, name]));
}

function isTraced({ template }: Deployed, name: string): boolean {
  const { TracingConfig } = template.Resources[functionIdsIn(template, name).function]?.Properties ?? {};
  return (TracingConfig as { readonly Mode?: unknown } | undefined)?.Mode === 'Active';
}

function shown(
  { id, duration, hasFault, hasError, hasThrottle, url, method, status }: TraceSummary,
  spans: readonly TraceSpan[],
  nameOf: NameOf,
): ShownTrace {
  return {
    id,
    time: new Date(Number.parseInt(id.split('-')[1] ?? '0', 16) * 1000).toISOString(),
    duration: duration * 1000,
    failed: hasFault || hasError,
    throttled: hasThrottle,
    url,
    method,
    status,
    spans: spans.map((span) => ({ ...span, name: nameOf.get(span.name) ?? span.name })),
  };
}

/** Lambda and the function are two services of X-Ray, with one name: one here. Only what the chosen functions take part in. */
function mapOf(
  graph: readonly TracedService[],
  { nameOf, chosen }: { readonly nameOf: NameOf; readonly chosen: NameOf },
): readonly MappedService[] {
  const isLambda = ({ type }: TracedService) => type === 'AWS::Lambda' || type === 'AWS::Lambda::Function';
  const named = (service: TracedService) => ({
    name: nameOf.get(service.name) ?? service.name,
    type: isLambda(service) ? 'function' : service.type,
  });
  const byId = new Map(graph.map((service) => [service.id, service]));
  const keyOf = (service: TracedService) => JSON.stringify(named(service));
  const merged = new Map<string, TracedService[]>();
  for (const service of graph) merged.set(keyOf(service), [...(merged.get(keyOf(service)) ?? []), service]);
  return [...merged].flatMap(([key, services]): readonly MappedService[] => {
    const [first] = services;
    if (first === undefined) return [];
    const edges = services.flatMap((service) => service.edges);
    const to = edges.flatMap(({ to: id, ...calls }) => {
      const target = byId.get(id);
      return target === undefined || keyOf(target) === key ? [] : [{ ...calls, ...named(target) }];
    });
    const isOwn = chosen.has(first.name) || edges.some(({ to: id }) => chosen.has(byId.get(id)?.name ?? ''));
    if (!isOwn) return [];
    // what the function did, rather than whether Lambda took the call
    const counted = services.find(({ type }) => type === 'AWS::Lambda::Function') ?? first;
    return [{ ...named(first), ...(first.type === 'client' ? sumOf(to) : onlyCalls(counted)), to }];
  });
}

const onlyCalls = ({ calls, errors, faults, seconds }: TracedCalls): TracedCalls => ({
  calls,
  errors,
  faults,
  seconds,
});

/** X-Ray has no statistics of clients. */
function sumOf(all: readonly TracedCalls[]): TracedCalls {
  const sum = (of: (calls: TracedCalls) => number) => all.reduce((total, calls) => total + of(calls), 0);
  return {
    calls: sum(({ calls }) => calls),
    errors: sum(({ errors }) => errors),
    faults: sum(({ faults }) => faults),
    seconds: sum(({ seconds }) => seconds),
  };
}

function startsOf(spans: readonly TraceSpan[], chosen: NameOf): readonly Starts[] {
  return [...chosen].flatMap(([physicalName, name]) => {
    const calls: { readonly init: number | undefined; readonly invocation: number }[] = [];
    spans.forEach((span, index) => {
      if (span.name !== physicalName || span.origin !== 'AWS::Lambda::Function') return;
      const end = spans.findIndex((other, place) => place > index && other.depth <= span.depth);
      const parts = spans
        .slice(index + 1, end === -1 ? undefined : end)
        .filter(({ depth }) => depth === span.depth + 1);
      const init = parts.find(({ kind }) => kind === 'cold start')?.duration;
      const invocation = parts.find((part) => part.name === 'Invocation')?.duration ?? span.duration;
      calls.push({ init, invocation });
    });
    if (calls.length === 0) return [];
    const cold = calls.flatMap(({ init }) => init ?? []);
    return [
      {
        name,
        calls: calls.length,
        cold: cold.length,
        initialization: median(cold),
        invocation: median(calls.map(({ invocation }) => invocation)),
      },
    ];
  });
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

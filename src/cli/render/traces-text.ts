// fx traces as text: who called whom, cold starts, and the slowest traces as waterfalls.
import type { TracedCalls } from '../../aws/aws.ts';
import { shortList } from '../../base/short-list.ts';
import type { TraceSpan } from '../../operate/trace-spans.ts';
import type { MappedService, ShownTrace, Starts, TraceReport } from '../../operate/traces.ts';
import { type Column, columnsText } from './columns.ts';
import { countText, durationText, shareText } from './numbers.ts';
import { timeText } from './release-text.ts';
import { type Style, style } from './style.ts';

export interface TracesTextOptions {
  readonly color: boolean;
  /** Undefined for a pipe. */
  readonly columns: number | undefined;
}

const pipeColumns = 100;
const nameColumns = 34;
const timeColumns = 9;

export function tracesText(report: TraceReport, options: TracesTextOptions): string {
  const paint = style(options.color);
  const { since, until, found, isPartial, services, starts, traces, untraced } = report;
  const range = `${timeText(since.toISOString())} to ${timeText(until.toISOString())} UTC`;
  const count = `${isPartial ? 'more than ' : ''}${found} ${found === 1 ? 'trace' : 'traces'}`;
  const sections = [
    [paint.dim(`${range}, ${count}`)],
    untraced.length === 0 ? [] : [paint.yellow(untracedText(untraced, found))],
    mapLines(services, paint),
    starts.length === 0 ? [] : columnsText(starts, startColumns, options.columns, paint.bold),
    ...traces.map((trace) => waterfall(trace, options.columns ?? pipeColumns, options.columns !== undefined, paint)),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function untracedText(names: readonly string[], found: number): string {
  const state = found === 0 && names.length > 0 ? 'are not traced' : 'are traced only when their callers are';
  return `${shortList(names, 5)} ${names.length === 1 ? state.replace('are', 'is').replace('their callers are', 'its caller is') : state}: put tracing: Active into project.yml`;
}

/** Each service, callers from outside first, with a line for each service that it called. */
function mapLines(services: readonly MappedService[], paint: Style): readonly string[] {
  const rank = ({ type }: MappedService) => (type === 'client' ? 0 : type === 'function' ? 1 : 2);
  return services
    .filter(({ type, to }) => type === 'function' || to.length > 0)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'))
    .flatMap((service) => [
      `${paint.bold(serviceName(service))}${service.type === 'client' ? '' : `  ${callsText(service, paint)}`}`,
      ...service.to.map((target) => `  → ${serviceName(target)}  ${callsText(target, paint)}`),
    ]);
}

function serviceName({ name, type }: Pick<MappedService, 'name' | 'type'>): string {
  if (type === 'client') return `callers of ${name}`;
  return type === 'function' || type === 'remote' ? name : `${name} (${type.replace(/^AWS::/, '')})`;
}

function callsText({ calls, faults, errors, seconds }: TracedCalls, { red, dim }: Style): string {
  const mean = calls === 0 ? undefined : (seconds / calls) * 1000;
  const failed = faults + errors;
  const failures = failed === 0 ? '' : `, ${red(`${shareText(failed, calls)} failed`)}`;
  return `${countText(calls)} ${calls === 1 ? 'call' : 'calls'}${failures}${dim(`, ${durationText(mean)} each`)}`;
}

const startColumns: readonly Column<Starts>[] = [
  { title: 'function', align: 'left', rank: 0, text: ({ name }) => name },
  { title: 'traced', align: 'right', rank: 0, text: ({ calls }) => countText(calls) },
  { title: 'cold starts', align: 'right', rank: 0, text: ({ cold, calls }) => shareText(cold, calls) },
  { title: 'initialization', align: 'right', rank: 1, text: ({ initialization }) => durationText(initialization) },
  { title: 'invocation', align: 'right', rank: 0, text: ({ invocation }) => durationText(invocation) },
];

function waterfall(trace: ShownTrace, columns: number, isTerminal: boolean, paint: Style): readonly string[] {
  const { id, time, duration, failed, throttled, url, method, status, spans } = trace;
  const facts = [
    timeText(time),
    durationText(duration),
    method,
    url,
    status === undefined ? undefined : String(status),
  ];
  const state = throttled ? 'throttled' : failed ? 'failed' : undefined;
  const head = [paint.bold(id), ...facts.filter((fact) => fact !== undefined), ...(state ? [paint.red(state)] : [])];
  const first = Math.min(0, ...spans.map(({ start }) => start));
  const total = Math.max(1, ...spans.map((span) => span.start + span.duration)) - first;
  const width = Math.max(10, columns - nameColumns - timeColumns - 2);
  const lines = spans.map((span) => {
    const from = Math.min(width - 1, Math.floor(((span.start - first) / total) * width));
    const length =
      span.duration === 0 ? 0 : Math.max(1, Math.min(width - from, Math.round((span.duration / total) * width)));
    const bar = (isTerminal ? '█' : '#').repeat(length);
    const name = fitted(`${'  '.repeat(span.depth)}${labelOf(span)}`, nameColumns).padEnd(nameColumns);
    const label = `${name}${durationText(span.duration).padStart(timeColumns)}`;
    return length === 0 ? label : `${label}  ${' '.repeat(from)}${hueOf(span, paint)(bar)}`;
  });
  return [head.join('  '), ...lines];
}

function labelOf({ name, kind, origin }: TraceSpan): string {
  if (kind === 'cold start') return 'cold start';
  return origin === 'AWS::Lambda' ? `${name} (Lambda)` : name;
}

function hueOf({ failed, kind }: TraceSpan, { red, magenta, cyan, blue, green }: Style): Style['red'] {
  if (failed) return red;
  if (kind === 'cold start') return magenta;
  return kind === 'service' ? cyan : kind === 'call' ? blue : green;
}

function fitted(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}

// How long calls took: percentiles, cold starts apart, and a histogram.
import type { MeasuredCall } from '../../operate/invoke.ts';
import { columnsText, textColumns } from './columns.ts';

export interface Percentiles {
  readonly calls: number;
  /** Milliseconds. */
  readonly least: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

export interface Latency {
  readonly calls: number;
  readonly failed: number;
  /** As the caller saw them: from the request to the whole response. */
  readonly warm: Percentiles | undefined;
  /** Calls that started an execution environment. */
  readonly cold: Percentiles | undefined;
  /** As Lambda reports them. */
  readonly duration: Percentiles | undefined;
  readonly initialization: Percentiles | undefined;
  /** MB. */
  readonly mostMemoryUsed: number | undefined;
}

export function latencyOf(calls: readonly MeasuredCall[]): Latency {
  const isCold = ({ report }: MeasuredCall) => report?.initialization !== undefined;
  const reports = calls.flatMap(({ report }) => report ?? []);
  const times = (of: readonly MeasuredCall[]) => percentilesOf(of.map(({ ms }) => ms));
  return {
    calls: calls.length,
    failed: calls.filter(({ failed }) => failed).length,
    warm: times(calls.filter((call) => !isCold(call))),
    cold: times(calls.filter(isCold)),
    duration: percentilesOf(reports.map(({ duration }) => duration)),
    initialization: percentilesOf(reports.flatMap(({ initialization }) => initialization ?? [])),
    mostMemoryUsed: reports.length === 0 ? undefined : Math.max(...reports.map(({ memoryUsed }) => memoryUsed)),
  };
}

/** By the nearest rank. Undefined for no values. */
export function percentilesOf(values: readonly number[]): Percentiles | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  if (sorted.length === 0) return undefined;
  return { calls: sorted.length, least: rank(0), p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), most: rank(1) };
}

export function latencyText(calls: readonly MeasuredCall[], columns: number): string {
  const latency = latencyOf(calls);
  const rows: readonly (readonly [string, Percentiles | undefined])[] = [
    ['warm', latency.warm],
    ['cold', latency.cold],
    ['in the function', latency.duration],
    ['initialization', latency.initialization],
  ];
  const cells = rows.flatMap(([name, of]) =>
    of === undefined ? [] : [[name, String(of.calls), ...[of.least, of.p50, of.p90, of.p99, of.most].map(shown)]],
  );
  const memory = latency.mostMemoryUsed === undefined ? '' : `, at most ${latency.mostMemoryUsed} MB used`;
  return [
    `${latency.calls} calls, ${latency.failed} failed${memory}`,
    '',
    ...columnsText(cells, titles),
    '',
    ...histogram(
      calls.map(({ ms }) => ms),
      columns,
    ),
  ].join('\n');
}

const titles = textColumns(['ms', 'calls', 'least', 'p50', 'p90', 'p99', 'most'], [0]);

const shown = (ms: number): string => (ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2));

/** Each bar is for times up to twice those of the bar before. */
function histogram(times: readonly number[], columns: number): readonly string[] {
  const bucketOf = (ms: number) => Math.max(0, Math.ceil(Math.log2(Math.max(ms, 0.001))));
  const counts = new Map<number, number>();
  for (const ms of times) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1);
  const buckets = [...counts.keys()];
  const [first, last] = [Math.min(...buckets), Math.max(...buckets)];
  const most = Math.max(...counts.values());
  const labels = Array.from({ length: last - first + 1 }, (_, index) => `≤ ${2 ** (first + index)} ms`);
  const width = Math.max(...labels.map((label) => label.length));
  const room = Math.max(10, Math.min(60, columns - width - 10));
  return labels.map((label, index) => {
    const count = counts.get(first + index) ?? 0;
    const bar = '█'.repeat(Math.ceil((count / most) * room));
    return `${label.padStart(width)}  ${bar}${bar === '' ? '' : ' '}${count}`;
  });
}

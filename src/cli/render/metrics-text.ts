// fx metrics as text: a table of functions and one of APIs, and in a terminal their charts.
import type { ApiMetrics, FunctionMetrics, MarkedRelease, Metrics } from '../../operate/metrics.ts';
import { type Chart, type ChartLine, chartText, sparkline, type Values } from './chart.ts';
import { type Column, columnsText } from './columns.ts';
import { countText, durationText, periodText, shareText } from './numbers.ts';
import { originText, timeText } from './release-text.ts';
import { type Style, style } from './style.ts';

export interface MetricsTextOptions {
  readonly color: boolean;
  /** Undefined for a pipe, which gets the whole table and no chart. */
  readonly columns: number | undefined;
}

/** Of so many functions, each has its own charts; of more, they have one together. */
const mostCharts = 3;
const chartRows = 5;
const sparkColumns = 16;
/** CloudWatch shows what happened after a minute or two. */
const nothing = 'Nothing was called in that time. CloudWatch shows calls after a minute or two.';

export function metricsText(metrics: Metrics, options: MetricsTextOptions): string {
  const paint = style(options.color);
  const { functions, apis, releases, times } = metrics;
  const head = `${timeText(times.since.toISOString())} to ${timeText(times.until.toISOString())} UTC, by ${periodText(times.periodSeconds)}`;
  const called = functions.filter(({ measures }) => (measures.invocations.whole ?? measures.throttles.whole ?? 0) > 0);
  const isEmpty = called.length === 0 && apis.every(({ measures }) => measures.requests.whole === undefined);
  const sections = [
    [paint.dim(head)],
    functions.length === 0
      ? []
      : columnsText(functions, functionColumns(functions, options, paint), options.columns, paint.bold),
    apis.length === 0 ? [] : columnsText(apis, apiColumns(options, paint), options.columns, paint.bold),
    isEmpty ? [nothing] : [],
    ...(options.columns === undefined || isEmpty ? [] : charts(metrics, called, options.columns, paint)),
    releases.map((release) => releaseText(release, paint)),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function functionColumns(
  functions: readonly FunctionMetrics[],
  { columns }: MetricsTextOptions,
  paint: Style,
): readonly Column<FunctionMetrics>[] {
  const alarmed = (value: number | undefined) => (text: string) => (value ? paint.red(text) : text);
  const has = (measure: keyof FunctionMetrics['measures']) =>
    functions.some(({ measures }) => (measures[measure]?.whole ?? 0) > 0);
  const isSplit = functions.some(({ of }) => of !== undefined);
  const all: readonly (Column<FunctionMetrics> | false)[] = [
    { title: 'function', align: 'left', rank: 0, text: ({ name }) => name },
    isSplit && { title: 'of', align: 'left', rank: 0, text: ofText },
    { title: 'calls', align: 'right', rank: 0, text: ({ measures }) => countText(measures.invocations.whole) },
    columns !== undefined && {
      title: 'over time',
      align: 'left',
      rank: 6,
      text: ({ measures }) => sparkline(measures.invocations.values, sparkColumns),
      paint: paint.cyan,
    },
    {
      title: 'errors',
      align: 'right',
      rank: 0,
      text: ({ measures: { errors, invocations } }) => shareText(errors.whole, invocations.whole),
      paint: (text, { measures }) => alarmed(measures.errors.whole)(text),
    },
    {
      title: 'throttles',
      align: 'right',
      rank: 3,
      text: ({ measures }) => countText(measures.throttles.whole),
      paint: (text, { measures }) => alarmed(measures.throttles.whole)(text),
    },
    { title: 'p50', align: 'right', rank: 4, text: ({ measures }) => durationText(measures.p50.whole) },
    { title: 'p95', align: 'right', rank: 1, text: ({ measures }) => durationText(measures.p95.whole) },
    { title: 'p99', align: 'right', rank: 2, text: ({ measures }) => durationText(measures.p99.whole) },
    !isSplit && {
      title: 'at once',
      align: 'right',
      rank: 5,
      text: ({ measures }) => countText(measures.concurrency?.whole),
    },
    functions.some(({ measures }) => measures.iteratorAge !== undefined) && {
      title: 'behind',
      align: 'right',
      rank: 3,
      text: ({ measures: { iteratorAge } }) => (iteratorAge === undefined ? '' : durationText(iteratorAge.whole)),
    },
    has('asyncDropped') && {
      title: 'dropped',
      align: 'right',
      rank: 1,
      text: ({ measures }) => countText(measures.asyncDropped.whole),
      paint: (text, { measures }) => alarmed(measures.asyncDropped.whole)(text),
    },
    has('deadLetterErrors') && {
      title: 'lost',
      align: 'right',
      rank: 1,
      text: ({ measures }) => countText(measures.deadLetterErrors.whole),
      paint: (text, { measures }) => alarmed(measures.deadLetterErrors.whole)(text),
    },
  ];
  return all.filter((column) => column !== false);
}

/** `live`, `live@12, release 7`. */
function ofText({ of = '', release }: FunctionMetrics): string {
  return release === undefined ? of : `${of}, release ${release}`;
}

function apiColumns({ columns }: MetricsTextOptions, paint: Style): readonly Column<ApiMetrics>[] {
  const all: readonly (Column<ApiMetrics> | false)[] = [
    { title: 'API', align: 'left', rank: 0, text: ({ name }) => name },
    { title: 'requests', align: 'right', rank: 0, text: ({ measures }) => countText(measures.requests.whole) },
    columns !== undefined && {
      title: 'over time',
      align: 'left',
      rank: 6,
      text: ({ measures }) => sparkline(measures.requests.values, sparkColumns),
      paint: paint.cyan,
    },
    {
      title: '4xx',
      align: 'right',
      rank: 0,
      text: ({ measures: { clientErrors, requests } }) => shareText(clientErrors.whole, requests.whole),
      paint: (text, { measures }) => (measures.clientErrors.whole ? paint.yellow(text) : text),
    },
    {
      title: '5xx',
      align: 'right',
      rank: 0,
      text: ({ measures: { serverErrors, requests } }) => shareText(serverErrors.whole, requests.whole),
      paint: (text, { measures }) => (measures.serverErrors.whole ? paint.red(text) : text),
    },
    { title: 'p50', align: 'right', rank: 3, text: ({ measures }) => durationText(measures.p50.whole) },
    { title: 'p95', align: 'right', rank: 1, text: ({ measures }) => durationText(measures.p95.whole) },
    { title: 'p99', align: 'right', rank: 2, text: ({ measures }) => durationText(measures.p99.whole) },
  ];
  return all.filter((column) => column !== false);
}

function charts(
  { times, releases }: Metrics,
  called: readonly FunctionMetrics[],
  columns: number,
  paint: Style,
): readonly (readonly string[])[] {
  const chart = (title: string, format: Chart['format'], ...lines: readonly ChartLine[]) =>
    chartText(
      {
        title,
        lines,
        from: times.since.getTime(),
        to: times.until.getTime(),
        marks: releases.map(({ number, time }) => ({ at: Date.parse(time), text: `▲${number}` })),
        columns,
        rows: chartRows,
        format,
      },
      paint,
    );
  const calls = (title: string, invocations: Values, errors: Values) =>
    chart(
      title,
      countText,
      { name: 'calls', values: invocations.map((value) => value ?? 0), hue: 'cyan' },
      // a line along the axis would say nothing
      { name: 'errors', values: errors.map((value) => value || undefined), hue: 'red' },
    );
  if (called.length > mostCharts) {
    const all = (measure: 'invocations' | 'errors') => summed(called.map(({ measures }) => measures[measure].values));
    return [
      calls('all functions', all('invocations'), all('errors')),
      [paint.dim('Name up to three functions to see their charts.')],
    ];
  }
  return called.flatMap(({ name, of, measures }) => {
    const title = of === undefined ? name : `${name} ${of}`;
    return [
      calls(title, measures.invocations.values, measures.errors.values),
      chart(
        `${title}, duration`,
        durationText,
        { name: 'p99', values: measures.p99.values, hue: 'magenta' },
        { name: 'p95', values: measures.p95.values, hue: 'yellow' },
        { name: 'p50', values: measures.p50.values, hue: 'green' },
      ),
    ];
  });
}

function summed(series: readonly Values[]): Values {
  return Array.from({ length: Math.max(0, ...series.map(({ length }) => length)) }, (_, index) => {
    const present = series.map((values) => values[index]).filter((value) => value !== undefined);
    return present.length === 0 ? undefined : present.reduce((sum, value) => sum + value, 0);
  });
}

/** `▲ 12  2026-11-26 08:00:14  deploy  1a2b3c4  Faster checkout`. */
function releaseText(release: MarkedRelease, { yellow, dim }: Style): string {
  const rest = [originText(release), release.commit, release.message].filter((text) => text !== undefined);
  return `${yellow(`▲ release ${release.number}`)}  ${timeText(release.time)}  ${dim(rest.join('  '))}`;
}

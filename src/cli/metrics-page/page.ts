// The page of `fx metrics --html`, in a browser: tables, and a section of plots for each function and API.
import type { Measured, MetricsJson } from '../render/metrics-json.ts';
import { countText, durationText, periodText, shareText } from '../render/numbers.ts';
import { type Hue, type PlotLine, Plots } from './plots.ts';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as MetricsJson;
const page = document.getElementById('page') as HTMLElement;

const since = Date.parse(data.since) / 1000;
const count = Math.max(0, ...[...data.functions, ...data.apis].flatMap(({ values }) => lengths(values)));
const times = Array.from({ length: count }, (_, index) => since + index * data.periodSeconds);

function lengths(values: Measured['values']): readonly number[] {
  return Object.values(values).map(({ length }) => length);
}

type Child = Node | string;

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const localTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const timeText = (iso: string) => localTime.format(new Date(iso));

const shown = element('output', {});
const reset = element('button', { type: 'button', disabled: '' }, 'Show all of the time');
const plots = new Plots({
  times,
  marks: data.releases.map(({ number, time }) => ({ at: Date.parse(time) / 1000, text: `#${number}` })),
  zoomed: (from, to, isZoomed) => {
    reset.disabled = !isZoomed;
    const range = [from, to].map((seconds) => new Date(seconds * 1000));
    shown.textContent = isZoomed ? localTime.formatRange(range[0] ?? 0, range[1] ?? 0) : '';
  },
});
reset.addEventListener('click', () => plots.reset());

interface Column<Row> {
  readonly title: string;
  text(row: Row): string;
  isBad?(row: Row): boolean;
}

/** The first column links to the row's section. */
function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], idOf: (row: Row) => string): HTMLElement {
  const cells = (row: Row) =>
    columns.map((column, index) => {
      const text = column.text(row);
      const attributes = column.isBad?.(row) === true ? { class: 'bad' } : {};
      return element('td', attributes, index === 0 ? element('a', { href: `#${idOf(row)}` }, text) : text);
    });
  return element(
    'div',
    { class: 'table' },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...columns.map(({ title }) => element('th', {}, title)))),
      element('tbody', {}, ...rows.map((row) => element('tr', { 'data-of': idOf(row) }, ...cells(row)))),
    ),
  );
}

type Fn = MetricsJson['functions'][number];
type Api = MetricsJson['apis'][number];

const functionTitle = ({ name, of, release }: Fn) =>
  `${name}${of === undefined ? '' : ` ${of}`}${release === undefined ? '' : ` (release ${release})`}`;
const functionId = ({ name, of }: Fn) => `function-${name}${of === undefined ? '' : `-${of}`}`;
const apiId = ({ name }: Api) => `api-${name}`;
const known = (value: number | null | undefined) => value ?? undefined;
const isPositive = (name: string) => (row: Measured) => (row.whole[name] ?? 0) > 0;
const counted = (title: string, name: string) => ({
  title,
  text: ({ whole }: Measured) => countText(known(whole[name])),
});
const timed = (title: string, name: string) => ({
  title,
  text: ({ whole }: Measured) => durationText(known(whole[name])),
});
const shared = (title: string, name: string, of: string) => ({
  title,
  text: ({ whole }: Measured) => shareText(known(whole[name]), known(whole[of])),
  isBad: isPositive(name),
});
const percentiles = ['p50', 'p95', 'p99'].map((name) => timed(name, name));
const has = (name: string) => data.functions.some(isPositive(name));

const functionColumns: readonly Column<Fn>[] = [
  { title: 'Function', text: functionTitle },
  counted('calls', 'invocations'),
  shared('errors', 'errors', 'invocations'),
  { ...counted('throttles', 'throttles'), isBad: isPositive('throttles') },
  ...percentiles,
  counted('at once', 'concurrency'),
  ...(data.functions.some(({ whole }) => 'iteratorAge' in whole) ? [timed('behind', 'iteratorAge')] : []),
  ...(has('asyncDropped') ? [{ ...counted('dropped', 'asyncDropped'), isBad: isPositive('asyncDropped') }] : []),
  ...(has('deadLetterErrors')
    ? [{ ...counted('lost', 'deadLetterErrors'), isBad: isPositive('deadLetterErrors') }]
    : []),
];
const apiColumns: readonly Column<Api>[] = [
  { title: 'API', text: ({ name }) => name },
  counted('requests', 'requests'),
  shared('4xx', 'clientErrors', 'requests'),
  shared('5xx', 'serverErrors', 'requests'),
  ...percentiles,
];

interface ChartOf {
  readonly title: string;
  readonly unit: 'count' | 'time';
  /** Names of measures, what they are called, and their colour. */
  readonly lines: readonly (readonly [measure: string, name: string, hue: Hue])[];
  /** Left out without data. */
  readonly isOptional?: true;
}

const durations = [
  ['p99', 'p99', 'purple'],
  ['p95', 'p95', 'amber'],
  ['p50', 'p50', 'green'],
] as const;
const functionCharts: readonly ChartOf[] = [
  {
    title: 'Calls',
    unit: 'count',
    lines: [
      ['invocations', 'calls', 'blue'],
      ['errors', 'errors', 'red'],
      ['throttles', 'throttles', 'amber'],
    ],
  },
  { title: 'Duration', unit: 'time', lines: durations },
  { title: 'Calls at once', unit: 'count', lines: [['concurrency', 'at once', 'blue']], isOptional: true },
  {
    title: 'Age of the newest records read',
    unit: 'time',
    lines: [['iteratorAge', 'behind', 'purple']],
    isOptional: true,
  },
  {
    title: 'Events lost',
    unit: 'count',
    lines: [
      ['asyncDropped', 'dropped', 'red'],
      ['deadLetterErrors', 'not in the dead-letter queue', 'amber'],
    ],
    isOptional: true,
  },
];
const apiCharts: readonly ChartOf[] = [
  {
    title: 'Requests',
    unit: 'count',
    lines: [
      ['requests', 'requests', 'blue'],
      ['clientErrors', '4xx', 'amber'],
      ['serverErrors', '5xx', 'red'],
    ],
  },
  { title: 'Latency', unit: 'time', lines: durations },
];

function section(id: string, title: string, { values, whole }: Measured, charts: readonly ChartOf[]): HTMLElement {
  const shown = charts.filter(({ lines, isOptional }) => {
    return isOptional === undefined || lines.some(([measure]) => (whole[measure] ?? null) !== null);
  });
  const places = shown.map(({ title: name, unit, lines }) => {
    const place = element('div', { class: 'chart' }, element('h3', {}, name));
    const drawn = lines.flatMap(([measure, label, hue]): readonly PlotLine[] => {
      const series = values[measure];
      return series === undefined ? [] : [{ name: label, hue, values: series, isCount: unit === 'count' }];
    });
    plots.add(place, drawn, unit === 'count' ? countText : durationText);
    return place;
  });
  return element(
    'section',
    { id, 'data-name': title },
    element('h2', {}, title),
    element('div', { class: 'charts' }, ...places),
  );
}

const search = element('input', { type: 'search', placeholder: 'Function', 'aria-label': 'Show functions with' });
search.addEventListener('input', () => {
  for (const fn of data.functions) {
    const isHidden = !functionTitle(fn).toLowerCase().includes(search.value.toLowerCase());
    const id = functionId(fn);
    for (const each of document.querySelectorAll<HTMLElement>(`[data-of="${CSS.escape(id)}"], #${CSS.escape(id)}`)) {
      each.hidden = isHidden;
    }
  }
});

const isEmpty = [...data.functions, ...data.apis].every(
  ({ whole }) => (whole['invocations'] ?? whole['requests'] ?? 0) === 0,
);
page.append(
  element('h1', {}, `${data.project} · ${data.environment} · ${data.region}`),
  element(
    'p',
    {},
    `${timeText(data.since)} to ${timeText(data.until)}, by ${periodText(data.periodSeconds)}. Drag in a chart to zoom all of them; double-click to show all.`,
  ),
  element('div', { class: 'bar' }, ...(data.functions.length > 1 ? [search] : []), reset, shown),
  ...(isEmpty ? [element('p', {}, 'Nothing was called in that time.')] : []),
  ...(data.functions.length > 0 ? [table(data.functions, functionColumns, functionId)] : []),
  ...(data.apis.length > 0 ? [table(data.apis, apiColumns, apiId)] : []),
  element(
    'ul',
    { class: 'releases' },
    ...data.releases.map(({ number, time, origin, commit, message }) =>
      element(
        'li',
        {},
        element('b', {}, `#${number}`),
        ` ${[timeText(time), origin.kind, commit, message].filter((text) => text !== undefined).join(' · ')}`,
      ),
    ),
  ),
  ...data.apis.map((api) => section(apiId(api), api.name, api, apiCharts)),
  ...data.functions.map((fn) => section(functionId(fn), functionTitle(fn), fn, functionCharts)),
);

// Charts for a terminal: lines of braille dots over a time axis, with marks.
import type { Style } from './style.ts';

export type Values = readonly (number | undefined)[];

export interface ChartLine {
  readonly name: string;
  readonly values: Values;
  readonly hue: keyof Style;
}

/** Something that happened at a time. */
export interface ChartMark {
  /** Milliseconds. */
  readonly at: number;
  readonly text: string;
}

export interface Chart {
  readonly title: string;
  /** The last is drawn over the others. */
  readonly lines: readonly ChartLine[];
  readonly from: number;
  readonly to: number;
  readonly marks: readonly ChartMark[];
  /** Of the whole chart. */
  readonly columns: number;
  /** Of the plot. */
  readonly rows: number;
  format(value: number): string;
}

/** Of the labels and the space after them, unless one is longer, such as `16.7 min`. */
const usualAxisWidth = 8;
/** The bits of a braille cell's dots, by column and row. https://www.unicode.org/charts/PDF/U2800.pdf */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const cellRows = 4;
const cellColumns = 2;
const blank = 0x2800;

/** One value for each column of dots: the largest of those that fall into it. */
export function resampled(values: Values, count: number): Values {
  return Array.from({ length: count }, (_, column) => {
    const first = Math.floor((column * values.length) / count);
    const last = Math.max(first + 1, Math.floor(((column + 1) * values.length) / count));
    const present = values.slice(first, last).filter((value) => value !== undefined);
    return present.length === 0 ? undefined : Math.max(...present);
  });
}

interface Cell {
  dots: number;
  hue: keyof Style;
}

/** Lines of text, none longer than the columns. */
export function chartText(chart: Chart, style: Style): readonly string[] {
  const top = niceTop(
    Math.max(0, ...chart.lines.flatMap(({ values }) => values.filter((value) => value !== undefined))),
  );
  const axisWidth = Math.max(usualAxisWidth, ...[top, 0].map((value) => chart.format(value).length + 1));
  const width = Math.max(10, chart.columns - axisWidth - 1);
  const cells = drawn(chart, width, top);
  const marks = chart.marks.map((mark) => ({ ...mark, column: columnOf(mark.at, chart, width) }));
  const marked = new Set(marks.map(({ column }) => column));
  const plot = cells.map((row, index) => {
    const label = index === 0 ? chart.format(top) : index === cells.length - 1 ? chart.format(0) : '';
    return `${style.dim(`${label.padStart(axisWidth - 1)} ┤`)}${rowText(row, marked, style)}`;
  });
  const legend = chart.lines.map(({ name, hue }) => `${style[hue]('━')} ${name}`).join('  ');
  return [
    `${style.bold(chart.title)}  ${legend}`,
    ...plot,
    `${' '.repeat(axisWidth)}${style.dim(`└${timeAxis(chart, width)}`)}`,
    ...markLines(marks, width).map((line) => `${' '.repeat(axisWidth + 1)}${style.yellow(line)}`),
  ];
}

function drawn({ lines, rows }: Chart, width: number, top: number): readonly (readonly Cell[])[] {
  const cells = Array.from({ length: rows }, () =>
    Array.from({ length: width }, (): Cell => ({ dots: 0, hue: 'dim' })),
  );
  const height = rows * cellRows;
  const light = (x: number, y: number, hue: keyof Style) => {
    const cell = cells[rows - 1 - Math.floor(y / cellRows)]?.[Math.floor(x / cellColumns)];
    const bit = dots[x % cellColumns === 0 ? 0 : 1][cellRows - 1 - (y % cellRows)];
    if (cell === undefined || bit === undefined) return;
    cell.dots |= bit;
    cell.hue = hue;
  };
  for (const { values, hue } of lines) {
    let before: number | undefined;
    const step = values.length / (width * cellColumns);
    let gap = 0;
    resampled(values, width * cellColumns).forEach((value, x) => {
      if (value === undefined) {
        gap += 1;
        // a value of several columns is one point
        if (gap >= Math.max(1, 1 / step)) before = undefined;
        return;
      }
      gap = 0;
      const y = Math.min(height - 1, Math.round((value / top) * (height - 1)));
      const from = before ?? y;
      for (let each = Math.min(from, y); each <= Math.max(from, y); each++) light(x, each, hue);
      before = y;
    });
  }
  return cells;
}

/** Neighbours of one hue share its escape codes. */
function rowText(row: readonly Cell[], marked: ReadonlySet<number>, style: Style): string {
  const runs: { hue: keyof Style | undefined; text: string }[] = [];
  row.forEach(({ dots: lit, hue }, column) => {
    const isMark = lit === 0 && marked.has(column);
    const own = lit !== 0 ? hue : isMark ? 'dim' : undefined;
    const text = lit !== 0 ? String.fromCharCode(blank + lit) : isMark ? '┊' : ' ';
    const last = runs.at(-1);
    if (last !== undefined && last.hue === own) last.text += text;
    else runs.push({ hue: own, text });
  });
  if (runs.at(-1)?.hue === undefined) runs.pop();
  return runs.map(({ hue, text }) => (hue === undefined ? text : style[hue](text))).join('');
}

/** The next of 1, 2 and 5 times a power of ten. */
function niceTop(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most) ?? most;
}

function columnOf(at: number, { from, to }: Chart, width: number): number {
  return Math.min(width - 1, Math.max(0, Math.floor(((at - from) / (to - from)) * width)));
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Between the times of an axis. */
const ticks = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * minuteMs);
const widestTick = 12;

/** `12:00───────13:00──`, in UTC: at round times, as many as there is room for. */
function timeAxis(chart: Chart, width: number): string {
  const { from, to } = chart;
  const wanted = ((to - from) * widestTick) / width;
  const tick = ticks.find((each) => each >= wanted) ?? Math.ceil(wanted / dayMs) * dayMs;
  const text = (at: number) => new Date(at).toISOString().slice(...(tick >= dayMs / 2 ? [5, 10] : [11, 16]));
  let axis = '';
  for (let at = Math.ceil(from / tick) * tick; at < to; at += tick) {
    const column = columnOf(at, chart, width);
    if (column >= axis.length && column + 5 <= width) axis = `${axis.padEnd(column, '─')}${text(at)}`;
  }
  return axis.padEnd(width, '─');
}

/** The texts under their columns; those that would overlap go to a second line, and those without room are left out. */
function markLines(marks: readonly (ChartMark & { readonly column: number })[], width: number): readonly string[] {
  const lines = ['', ''];
  for (const { column, text } of [...marks].sort((a, b) => a.column - b.column)) {
    const start = Math.min(column, width - text.length);
    const place = lines.findIndex((line) => line.length === 0 || line.length < start);
    if (place !== -1 && start >= 0) lines[place] = `${(lines[place] ?? '').padEnd(start)}${text}`;
  }
  return lines.filter((line) => line !== '');
}

const bars = '▁▂▃▄▅▆▇█';

/** One character for each value; a space where there is none. */
export function sparkline(values: Values, columns: number): string {
  const shown = resampled(values, Math.min(columns, values.length));
  const most = Math.max(0, ...shown.filter((value) => value !== undefined));
  return shown
    .map((value) => {
      if (value === undefined || value === 0) return ' ';
      return bars[Math.min(bars.length - 1, Math.floor((value / most) * (bars.length - 1) + 0.5))] ?? ' ';
    })
    .join('');
}

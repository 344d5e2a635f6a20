// The rows of a query as a table that fits the terminal, or, if there is no room for its columns, row by row.
import type { QueryResult } from '../../operate/log-query.ts';
import { plainText } from './message-text.ts';
import type { Style } from './style.ts';

export interface QueryTextOptions {
  readonly styles: Style;
  /** Undefined for a pipe: nothing is cut. */
  readonly columns: number | undefined;
}

/** A column is not cut to less. */
const leastWidth = 12;
const gap = 2;

export function queryText({ columns: names, rows }: QueryResult, { styles, columns }: QueryTextOptions): string {
  const cells = rows.map((row) => names.map((name) => plainText(row[name]?.trimEnd() ?? '')));
  const natural = names.map((name, index) => Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const widths = columns === undefined ? natural : fitted(natural, columns - gap * (names.length - 1));
  if (widths === undefined) return rowByRow(names, cells, styles);
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => cut(cell, widths[index] ?? 0).padEnd(index === row.length - 1 ? 0 : (widths[index] ?? 0)))
      .join(' '.repeat(gap))
      .trimEnd();
  return [styles.dim(line(names)), ...cells.map(line)].join('\n');
}

/** `1,204 lines matched of 35,000, 4.2 MB scanned`. */
export function statisticsText({ matched, scanned, bytes }: QueryResult['statistics']): string {
  const number = (value: number) => value.toLocaleString('en');
  const size = bytes < 1_000_000 ? `${number(Math.ceil(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${number(matched)} ${matched === 1 ? 'line' : 'lines'} matched of ${number(scanned)}, ${size} scanned`;
}

/** The widest columns give way; undefined if that is not enough. */
function fitted(natural: readonly number[], room: number): readonly number[] | undefined {
  const widths = [...natural];
  for (;;) {
    const excess = widths.reduce((sum, width) => sum + width, 0) - room;
    if (excess <= 0) return widths;
    const widest = widths.indexOf(Math.max(...widths));
    const next = Math.max(leastWidth, ...widths.filter((_, index) => index !== widest));
    const width = widths[widest] ?? 0;
    if (width <= leastWidth) return undefined;
    widths[widest] = Math.max(leastWidth, width - excess, Math.min(width - 1, next));
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function rowByRow(names: readonly string[], cells: readonly (readonly string[])[], { dim }: Style): string {
  const width = Math.max(...names.map(({ length }) => length));
  return cells
    .map((row) =>
      row
        .flatMap((cell, index) => (cell === '' ? [] : [`${dim((names[index] ?? '').padEnd(width))}  ${cell}`]))
        .join('\n'),
    )
    .join('\n\n');
}

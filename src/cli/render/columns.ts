// Tables whose least important columns go first when they do not fit.

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Those with the highest number are left out first; 0 stays. */
  readonly rank: number;
  text(row: Row): string;
  /** Colours the padded text. */
  paint?(text: string, row: Row): string;
}

/** Columns of rows that are texts already. `lefts` are the places of those aligned to the left, `ranked` the ranks of those that may go. */
export function textColumns(
  titles: readonly string[],
  lefts: readonly number[],
  ranked: Readonly<Record<number, number>> = {},
): readonly Column<readonly string[]>[] {
  return titles.map((title, place) => ({
    title,
    align: lefts.includes(place) ? 'left' : 'right',
    rank: ranked[place] ?? 0,
    text: (row) => row[place] ?? '',
  }));
}

const gap = '  ';

/** Without `columns`, nothing is left out. */
export function columnsText<Row>(
  rows: readonly Row[],
  wanted: readonly Column<Row>[],
  columns?: number,
  heading: (text: string) => string = (text) => text,
): readonly string[] {
  const sized = wanted.map((column) => {
    const texts = rows.map((row) => column.text(row));
    return { ...column, texts, width: Math.max(column.title.length, ...texts.map((text) => text.length)) };
  });
  let shown = sized;
  const width = () => shown.reduce((sum, each) => sum + each.width + gap.length, -gap.length);
  while (columns !== undefined && width() > columns && shown.some(({ rank }) => rank > 0)) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank !== last);
  }
  const padded = (text: string, { align, width: own }: (typeof shown)[number]) =>
    align === 'left' ? text.padEnd(own) : text.padStart(own);
  const titles = shown.map((column) => padded(column.title, column)).join(gap);
  return [
    heading(titles.trimEnd()),
    ...rows.map((row, index) =>
      shown
        .map((column) => {
          const text = padded(column.texts[index] ?? '', column);
          return column.paint === undefined ? text : column.paint(text, row);
        })
        .join(gap)
        .trimEnd(),
    ),
  ];
}

// What an environment costs, for a terminal or a pipe.

import type { BillLine } from '../../cost/bill.ts';
import { dimensionOf } from '../../cost/prices.ts';
import { type Cost, type CostChange, type FunctionCost, partOf } from '../../operate/cost.ts';
import { columnsText, textColumns } from './columns.ts';
import type { Style } from './style.ts';

export interface CostOptions {
  readonly detail: boolean;
  readonly styles: Style;
  /** The width of the terminal; undefined for a pipe. */
  readonly columns: number | undefined;
}

export function costText(cost: Cost, { detail, styles, columns }: CostOptions): string {
  const { bold, dim } = styles;
  const rows = [
    ...cost.functions.map(rowOf),
    ...cost.resources.map(({ owner, dimension, cost: of }) => [`${owner} (${dimension})`, ...blank, money(of)]),
    ['total', ...blank, money(cost.total)],
  ];
  const lines = columnsText(rows, titles, columns, dim);
  return [
    `${basisText(cost)}, in USD at the prices of ${cost.prices.region} from ${cost.prices.date}`,
    '',
    ...lines.slice(0, -1),
    bold(lines.at(-1) ?? ''),
    ...(detail ? ['', ...columnsText(detailRows(cost), details)] : []),
    '',
    ...notesOf(cost).map(dim),
  ].join('\n');
}

/** A narrow terminal has room for function, size, requests and month. */
const titles = textColumns(
  ['function', 'size', 'requests', 'GB-seconds', 'Lambda', 'sources', 'logs', 'month'],
  [0, 1],
  { 3: 1, 4: 1, 5: 1, 6: 1 },
);
const details = textColumns(['of', 'what', 'quantity', 'free', 'cost'], [0, 1]);
/** Between the first column and the last. */
const blank = Array.from({ length: 6 }, () => '');

/** `+$3.10 a month ($18.73 → $21.83)`. */
export function costChangeText({ before, after, difference }: CostChange): string {
  const sign = difference < 0 ? '-' : '+';
  const change = money(difference) === money(0) ? 'no change' : `${sign}${money(Math.abs(difference))}`;
  const basis = after.basis.kind === 'measured' ? 'measured' : 'expected';
  const hasTraffic = [...before.functions, ...after.functions].some(({ requests }) => requests > 0);
  const hint = hasTraffic ? '' : '; traffic: of the functions in project.yml is not set';
  return `Cost a month: ${change} (${money(before.total)} → ${money(after.total)}) with ${basis} traffic${hint}`;
}

function basisText({ basis }: Cost): string {
  if (basis.kind === 'expected') return 'A month of the expected traffic';
  return `A month of what was measured from ${minute(basis.since)} to ${minute(basis.until)}`;
}

const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')}Z`;

function rowOf(of: FunctionCost): readonly string[] {
  const { name, memory, architecture, requests, gbSeconds, cost } = of;
  const [lambda, logs] = [partOf(of, 'lambda.'), partOf(of, 'logs.')];
  return [
    name,
    `${memory} MB ${architecture === 'arm64' ? 'arm64' : 'x86'}`,
    compact(requests),
    compact(gbSeconds),
    money(lambda),
    money(cost - lambda - logs),
    money(logs),
    money(cost),
  ];
}

function detailRows({ functions, resources }: Cost): readonly (readonly string[])[] {
  const all: readonly BillLine[] = [...functions.flatMap(({ lines }) => lines), ...resources];
  return all.map(({ owner, dimension, units, freeUnits, cost }) => [
    owner,
    dimension,
    `${compact(units)} ${dimensionOf(dimension).unit}`,
    freeUnits === 0 ? '' : compact(freeUnits),
    money(cost),
  ]);
}

function notesOf({ freeTier, functions, resources }: Cost): readonly string[] {
  const lines = [...functions.flatMap((of) => of.lines), ...resources];
  const isFree = lines.some(({ freeUnits }) => freeUnits > 0);
  return [
    freeTier && isFree
      ? 'The free tier is taken off: it is for the whole account. --no-free-tier leaves it out.'
      : freeTier
        ? ''
        : 'Without the free tier.',
    ...functions.flatMap(({ name, warm }) =>
      warm === undefined
        ? []
        : [
            `${name} is kept warm by ${compact(warm.calls)} calls (${money(warm.cost)}); a provisioned concurrency of 1 would cost ${money(warm.provisioned)}.`,
          ],
    ),
    'Not counted: data transfer, stored logs, and what functions call or store.',
  ].filter((note) => note !== '');
}

/** `$18.73`; `<$0.01` for less than a cent, but not nothing. */
export function money(usd: number): string {
  const text = Math.abs(usd).toFixed(2);
  if (text === '0.00' && Math.abs(usd) > 1e-9) return '<$0.01';
  const [whole = '0', cents] = text.split('.');
  return `${usd < 0 && text !== '0.00' ? '-' : ''}$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
}

/** `3M`, `1.65M`, `12.5k`, `740`. */
export function compact(value: number): string {
  const [factor, unit] =
    value >= 999_500_000 ? [1e9, 'G'] : value >= 999_500 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  const scaled = value / factor;
  if (scaled > 0 && scaled < 0.005) return '<0.01';
  const digits = scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${Number(scaled.toFixed(digits))}${unit}`;
}

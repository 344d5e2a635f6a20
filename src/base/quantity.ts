// Quantities as a user writes them, in project.yml and on the command line: 3M requests, 120ms, 1%, 20KB.
import { mismatch, type Schema } from './schema.ts';

interface Quantity {
  readonly expected: string;
  /** By unit; '' for a plain number. */
  readonly units: Readonly<Record<string, number>>;
  readonly most: number;
  readonly isWhole: boolean;
}

const kilobyte = 1024;

export const quantities = {
  count: {
    expected: 'a number such as 250000, 250k or 3M',
    units: { '': 1, k: 1e3, M: 1e6, G: 1e9 },
    most: 1e15,
    isWhole: true,
  },
  milliseconds: {
    expected: 'a time such as 120ms or 1.5s',
    units: { ms: 1, s: 1000, m: 60_000 },
    most: 1_800_000,
    isWhole: false,
  },
  fraction: { expected: 'a share such as 1% or 0.5%', units: { '%': 0.01 }, most: 1, isWhole: false },
  size: {
    expected: 'a size such as 500B, 20KB or 6MB',
    units: { B: 1, KB: kilobyte, MB: kilobyte ** 2, GB: kilobyte ** 3 },
    most: kilobyte ** 4,
    isWhole: false,
  },
} as const satisfies Readonly<Record<string, Quantity>>;

/** The number in the smallest unit: 3M is 3000000, 1.5s is 1500 (milliseconds), 1% is 0.01, 20KB is 20480 (bytes). Undefined if
 * the text is none, or too much. */
export function readQuantity({ units, most, isWhole }: Quantity, written: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z%]*)$/.exec(written) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (number === undefined || factor === undefined) return undefined;
  // 0.29 * 100 is not 29
  const value = Number((Number(number) * factor).toPrecision(15));
  return value > most || (isWhole && !Number.isInteger(value)) ? undefined : value;
}

function schemaOf(quantity: Quantity): Schema<number> {
  const { expected, units } = quantity;
  const names = Object.keys(units).filter((unit) => unit !== '');
  const withUnit = {
    type: 'string',
    expected,
    pattern: `^\\d+(\\.\\d+)?(${names.join('|')})${'' in units ? '?' : ''}$`,
  };
  return {
    expected,
    json: '' in units ? { anyOf: [{ type: 'integer', minimum: 0 }, withUnit] } : withUnit,
    read(value, reading) {
      const written = value.kind === 'scalar' ? value.value : undefined;
      const isText = typeof written === 'string' || typeof written === 'number';
      return (isText ? readQuantity(quantity, String(written)) : undefined) ?? mismatch(value, expected, reading);
    },
  };
}

export const count = schemaOf(quantities.count);
export const milliseconds = schemaOf(quantities.milliseconds);
export const fraction = schemaOf(quantities.fraction);
export const size = schemaOf(quantities.size);

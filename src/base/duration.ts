// A time span as a user writes it: a number of seconds, or `10s`, `5m`, `6h`.
import { integer, type Schema, shown } from './schema.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds: a number, or `10s`, `5m`, `6h`. */
export function duration(rules: {
  readonly least: number;
  readonly most: number;
  readonly expected: string;
}): Schema<number> {
  const { least, most, expected } = rules;
  const number = integer({ least, most });
  return {
    expected,
    json: {
      anyOf: [number.json, { type: 'string', expected: 'a time such as 10s, 5m or 6h', pattern: '^\\d+(s|m|h|d)$' }],
    },
    read(value, reading) {
      const written = value.kind === 'scalar' ? value.value : undefined;
      const [, count, unit = 's'] = /^(\d+)(s|m|h|d)?$/.exec(String(written)) ?? [];
      const spelled =
        typeof written === 'number' || (typeof written === 'string' && (unit !== 's' || /s$/.test(written)));
      const lookup = value.kind === 'scalar' && value.lookup !== undefined;
      const seconds = count === undefined || !(spelled || lookup) ? undefined : Number(count) * (units[unit] ?? 1);
      if (seconds !== undefined && seconds >= least && seconds <= most) return seconds;
      reading.problem(
        value.at,
        `expected ${expected}, found ${shown(value)}`,
        'a plain number is seconds; 10s, 5m and 6h are times',
      );
      return undefined;
    },
  };
}

/** Milliseconds of `10s`, `5m`, `2h`, `3d`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+)(s|m|h|d)$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 0) * 1000;
}

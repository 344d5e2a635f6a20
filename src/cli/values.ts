// Parses the values of options and arguments, with clear errors.
import { durationMs } from '../base/duration.ts';
import { FxError } from '../base/error.ts';

export function wholeNumber(text: string, name: string): number {
  if (typeof text === 'string' && /^[1-9]\d*$/.test(text)) return Number(text);
  throw new FxError('USAGE', `${name} takes a number from 1, not ${JSON.stringify(text)}`);
}

/** `name=value` pairs of a repeatable option. For each name, the last one wins. */
export function assignments(pairs: readonly string[], option: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((text) => {
      const equals = text.indexOf('=');
      const name = text.slice(0, Math.max(0, equals));
      if (/^[A-Za-z_][\w-]*(\.[\w-]+)*$/.test(name)) return [name, text.slice(equals + 1)];
      throw new FxError('USAGE', `${option} takes NAME=value, not ${JSON.stringify(text)}`, {
        hint: `such as ${option} LEVEL=debug`,
      });
    }),
  );
}

/** `10m`, `2h`, `3d` before now, or a date such as 2026-11-23T10:00:00Z. The current time is only known later: it is that of AWS. */
export function pointInTime(text: string, name: string): (now: number) => Date {
  const agoMs = durationMs(String(text));
  if (agoMs !== undefined) return (now) => new Date(now - agoMs);
  const date = /^\d{4}-\d{2}-\d{2}/.test(String(text)) ? new Date(String(text)) : undefined;
  if (date !== undefined && !Number.isNaN(date.getTime())) return () => date;
  throw new FxError(
    'USAGE',
    `${name} takes a time such as 10m, 2h, 3d or 2026-11-23T10:00:00Z, not ${JSON.stringify(text)}`,
  );
}

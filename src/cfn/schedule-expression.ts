// The schedule expressions of EventBridge rules: `rate(5 minutes)` and `cron(0 9 ? * MON-FRI *)`.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
export interface Rate {
  readonly kind: 'rate';
  readonly everyMs: number;
}
export interface Cron {
  readonly kind: 'cron';
  readonly minutes: string;
  readonly hours: string;
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
  readonly year: string;
}

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const months = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC'.split('|');
const days = 'SUN|MON|TUE|WED|THU|FRI|SAT'.split('|');

/** Reads an expression; returns the reason if it is invalid. */
export function parseSchedule(text: string): Rate | Cron | { readonly kind: 'invalid'; readonly reason: string } {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(text);
  if (rate !== null) {
    const [, count, unit, plural] = rate;
    const value = Number(count);
    if (value < 1) return invalid('a rate must be at least 1');
    if ((value === 1) !== (plural === '')) {
      return invalid(value === 1 ? `write rate(1 ${unit})` : `write rate(${value} ${unit}s)`);
    }
    return { kind: 'rate', everyMs: value * unitMs[unit as keyof typeof unitMs] };
  }
  const cron = /^cron\((.*)\)$/.exec(text);
  if (cron === null) return invalid('expected rate(5 minutes) or cron(0 9 ? * MON-FRI *)');
  return parseCron((cron[1] ?? '').trim().split(/\s+/));
}

function parseCron(fields: readonly string[]): Cron | { readonly kind: 'invalid'; readonly reason: string } {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6) {
    return invalid(`a cron has 6 fields (minutes hours day-of-month month day-of-week year), not ${fields.length}`);
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return invalid('exactly one of day-of-month and day-of-week must be ?');
  }
  const checks: readonly (readonly [string, string, number, number, readonly string[], RegExp | undefined])[] = [
    ['minutes', minutes, 0, 59, [], undefined],
    ['hours', hours, 0, 23, [], undefined],
    ['day-of-month', dayOfMonth, 1, 31, [], /^(\?|L|LW|\d{1,2}W)$/],
    ['month', month, 1, 12, months, undefined],
    ['day-of-week', dayOfWeek, 1, 7, days, /^(\?|L|[1-7]L|[A-Z]{3}L|[1-7]#[1-5]|[A-Z]{3}#[1-5])$/],
    ['year', year, 1970, 2199, [], undefined],
  ];
  for (const [name, value, low, high, names, special] of checks) {
    if (special?.test(value)) continue;
    if (!value.split(',').every((part) => isPart(part, { low, high, names }))) {
      return invalid(
        `${JSON.stringify(value)} is not valid for ${name} (${low}-${high}${names.length > 0 ? ` or ${names[0]}-${names.at(-1)}` : ''})`,
      );
    }
  }
  return { kind: 'cron', minutes, hours, dayOfMonth, month, dayOfWeek, year };
}

function isPart(part: string, field: { low: number; high: number; names: readonly string[] }): boolean {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
  if (range === '*') return true;
  const ends = range.split('-');
  return ends.length <= 2 && ends.every((end) => isValue(end, field));
}

function isValue(text: string, field: { low: number; high: number; names: readonly string[] }): boolean {
  if (field.names.includes(text.toUpperCase())) return true;
  return /^\d+$/.test(text) && Number(text) >= field.low && Number(text) <= field.high;
}

function invalid(reason: string): { readonly kind: 'invalid'; readonly reason: string } {
  return { kind: 'invalid', reason };
}

// Schedule expressions: `rate(5 minutes)` and `cron(0 9 ? * MON-FRI *)`, and `at(2027-01-31T09:00:00)`, which EventBridge Scheduler has.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
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
/** Once, at a local time such as `2027-01-31T09:00:00`. */
export interface At {
  readonly kind: 'at';
  readonly time: string;
}
interface Invalid {
  readonly kind: 'invalid';
  readonly reason: string;
}

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const months = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC'.split('|');
const days = 'SUN|MON|TUE|WED|THU|FRI|SAT'.split('|');

/** Reads an expression; returns the reason if it is invalid. */
export function parseSchedule(text: string): Rate | Cron | At | Invalid {
  const [, kind, inside = ''] = /^(rate|cron|at)\((.*)\)$/.exec(text) ?? [];
  if (kind === 'rate') return parseRate(inside);
  if (kind === 'cron') return parseCron(inside.trim() === '' ? [] : inside.trim().split(/\s+/));
  if (kind === 'at') return parseAt(inside);
  return invalid('expected rate(5 minutes), cron(0 9 ? * MON-FRI *) or at(2027-01-31T09:00:00)');
}

function parseRate(inside: string): Rate | Invalid {
  const [, count, unit, plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(inside) ?? [];
  if (unit === undefined) return invalid('a rate is a number and minutes, hours or days, such as rate(5 minutes)');
  const value = Number(count);
  if (value < 1) return invalid('a rate must be at least 1');
  if ((value === 1) !== (plural === '')) {
    return invalid(value === 1 ? `write rate(1 ${unit})` : `write rate(${value} ${unit}s)`);
  }
  return { kind: 'rate', everyMs: value * unitMs[unit as keyof typeof unitMs] };
}

function parseAt(time: string): At | Invalid {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(time)) {
    return invalid('a one-time schedule is a date and a time without a zone, such as at(2027-01-31T09:00:00)');
  }
  const ms = Date.parse(`${time}Z`);
  // 2027-02-30 would be read as a day in March
  const exists = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(time);
  return exists ? { kind: 'at', time } : invalid(`there is no ${time.replace('T', ' at ')}`);
}

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
  readonly special?: RegExp;
}

const fields = [
  { name: 'minutes', low: 0, high: 59 },
  { name: 'hours', low: 0, high: 23 },
  { name: 'day-of-month', low: 1, high: 31, special: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { name: 'month', low: 1, high: 12, names: months },
  {
    name: 'day-of-week',
    low: 1,
    high: 7,
    names: days,
    special: new RegExp(`^(\\?|L|([1-7]|${days.join('|')})(L|#[1-5]))$`, 'i'),
  },
  { name: 'year', low: 1970, high: 2199 },
] as const satisfies readonly Field[];

function parseCron(values: readonly string[]): Cron | Invalid {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = values;
  if (values.length !== fields.length) {
    return invalid(
      `a cron has 6 fields (${fields.map(({ name }) => name).join(' ')}), not ${values.length}${values.length === 5 ? ': add the year, such as *' : ''}`,
    );
  }
  for (const [i, field] of fields.entries()) {
    const reason = fieldProblem(values[i] ?? '', field);
    if (reason !== undefined) return invalid(`${field.name}: ${reason}`);
  }
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return invalid('one of day-of-month and day-of-week must be ?, and only one');
  }
  return { kind: 'cron', minutes, hours, dayOfMonth, month, dayOfWeek, year };
}

function fieldProblem(value: string, field: Field): string | undefined {
  if (field.special?.test(value)) return undefined;
  for (const part of value.split(',')) {
    const reason = partProblem(part, field);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** A part is `*`, a value, a range, or one of them with a step: `0/15`. */
function partProblem(part: string, field: Field): string | undefined {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0) return `"${part}" has more than one step`;
  if (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0)) return `"${step}" is not a step of at least 1`;
  if (range === '*') return undefined;
  const ends = range.split('-');
  if (ends.length > 2) return `"${range}" is not a range`;
  for (const end of ends) {
    const reason = valueProblem(end, field);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function valueProblem(text: string, { name, low, high, names = [], special }: Field): string | undefined {
  if (names.includes(text.toUpperCase())) return undefined;
  const or = names.length > 0 ? `, or ${names[0]} to ${names.at(-1)}` : '';
  if (/^\d+$/.test(text)) {
    return Number(text) >= low && Number(text) <= high ? undefined : `${text} is not between ${low} and ${high}`;
  }
  if (text === '?') return special === undefined ? '? is only for day-of-month and day-of-week' : '? stands alone';
  if (/[LW#]/i.test(text) && /^[\dLW#]+$/i.test(text)) {
    const where = special === undefined ? 'L, W and # are only for days' : specialUse(name);
    return `"${text}" is not valid: ${where}`;
  }
  return `"${text}" is not a number between ${low} and ${high}${or}`;
}

function specialUse(name: string): string {
  return name === 'day-of-month'
    ? 'L, LW and a day with W, such as 15W, stand alone'
    : 'L, a day with L, such as 6L, and a day with its number in the month, such as 2#1, stand alone';
}

function invalid(reason: string): Invalid {
  return { kind: 'invalid', reason };
}

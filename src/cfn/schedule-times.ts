// When a schedule is due next. croner evaluates cron expressions; this file translates AWS's dialect.
import { Cron as Calendar } from 'croner';
import { type Cron, parseSchedule } from './schedule-expression.ts';

/** The first time after `now` (milliseconds) at which a valid expression is due; undefined if it is never due again.
 * A rate counts from `since`. Cron expressions and one-time schedules are in the time zone. */
export function nextRun(expression: string, since: number, now: number, timezone = 'UTC'): number | undefined {
  const schedule = parseSchedule(expression);
  switch (schedule.kind) {
    case 'invalid':
      throw new Error(`${expression}: ${schedule.reason}`);
    case 'rate':
      return since + (Math.floor((now - since) / schedule.everyMs) + 1) * schedule.everyMs;
    case 'at':
      return new Calendar(schedule.time, { timezone }).nextRun(new Date(now))?.getTime();
    case 'cron':
      return new Calendar(calendarPattern(schedule), { timezone, alternativeWeekdays: true })
        .nextRun(new Date(now))
        ?.getTime();
  }
}

/** The zone's name as the IANA database spells it, such as Europe/Berlin; undefined if there is none. */
export function timeZoneNamed(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** croner expects seconds first, a range before a step, and ranges that rise; in AWS's dialect, a step may follow a single number, and
 * FRI-MON is a range. */
function calendarPattern(cron: Cron): string {
  const fields: readonly (readonly [text: string, first: number, last: number, names: readonly string[]])[] = [
    [cron.minutes, 0, 59, []],
    [cron.hours, 0, 23, []],
    [cron.dayOfMonth, 1, 31, []],
    [cron.month, 1, 12, ['', ...'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC'.split('|')]],
    [cron.dayOfWeek, 1, 7, ['', ...'SUN|MON|TUE|WED|THU|FRI|SAT'.split('|')]],
    [cron.year, 1970, 2199, []],
  ];
  const spelled = fields.map(([text, first, last, names]) => {
    const numbered = text.toUpperCase().replace(/[A-Z]{3}/g, (name) => String(names.indexOf(name)));
    return numbered
      .split(',')
      .flatMap((part) => {
        const [range = '', step] = part.split('/');
        const [from, to] = range.split('-');
        const end = to ?? (step === undefined ? undefined : String(last));
        if (range === '*' || !/^\d+$/.test(from ?? '') || end === undefined) return [part];
        const stepped = step === undefined ? '' : `/${step}`;
        const rises = Number(from) <= Number(end);
        return rises ? [`${from}-${end}${stepped}`] : [`${from}-${last}${stepped}`, `${first}-${end}${stepped}`];
      })
      .join(',');
  });
  return ['0', ...spelled].join(' ');
}

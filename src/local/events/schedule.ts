// When a schedule is due next. croner evaluates cron expressions; this file translates AWS's dialect.
import { Cron as Calendar } from 'croner';
import { type Cron, parseSchedule } from '../../cfn/schedule-expression.ts';

/** The first time after `now` (milliseconds) at which a valid expression is due; undefined if it is never due again.
 * A rate counts from the creation of the rule. */
export function nextRun(expression: string, since: number, now: number): number | undefined {
  const schedule = parseSchedule(expression);
  switch (schedule.kind) {
    case 'invalid':
      throw new Error(`${expression}: ${schedule.reason}`);
    case 'rate':
      return since + (Math.floor((now - since) / schedule.everyMs) + 1) * schedule.everyMs;
    case 'cron':
      return new Calendar(calendarPattern(schedule), { timezone: 'UTC', alternativeWeekdays: true })
        .nextRun(new Date(now))
        ?.getTime();
  }
}

/** croner expects seconds first, and a range before a step; in AWS's dialect, a step may follow a single number. */
function calendarPattern(cron: Cron): string {
  const fields: readonly (readonly [text: string, last: number])[] = [
    [cron.minutes, 59],
    [cron.hours, 23],
    [cron.dayOfMonth, 31],
    [cron.month, 12],
    [cron.dayOfWeek, 7],
    [cron.year, 2199],
  ];
  const spelled = fields.map(([text, last]) =>
    text
      .split(',')
      .map((part) => part.replace(/^(\d+)\//, `$1-${last}/`))
      .join(','),
  );
  return ['0', ...spelled].join(' ');
}

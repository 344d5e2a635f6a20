// How often a schedule runs in a month.
import { parseSchedule } from '../cfn/schedule-expression.ts';
import { nextRun } from '../cfn/schedule-times.ts';

const yearMs = 365 * 24 * 3_600_000;
/** So many runs tell how often a schedule runs. */
const enough = 1500;

/** Runs in `monthMs`: of a cron expression, the mean of the year that follows `now`, or of as many runs as tell; a one-time schedule runs
 * once if it is due within it. */
export function scheduledRuns(
  { expression, timezone }: { readonly expression: string; readonly timezone: string | undefined },
  now: number,
  monthMs: number,
): number {
  const schedule = parseSchedule(expression);
  if (schedule.kind === 'invalid') return 0;
  if (schedule.kind === 'rate') return monthMs / schedule.everyMs;
  let runs = 0;
  let at = nextRun(expression, now, now, timezone);
  if (schedule.kind === 'at') return at !== undefined && at <= now + monthMs ? 1 : 0;
  while (at !== undefined && at <= now + yearMs) {
    runs++;
    if (runs === enough) return (runs * monthMs) / (at - now);
    at = nextRun(expression, now, at, timezone);
  }
  return (runs * monthMs) / yearMs;
}

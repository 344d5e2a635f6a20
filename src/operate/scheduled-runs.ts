// When the schedules of a project call their functions next, by project.yml alone.
import { parseSchedule } from '../cfn/schedule-expression.ts';
import { nextRun } from '../cfn/schedule-times.ts';
import type { Schedule } from '../events/schedule.ts';
import type { Project } from '../project/project.ts';

export interface ScheduledRuns {
  readonly function: string;
  readonly expression: string;
  /** An IANA name. */
  readonly timezone: string;
  readonly enabled: boolean;
  /** A rate counts from its start, or from the deploy: its times are as if that was now. */
  readonly isRate: boolean;
  /** In UTC, such as 2027-01-31T09:00:00.000Z; none if it is off or over. */
  readonly times: readonly string[];
}

/** The schedules of all functions, or of one, in the order of project.yml. */
export function scheduledRuns(
  { functions }: Pick<Project, 'functions'>,
  { now, count, only }: { readonly now: number; readonly count: number; readonly only?: string | undefined },
): readonly ScheduledRuns[] {
  return functions
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(({ name, events }) =>
      events.flatMap((event) =>
        event.kind === 'schedule' ? [runsOf(name, event.config as Schedule, { now, count })] : [],
      ),
    );
}

function runsOf(
  name: string,
  config: Schedule,
  { now, count }: { readonly now: number; readonly count: number },
): ScheduledRuns {
  const { expression, timezone = 'UTC', enabled, start, end } = config;
  const isRate = parseSchedule(expression).kind === 'rate';
  const begins = Math.max(now, start === undefined ? now : Date.parse(start));
  const times: number[] = [];
  // a rate without a rule has its first run at its start
  if (isRate && start !== undefined && config.rule === undefined && begins > now) times.push(begins);
  let from = isRate ? begins : begins - (begins > now ? 1 : 0);
  while (enabled && times.length < count) {
    const due = nextRun(expression, begins, from, timezone);
    if (due === undefined) break;
    times.push(due);
    from = due;
  }
  const within = times.filter((time) => end === undefined || time < Date.parse(end));
  const shown = enabled ? within.map((time) => new Date(time).toISOString()) : [];
  return { function: name, expression, timezone, enabled, isRate, times: shown };
}

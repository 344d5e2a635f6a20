// fx events next
import { FxError } from '../../base/error.ts';
import { nearest } from '../../base/suggest.ts';
import type { ScheduledRuns } from '../../operate/scheduled-runs.ts';
import { command } from '../command.ts';
import { type Style, style } from '../render/style.ts';
import { openProject } from '../session.ts';
import { wholeNumber } from '../values.ts';
import { workspaceOption } from '../workspace/options.ts';

export const eventsNext = command({
  output: 'events next',
  needs: 'project',
  inEachProject: { order: 'any', notDeployed: () => 0 },
  args: { function: { about: 'a function; without it, all', kind: 'optional', names: 'function' } },
  options: {
    number: { kind: 'text', short: 'n', value: 'count', about: 'how many times of each schedule', default: '5' },
    ...workspaceOption,
  },
  examples: [
    ['fx events next', 'When each schedule runs next'],
    ['fx events next report -n 20 --env prod', 'The next twenty times of one function'],
    ['fx events next --json', 'The same for a program, in UTC'],
  ],
  async run(invocation) {
    const count = wholeNumber(invocation.options.number, '--number');
    const project = await openProject(invocation);
    const only = invocation.args.function;
    const names = project.functions.map(({ name }) => name);
    if (only !== undefined && !names.includes(only)) {
      const suggestion = nearest(only, names);
      const hint = suggestion === undefined ? `functions: ${names.join(', ')}` : `did you mean "${suggestion}"?`;
      throw new FxError('USAGE', `there is no function "${only}"`, { hint });
    }
    const { scheduledRuns } = await import('../../operate/scheduled-runs.ts');
    const runs = scheduledRuns(project, { now: invocation.io.now(), count, only });
    const styles = style(invocation.io.color && invocation.io.stdoutIsTerminal);
    const none = only === undefined ? 'No function has a schedule.' : `"${only}" has no schedule.`;
    invocation.print(runs.length === 0 ? none : runs.map((schedule) => scheduleText(schedule, styles)).join('\n'));
    invocation.result(runs);
    return 0;
  },
});

function scheduleText(schedule: ScheduledRuns, { bold, dim }: Style): string {
  const { function: name, expression, timezone, enabled, isRate, times } = schedule;
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = timezone === 'UTC' ? '' : `  ${timezone}`;
  const note = enabled ? (times.length === 0 ? '  no more runs' : isRate ? '  counted from now' : '') : '  (disabled)';
  const rows = times.map((time) => {
    const there = timeIn(time, timezone);
    return `  ${there}${here === timezone ? '' : dim(`  ${timeIn(time, here)} here`)}`;
  });
  return [`${bold(name)}  ${expression}${zone}${dim(note)}`, ...rows].join('\n');
}

/** `Mon 2026-11-30 06:00 GMT+1`. */
function timeIn(time: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
  });
  const parts = new Map(format.formatToParts(new Date(time)).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  return `${part('weekday')} ${date} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`;
}

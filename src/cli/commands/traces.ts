// fx traces
import { command } from '../command.ts';
import { tracesText } from '../render/traces-text.ts';
import { openSession } from '../session.ts';
import { pointInTime, wholeNumber } from '../values.ts';

export const traces = command({
  output: 'traces',
  needs: 'environment',
  inEachRegion: true,
  args: {
    functions: {
      about: 'names in project.yml, or patterns with * (default: all)',
      kind: 'variadic',
      names: 'function',
    },
  },
  options: {
    since: {
      kind: 'text',
      short: 's',
      value: 'time',
      about: 'from then on, at most 6 hours ago: 10m, 2h, or a date',
      default: '1h',
    },
    number: { kind: 'text', short: 'n', value: 'count', about: 'how many of the slowest to show', default: '3' },
    failed: { kind: 'flag', about: 'show the slowest of those with an error' },
  },
  examples: [
    ['fx traces --env prod', 'Who called whom in the last hour, cold starts, and the three slowest'],
    ['fx traces orders --since 6h -n 10', 'The ten slowest of one function'],
    ['fx traces --failed', 'Where it failed'],
  ],
  async run(invocation) {
    const { io } = invocation;
    const { since, number, failed } = invocation.options;
    const options = {
      names: invocation.args.functions,
      since: pointInTime(since, '--since'),
      most: wholeNumber(number, '--number'),
      failed,
    };
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/traces.ts');
    const report = await operate.traces(environment, options, context);
    const columns = io.stdoutIsTerminal ? io.columns() : undefined;
    invocation.print(tracesText(report, { color: io.color && io.stdoutIsTerminal, columns }));
    invocation.result({ ...report, since: report.since.toISOString(), until: report.until.toISOString() });
    return 0;
  },
});

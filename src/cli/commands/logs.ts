// fx logs
import { command } from '../command.ts';
import { style } from '../render/style.ts';
import { openSession } from '../session.ts';
import { pointInTime } from '../values.ts';

export const logs = command({
  needs: 'environment',
  args: { functions: { about: 'names in project.yml (default: all)', kind: 'variadic' } },
  options: {
    follow: { kind: 'flag', short: 'f', about: 'show new lines until interrupted' },
    since: {
      kind: 'text',
      short: 's',
      value: 'time',
      about: 'lines from then on: 10m, 2h, 3d, or a date',
      default: '10m',
    },
    filter: { kind: 'text', value: 'pattern', about: 'a CloudWatch Logs filter pattern' },
  },
  examples: [
    ['fx logs orders', 'The last ten minutes of one function'],
    ['fx logs -f --env staging', 'Follow all functions'],
    ['fx logs --since 2h --filter ERROR', 'Lines with ERROR'],
  ],
  async run(invocation) {
    const { io, common } = invocation;
    const { follow, filter: pattern } = invocation.options;
    const since = pointInTime(invocation.options.since, '--since');
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/logs.ts');
    const options = { names: invocation.args.functions, since: since(context.now()), pattern, follow };
    const { dim, cyan } = style(io.color && io.stdoutIsTerminal);
    let count = 0;
    for await (const line of operate.logs(environment, options, context)) {
      count++;
      const { functionName, time, message, stream } = line;
      const text = `${dim(time.toISOString())} ${cyan(functionName)} ${message.trimEnd()}`;
      invocation.item('log', { functionName, time: time.toISOString(), stream, message }, text);
    }
    if (count === 0 && !follow) invocation.aside('No lines in that time.');
    if (common.json) invocation.result({ lines: count });
    return 0;
  },
});

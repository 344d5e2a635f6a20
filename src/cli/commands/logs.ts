// fx logs
import type { Command } from '../command.ts';
import { style } from '../render/style.ts';
import { openSession } from '../session.ts';
import { pointInTime } from '../values.ts';

export const logs: Command = {
  name: 'logs',
  summary: 'Show what functions have written, and follow what they go on to write',
  project: 'names',
  args: [{ name: 'functions', about: 'names in project.yml; without any, all', kind: 'variadic' }],
  options: [
    { flags: '-f, --follow', about: 'go on until interrupted' },
    { flags: '-s, --since <time>', about: 'from when on: 10m, 2h, 3d, or a date', default: '10m' },
    { flags: '--filter <pattern>', about: "CloudWatch's filter pattern" },
  ],
  examples: [
    ['fx logs orders', 'The last ten minutes of one function'],
    ['fx logs -f --env staging', 'Follow all functions'],
    ['fx logs --since 2h --filter ERROR', 'Lines with ERROR'],
  ],
  async run(invocation) {
    const { own, io, common } = invocation;
    const since = pointInTime(own['since'], '--since', Date.now());
    const { project, context } = await openSession(invocation);
    const operate = await import('../../operate/logs.ts');
    const pattern = typeof own['filter'] === 'string' ? own['filter'] : undefined;
    const options = { names: invocation.args, since, pattern, follow: own['follow'] === true };
    const { dim, cyan } = style(io.color && io.stdoutIsTerminal);
    let count = 0;
    for await (const line of operate.logs(project, options, context)) {
      count++;
      const { functionName, time, message, stream } = line;
      const text = `${dim(time.toISOString())} ${cyan(functionName)} ${message.trimEnd()}`;
      invocation.item('log', { functionName, time: time.toISOString(), stream, message }, text);
    }
    if (count === 0 && !options.follow) invocation.aside('No lines in that time.');
    if (common.json) invocation.result({ lines: count });
    return 0;
  },
};

// fx open
import { command } from '../command.ts';
import { openUrl } from '../open-url.ts';
import { openSession } from '../session.ts';

export const open = command({
  output: 'open',
  needs: 'environment',
  args: { what: { about: 'api (default), console, logs, or the name of an output', kind: 'optional' } },
  options: {
    function: { kind: 'text', value: 'name', about: 'whose logs (default: the first)', names: 'function' },
    print: { kind: 'flag', about: 'only print the address' },
  },
  examples: [
    ['fx open', 'The API or site in the browser'],
    ['fx open console --env staging', 'The stack in the AWS console'],
    ['fx open logs --function orders --env staging', 'Its log group'],
    ['fx open --print', 'The address, for a script'],
  ],
  async run(invocation) {
    const { io, args, options } = invocation;
    const { environment, context } = await openSession(invocation);
    const { addressOf } = await import('../../operate/addresses.ts');
    const url = await addressOf(environment, { what: args.what ?? 'api', functionName: options.function }, context);
    invocation.print(url);
    // a script wants the address only
    if (!options.print && io.stdoutIsTerminal) openUrl(url, () => invocation.aside('There is no browser here.'));
    invocation.result({ url });
    return 0;
  },
});

// fx env
import { command } from '../command.ts';
import { style } from '../render/style.ts';
import { openSession } from '../session.ts';

export const env = command({
  output: 'env',
  needs: 'environment',
  args: { function: { about: 'its name in project.yml', kind: 'required', names: 'function' } },
  options: { reveal: { kind: 'flag', about: 'show the values of secrets, and of what looks like one' } },
  examples: [
    ['fx env orders --env staging', 'The environment variables of what is live'],
    ['fx env orders --env staging --reveal > .env', 'With the values of secrets, for a local run'],
  ],
  async run(invocation) {
    const { io, args, options } = invocation;
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/variables.ts');
    const found = await operate.variables(environment, { name: args.function, reveal: options.reveal }, context);
    const { dim } = style(io.color && io.stdoutIsTerminal);
    for (const { name, value, from } of found) {
      const shown = value === undefined ? dim(from === undefined ? '# hidden' : `# from ${from}`) : quoted(value);
      invocation.print(value === undefined ? `${dim(`# ${name}=`)}  ${shown}` : `${name}=${shown}`);
    }
    if (found.length === 0) invocation.aside('No environment variables.');
    if (found.some(({ value }) => value === undefined) && !options.reveal) {
      invocation.aside('--reveal shows what is hidden.');
    }
    invocation.result(found);
    return 0;
  },
});

/** As a .env file and a shell take it. */
function quoted(value: string): string {
  return /^[\w./:@%+,=-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

// fx exec
import { spawn } from 'node:child_process';
import { type ExitCode, FxError } from '../../base/error.ts';
import { localEnvironment } from '../../project/environment.ts';
import { command } from '../command.ts';
import { openSession } from '../session.ts';

export const exec = command({
  output: 'exec',
  needs: 'environment',
  args: { command: { about: 'the command and its arguments, after --', kind: 'variadic' } },
  options: {
    function: {
      kind: 'text',
      value: 'name',
      about: 'with the variables of this function too, secrets included',
      names: 'function',
    },
    print: { kind: 'flag', about: 'only show the variables' },
  },
  examples: [
    ['fx exec --env staging -- npm run smoke', 'A command that knows the outputs of the stack, such as HTTP_API_URL'],
    ['fx exec --function orders -- node scripts/import.mjs', "With a function's variables and secrets"],
    ['fx exec --print', 'What the command would get'],
  ],
  async run(invocation) {
    const { io, args, options, common } = invocation;
    const [program, ...words] = args.command;
    if (program === undefined && !options.print) {
      throw new FxError('USAGE', 'no command', { hint: 'such as fx exec -- npm run smoke' });
    }
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/variables.ts');
    const variables = {
      ...(await operate.commandVariables(environment, { functionName: options.function }, context)),
      ...(context.aws.endpoint === undefined ? {} : { AWS_ENDPOINT_URL: context.aws.endpoint }),
      ...(environment.name === localEnvironment
        ? { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }
        : profileOf(common.profile ?? environment.profile)),
    };
    if (options.print) {
      for (const [name, value] of Object.entries(variables)) invocation.print(`${name}=${value}`);
      invocation.result(variables);
      return 0;
    }
    return run(program ?? '', words, { ...io.variables, ...variables });
  },
});

const profileOf = (profile: string | undefined) => (profile === undefined ? {} : { AWS_PROFILE: profile });

/** Resolves to the command's own exit code. Ctrl-C reaches it directly: it is in the same group of processes. */
function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  return new Promise((done, fail) => {
    const child = spawn(program, words, { stdio: 'inherit', env, shell: process.platform === 'win32' });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const what = cause.code === 'ENOENT' ? 'there is no such program' : cause.message;
      fail(new FxError('USAGE', `${program} cannot be run: ${what}`, { cause }));
    });
    // whatever the code, it is that of the command
    child.once('close', (code) => done((code ?? 1) as ExitCode));
  });
}

// fx use
import { FxError } from '../../base/error.ts';
import { localEnvironment } from '../../project/environment.ts';
import { command } from '../command.ts';
import { chosenEnvironment, keepEnvironment } from '../environment.ts';
import { openEnvironment } from '../session.ts';

export const use = command({
  output: 'use',
  needs: 'environment',
  args: {
    environment: {
      about: 'the environment; without it, fx shows the current choice',
      kind: 'optional',
      names: 'environment',
    },
  },
  examples: [
    ['fx use staging', 'Use staging unless --env or FX_ENV is set'],
    ['fx use local', 'Use the local environment again'],
    ['fx use', 'Show the current choice, and where it comes from'],
  ],
  async run(invocation) {
    const name = invocation.args.environment;
    if (name === undefined) {
      const chosen = await chosenEnvironment(invocation);
      const by = {
        '--env': 'by --env',
        FX_ENV: 'by FX_ENV',
        'fx use': 'by fx use',
        default: 'by default',
      };
      invocation.print(`${chosen.name}, ${by[chosen.by]}`);
      invocation.result(chosen);
      return 0;
    }
    if (invocation.common.env !== undefined)
      throw new FxError('USAGE', 'fx use takes the environment as an argument, not by --env', {
        hint: `fx use ${name}`,
      });
    const environment = await openEnvironment(invocation, name);
    await keepEnvironment(environment.folder, name);
    const other = invocation.io.variables['FX_ENV'];
    const note = other && other !== name ? ` FX_ENV is set to ${other} and takes precedence.` : '';
    const kept =
      name === localEnvironment
        ? 'Commands in this checkout use the local environment again.'
        : `Commands in this checkout now use ${name}.`;
    invocation.print(`${kept}${note}`);
    const { account, region, protected: isProtected } = environment;
    invocation.result({ name, account, region, protected: isProtected });
    return 0;
  },
});

// fx use
import { FxError } from '../../base/error.ts';
import { localEnvironment } from '../../project/project.ts';
import { command } from '../command.ts';
import { chosenEnvironment, keepEnvironment } from '../environment.ts';
import { openProject } from '../session.ts';

export const use = command({
  needs: 'environment',
  args: { environment: { about: 'the environment; without it, fx shows the current choice', kind: 'optional' } },
  examples: [
    ['fx use staging', 'Commands address staging now, unless --env or FX_ENV says otherwise'],
    ['fx use local', 'Back to this machine'],
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
        default: 'since nothing else is chosen',
      };
      invocation.print(`${chosen.name}, ${by[chosen.by]}`);
      invocation.result(chosen);
      return 0;
    }
    if (invocation.common.env !== undefined)
      throw new FxError('USAGE', 'fx use takes the environment as a word, not by --env', { hint: `fx use ${name}` });
    const project = await openProject(invocation, { environment: name });
    await keepEnvironment(project.folder, name);
    const other = invocation.io.variables['FX_ENV'];
    const note = other && other !== name ? ` FX_ENV is set to ${other}, and counts more.` : '';
    const kept =
      name === localEnvironment
        ? 'Commands are about this machine again.'
        : `Commands in this checkout are about ${name} now.`;
    invocation.print(`${kept}${note}`);
    invocation.result({ name, account: project.account, region: project.region, protected: project.protected });
    return 0;
  },
});

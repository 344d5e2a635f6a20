// fx envs
import { FxError } from '../../base/error.ts';
import { type Environment, localEnvironment } from '../../project/environment.ts';
import { environmentNameFor } from '../../project/environment-name.ts';
import { localFolder } from '../../session/local.ts';
import { command, type Invocation } from '../command.ts';
import { chosenEnvironment } from '../environment.ts';
import type { ListedEnvironment } from '../outputs.ts';
import { columnsText, textColumns } from '../render/columns.ts';
import { style } from '../render/style.ts';
import { contextOf, environmentNames, openEnvironment } from '../session.ts';

const titles = textColumns(['  environment', 'account', 'region', 'protected', 'deployed'], [0, 1, 2, 3, 4]);

export const envs = command({
  output: 'envs',
  needs: 'environment',
  options: {
    offline: { kind: 'flag', about: 'do not check in AWS whether they are deployed' },
    nameFor: {
      kind: 'text',
      value: 'text',
      about: 'print a valid environment name for any text, such as a branch',
    },
  },
  examples: [
    ['fx envs', 'All of them'],
    ['fx envs --json', 'The same for a program'],
    ['fx envs --offline', 'List them without calling AWS'],
    ['fx envs --name-for pr-feature/login', 'A valid name for a branch, as for fx deploy --env "$(…)"'],
  ],
  async run(invocation) {
    const { nameFor } = invocation.options;
    if (nameFor !== undefined) {
      const name = environmentNameFor(nameFor);
      invocation.print(name);
      invocation.result({ name });
      return 0;
    }
    const chosen = await chosenEnvironment(invocation);
    const named = await environmentNames(invocation);
    // an environment that matches a pattern, such as pr-7, is not in the file
    const environments = named.includes(chosen.name) ? named : [...named, chosen.name];
    const listed: ListedEnvironment[] = await Promise.all(
      environments.map((name) =>
        lookAt({ name, chosen: name === chosen.name, offline: invocation.options.offline }, invocation),
      ),
    );
    const { bold, dim, green } = style(invocation.io.color && invocation.io.stdoutIsTerminal);
    const cells = listed.map(({ chosen: isChosen, name, account, region, protected: isProtected, status }) => [
      `${isChosen ? '*' : ' '} ${name}`,
      account ?? '-',
      region ?? '-',
      isProtected ? 'protected' : '-',
      status,
    ]);
    const lines = columnsText(cells, titles, undefined, dim);
    invocation.print(lines.map((line) => (line.startsWith('*') ? bold(green(line)) : line)).join('\n'));
    invocation.result(listed);
    return 0;
  },
});

interface EnvironmentRequest {
  readonly name: string;
  readonly chosen: boolean;
  readonly offline: boolean;
}

async function lookAt(
  { name, chosen, offline }: EnvironmentRequest,
  invocation: Invocation,
): Promise<ListedEnvironment> {
  const nothing = { name, chosen, account: undefined, region: undefined, protected: undefined, deployed: undefined };
  if (name.includes('*')) return { ...nothing, status: 'a name pattern' };
  let environment: Environment;
  try {
    environment = await openEnvironment(invocation, name);
  } catch (error) {
    if (!(error instanceof FxError) || error.code === 'INTERRUPTED') throw error;
    return { ...nothing, status: `unknown: ${error.message}` };
  }
  const { account, region } = environment;
  const known = { name, chosen, account, region, protected: environment.protected };
  if (offline) return { ...known, deployed: undefined, status: 'not checked' };
  return { ...known, ...(await deployedState(environment, invocation)) };
}

/** One unreachable environment must not hide the others. */
async function deployedState(
  environment: Environment,
  invocation: Invocation,
): Promise<Pick<ListedEnvironment, 'deployed' | 'status'>> {
  try {
    if (environment.name === localEnvironment && !(await localRuns(environment))) {
      return { deployed: undefined, status: 'unknown: the local AWS is not running' };
    }
    const context = await contextOf({ ...invocation, report: () => {} }, environment);
    const { identify } = await import('../../operate/context.ts');
    await identify(environment, context);
    const stack = await context.aws.stacks.describe(environment.stackName);
    return stack === undefined ? { deployed: false, status: 'no' } : { deployed: true, status: stack.status };
  } catch (error) {
    if (!(error instanceof FxError) || error.code === 'INTERRUPTED') throw error;
    return { deployed: undefined, status: `unknown: ${error.message}` };
  }
}

async function localRuns({ folder }: Environment): Promise<boolean> {
  const { findServer } = await import('../../local/background.ts');
  return (await findServer(await localFolder(folder))) !== undefined;
}

// fx deploy
import { resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import type { Changed } from '../../operate/change.ts';
import type { Context } from '../../operate/context.ts';
import type { DeployOptions } from '../../operate/deploy-candidate.ts';
import type { Deployment } from '../../project/deployment.ts';
import type { Environment } from '../../project/environment.ts';
import type { SavedPlan } from '../../release/plan-file.ts';
import type { Change } from '../../stack/difference.ts';
import { allowReplaceOption, approveLosses, confirmOption } from '../approve.ts';
import { type Arguments, command, type Invocation, type Options } from '../command.ts';
import { chosenDeployment, deploymentOptions } from '../deployment.ts';
import { noWaitOption } from '../no-wait.ts';
import { outputText } from '../render/outputs.ts';
import { contextOf, openEnvironment, openProjectSession } from '../session.ts';
import { concurrencyOption, dependenciesOption, workspaceOption } from '../workspace/options.ts';

const args = {
  what: {
    about:
      'a file of fx plan -o: deploys exactly that, unless what is live has moved; with --code-only, these functions alone, `*` for any characters',
    kind: 'variadic',
  },
} as const satisfies Arguments;

const options = {
  codeOnly: {
    kind: 'flag',
    about: 'only give functions their new code, in seconds and without CloudFormation; not for protected environments',
  },
  ...deploymentOptions,
  message: { kind: 'text', short: 'm', value: 'text', about: 'a note for the list of releases' },
  allowReplace: allowReplaceOption,
  confirm: confirmOption,
  noWait: noWaitOption,
  ...workspaceOption,
  ...dependenciesOption,
  ...concurrencyOption,
} as const satisfies Options;

export const deploy = command({
  output: 'deploy',
  needs: 'project',
  // a saved plan is for one region
  inEachRegion: ({ what }) => planIn(what) === undefined,
  inEachProject: { order: 'dependencies first', ofOne: ['what', 'codeOnly', 'allowReplace'] },
  args,
  options,
  examples: [
    ['fx deploy', 'Deploy to the local environment; no account needed'],
    ['fx deploy --env staging', 'Deploy to staging'],
    [
      "fx deploy --env prod --canary 10% --bake 10m --abort-on 'errors>1%'",
      'Try the new versions with a tenth of the calls',
    ],
    ['fx deploy plan.fx', 'Deploy what fx plan -o plan.fx saved'],
    ['fx deploy orders --code-only --env staging', 'Give one function its new code in seconds'],
    ['fx deploy --env prod -m hotfix', 'Deploy with a note for the list of releases'],
    [
      'fx deploy --env staging --project orders --with-dependencies',
      'In a workspace, deploy a project after those it depends on',
    ],
  ],
  async run(invocation) {
    const file = planIn(invocation.args.what);
    checkWords(file, invocation);
    const { changed, release, outputs } =
      file === undefined ? await deployProject(invocation) : await deployPlanned(file, invocation);
    const { number } = release;
    invocation.print(changed ? `Release ${number} is live.` : `Nothing to change; release ${number} is live.`);
    invocation.print(outputText(outputs));
    invocation.result({ changed, release: release.number, outputs });
    return 0;
  },
});

type DeployInvocation = Invocation<'project', typeof args, typeof options>;

/** A file has a dot or a slash, which no function's name has. */
function planIn(words: readonly string[]): string | undefined {
  const [word] = words;
  return words.length === 1 && word !== undefined && /[./\\]/.test(word) ? word : undefined;
}

function checkWords(file: string | undefined, { args: { what }, common, options: chosen }: DeployInvocation): void {
  const { codeOnly, canary, linear } = chosen;
  if (what.length > 0 && !codeOnly && file === undefined) {
    throw new FxError('USAGE', 'fx deploy takes functions only with --code-only', {
      hint: 'without it, a deploy makes the whole environment match the project; a saved plan is a file such as plan.fx',
    });
  }
  if (codeOnly && (canary !== undefined || linear !== undefined)) {
    throw new FxError('USAGE', '--code-only moves all traffic at once: it excludes --canary and --linear');
  }
  if (file === undefined) return;
  const fixed = { '--code-only': codeOnly, '--set': common.set.length > 0, '--set-file': common.setFile !== undefined };
  const [wrong] = Object.entries(fixed).flatMap(([flag, isGiven]) => (isGiven ? [flag] : []));
  if (wrong !== undefined) throw new FxError('USAGE', `a saved plan is deployed as it is: it excludes ${wrong}`);
}

async function deployProject(invocation: DeployInvocation): Promise<Changed> {
  const { project, context } = await openProjectSession(invocation);
  const { what: functions } = invocation.args;
  const { codeOnly, message } = invocation.options;
  const deployment = chosenDeployment(invocation.options, project.deployment, project.codeDeploy);
  const [call, waiting] = callOf(invocation, { environment: project.environment, deployment, context });
  if (codeOnly) {
    const operate = await import('../../operate/deploy-code.ts');
    return operate.deployCode(project, { functions, message }, waiting);
  }
  const operate = await import('../../operate/deploy.ts');
  return operate.deploy(project, call, waiting);
}

/** The file says for which environment it is; naming another one is an error. */
async function deployPlanned(file: string, invocation: DeployInvocation): Promise<Changed> {
  const [{ readPlan }, operate] = await Promise.all([
    import('../../release/plan-file.ts'),
    import('../../operate/deploy-plan.ts'),
  ]);
  const opened = await readPlan(resolve(invocation.io.workingFolder, file));
  const environment = await environmentOf(opened.plan, invocation);
  const context = await contextOf(invocation, environment);
  const deployment = chosenDeployment(invocation.options, operate.deploymentIn(opened.plan));
  return operate.deployPlan(environment, opened, ...callOf(invocation, { environment, deployment, context }));
}

/** In the region of the plan, if it is one of several and --region names no other. */
async function environmentOf(plan: SavedPlan, invocation: DeployInvocation): Promise<Environment> {
  const { common } = invocation;
  const environment = await openEnvironment(invocation, common.env ?? plan.environment);
  const { region } = plan;
  if (common.region !== undefined || environment.regions?.names.includes(region) !== true) return environment;
  return openEnvironment({ ...invocation, common: { ...common, region } }, environment.name);
}

interface Target {
  readonly environment: Environment;
  readonly deployment: Deployment | undefined;
  readonly context: Context;
}

function callOf(
  invocation: DeployInvocation,
  { environment, deployment, context }: Target,
): readonly [DeployOptions, Context] {
  const { message, noWait } = invocation.options;
  const approve = (losses: readonly Change[]) => approveLosses(environment, losses, invocation);
  return [
    { message, deployment, approve, allAtOnce: invocation.options.allAtOnce },
    { ...context, wait: !noWait },
  ];
}

// fx deploy
import { FxError } from '../../base/error.ts';
import { allowReplaceOption, approveLosses, confirmOption } from '../approve.ts';
import { command } from '../command.ts';
import { chosenDeployment, deploymentOptions } from '../deployment.ts';
import { noWaitOption } from '../no-wait.ts';
import { outputText } from '../render/outputs.ts';
import { openProjectSession } from '../session.ts';

export const deploy = command({
  needs: 'project',
  inEachRegion: true,
  args: { functions: { about: 'with --code-only: these alone, `*` for any characters', kind: 'variadic' } },
  options: {
    codeOnly: {
      kind: 'flag',
      about:
        'only give functions their new code, in seconds and without CloudFormation; not for protected environments',
    },
    ...deploymentOptions,
    message: { kind: 'text', short: 'm', value: 'text', about: 'a note for the list of releases' },
    allowReplace: allowReplaceOption,
    confirm: confirmOption,
    noWait: noWaitOption,
  },
  examples: [
    ['fx deploy', 'Deploy to the local environment; no account needed'],
    ['fx deploy --env staging', 'Deploy to staging'],
    [
      "fx deploy --env prod --canary 10% --bake 10m --abort-on 'errors>1%'",
      'Try the new versions with a tenth of the calls',
    ],
    ['fx deploy orders --code-only --env staging', 'Give one function its new code in seconds'],
    ['fx deploy --env prod -m hotfix', 'Deploy with a note for the list of releases'],
  ],
  async run(invocation) {
    const { project, context } = await openProjectSession(invocation);
    const { args, options } = invocation;
    const waiting = { ...context, wait: !options.noWait };
    const deployment = chosenDeployment(options, project.deployment);
    checkWords(args.functions, options);
    const { changed, release, outputs } = options.codeOnly
      ? await (await import('../../operate/deploy-code.ts')).deployCode(
          project,
          { functions: args.functions, message: options.message },
          waiting,
        )
      : await (await import('../../operate/deploy.ts')).deploy(
          project,
          {
            message: options.message,
            deployment,
            approve: (losses) => approveLosses(project.environment, losses, invocation),
          },
          waiting,
        );
    const { number } = release;
    invocation.print(changed ? `Release ${number} is live.` : `Nothing to change; release ${number} is live.`);
    invocation.print(outputText(outputs));
    invocation.result({ changed, release: release.number, outputs });
    return 0;
  },
});

function checkWords(
  functions: readonly string[],
  {
    codeOnly,
    canary,
    linear,
  }: { readonly codeOnly: boolean; readonly canary?: string | undefined; readonly linear?: string | undefined },
): void {
  if (functions.length > 0 && !codeOnly) {
    throw new FxError('USAGE', 'fx deploy takes functions only with --code-only', {
      hint: 'without it, a deploy makes the whole environment match the project',
    });
  }
  if (codeOnly && (canary !== undefined || linear !== undefined)) {
    throw new FxError('USAGE', '--code-only moves all traffic at once: it excludes --canary and --linear');
  }
}

// fx deploy
import { approveLosses, confirmOption } from '../approve.ts';
import { command } from '../command.ts';
import { chosenDeployment, deploymentOptions } from '../deployment.ts';
import { noWaitOption } from '../no-wait.ts';
import { outputText } from '../render/outputs.ts';
import { openProjectSession } from '../session.ts';

export const deploy = command({
  needs: 'project',
  inEachRegion: true,
  options: {
    ...deploymentOptions,
    message: { kind: 'text', short: 'm', value: 'text', about: 'a note for the list of releases' },
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
    ['fx deploy --env prod -m hotfix', 'Deploy with a note for the list of releases'],
  ],
  async run(invocation) {
    const { project, context } = await openProjectSession(invocation);
    const operate = await import('../../operate/deploy.ts');
    const { changed, release, outputs } = await operate.deploy(
      project,
      {
        message: invocation.options.message,
        deployment: chosenDeployment(invocation.options, project.deployment),
        approve: (losses) => approveLosses(project.environment, losses, invocation),
      },
      { ...context, wait: !invocation.options.noWait },
    );
    const { number } = release;
    invocation.print(changed ? `Release ${number} is live.` : `Nothing to change; release ${number} is live.`);
    invocation.print(outputText(outputs));
    invocation.result({ changed, release: release.number, outputs });
    return 0;
  },
});

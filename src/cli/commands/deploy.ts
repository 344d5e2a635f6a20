// fx deploy
import { approveLosses, confirmOption } from '../approve.ts';
import { command } from '../command.ts';
import { noWaitOption } from '../no-wait.ts';
import { outputText } from '../render/outputs.ts';
import { openProjectSession } from '../session.ts';

export const deploy = command({
  needs: 'project',
  options: { confirm: confirmOption, noWait: noWaitOption },
  examples: [
    ['fx deploy', 'Deploy to the local environment; no account needed'],
    ['fx deploy --env staging', 'Deploy to staging'],
  ],
  async run(invocation) {
    const { project, context } = await openProjectSession(invocation);
    const operate = await import('../../operate/deploy.ts');
    const { changed, release, outputs } = await operate.deploy(
      project,
      (losses) => approveLosses(project.environment, losses, invocation),
      { ...context, wait: !invocation.options.noWait },
    );
    const { number } = release;
    invocation.print(changed ? `Release ${number} is live.` : `Nothing to change; release ${number} is live.`);
    invocation.print(outputText(outputs));
    invocation.result({ changed, release: release.number, outputs });
    return 0;
  },
});

// fx rollback
import { approveLosses, confirmOption } from '../approve.ts';
import { command } from '../command.ts';
import { outputText } from '../render/outputs.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';

export const rollback = command({
  needs: 'environment',
  args: { release: { about: 'its number (default: the release before the live one)', kind: 'optional' } },
  options: { confirm: confirmOption },
  examples: [
    ['fx rollback --env prod', 'Go back to the release before'],
    ['fx rollback 12 --env prod', 'Go back to release 12'],
  ],
  async run(invocation) {
    const number = invocation.args.release;
    const wanted = number === undefined ? undefined : wholeNumber(number, 'the release');
    const { project, context } = await openSession(invocation);
    const operate = await import('../../operate/rollback.ts');
    const { changed, target, release, outputs } = await operate.rollback(
      project,
      { wanted, approve: (losses) => approveLosses(project, losses, invocation) },
      context,
    );
    invocation.print(
      changed
        ? `Release ${release.number} is live: release ${target.number} is back.`
        : `Nothing to change; release ${release.number} is live.`,
    );
    invocation.print(outputText(outputs));
    invocation.result({ changed, release: release.number, target: target.number, outputs });
    return 0;
  },
});

// fx rollback
import { approveLosses, confirmOption } from '../approve.ts';
import { command } from '../command.ts';
import { noWaitOption } from '../no-wait.ts';
import { outputText } from '../render/outputs.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';

export const rollback = command({
  needs: 'environment',
  args: {
    release: {
      about: 'its number (default: finish an interrupted rollback, else the release before the live one)',
      kind: 'optional',
    },
  },
  options: { confirm: confirmOption, noWait: noWaitOption },
  examples: [
    ['fx rollback --env prod', 'Go back to the previous release'],
    ['fx rollback 12 --env prod', 'Go back to release 12'],
  ],
  async run(invocation) {
    const word = invocation.args.release;
    const number = word === undefined ? undefined : wholeNumber(word, 'the release');
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/rollback.ts');
    const { changed, finished, target, release, outputs } = await operate.rollback(
      environment,
      { number, approve: (losses) => approveLosses(environment, losses, invocation) },
      { ...context, wait: !invocation.options.noWait },
    );
    const interrupted = finished ? ' The interrupted change is finished.' : '';
    invocation.print(
      changed
        ? `Release ${release.number} is live: release ${target} is back.${interrupted}`
        : `Nothing to change; release ${release.number} is live.${interrupted}`,
    );
    invocation.print(outputText(outputs));
    invocation.result({ changed, finished, release: release.number, target, outputs });
    return 0;
  },
});

// fx attach
import { command } from '../command.ts';
import { outputText } from '../render/outputs.ts';
import { openSession } from '../session.ts';

export const attach = command({
  output: 'attach',
  needs: 'environment',
  examples: [['fx attach --env prod', 'Go on watching a deploy after a lost connection or expired credentials']],
  async run(invocation) {
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/attach.ts');
    const { wasInProgress, stack, release } = await operate.attach(environment, context);
    const what = wasInProgress ? 'The change has ended' : 'No change is in progress';
    const now = stack === undefined ? `${environment.stackName} is deleted` : `${stack.name} is in ${stack.status}`;
    invocation.print(`${what}: ${now}${release === undefined ? '' : `; release ${release} is live`}.`);
    invocation.print(outputText(stack?.outputs ?? {}));
    invocation.result({ wasInProgress, status: stack?.status, release, outputs: stack?.outputs ?? {} });
    return 0;
  },
});

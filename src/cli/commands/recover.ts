// fx recover
import { FxError } from '../../base/error.ts';
import type { Recovering } from '../../operate/recover.ts';
import { command, type Invocation } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { noWaitOption } from '../no-wait.ts';
import { openSession } from '../session.ts';

export const recover = command({
  output: 'recover',
  needs: 'environment',
  options: {
    skip: {
      kind: 'repeated',
      value: 'resource',
      about:
        'leave a resource that cannot be rolled back as it is: its logical id, Nested.Id in a nested stack; repeatable',
    },
    force: { kind: 'flag', about: 'leave everything that cannot be rolled back as it is' },
    yes: { kind: 'flag', short: 'y', about: 'do not ask' },
    noWait: noWaitOption,
  },
  examples: [
    ['fx recover --env prod', 'Show what holds the rollback, and continue it'],
    ['fx recover --skip Table --env prod', 'Continue it without one resource'],
  ],
  async run(invocation) {
    const { skip, force, noWait } = invocation.options;
    if (force && skip.length > 0) {
      throw new FxError('USAGE', '--force and --skip exclude each other', {
        hint: '--force skips everything that cannot be rolled back',
      });
    }
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/recover.ts');
    const { changed, status, skipped } = await operate.recover(
      environment,
      { skip, force, approve: (recovering) => approve(recovering, invocation) },
      { ...context, wait: !noWait },
    );
    invocation.print(
      changed
        ? `${environment.stackName} is in ${status}: it can be deployed again.`
        : `Nothing to recover: ${environment.stackName} is in ${status}.`,
    );
    if (skipped.length > 0) {
      invocation.print(
        `Left as they are, and unlike the template: ${skipped.join(', ')}. Make them match before the next deploy changes them.`,
      );
    }
    invocation.result({ changed, status, skipped });
    return 0;
  },
});

type Asking = Pick<Invocation, 'io' | 'ask' | 'aside'> & { readonly options: { readonly yes: boolean } };

async function approve({ stackName, status, failed, skipped }: Recovering, asking: Asking): Promise<void> {
  const rows = failed.map(({ name, type, reason }) => `  ${name}  ${type}\n    ${reason}`);
  const held = rows.length === 0 ? '' : `\nThese failed:\n${rows.join('\n')}`;
  const left = skipped.length === 0 ? '' : `\nThese will be left as they are: ${skipped.join(', ')}`;
  const what = `${stackName} is in ${status}.${held}${left}`;
  await confirmed(what, 'Continue the rollback?', {
    ...asking,
    yes: asking.options.yes,
    declined: 'recovery cancelled; nothing was changed',
  });
}

// fx remove
import { FxError } from '../../base/error.ts';
import type { Removal } from '../../operate/remove.ts';
import { type Environment, localEnvironment } from '../../project/environment.ts';
import { command, type Invocation } from '../command.ts';
import { noWaitOption } from '../no-wait.ts';
import { openSession } from '../session.ts';

export const remove = command({
  needs: 'environment',
  inEachRegion: true,
  options: {
    yes: { kind: 'flag', short: 'y', about: 'do not ask; a protected environment needs --confirm' },
    confirm: { kind: 'text', value: 'environment', about: 'the name of a protected environment, instead of typing it' },
    retain: {
      kind: 'repeated',
      value: 'resource',
      about: 'keep a resource if it cannot be deleted, by its logical id; repeatable',
    },
    force: { kind: 'flag', about: 'keep whatever cannot be deleted' },
    noWait: noWaitOption,
  },
  examples: [
    ['fx remove', 'Remove the local environment'],
    ['fx remove --env staging --yes', 'Remove staging without being asked'],
    ['fx remove --env staging --retain Uploads', 'Remove staging, but keep a bucket if it cannot be deleted'],
  ],
  async run(invocation) {
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/remove.ts');
    const { retain, force } = invocation.options;
    const { existed, retained } = await operate.remove(
      environment,
      {
        retain,
        force,
        approve: (removal) => approve(environment, removal, { ...invocation, ...invocation.options }),
      },
      { ...context, wait: !invocation.options.noWait },
    );
    invocation.print(
      existed ? `"${environment.name}" is removed.` : `"${environment.name}" is not deployed; nothing was removed.`,
    );
    if (retained.length > 0) {
      const rows = retained.map(({ logicalId, type, physicalId }) => `  ${logicalId}  ${type}  ${physicalId}`);
      invocation.print(`Still there:\n${rows.join('\n')}`);
    }
    invocation.result({ removed: existed, retained });
    return 0;
  },
});

interface Answers extends Pick<Invocation, 'io' | 'ask'> {
  readonly yes: boolean;
  readonly confirm: string | undefined;
}

async function approve(environment: Environment, removal: Removal, { io, ask, yes, confirm }: Answers): Promise<void> {
  const name = environment.name;
  const losses = removal.stateful.map(({ logicalId, type }) => `  ${logicalId}  ${type}`);
  const loss = losses.length === 0 ? '' : `\nThis deletes the data in:\n${losses.join('\n')}`;
  if (removal.isProtected) {
    if (confirm === name) return;
    if (!io.stdinIsTerminal || yes) {
      throw new FxError('DECLINED', `"${name}" is protected`, {
        hint: `to remove it, run fx remove --env ${name} --confirm ${name}`,
      });
    }
    const typed = await ask(
      `"${name}" is protected.${loss}\nType its name to remove ${removal.stackName} (${removal.resources} resources): `,
    );
    if (typed.trim() !== name) throw declined();
    return;
  }
  if (yes || (name === localEnvironment && losses.length === 0)) return;
  if (!io.stdinIsTerminal) {
    throw new FxError('DECLINED', `removing "${name}" needs confirmation`, {
      hint: 'stdin is not a terminal: to confirm, add --yes',
    });
  }
  const answer = await ask(`Remove ${removal.stackName} (${removal.resources} resources)?${loss}\n[y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw declined();
}

function declined(): FxError {
  return new FxError('DECLINED', 'removal cancelled; nothing was changed');
}

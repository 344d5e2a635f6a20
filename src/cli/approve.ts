// Asks before a change deletes data: for each resource by name, and in a protected environment for the environment's name too.
import { FxError } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import type { Change } from '../stack/difference.ts';
import type { Invocation, ListOption, Needs, TextOption } from './command.ts';

export const confirmOption = {
  kind: 'text',
  value: 'environment',
  about: 'the name of a protected environment, to confirm a change that deletes data',
} as const satisfies TextOption;

export const allowReplaceOption = {
  kind: 'repeated',
  value: 'name',
  about: 'the logical id of a resource that may be replaced or deleted with its data; repeatable',
} as const satisfies ListOption;

type Options = { readonly confirm: typeof confirmOption; readonly allowReplace: typeof allowReplaceOption };
type Asking = Pick<Invocation<Needs, Record<never, never>, Options>, 'io' | 'ask' | 'options'>;

/** Resolves if the user named every resource, and the environment if it is protected, by flags or at the terminal. Throws DECLINED. */
export async function approveLosses(
  environment: Environment,
  losses: readonly Change[],
  { instead, ...invocation }: Asking & { readonly instead?: string },
): Promise<void> {
  const { allowReplace } = invocation.options;
  const refused: Change[] = [];
  for (const loss of losses) {
    if (!allowReplace.includes(loss.logicalId) && !(await isNamed(loss, invocation))) refused.push(loss);
  }
  if (refused.length > 0) {
    throw new FxError('DECLINED', `this would delete the data in ${lossText(refused)}`, {
      hint: `to allow it, add ${refused.map(({ logicalId }) => `--allow-replace ${logicalId}`).join(' ')}; DeletionPolicy and UpdateReplacePolicy: Retain, deployed before, keep it${instead === undefined ? '' : `; ${instead}`}`,
    });
  }
  if (environment.protected) await approveProtected(environment, losses, invocation);
}

async function isNamed({ action, logicalId, type }: Change, { io, ask }: Asking): Promise<boolean> {
  if (!io.stdinIsTerminal) return false;
  const what = action === 'replace' ? 'replaced by an empty one' : 'deleted, with its data';
  const typed = await ask(`${logicalId} (${type}) would be ${what}.\nType its name to continue: `);
  return typed.trim() === logicalId;
}

async function approveProtected(
  { name }: Environment,
  losses: readonly Change[],
  { io, ask, options: { confirm } }: Asking,
): Promise<void> {
  if (confirm === name) return;
  const what = `"${name}" is protected: this would delete the data in ${lossText(losses)}`;
  if (io.stdinIsTerminal && confirm === undefined) {
    const typed = await ask(`${what}.\nType the name of the environment to continue: `);
    if (typed.trim() === name) return;
  }
  throw new FxError('DECLINED', what, { hint: `to continue, add --confirm ${name}` });
}

function lossText(losses: readonly Change[]): string {
  return losses.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
}

// Asks for confirmation before a protected environment loses data.
import { FxError } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import type { Change } from '../stack/difference.ts';
import type { Invocation, Needs, TextOption } from './command.ts';

export const confirmOption = {
  kind: 'text',
  value: 'environment',
  about: 'the name of a protected environment, to confirm a change that deletes data',
} as const satisfies TextOption;

/** Resolves if the user named the environment, by flag or at the terminal. Throws DECLINED. */
export async function approveLosses(
  { name }: Environment,
  losses: readonly Change[],
  invocation: Pick<
    Invocation<Needs, Record<never, never>, { confirm: typeof confirmOption }>,
    'io' | 'ask' | 'options'
  >,
): Promise<void> {
  const { confirm } = invocation.options;
  if (confirm === name) return;
  const lost = losses.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
  const what = `"${name}" is protected: this would delete the data in ${lost}`;
  if (invocation.io.stdinIsTerminal && confirm === undefined) {
    const typed = await invocation.ask(`${what}.\nType its name to continue: `);
    if (typed.trim() === name) return;
  }
  throw new FxError('DECLINED', what, { hint: `to continue, add --confirm ${name}` });
}

// Asks before a protected environment loses data.
import { FxError } from '../base/error.ts';
import type { Project } from '../project/project.ts';
import type { Change } from '../stack/difference.ts';
import type { Invocation, Needs, TextOption } from './command.ts';

export const confirmOption = {
  kind: 'text',
  value: 'environment',
  about: 'the name of a protected environment, to let it lose data',
} as const satisfies TextOption;

/** Resolves where the user named the environment, by flag or at the terminal. Throws DECLINED. */
export async function approveLosses(
  project: Project,
  losses: readonly Change[],
  invocation: Pick<
    Invocation<Needs, Record<never, never>, { confirm: typeof confirmOption }>,
    'io' | 'ask' | 'options'
  >,
): Promise<void> {
  const name = project.environment;
  const { confirm } = invocation.options;
  if (confirm === name) return;
  const lost = losses.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
  const what = `"${name}" is protected, and this loses the data of ${lost}`;
  if (invocation.io.stdinIsTerminal && confirm === undefined) {
    const typed = await invocation.ask(`${what}.\nType its name to go on: `);
    if (typed.trim() === name) return;
  }
  throw new FxError('DECLINED', what, { hint: `to go on, add --confirm ${name}` });
}

// Asks a yes-or-no question before something that cannot be undone.
import { FxError } from '../base/error.ts';
import type { Invocation } from './command.ts';

interface Asking extends Pick<Invocation, 'io' | 'ask' | 'aside'> {
  /** The option --yes. */
  readonly yes: boolean;
  /** The error's message if the answer is no. */
  readonly declined: string;
}

/** Resolves if the answer is yes; shows `what` in any case. Throws DECLINED, also without a terminal and without --yes. */
export async function confirmed(
  what: string,
  question: string,
  { io, ask, aside, yes, declined }: Asking,
): Promise<void> {
  if (yes) return aside(what);
  if (!io.stdinIsTerminal) {
    aside(what);
    throw new FxError('DECLINED', 'this needs confirmation', {
      hint: 'stdin is not a terminal: to confirm, add --yes',
    });
  }
  const answer = await ask(`${what}\n${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new FxError('DECLINED', declined);
}

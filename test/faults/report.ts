// docs/reliability.md, from what ran.
import type { FaultKind } from './faults.ts';
import type { Verb } from './verbs.ts';

export interface Tally {
  readonly verb: string;
  readonly kind: string;
  readonly isRight: boolean;
}

export interface Ran {
  readonly tallies: readonly Tally[];
  /** How many cases there are. */
  readonly total: number;
}

export function reliabilityText({ tallies, total }: Ran, verbs: readonly Verb[], kinds: readonly FaultKind[]): string {
  const cell = (verb: string, kind: string): string => {
    const of = tallies.filter((tally) => tally.verb === verb && tally.kind === kind);
    const wrong = of.filter(({ isRight }) => !isRight).length;
    return of.length === 0 ? '–' : wrong === 0 ? String(of.length) : `${of.length}, **${wrong} wrong**`;
  };
  const wrong = tallies.filter(({ isRight }) => !isRight).length;
  const head = ['fault', ...verbs.map(({ name }) => name)];
  const rows = kinds.map(({ name }) => [name, ...verbs.map((verb) => cell(verb.name, name))]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `<!-- written by \`npm run faults\` -->
# What happens when a call fails

A proxy between fx and the local AWS makes one call of a command fail, or kills fx after it was answered. The command must then succeed, or end
with one error that says what to do; the live release must answer; and the same command again must succeed, with nothing done by hand.

Each number counts the calls that failed in that way: ${tallies.length} cases in this run, of ${total}; ${wrong} with another outcome.

${line(head)}
${line(head.map(() => '---'))}
${rows.map(line).join('\n')}

The faults: throttled as the service throttles, once and four times in a row; status 500 and 503 without a body; the connection reset before the
request arrived and after; an answer that takes two seconds; half of an answer; credentials that expire at that call and stay expired; a right that is
missing for that operation; and kill -9.

\`npm run faults\` repeats all of it, \`FX_FAULTS=0.1 npm run faults\` a tenth; CI runs two faults of each command.
`;
}

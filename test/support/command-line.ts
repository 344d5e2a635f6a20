// A command line as documentation has it → the command that it is, whose arguments and options must all be known.

import { commands } from '../../src/cli/commands/index.ts';
import { commonOptions } from '../../src/cli/common-options.ts';
import type { Io } from '../../src/cli/io.ts';
import { resolve } from '../../src/cli/main.ts';
import { parse } from '../../src/cli/parse.ts';
import { topicText } from '../../src/cli/topics.ts';

const unused = () => Promise.reject(new Error('not asked for in this test'));
/** Of a command that does not run. */
export const idleIo: Io = {
  variables: {},
  workingFolder: '/',
  program: ['node', 'fx'],
  stdinIsTerminal: false,
  stdoutIsTerminal: false,
  stderrIsTerminal: false,
  columns: () => 100,
  now: () => 0,
  color: false,
  out: () => {},
  err: () => {},
  readInput: unused,
  input: () => {
    throw new Error('unused');
  },
  ask: unused,
  keys: () => () => {},
};

/** The words of a line as a shell splits them: at spaces, except within quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

/** The full name of the command of a line that begins with `fx`. Rejects with USAGE for a word that it does not know. */
export async function commandIn(line: string): Promise<string> {
  const all = wordsOf(line);
  // the rest is the shell's: a pipe, a file, another command, or a comment
  const end = all.findIndex((word) => /^(\||>>?|&&|\|\||;|2>&1|#.*|&)$/.test(word));
  const [program, ...words] = end === -1 ? all : all.slice(0, end);
  if (program !== 'fx') throw new Error(`${line} does not begin with fx`);
  const [first = '', second = ''] = words;
  if (first === '--version' || (first === 'help' && (second === 'topics' || topicText(second, { color: false }))))
    return 'help';
  const target = await resolve(words, commands);
  if (target.kind !== 'command') return 'help';
  const { needs, args, options } = await target.row.load();
  parse(target.words, { line: `fx ${target.name}`, args, options: { ...options, ...commonOptions(needs, idleIo) } });
  return target.name;
}

// The help of fx and of a group, and the layout of all help. Loads no command's code.
import type { CommandGroup, CommandTable } from './command.ts';

/** Lines longer than this are hard to read, however wide the terminal is. */
const mostColumns = 110;

export interface HelpOptions {
  readonly columns: number;
}

export function programHelp(table: CommandTable, options: HelpOptions): string {
  return sections([
    'Usage: fx <command> [options]',
    wrap('Deploy AWS Lambda functions from one project.yml, and roll a bad release back in seconds.', options),
    titled('Commands:', [...rowsOf(table), ['help [command]', 'Show the help of a command']], options),
    titled(
      'Options:',
      [
        ['-V, --version', 'print the version'],
        ['-h, --help', 'show this help'],
      ],
      options,
    ),
    'Example:\n  fx init shop && cd shop && fx deploy',
    'Each command has its own --help with examples; `fx help topics` lists the guides.',
  ]);
}

export function groupHelp(
  name: string,
  { summary, commands, alone, takesWords }: CommandGroup,
  options: HelpOptions,
): string {
  return sections([
    alone === undefined
      ? `Usage: fx ${name} <command> [options]`
      : `Usage: fx ${name} [command] [options]\n\nWithout a command: fx ${name} ${alone}${takesWords === true ? ' [words]' : ''}`,
    wrap(summary, options),
    titled('Commands:', rowsOf(commands), options),
    `Each command has its own help: fx help ${name} <command>`,
  ]);
}

export type Row = readonly [term: string, about: string];

function rowsOf(table: CommandTable): Row[] {
  return Object.entries(table).flatMap(([name, row]): Row[] =>
    'hidden' in row && row.hidden === true ? [] : [[name, row.summary]],
  );
}

export const sections = (parts: readonly string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`;

/** Two columns below a title: terms and their descriptions, wrapped. */
export function titled(title: string, rows: readonly Row[], { columns }: HelpOptions): string {
  const width = Math.max(...rows.map(([term]) => term.length)) + 4;
  const lines = rows.map(([term, about]) => {
    const [first = '', ...more] = wrapped(about, Math.min(columns, mostColumns) - width);
    return [`  ${term}`.padEnd(width) + first, ...more.map((line) => ' '.repeat(width) + line)].join('\n');
  });
  return `${title}\n${lines.join('\n')}`;
}

export const wrap = (text: string, { columns }: HelpOptions): string =>
  wrapped(text, Math.min(columns, mostColumns)).join('\n');

/** Lines of whole words, none wider than the width unless it is a single word. */
export function wrapped(text: string, width: number): string[] {
  // on a narrow terminal, its line wrapping is more readable than one word per line
  if (width < 30) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

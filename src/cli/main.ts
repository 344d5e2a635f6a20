// Words → a command and an exit code. Loads only the code of that command.
import type { ExitCode } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import type { CommandGroup, CommandRow, CommandTable } from './command.ts';
import { commands as fxCommands } from './commands/index.ts';
import type { HelpOptions } from './help.ts';
import type { Io } from './io.ts';

export interface Process {
  readonly io: Io;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Throws if no command may work on the environment. */
  readonly admit?: (environment: Environment) => void;
}

/** Whether the words ask only for the version or the list of commands, which need no command's code. */
export function needsNoCommand([first, second]: readonly string[]): boolean {
  return first === undefined || isVersion(first) || isHelp(first) || (first === 'help' && second === undefined);
}

/** Runs one command line, given without the program's name. Never throws; never ends the process. */
export async function main(
  words: readonly string[],
  process: Process,
  table: CommandTable = fxCommands,
): Promise<ExitCode> {
  const { io, version } = process;
  try {
    const topic = words[0] === 'help' ? await topicOf(words[1], io, table) : undefined;
    if (topic !== undefined) {
      io.out(topic);
      return 0;
    }
    if (words[0] !== undefined && isVersion(words[0])) {
      io.out(`${version}\n`);
      return 0;
    }
    const target = await resolve(words, table);
    if (target.kind === 'help') {
      io.out(await helpText(target.of, io, table));
      return 0;
    }
    const { runCommand } = await import('./run.ts');
    const code = await runCommand(target, process);
    if (code !== 'help') return code;
    io.out(await helpText(target, io, table));
    return 0;
  } catch (error) {
    const { showError } = await import('./failure.ts');
    return showError(error, io, { json: words.includes('--json'), debug: words.includes('--debug') });
  }
}

/** A command of the table by its full name, and the words after it. */
export interface CommandTarget {
  readonly kind: 'command';
  /** `local start`. */
  readonly name: string;
  readonly row: CommandRow;
  readonly words: readonly string[];
}

interface HelpTarget {
  readonly kind: 'help';
  /** Undefined for fx itself. */
  readonly of?: CommandTarget | { readonly kind: 'group'; readonly name: string; readonly group: CommandGroup };
}

const isVersion = (word: string): boolean => word === '-V' || word === '--version';
const isHelp = (word: string): boolean => word === '-h' || word === '--help';

/** Exported for the test that reads every example. Rejects with USAGE. */
export async function resolve(words: readonly string[], table: CommandTable): Promise<CommandTarget | HelpTarget> {
  const [first, ...rest] = words;
  if (first === 'help') {
    const target = await resolve(rest, table);
    return target.kind === 'command' ? { kind: 'help', of: target } : target;
  }
  if (first === undefined || isHelp(first)) return { kind: 'help' };
  const row = await rowOf(first, rest, { table, prefix: '' });
  if (!('commands' in row)) return { kind: 'command', name: first, row, words: rest };
  const [second, ...others] = rest;
  const isCommand =
    second === 'help' || (second !== undefined && (isHelp(second) || Object.hasOwn(row.commands, second)));
  const isAlone = second === undefined || second.startsWith('-') || row.takesWords === true;
  if (row.alone !== undefined && isAlone && !isCommand) {
    const alone = await rowOf(row.alone, [], { table: row.commands, prefix: `${first} ` });
    return { kind: 'command', name: `${first} ${row.alone}`, row: alone, words: rest };
  }
  if (second === undefined || second === 'help' || isHelp(second))
    return { kind: 'help', of: { kind: 'group', name: first, group: row } };
  const member = await rowOf(second, others, { table: row.commands, prefix: `${first} ` });
  return { kind: 'command', name: `${first} ${second}`, row: member, words: others };
}

interface Place<R> {
  readonly table: Readonly<Record<string, R>>;
  /** The group's name and a space. */
  readonly prefix: string;
}

async function rowOf<R>(word: string, after: readonly string[], { table, prefix }: Place<R>): Promise<R> {
  const row = Object.hasOwn(table, word) ? table[word] : undefined;
  if (row !== undefined) return row;
  const { unknownCommand } = await import('./failure.ts');
  throw unknownCommand(word, after, { commands: Object.keys(table), prefix });
}

/** A guide or an error; undefined for the name of a command, or for what is neither. */
async function topicOf(word: string | undefined, io: Io, table: CommandTable): Promise<string | undefined> {
  if (word === undefined || Object.hasOwn(table, word)) return undefined;
  const { topicList, topicText } = await import('./topics.ts');
  return word === 'topics' ? topicList() : topicText(word, { color: io.color && io.stdoutIsTerminal });
}

async function helpText(of: HelpTarget['of'], io: Io, table: CommandTable): Promise<string> {
  const options = { columns: io.columns() };
  if (of?.kind === 'command') return commandHelpText(of, io, options);
  const { groupHelp, programHelp } = await import('./help.ts');
  return of === undefined ? programHelp(table, options) : groupHelp(of.name, of.group, options);
}

async function commandHelpText({ name, row }: CommandTarget, io: Io, options: HelpOptions): Promise<string> {
  const [command, { commonOptions }, { commandHelp }] = await Promise.all([
    row.load(),
    import('./common-options.ts'),
    import('./command-help.ts'),
  ]);
  const declared = { ...command.options, ...commonOptions(command.needs, io) };
  return commandHelp({ name, summary: row.summary, command, options: declared }, options);
}

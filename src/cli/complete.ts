// What a shell offers at the Tab key: commands, options, and the names of functions, environments and projects.
import type { Argument, Command, CommandGroup, CommandRow, CommandTable, Named, Option, Options } from './command.ts';
import { longFlag } from './command.ts';
import { commands as fxCommands } from './commands/index.ts';
import { commonOptions } from './common-options.ts';
import type { Io } from './io.ts';

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** `files`: the shell completes a path. */
export type Completion = readonly Candidate[] | 'files';

/** The names of the project that the words are about. Empty if there is none, or if it has problems. */
export type NamesOf = (named: Named, words: CompletedOptions) => Promise<readonly Candidate[]>;

/** What the words before say of where to look. */
export interface CompletedOptions {
  readonly folder: string;
  readonly config: string | undefined;
}

/** `words`: those after `fx`, the last one as far as it is typed, which may be ''. */
export async function complete(
  words: readonly string[],
  io: Io,
  namesOf: NamesOf,
  table: CommandTable = fxCommands,
): Promise<Completion> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const found = await commandAt(before, table);
  if (found.kind === 'table') return beginning(typed, shown(found.rows));
  const { command, rest, alternatives } = found;
  const options = { ...command.options, ...commonOptions(command.needs, io) };
  if (rest.includes('--')) return 'files';
  const pending = optionAwaitingValue(rest.at(-1), options);
  const where = placeIn(rest, options);
  if (pending !== undefined) return ofOption(pending, typed, (named) => namesOf(named, where));
  if (typed.startsWith('-')) return beginning(typed, Object.entries(options).map(flagCandidate));
  const argument = argumentAt(command, rest, options);
  const named = argument?.names === undefined ? [] : await namesOf(argument.names, where);
  const candidates = beginning(typed, [...alternatives, ...named]);
  return candidates.length === 0 && argument !== undefined && argument.names === undefined ? 'files' : candidates;
}

type At =
  | { readonly kind: 'table'; readonly rows: Readonly<Record<string, CommandRow | CommandGroup>> }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly rest: readonly string[];
      /** The members of a group whose word alone is a command: `fx releases` and `fx releases show`. */
      readonly alternatives: readonly Candidate[];
    };

async function commandAt([first, ...rest]: readonly string[], table: CommandTable): Promise<At> {
  if (first === undefined) return { kind: 'table', rows: table };
  if (first === 'help') return commandAt(rest, table);
  const row = Object.hasOwn(table, first) ? table[first] : undefined;
  if (row === undefined) return { kind: 'table', rows: {} };
  if (!('commands' in row)) return { kind: 'command', command: await row.load(), rest, alternatives: [] };
  const [second, ...others] = rest;
  const member = second !== undefined && Object.hasOwn(row.commands, second) ? row.commands[second] : undefined;
  if (member !== undefined) return { kind: 'command', command: await member.load(), rest: others, alternatives: [] };
  const alone = row.alone === undefined ? undefined : row.commands[row.alone];
  if (alone === undefined) return { kind: 'table', rows: second === undefined ? row.commands : {} };
  const alternatives = second === undefined ? shown(row.commands) : [];
  return { kind: 'command', command: await alone.load(), rest, alternatives };
}

function shown(rows: Readonly<Record<string, CommandRow | CommandGroup>>): readonly Candidate[] {
  return Object.entries(rows)
    .filter(([, row]) => !('hidden' in row && row.hidden === true))
    .map(([word, { summary }]) => ({ word, about: summary }));
}

const beginning = (typed: string, candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.filter(({ word }) => word.startsWith(typed));

const flagCandidate = ([name, { about }]: [string, Option]): Candidate => ({ word: longFlag(name), about });

function optionOf(word: string | undefined, options: Options): readonly [string, Option] | undefined {
  if (word === undefined || !word.startsWith('-')) return undefined;
  return Object.entries(options).find(([name, { short }]) => word === longFlag(name) || word === `-${short}`);
}

function optionAwaitingValue(word: string | undefined, options: Options): readonly [string, Option] | undefined {
  const option = optionOf(word, options);
  return option === undefined || option[1].kind === 'flag' ? undefined : option;
}

async function ofOption(
  [, option]: readonly [string, Option],
  typed: string,
  namesOf: (named: Named) => Promise<readonly Candidate[]>,
): Promise<Completion> {
  if (option.kind === 'flag') return [];
  if (option.names !== undefined) return beginning(typed, await namesOf(option.names));
  return /^(file|path|dir|folder)$/.test(option.value) ? 'files' : [];
}

/** The value of -C or -c, wherever it is. */
function placeIn(rest: readonly string[], options: Options): CompletedOptions {
  const given = (wanted: string) => {
    const index = rest.findLastIndex((word) => optionOf(word, options)?.[0] === wanted);
    return index < 0 ? undefined : rest[index + 1];
  };
  return { folder: given('directory') ?? '.', config: given('config') };
}

/** The argument that the next word would be. */
function argumentAt(command: Command, rest: readonly string[], options: Options): Argument | undefined {
  const given = rest.filter(
    (word, index) => !word.startsWith('-') && optionAwaitingValue(rest[index - 1], options) === undefined,
  ).length;
  const args = Object.values(command.args);
  const last = args.at(-1);
  return args[given] ?? (last?.kind === 'variadic' ? last : undefined);
}

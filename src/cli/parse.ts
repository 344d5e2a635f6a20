// Words of a command line → arguments and options, as declared. commander parses; fx words the errors.
import { Command, CommanderError, Option as CommanderOption } from 'commander';
import { FxError } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { type Arguments, argumentUsage, flagsText, longFlag, type Option, type Options } from './command.ts';

export interface Syntax {
  /** `fx logs`, for the hints. */
  readonly line: string;
  readonly args: Arguments;
  readonly options: Options;
}

export interface Parsed {
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** `help` if the words ask for it, even if others are invalid. Throws USAGE. */
export function parse(words: readonly string[], syntax: Syntax): Parsed | 'help' {
  const command = commandOf(syntax.args, syntax.options);
  let error: unknown;
  try {
    command.parse(words, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    error = usageError(thrown, words, command, syntax);
  }
  // commander reads every option before it rejects a word
  if (command.getOptionValue('help') === true) return 'help';
  refuseOptionAsValue(words, syntax);
  if (error !== undefined) throw error;
  const values = command.processedArgs as readonly (string | readonly string[] | undefined)[];
  return {
    args: Object.fromEntries(Object.keys(syntax.args).map((name, index) => [name, values[index]])),
    options: command.opts<Parsed['options']>(),
  };
}

/** The declarations as commander's command, which throws instead of printing and exiting. */
function commandOf(args: Arguments, options: Options): Command {
  const command = new Command()
    .helpOption(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const [name, { kind }] of Object.entries(args)) command.argument(argumentUsage(name, kind));
  for (const [name, option] of Object.entries(options)) command.addOption(optionOf(name, option));
  return command;
}

function optionOf(name: string, option: Option): CommanderOption {
  const declared = new CommanderOption(flagsText(name, option));
  // commander takes `--no-wait` for the negation of an option `wait`; here it is an option of that name
  declared.negate = false;
  switch (option.kind) {
    case 'flag':
      return declared.default(false);
    case 'text':
      return declared.default(option.default);
    case 'variadic':
      return declared.default([]);
    case 'repeated':
      return declared.default([]).argParser((value, earlier: readonly string[]) => [...earlier, value]);
  }
}

/** `--since -f`: commander takes any word as the value, even another option. */
function refuseOptionAsValue(words: readonly string[], syntax: Syntax): void {
  const end = words.indexOf('--');
  const flags = flagsOf(syntax.options);
  for (const [index, word] of words.slice(0, end === -1 ? words.length : end).entries()) {
    const kind = flags.get(word)?.kind;
    const next = words[index + 1];
    if (kind !== undefined && kind !== 'flag' && next !== undefined && flags.has(next))
      throw missingValue(word, syntax);
  }
}

function usageError(error: CommanderError, words: readonly string[], command: Command, syntax: Syntax): Error {
  const { args, registeredArguments } = command;
  const count = registeredArguments.length;
  switch (error.code) {
    case 'commander.unknownOption':
      // an argument may begin with a dash only after `--`, where no option can be
      return unknownOption(args.find((arg) => arg.startsWith('-')) ?? '', syntax);
    case 'commander.optionMissingArgument': {
      // only the last word can lack a value; in `-fs`, its last letter
      const last = words.at(-1) ?? '';
      return missingValue(last.startsWith('--') ? last : `-${last.at(-1)}`, syntax);
    }
    case 'commander.missingArgument':
      return usage(`missing argument "${registeredArguments[args.length]?.name()}"`, syntax);
    case 'commander.excessArguments': {
      const takes = count === 0 ? 'no arguments' : count === 1 ? 'one argument' : `${count} arguments`;
      return usage(`unexpected argument "${args[count]}": ${syntax.line} takes ${takes}`, syntax);
    }
    default:
      return error;
  }
}

function missingValue(flag: string, syntax: Syntax): FxError {
  const option = flagsOf(syntax.options).get(flag);
  const value = option === undefined || option.kind === 'flag' ? 'value' : option.value;
  return usage(`"${flag}" needs a value: ${flag} <${value}>`, syntax);
}

/** For a word such as `--folow`, or `--follow=no` if the option is a flag. */
function unknownOption(word: string, syntax: Syntax): FxError {
  const flags = flagsOf(syntax.options);
  const [flag = '', ...value] = word.split('=');
  if (flags.has(flag)) return usage(`"${flag}" takes no value, but has "${value.join('=')}"`, syntax);
  const suggestion = flag.startsWith('--') ? nearest(flag, [...flags.keys()]) : undefined;
  return usage(
    `unknown option "${flag}"`,
    syntax,
    suggestion === undefined ? undefined : `did you mean ${suggestion}?`,
  );
}

/** Every option by its long and its short flag. */
function flagsOf(options: Options): ReadonlyMap<string, Option> {
  return new Map(
    Object.entries(options).flatMap(([name, option]): [string, Option][] => [
      [longFlag(name), option],
      ...(option.short === undefined ? [] : [[`-${option.short}`, option] satisfies [string, Option]]),
    ]),
  );
}

function usage(message: string, { line }: Syntax, hint = `${line} --help shows its options`): FxError {
  return new FxError('USAGE', message, { hint });
}

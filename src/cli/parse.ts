// Words of a command line → arguments and options, as declared.
import { parseArgs } from 'node:util';
import { FxError } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { type Arguments, longFlag, type Option, type Options } from './command.ts';

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

/** Whether the words ask for help, even if others are invalid. */
export function asksForHelp(words: readonly string[], options: Options): boolean {
  return tokensOf(words, options).some((token) => token.kind === 'option' && token.rawName in helpFlags);
}

const helpFlags = { '-h': true, '--help': true };

/** Throws USAGE. */
export function parse(words: readonly string[], syntax: Syntax): Parsed {
  const { options } = syntax;
  const names = new Map(Object.keys(options).map((name) => [longFlag(name), name]));
  const values = new Map<string, string | boolean | string[]>();
  const positionals: string[] = [];
  // the variadic option that takes the words after it
  let open: string[] | undefined;
  for (const token of tokensOf(words, options)) {
    if (token.kind === 'option-terminator') {
      open = undefined;
    } else if (token.kind === 'positional') {
      (open ?? positionals).push(token.value);
    } else {
      open = undefined;
      const name = names.get(`--${token.name}`);
      const option = name === undefined ? undefined : options[name];
      if (name === undefined || option === undefined) throw unknownOption(token.rawName, syntax);
      const value = optionValue(option, token, syntax);
      if (option.kind === 'repeated' || option.kind === 'variadic') {
        const list = [...((values.get(name) as string[] | undefined) ?? []), String(value)];
        values.set(name, list);
        if (option.kind === 'variadic') open = list;
      } else {
        values.set(name, value);
      }
    }
  }
  return {
    args: argumentsOf(positionals, syntax),
    options: Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, values.get(name) ?? unset(option)]),
    ),
  };
}

function unset(option: Option): string | boolean | readonly string[] | undefined {
  if (option.kind === 'flag') return false;
  return option.kind === 'text' ? option.default : [];
}

type Token = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

function tokensOf(words: readonly string[], options: Options) {
  const known = Object.entries(options).map(([name, { kind, short }]) => [
    longFlag(name).slice(2),
    { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), ...(short === undefined ? {} : { short }) },
  ]);
  return parseArgs({
    args: [...words],
    options: Object.fromEntries(known) as Record<string, { type: 'boolean' | 'string'; short?: string }>,
    // fx words the errors itself, with suggestions
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

function optionValue(option: Option, { rawName, value, inlineValue }: OptionToken, syntax: Syntax): string | boolean {
  if (option.kind === 'flag') {
    if (value === undefined) return true;
    throw usage(`"${rawName}" takes no value, but has "${value}"`, syntax);
  }
  // `--since -f`: the next word is another option
  const isOption = inlineValue === false && flagsOf(syntax.options).includes(value ?? '');
  if (value === undefined || isOption) throw usage(`"${rawName}" needs a value: ${rawName} <${option.value}>`, syntax);
  return value;
}

function argumentsOf(positionals: readonly string[], syntax: Syntax): Parsed['args'] {
  const rest = [...positionals];
  const values: Record<string, string | readonly string[] | undefined> = {};
  for (const [name, { kind }] of Object.entries(syntax.args)) {
    if (kind === 'required' && rest.length === 0) throw usage(`missing argument "${name}"`, syntax);
    values[name] = kind === 'variadic' ? rest.splice(0) : rest.shift();
  }
  const [extra] = rest;
  if (extra === undefined) return values;
  const count = Object.keys(syntax.args).length;
  const takes = count === 0 ? 'no arguments' : count === 1 ? 'one argument' : `${count} arguments`;
  throw usage(`unexpected argument "${extra}": ${syntax.line} takes ${takes}`, syntax);
}

const flagsOf = (options: Options): readonly string[] =>
  Object.entries(options).flatMap(([name, { short }]) => [
    longFlag(name),
    ...(short === undefined ? [] : [`-${short}`]),
  ]);

function unknownOption(flag: string, syntax: Syntax): FxError {
  const suggestion = flag.startsWith('--') ? nearest(flag, flagsOf(syntax.options)) : undefined;
  return usage(
    `unknown option "${flag}"`,
    syntax,
    suggestion === undefined ? undefined : `did you mean ${suggestion}?`,
  );
}

function usage(message: string, { line }: Syntax, hint = `${line} --help shows its options`): FxError {
  return new FxError('USAGE', message, { hint });
}

// A command is data and one function; the data types the function's input.
import type { SharedClients } from '../aws/shared.ts';
import type { ExitCode } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import type { Environment } from '../project/environment.ts';
import type { Io } from './io.ts';
import type { Output, Outputs } from './outputs.ts';

/** What of the project a word names: a shell completes it. */
export type Named = 'environment' | 'function' | 'project';

export interface Argument {
  readonly about: string;
  readonly names?: Named;
  readonly kind: 'required' | 'optional' | 'variadic';
}

interface OptionText {
  readonly about: string;
  /** One letter: `f` for `-f`. */
  readonly short?: string;
}

/** On or off: `--follow`. */
export interface FlagOption extends OptionText {
  readonly kind: 'flag';
}

/** One value: `--since <time>`. The last value wins. */
export interface TextOption extends OptionText {
  readonly kind: 'text';
  /** The placeholder in the help: `time`. */
  readonly value: string;
  readonly default?: string;
  readonly names?: Named;
}

/** Several values: `repeated` takes one each time the option is given, `variadic` all words up to the next option. */
export interface ListOption extends OptionText {
  readonly kind: 'repeated' | 'variadic';
  readonly value: string;
  readonly names?: Named;
}

export type Option = FlagOption | TextOption | ListOption;

/** In the order of the usage line, by name. */
export type Arguments = Readonly<Record<string, Argument>>;

/** By name in camel case: `dryRun` is `--dry-run`. */
export type Options = Readonly<Record<string, Option>>;

export type ArgumentValues<A extends Arguments> = {
  readonly [Name in keyof A]: A[Name]['kind'] extends 'required'
    ? string
    : A[Name]['kind'] extends 'variadic'
      ? readonly string[]
      : string | undefined;
};

export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends FlagOption
    ? boolean
    : O[Name] extends ListOption
      ? readonly string[]
      : O[Name] extends { readonly default: string }
        ? string
        : string | undefined;
};

/** Options of every command. */
export interface FolderOptions {
  readonly folder: string;
  readonly json: boolean;
}

/** Options of every command that addresses an environment. */
export interface EnvironmentOptions extends FolderOptions {
  /** The value of --env. Without it, environment.ts chooses. */
  readonly env: string | undefined;
  /** The value of --config: the project file. */
  readonly config: string | undefined;
  /** Each `name=value` as typed. */
  readonly params: readonly string[];
  readonly profile: string | undefined;
  readonly region: string | undefined;
  /** The values of --project. */
  readonly projects: readonly string[];
  /** Set if the command runs in several projects: --region, if given, is for all of them. */
  readonly shared?: { readonly region: string | undefined; readonly clients: SharedClients };
}

/** Options of every command that reads the whole project. */
export interface ProjectOptions extends EnvironmentOptions {
  readonly set: readonly string[];
  readonly setFile: string | undefined;
}

/** What a command needs to load: a folder, the names and the destination of an environment, or the whole project. */
interface CommonOptions {
  readonly folder: FolderOptions;
  readonly environment: EnvironmentOptions;
  readonly project: ProjectOptions;
}

export type Needs = keyof CommonOptions;

export type NoArguments = Record<never, Argument>;
export type NoOptions = Record<never, Option>;

/** Of a part of a command that has no result. */
export interface NoOutput {
  readonly result: never;
  readonly items: Readonly<Record<never, never>>;
}

export interface Invocation<
  N extends Needs = 'environment' | 'project',
  A extends Arguments = NoArguments,
  O extends Options = NoOptions,
  P extends Output = NoOutput,
> {
  readonly io: Io;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Throws if the command may not work on the environment. */
  readonly admit?: (environment: Environment) => void;
  /** The version of fx. */
  readonly version: string;
  readonly needs: N;
  readonly common: CommonOptions[N];
  readonly args: ArgumentValues<A>;
  readonly options: OptionValues<O>;
  /** Text for people on standard output; not shown with --json. */
  print(text: string): void;
  /** One of many results, shown as they arrive: text for people, the value with --json. */
  item<T extends keyof P['items'] & string>(type: T, value: P['items'][T], text: string): void;
  /** A note beside the result, on standard error; not shown with --json. */
  aside(text: string): void;
  /** One line from the terminal. Only if standard input is a terminal. */
  ask(question: string): Promise<string>;
  /** The result for programs, the last line of --json. */
  result(value: P['result']): void;
}

/** How a command runs in the projects of a workspace. */
export interface InEachProject<
  N extends Needs = 'environment' | 'project',
  A extends Arguments = Arguments,
  O extends Options = Options,
> {
  /** Which of two projects comes first, if one depends on the other. A command that only reads runs in any order; its results are shown one
   * after the other. */
  readonly order: 'dependencies first' | 'dependents first' | 'any';
  /** Options and arguments that make sense for one project only. */
  readonly ofOne?: readonly (keyof A | keyof O)[];
  /** For a project that is not deployed, or needs outputs of one that is not: no failure, but this exit code. */
  readonly notDeployed?: (options: OptionValues<O>) => ExitCode;
  /** Asks once for all projects, by name. Returns the options with which none of them asks again. Throws DECLINED. */
  readonly approve?: (
    projects: readonly (readonly [name: string, invocation: Invocation<N, A, O, Output>])[],
  ) => Promise<Partial<OptionValues<O>>>;
}

export interface Declaration<
  N extends Needs,
  A extends Arguments,
  O extends Options,
  C extends keyof Outputs = keyof Outputs,
> {
  /** The command's full name, whose row of outputs.ts says what `result` and `item` take. */
  readonly output: C;
  readonly needs: N;
  readonly args: A;
  readonly options: O;
  /** Runs once in each region of an environment that has several, unless --region names one, or the arguments or options say otherwise. */
  readonly inEachRegion?: true | ((args: ArgumentValues<A>, options: OptionValues<O>) => boolean);
  /** Runs in the projects of a workspace; without this, in one of them. */
  readonly inEachProject?: InEachProject<N, A, O>;
  /** A command line and its description; a test parses each. */
  readonly examples: readonly (readonly [line: string, about: string])[];
  run(invocation: Invocation<N, A, O, Outputs[C]>): Promise<ExitCode>;
}

/** A command as the parser and the help see it. */
export interface Command {
  readonly output: keyof Outputs;
  readonly needs: Needs;
  readonly args: Arguments;
  readonly options: Options;
  readonly inEachRegion?: true | ((args: ArgumentValues<Arguments>, options: OptionValues<Options>) => boolean);
  readonly inEachProject?: InEachProject<'environment' | 'project', Arguments, Options>;
  readonly examples: Declaration<Needs, Arguments, Options>['examples'];
  run(invocation: Invocation<Needs, Arguments, Options, Output>): Promise<ExitCode>;
}

/** Types `run` by its declaration: an undeclared option does not compile, nor does a result of another type. */
export function command<
  const C extends keyof Outputs,
  const N extends Needs,
  const A extends Arguments = NoArguments,
  const O extends Options = NoOptions,
>(
  declaration: Omit<Declaration<N, A, O, C>, 'args' | 'options'> & { readonly args?: A; readonly options?: O },
): Command {
  // the parser fills an invocation according to this declaration; the type of a table of commands cannot express that
  return { args: {}, options: {}, ...declaration } as unknown as Command;
}

/** A row of the table: enough to list the commands without loading their code. */
export interface CommandRow {
  readonly summary: string;
  /** Hidden from the help: for fx's internal use. */
  readonly hidden?: boolean;
  load(): Promise<Command>;
}

/** Commands under one word, such as `fx local start`. */
export interface CommandGroup {
  readonly summary: string;
  /** The command that the group's word alone runs: `fx releases` is `fx releases list`. */
  readonly alone?: string;
  /** Whether other words go to that command: `fx events sqs` is `fx events show sqs`. */
  readonly takesWords?: boolean;
  readonly commands: Readonly<Record<string, CommandRow>>;
}

export type CommandTable = Readonly<Record<string, CommandRow | CommandGroup>>;

/** Every command of the table by its full name, such as `local start`. */
export function commandRows(table: CommandTable): readonly (readonly [name: string, row: CommandRow])[] {
  return Object.entries(table).flatMap(([name, row]) =>
    'commands' in row
      ? Object.entries(row.commands).map(([word, member]) => [`${name} ${word}`, member] as const)
      : [[name, row] as const],
  );
}

/** The option as typed: `--dry-run`. */
export function longFlag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `-s, --since <time>`. */
export function flagsText(name: string, option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const value =
    option.kind === 'flag' ? '' : option.kind === 'variadic' ? ` <${option.value}...>` : ` <${option.value}>`;
  return `${short}${longFlag(name)}${value}`;
}

/** `<name>`, `[name]` or `[name...]`. */
export function argumentUsage(name: string, kind: Argument['kind']): string {
  if (kind === 'required') return `<${name}>`;
  return kind === 'optional' ? `[${name}]` : `[${name}...]`;
}

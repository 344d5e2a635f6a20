// What a command is: data, and one call.
import type { ExitCode } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import type { Io } from './io.ts';

export interface Argument {
  readonly name: string;
  readonly about: string;
  readonly kind: 'required' | 'optional' | 'variadic';
}

export interface Option {
  /** As commander writes it: `-f, --follow`, `--since <time>`. */
  readonly flags: string;
  readonly about: string;
  readonly default?: string;
}

/** Options that every command takes; what a command has besides them is in `own`. */
export interface CommonOptions {
  /** As given with --env; what is meant without it is for environment.ts to say. */
  readonly env: string | undefined;
  readonly folder: string;
  /** The project file, where it is named. */
  readonly config: string | undefined;
  /** `name=value`, each as given. */
  readonly params: readonly string[];
  readonly set: readonly string[];
  readonly setFile: string | undefined;
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly json: boolean;
}

export interface Invocation {
  readonly io: Io;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Of fx. */
  readonly version: string;
  readonly project: Command['project'];
  readonly common: CommonOptions;
  readonly args: readonly string[];
  readonly own: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  /** Text for people on standard output; not shown with --json. */
  print(text: string): void;
  /** One of many things that are shown as they come: its text for people, itself with --json. */
  item(type: string, value: object, text: string): void;
  /** A word beside the result, on standard error; not shown with --json. */
  aside(text: string): void;
  /** One line from the terminal. Only where standard input is one. */
  ask(question: string): Promise<string>;
  /** The result for programs, the last line of --json. */
  result(value: unknown): void;
}

export interface Command {
  /** `deploy`, or `local start` for one of a group. */
  readonly name: string;
  readonly summary: string;
  readonly args?: readonly Argument[];
  readonly options?: readonly Option[];
  /** A command line and what it does; each is parsed in a test. */
  readonly examples: readonly (readonly [line: string, says: string])[];
  /** What it reads of the project: all of it, or only what things are called, as for what is deployed already. */
  readonly project?: 'whole' | 'names';
  /** Left out of the help: for fx's own use. */
  readonly hidden?: boolean;
  run(invocation: Invocation): Promise<ExitCode | undefined>;
}

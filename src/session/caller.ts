// What fx was started with, as far as reaching AWS needs it: a command line fills it, and so may a script.
import type { Reporter } from '../base/report.ts';

export interface Caller {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Node and fx's own file, to start the local AWS with. */
  readonly program: readonly [node: string, bin: string];
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  /** The version of fx. */
  readonly version: string;
  /** A profile that overrides the one of the environment. */
  readonly profile?: string | undefined;
}

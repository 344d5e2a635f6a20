// The part of fx's input that connecting to AWS needs: a command line or a script provides it.
import type { SharedClients } from '../aws/shared.ts';
import type { Reporter } from '../base/report.ts';

export interface LocalEndpoint {
  readonly endpoint: string;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Caller {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** A local AWS in this process, instead of the one of the project's folder. */
  readonly local?: LocalEndpoint | undefined;
  /** Node and fx's main file, with which to start the local AWS. */
  readonly program: readonly [node: string, bin: string];
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  /** The version of fx. */
  readonly version: string;
  /** Asks a person; undefined where there is nobody. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** A profile that overrides that of the environment. */
  readonly profile?: string | undefined;
  /** Set if several projects call AWS in this run. */
  readonly shared?: SharedClients | undefined;
}

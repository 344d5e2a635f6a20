// The edge to the process, as values: what commands may read and write.
export interface Io {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Milliseconds since 1970. FX_LOCAL_TIME sets the start, as it does for the local AWS; NaN if it is not a time. */
  now(): number;
  /** Node and fx's own file, to start the local AWS with. */
  readonly program: readonly [node: string, bin: string];
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** How wide the terminal is now. */
  columns(): number;
  readonly color: boolean;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** One line from the terminal; nothing where the user ends it with Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string>;
}

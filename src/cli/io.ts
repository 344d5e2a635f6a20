// The edge to the process, as values: what commands read and write.
export interface Io {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Milliseconds since 1970. FX_LOCAL_TIME sets the start, as it does for the local AWS; NaN if it is not a time. */
  now(): number;
  /** Node and fx's main file, with which to start the local AWS. */
  readonly program: readonly [node: string, bin: string];
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** The current width of the terminal. */
  columns(): number;
  readonly color: boolean;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** The same in pieces, as they arrive. */
  input(): AsyncIterable<string>;
  /** One line from the terminal; undefined if the user presses Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string>;
  /** Calls `press` with each key that is pressed; Ctrl-C stays an interruption. Returns how to end it. Only if standard input is a terminal. */
  keys(press: (key: string) => void): () => void;
}

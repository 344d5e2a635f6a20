// A row of the table of hints.

export interface HintRow {
  /** Only for resources of these types. */
  readonly type?: RegExp;
  readonly reason: RegExp;
  /** With $1 and so on for what the pattern found. */
  readonly hint: string;
}

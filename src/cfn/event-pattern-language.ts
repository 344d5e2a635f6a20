// The dialects of event patterns, and how an error tells the part that is wrong.

export type PatternPath = readonly (string | number)[];

/** Where AWS's parser stands when it refuses a part: behind the first token of the value (of a text, behind its quote), behind all of
 * the text, behind the bracket that ends the value, or it tells no place. */
export type TokenPlace = 'token' | 'text' | 'end' | 'nowhere';

export class PatternError extends Error {
  readonly path: PatternPath;
  readonly place: TokenPlace;
  /** Whether AWS tells the place twice. */
  readonly isTwice: boolean;
  constructor(reason: string, path: PatternPath, place: TokenPlace = 'token', isTwice = false) {
    super(reason);
    this.name = 'PatternError';
    this.path = path;
    this.place = place;
    this.isTwice = isTwice;
  }
}

export interface Dialect {
  /** The operators of a condition. */
  readonly operators: ReadonlySet<string>;
  /** The operators within `anything-but`. */
  readonly negated: ReadonlySet<string>;
}

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html; `exactly` is of AWS's matcher alone
export const busDialect: Dialect = {
  operators: new Set([
    ...['exactly', 'prefix', 'suffix', 'numeric', 'anything-but', 'exists', 'cidr', 'equals-ignore-case', 'wildcard'],
  ]),
  negated: new Set(['equals-ignore-case', 'prefix', 'suffix', 'wildcard']),
};

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
export const filterDialect: Dialect = {
  operators: new Set(['prefix', 'suffix', 'numeric', 'anything-but', 'exists', 'equals-ignore-case']),
  negated: new Set(),
};

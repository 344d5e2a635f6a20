// Compiles a CloudWatch Logs filter pattern to a predicate on messages.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

import { compileFieldPattern } from './log-filter-fields.ts';
import { compileJsonPattern } from './log-filter-json.ts';

export type Matches = (message: string) => boolean;

/** A pattern that CloudWatch Logs refuses. */
export class LogFilterError extends Error {
  constructor() {
    super('Invalid filter pattern');
  }
}

/** Throws a LogFilterError. */
export function compileLogFilter(pattern: string): Matches {
  const trimmed = pattern.trim();
  if (trimmed === '') return () => true;
  if (trimmed.startsWith('{')) return compileJsonPattern(trimmed);
  if (trimmed.startsWith('[')) return compileFieldPattern(trimmed);
  return compileTerms(trimmed);
}

// The characters allowed in a filter pattern's regular expression, as documented above; parentheses are not.
const regexText = /^[A-Za-z0-9:_#=@/;,\-^$?[\]{}|\\*+. ]*$/;

/** The regular expression between two `%`. */
export function compileRegex(text: string): RegExp {
  if (!regexText.test(text)) throw new LogFilterError();
  try {
    return new RegExp(text);
  } catch {
    throw new LogFilterError();
  }
}

interface Term {
  readonly kind: '' | '?' | '-';
  readonly matches: Matches;
}

function compileTerms(pattern: string): Matches {
  const terms = readTerms(pattern);
  const required = terms.filter(({ kind }) => kind === '');
  const excluded = terms.filter(({ kind }) => kind === '-');
  const optional = terms.filter(({ kind }) => kind === '?');
  // AWS ignores every "?" term in a pattern that also requires or excludes terms.
  if (required.length + excluded.length === 0) return (message) => optional.some(({ matches }) => matches(message));
  return (message) =>
    required.every(({ matches }) => matches(message)) && !excluded.some(({ matches }) => matches(message));
}

function readTerms(pattern: string): Term[] {
  const terms: Term[] = [];
  const token = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]*)%|([^\s"%]+))(?=\s|$)/y;
  while (token.lastIndex < pattern.length) {
    const match = token.exec(pattern);
    if (match === null) throw new LogFilterError();
    const [, kind = '', quoted, regex, word] = match;
    if (word !== undefined && !/^[\p{L}\p{N}_]+$/u.test(word)) throw new LogFilterError();
    const text = quoted === undefined ? word : quoted.replace(/\\(.)/g, '$1');
    const expression = regex === undefined ? undefined : compileRegex(regex);
    const matches = (message: string) => expression?.test(message) ?? message.includes(text ?? '');
    terms.push({ kind: kind as Term['kind'], matches });
  }
  return terms;
}
